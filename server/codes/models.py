"""Points and their codes."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.activities.models import Activity
from server.core.db import Base, Texts, link, own_id


class Point(Base):
    """A spot that a code names: the path of the QR's address. Public; proves nothing by itself."""

    __tablename__ = "points"

    id: Mapped[str] = mapped_column(primary_key=True)  # 8 Crockford base32 characters
    activity_id: Mapped[str] = link("activities.id")
    place: Mapped[Texts]  # where the code hangs: "next to the mill wheel"
    hint: Mapped[str]  # the first two characters of all its typed forms; public

    activity: Mapped[Activity] = relationship()
    codes: Mapped[list["Code"]] = relationship(back_populates="point", order_by="Code.created_at")


class Code(Base):
    """What proves that one was at a point: a secret, when it holds, how often, and how strong it is."""

    __tablename__ = "codes"

    id: Mapped[str] = own_id()
    point_id: Mapped[str] = link("points.id")
    level: Mapped[int]  # 0 open, 1 poster, 2 window
    secret: Mapped[str]  # 16 Crockford characters, 80 bit; empty at level 0
    typed: Mapped[str | None] = mapped_column(unique=True)  # 8 characters, the last one a check
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    cap_total: Mapped[int | None]
    cap_person: Mapped[int] = mapped_column(default=1)
    claimed: Mapped[int] = mapped_column(default=0)
    batch: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    point: Mapped[Point] = relationship(back_populates="codes")
