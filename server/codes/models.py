"""Points and their codes, and what happened to these."""

from datetime import datetime

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.activities.models import Activity
from server.badges.models import Achievement
from server.core.db import Base, Texts, link, own_id


class Point(Base):
    """A spot that a code names: the path of the QR's address. Public; proves nothing by itself.

    It stands for an activity (a stop code), for one session of it (a check-in code), or for a badge alone
    (a claim code).
    """

    __tablename__ = "points"

    id: Mapped[str] = mapped_column(primary_key=True)  # 8 Crockford base32 characters
    activity_id: Mapped[str | None] = link("activities.id")
    occurrence_id: Mapped[str | None] = link("occurrences.id")
    achievement_id: Mapped[str | None] = link("achievements.id")
    place: Mapped[Texts]  # where the code hangs: "next to the mill wheel"
    hint: Mapped[str]  # the first two characters of its stop's typed forms; public

    activity: Mapped[Activity | None] = relationship()
    achievement: Mapped[Achievement | None] = relationship()
    codes: Mapped[list["Code"]] = relationship(back_populates="point", order_by="Code.created_at")


class Code(Base):
    """What proves that one was at a point: a secret, when it holds, how often, and how strong it is."""

    __tablename__ = "codes"

    id: Mapped[str] = own_id()
    point_id: Mapped[str] = link("points.id")
    level: Mapped[int]  # 0 open, 1 poster, 2 window, 3 rotating
    secret: Mapped[str]  # Crockford characters: 16 (80 bit), 32 at level 3, none at level 0
    typed: Mapped[str | None] = mapped_column(unique=True)  # 8 characters, the last one a check
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    cap_total: Mapped[int | None]
    cap_person: Mapped[int] = mapped_column(default=1)
    latitude: Mapped[float | None]  # where it counts: within `radius_m` metres of here
    longitude: Mapped[float | None]
    radius_m: Mapped[int | None]
    languages: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))  # of its sheets
    claimed: Mapped[int] = mapped_column(default=0)
    printed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    handed_out: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    batch: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    point: Mapped[Point] = relationship(back_populates="codes")


class CodeChange(Base):
    """Something that was done to a code, or to all codes of a batch at a point."""

    __tablename__ = "code_changes"

    id: Mapped[str] = own_id()
    point_id: Mapped[str] = link("points.id")
    code_id: Mapped[str | None] = link("codes.id")  # None: the batch
    batch: Mapped[str] = mapped_column(default="")
    what: Mapped[str] = mapped_column(String(16))  # made, printed, handed_out, revoked, reissued
    count: Mapped[int] = mapped_column(default=1)  # of codes
    user_id: Mapped[str | None] = link("users.id")
    at: Mapped[datetime]
