"""Copies of everything, that learners asked for."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class Export(Base):
    """A copy of everything about a learner, as one ZIP, for a few days."""

    __tablename__ = "exports"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    lang: Mapped[str]
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    size: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")
