"""Achievements, the awards people hold, and what the issuer signs and revokes with."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.core.db import Base, Texts, link, own_id
from server.organisers.models import Organiser


class Achievement(Base):
    """The definition of a badge. An edit makes a new row with the next version; awards keep theirs."""

    __tablename__ = "achievements"

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    playlist_id: Mapped[str | None] = link("playlists.id")
    activity_id: Mapped[str | None] = link("activities.id")
    version: Mapped[int] = mapped_column(default=1)
    replaced_at: Mapped[datetime | None]  # when a newer version took over
    name: Mapped[Texts]
    description: Mapped[Texts]
    criteria: Mapped[Texts]  # what was done to earn it, Markdown
    design: Mapped[dict[str, Any]]  # {"shape", "colours", "icon", "ribbon"}, see drawing.py
    alignments: Mapped[list[dict[str, Any]]]  # {"name", "url", "framework", "code", "type"}
    tags: Mapped[list[str]]
    created_at: Mapped[datetime]

    organiser: Mapped[Organiser] = relationship()


class SigningKey(Base):
    """The public half of an issuer's key, kept for ever; the private half is in the key file."""

    __tablename__ = "signing_keys"
    __table_args__ = (UniqueConstraint("organiser_id", "number"),)

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    number: Mapped[int]  # key-1, key-2, …
    multibase: Mapped[str]  # Multikey, z6Mk…
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class StatusList(Base):
    """131,072 revocation bits of one issuer, and the signed list as it is served."""

    __tablename__ = "status_lists"

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    bits: Mapped[bytes] = mapped_column(LargeBinary)
    signed: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime | None]


class Award(Base):
    """The badge one person holds. `signed` is stored once and never rebuilt from current rows."""

    __tablename__ = "awards"
    __table_args__ = (
        UniqueConstraint("learner_id", "achievement_id", "period"),
        UniqueConstraint("status_list_id", "status_index"),
    )

    id: Mapped[str] = own_id()
    credential_id: Mapped[str] = mapped_column(unique=True)  # unguessable, the page's address
    learner_id: Mapped[str] = link("learners.id")
    achievement_id: Mapped[str] = link("achievements.id")
    period: Mapped[str] = mapped_column(default="")
    completion_id: Mapped[str | None] = link("completions.id")
    code_id: Mapped[str | None] = link("codes.id")  # the claim code that gave it
    event_id: Mapped[str | None] = mapped_column(String(36))  # in which it was claimed
    subject: Mapped[str]  # pairwise urn:uuid
    assurance: Mapped[dict[str, Any]]
    status_list_id: Mapped[str] = link("status_lists.id")
    status_index: Mapped[int]
    signed: Mapped[bytes] = mapped_column(LargeBinary)
    awarded_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    achievement: Mapped[Achievement] = relationship()
    status_list: Mapped[StatusList] = relationship()
