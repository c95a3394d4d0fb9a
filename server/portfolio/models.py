"""A learner's choices about their badges. All begin on a phone, by events."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Texts, link, own_id


class AwardChoice(Base):
    """What the learner wants of one badge. The signed badge itself never changes by it."""

    __tablename__ = "award_choices"

    award_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    learner_id: Mapped[str] = link("learners.id")
    visibility: Mapped[str] = mapped_column(default="link")  # public: in the portfolio; link; private
    evidence: Mapped[dict[str, Any]]  # {event id: visibility}; what is missing is private
    pinned: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    reflection: Mapped[str] = mapped_column(default="")
    reflected_at: Mapped[datetime | None]


class Collection(Base):
    """Badges that a learner put together under a name."""

    __tablename__ = "collections"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    name: Mapped[str]
    awards: Mapped[list[str]]  # ids, in order
    position: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class Portfolio(Base):
    """A learner's public page, if they want one."""

    __tablename__ = "portfolios"

    learner_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)  # unguessable
    visibility: Mapped[str] = mapped_column(default="private")  # public, link, private
    name: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    parts: Mapped[dict[str, Any]]  # {"skills": bool, "map": bool, "collections": bool}
    cv: Mapped[dict[str, Any]]  # JSON Resume's basics, as the learner wrote them
    changed_at: Mapped[datetime]


class ShareLink(Base):
    """A learner's own link, made on the phone; only its secret's hash is kept."""

    __tablename__ = "share_links"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    kind: Mapped[str]  # award, collection, portfolio, cv
    subject: Mapped[str]  # the award's or collection's id; empty for portfolio and cv
    digest: Mapped[str] = mapped_column(String(43))  # base64url SHA-256 of the secret
    label: Mapped[str] = mapped_column(default="")  # for whom, in the learner's words
    evidence: Mapped[list[str]]  # ids of events that are shown to whoever has the link
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    views: Mapped[int] = mapped_column(default=0)
    viewed_at: Mapped[datetime | None]


class ImportedBadge(Base):
    """A badge from elsewhere, as it came. It is never one of ours, whatever it says."""

    __tablename__ = "imported_badges"
    __table_args__ = (UniqueConstraint("learner_id", "sha256"),)

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)  # the file
    kind: Mapped[str]  # its media type
    name: Mapped[Texts]
    issuer: Mapped[str]  # as the badge says
    report: Mapped[dict[str, Any]]  # the four results at `checked_at`
    checked_at: Mapped[datetime]
    created_at: Mapped[datetime]
