"""What was done and how surely. Every row names the event that caused it."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class CheckIn(Base):
    """Presence, and only that; once per learner, activity and occurrence."""

    __tablename__ = "check_ins"
    __table_args__ = (UniqueConstraint("learner_id", "activity_id", "occurrence"),)

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    activity_id: Mapped[str] = link("activities.id")
    occurrence: Mapped[str] = mapped_column(default="")  # a session's id; empty outside sessions
    code_id: Mapped[str | None] = link("codes.id")
    event_id: Mapped[str]
    level: Mapped[int]  # of the code: 0 to 4
    time: Mapped[str]  # proven, claimed
    place: Mapped[str] = mapped_column(default="", server_default="")  # in, out, unknown; empty: not asked
    over: Mapped[bool] = mapped_column(default=False, server_default=false())  # beyond a session's capacity
    at: Mapped[datetime]  # when it happened, as well as we know


class Answer(Base):
    """A learner's latest answer to a task that the server decides by itself."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("learner_id", "task_id"),)

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    task_id: Mapped[str] = link("tasks.id")
    event_id: Mapped[str]
    answer: Mapped[dict[str, Any]]
    state: Mapped[str]  # right, wrong, received
    tries: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime]


class Evidence(Base):
    """What a learner handed in for a task: text, photos or sounds. The newest one counts."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("learner_id", "task_id"),)

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    task_id: Mapped[str] = link("tasks.id")
    event_id: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    files: Mapped[list[str]]  # sha256 of each
    state: Mapped[str]  # received, accepted, improve, declined
    at: Mapped[datetime]


class Completion(Base):
    """The server's word that an activity or a playlist is done, with what proved it."""

    __tablename__ = "completions"
    __table_args__ = (
        UniqueConstraint("learner_id", "activity_id"),
        UniqueConstraint("learner_id", "playlist_id"),
    )

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    activity_id: Mapped[str | None] = link("activities.id")
    playlist_id: Mapped[str | None] = link("playlists.id")
    event_id: Mapped[str]  # the last one that was needed
    proofs: Mapped[list[str]]  # ids of the events that it rests on
    assurance: Mapped[
        dict[str, Any]
    ]  # {"level": 0-4, "time": "proven|claimed", "review": "automatic|organiser|none"}
    first_at: Mapped[datetime]
    at: Mapped[datetime]


class Decision(Base):
    """What an organiser said of an event that was on hold for them."""

    __tablename__ = "decisions"

    learner_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    word: Mapped[str]  # accepted, improve, declined
    note: Mapped[str] = mapped_column(default="")
    user_id: Mapped[str] = link("users.id")
    at: Mapped[datetime]


class Flag(Base):
    """Something implausible about a check-in or a claimed badge, for a person to look at. It refuses nothing."""

    __tablename__ = "flags"
    __table_args__ = (UniqueConstraint("learner_id", "event_id", "kind"),)

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    event_id: Mapped[str] = mapped_column(String(36))
    activity_id: Mapped[str | None] = link("activities.id")  # None: a badge claimed by a code alone
    occurrence: Mapped[str] = mapped_column(default="")
    code_id: Mapped[str | None] = link("codes.id")
    kind: Mapped[str]  # see flags.py
    facts: Mapped[dict[str, Any]]  # what makes it implausible, in numbers
    created_at: Mapped[datetime]
    word: Mapped[str] = mapped_column(default="")  # kept, voided; empty: nobody looked yet
    reason: Mapped[str] = mapped_column(default="")
    user_id: Mapped[str | None] = link("users.id")
    decided_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(default="")  # what the learner says to a void
    appealed_at: Mapped[datetime | None]
