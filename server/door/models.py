"""Door links, the devices that opened a door by one, and whom these let in."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class DoorLink(Base):
    """A secret by which a device may open one session's door until it ends. Only the secret's hash is kept."""

    __tablename__ = "door_links"

    id: Mapped[str] = own_id()
    occurrence_id: Mapped[str] = link("occurrences.id")
    digest: Mapped[str] = mapped_column(String(43))  # base64url SHA-256
    label: Mapped[str] = mapped_column(default="")  # whom it was made for: "Sam, side entrance"
    user_id: Mapped[str | None] = link("users.id")  # who made it at the desk
    made_by: Mapped[str | None] = mapped_column(String(36))  # the door's device that made it, if one did
    role: Mapped[str]  # organiser, helper
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class DoorDevice(Base):
    """A device that opened a session's door, by its own key."""

    __tablename__ = "door_devices"

    occurrence_id: Mapped[str] = link("occurrences.id", primary_key=True)
    device_id: Mapped[str] = link("devices.id", primary_key=True)
    link_id: Mapped[str] = link("door_links.id")
    learner_id: Mapped[str] = link("learners.id")  # whose events the door's are
    event_id: Mapped[str] = mapped_column(String(36))
    joined_at: Mapped[datetime]


class DoorEntry(Base):
    """Somebody let in at a door: a learner (once for each session), or a guest who has no phone."""

    __tablename__ = "door_entries"
    __table_args__ = (
        Index(
            "ix_door_entries_once", "occurrence_id", "who_id", unique=True,
            sqlite_where=text("who_id IS NOT NULL"), postgresql_where=text("who_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[str] = own_id()
    occurrence_id: Mapped[str] = link("occurrences.id")
    who_id: Mapped[str | None] = link("learners.id")  # None: a guest
    name: Mapped[str] = mapped_column(default="")  # a guest's, or what the learner agreed to show
    picture: Mapped[str] = mapped_column(default="")
    way: Mapped[str]  # pass, tick, guest
    learner_id: Mapped[str] = mapped_column(String(36))  # the door's device's; with event_id, who confirmed
    event_id: Mapped[str] = mapped_column(String(36))
    device_id: Mapped[str] = mapped_column(String(36))
    over: Mapped[bool] = mapped_column(default=False)  # beyond the capacity, to be reviewed
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
