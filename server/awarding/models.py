"""Lists of people who get a badge, row by row, and who they are to us."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class Recipient(Base):
    """Somebody whom one organiser knows by a mail address or a number of their own.

    Their badges belong to a learner with no phone at first, until they take them with a link.
    """

    __tablename__ = "recipients"
    __table_args__ = (UniqueConstraint("organiser_id", "address"),)

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    address: Mapped[str]  # a mail address in lower case, or whatever the organiser counts by
    name: Mapped[str] = mapped_column(default="")  # as the organiser wrote it; never signed
    learner_id: Mapped[str] = link("learners.id")
    salt: Mapped[str] = mapped_column(String(22))  # of the link; a new one ends the old link
    created_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]


class AwardBatch(Base):
    """One list as it was uploaded."""

    __tablename__ = "award_batches"

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    achievement_id: Mapped[str] = link("achievements.id")
    user_id: Mapped[str | None] = link("users.id")
    name: Mapped[str]  # of the file; empty: people were named by hand
    created_at: Mapped[datetime]
    run_at: Mapped[datetime | None]  # when somebody said to give what is ready; None once that is done
    mail_at: Mapped[datetime | None]  # when somebody said to send the links by mail; None once that is done


class AwardRow(Base):
    """One line of a list, and what became of it."""

    __tablename__ = "award_rows"

    batch_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # the line in the file, from 1
    address: Mapped[str]
    name: Mapped[str]
    learner_id: Mapped[str | None] = link("learners.id")  # somebody with a phone, known by what they did
    results: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # result key → level key, or what was written
    awarded_on: Mapped[str] = mapped_column(default="")  # a day, when the list gives one
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str]  # ready, awarded, duplicate, unmet, failed
    why: Mapped[str] = mapped_column(default="")
    award_id: Mapped[str | None] = link("awards.id")
    mailed_at: Mapped[datetime | None]  # their link was sent to their mail address, once


class CatchUp(Base):
    """A badge that follows from other things is given to those who have these things already, piece by piece."""

    __tablename__ = "catch_ups"

    achievement_id: Mapped[str] = link("achievements.id", primary_key=True, index=False)
    total: Mapped[int]  # learners who have some of it
    done: Mapped[int] = mapped_column(default=0)
    given: Mapped[int] = mapped_column(default=0)
    last: Mapped[str] = mapped_column(String(36), default="")  # the learner up to whom it is done
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class AwardChange(Base):
    """What was done to one award after it was given: who, when, why, and what stood there before."""

    __tablename__ = "award_changes"

    id: Mapped[str] = own_id()
    award_id: Mapped[str] = link("awards.id")
    kind: Mapped[str]  # corrected, revoked
    user_id: Mapped[str | None] = link("users.id")
    reason: Mapped[str]
    before: Mapped[dict[str, Any]]  # {"note", "results", "awarded_on"}; empty of what was revoked
    at: Mapped[datetime]
