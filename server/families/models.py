"""Who looks after whom, what they agreed to, and lists of a class by pseudonym."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class Guardianship(Base):
    """One learner looks after another, until the child takes over."""

    __tablename__ = "guardianships"
    __table_args__ = (UniqueConstraint("guardian_id", "child_id"),)

    id: Mapped[str] = own_id()
    guardian_id: Mapped[str] = link("learners.id")
    child_id: Mapped[str] = link("learners.id")
    name: Mapped[str] = mapped_column(
        default=""
    )  # as the guardian calls the child, if it may leave the phone
    picture: Mapped[str] = mapped_column(default="")  # with the name
    country: Mapped[str]  # ISO 3166-1
    born: Mapped[int | None]  # a year; none once the child has taken over
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    invite: Mapped[str | None] = mapped_column(String(43))  # digest of what let the child's own phone in


class Consent(Base):
    """Something a learner, or their guardian for them, agreed to, and until when."""

    __tablename__ = "consents"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    by_id: Mapped[str] = link("learners.id")  # who said so: the learner or a guardian
    what: Mapped[str]  # child, mail, push, public, …
    words: Mapped[str]  # as they were shown
    lang: Mapped[str]
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SchoolClass(Base):
    """A group that an organiser learns with, whose members are pseudonyms."""

    __tablename__ = "school_classes"

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    name: Mapped[str]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # its cards and the list go then; what the learners earned stays theirs
    closed_at: Mapped[datetime | None]
    salt: Mapped[str] = mapped_column(
        String(22)
    )  # of the code for shared tablets; a new one ends the old code


class ClassMember(Base):
    """A place in a class, taken with its card. Who it is in life stands on the teacher's own paper only."""

    __tablename__ = "class_members"
    __table_args__ = (UniqueConstraint("class_id", "pseudonym"),)

    id: Mapped[str] = own_id()
    class_id: Mapped[str] = link("school_classes.id")
    pseudonym: Mapped[str]
    learner_id: Mapped[str | None] = link("learners.id")
    salt: Mapped[str] = mapped_column(String(22))  # of the card's link; a new one ends the old card
    joined_at: Mapped[datetime | None]
