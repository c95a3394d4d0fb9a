"""Sessions of activities, and who reserved a place."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.activities.models import Activity
from server.core.db import Base, Texts, link, own_id


class Occurrence(Base):
    """An activity at a time. Its check-in codes hang at its own point, which names it."""

    __tablename__ = "occurrences"

    id: Mapped[str] = own_id()
    activity_id: Mapped[str] = link("activities.id")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    capacity: Mapped[int | None]  # None: as many as come
    taken: Mapped[int] = mapped_column(
        default=0
    )  # places given within the capacity, in order of arrival here
    place: Mapped[Texts]  # empty: the activity's own
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")  # why it was cancelled, for those who reserved

    activity: Mapped[Activity] = relationship()


class Reservation(Base):
    """A learner's place at a session, until they come or give it back."""

    __tablename__ = "reservations"

    learner_id: Mapped[str] = link("learners.id", primary_key=True)
    occurrence_id: Mapped[str] = link("occurrences.id", primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(default="")  # only if the learner agreed to show it
    picture: Mapped[str] = mapped_column(default="")
    state: Mapped[str]  # reserved, cancelled
    at: Mapped[datetime]
