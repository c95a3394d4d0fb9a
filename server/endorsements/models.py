"""Endorsements, and invitations to write one."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class Endorsement(Base):
    """A signed EndorsementCredential. `signed` is stored once and never rebuilt."""

    __tablename__ = "endorsements"
    __table_args__ = (UniqueConstraint("status_list_id", "status_index", name="uq_endorsements_place"),)

    id: Mapped[str] = own_id()
    credential_id: Mapped[str] = mapped_column(unique=True)  # unguessable
    issuer_id: Mapped[str] = link("organisers.id")  # whose key signed
    endorser: Mapped[dict[str, Any]]  # {"name", "role", "organisation"} of an invited person; else empty
    user_id: Mapped[str | None] = link("users.id")
    target_kind: Mapped[str]  # achievement, organiser, award
    target_id: Mapped[str] = mapped_column(String(36), index=True)  # of an achievement: its series
    text: Mapped[str]
    lang: Mapped[str] = mapped_column(String(10))
    status_list_id: Mapped[str] = link("status_lists.id")
    status_index: Mapped[int]
    signed: Mapped[bytes] = mapped_column(LargeBinary)
    key_number: Mapped[int] = mapped_column(default=1, server_default="1")  # whose signature it carries
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]  # by whoever was endorsed; shown from then on
    declined_at: Mapped[datetime | None]  # by whoever was endorsed; not shown from then on
    revoked_at: Mapped[datetime | None]  # by whoever endorsed
    reason: Mapped[str] = mapped_column(default="")


class EndorsementInvitation(Base):
    """A link by which one person may endorse once. Only its secret's hash is kept."""

    __tablename__ = "endorsement_invitations"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)  # base64url SHA-256
    organiser_id: Mapped[str] = link("organisers.id")  # who signs for the invited person
    learner_id: Mapped[str | None] = link("learners.id")  # who invites, for an award of their own
    user_id: Mapped[str | None] = link("users.id")  # who invites, for an organiser
    target_kind: Mapped[str]
    target_id: Mapped[str] = mapped_column(String(36))
    label: Mapped[str] = mapped_column(default="")  # for whom
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    endorsement_id: Mapped[str | None] = link("endorsements.id")
