"""Achievements, the awards people hold, and what the issuer signs and revokes with."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.core.db import Base, Texts, link, own_id
from server.organisers.models import Organiser


def _own_id_again(context: Any) -> str:
    """A first version begins its own series."""
    id: str = context.get_current_parameters()["id"]
    return id


class Achievement(Base):
    """The definition of a badge. An edit makes a new row with the next version; awards keep theirs."""

    __tablename__ = "achievements"

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    playlist_id: Mapped[str | None] = link("playlists.id")
    activity_id: Mapped[str | None] = link("activities.id")
    series: Mapped[str] = mapped_column(
        String(36), index=True, default=_own_id_again
    )  # its first version's id
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default="published", server_default="published")  # draft, published
    replaced_at: Mapped[datetime | None]  # when a newer version took over
    name: Mapped[Texts]
    description: Mapped[Texts]
    criteria: Mapped[Texts]  # what was done to earn it, Markdown
    design: Mapped[dict[str, Any]]  # {"shape", "colours", "icon", "text": Texts}, see drawing.py
    alignments: Mapped[list[dict[str, Any]]]  # {"name", "url", "framework", "code", "type"}
    tags: Mapped[list[str]]
    level: Mapped[str] = mapped_column(
        default="", server_default=""
    )  # foundation, intermediate, advanced, expert
    valid_months: Mapped[int | None]  # None: for ever
    renewal: Mapped[Texts] = mapped_column(
        default=dict, server_default="{}"
    )  # how to get it for another period
    needs: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # series that must be held
    results: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """Result descriptions: `{"key", "name": Texts, "levels": [{"key", "name": Texts, "description": Texts}]}`."""
    milestone: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Empty, or `{"count": N, "of": [{"kind": "activity|playlist|series", "id"}]}`: given for N of these."""
    reviewed_at: Mapped[datetime | None]  # when a person read what was drafted
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
    token_jwk: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # RSA, made with the first token
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    compromised_at: Mapped[datetime | None]  # somebody else may have it: leaves the DID document


class Resigning(Base):
    """All that a compromised key signed is signed again with the next one, piece by piece."""

    __tablename__ = "resignings"

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    number: Mapped[int]  # of the compromised key
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    last: Mapped[str] = mapped_column(String(36), default="")  # the id up to which it is done
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class StatusList(Base):
    """131,072 revocation bits of one issuer, and the signed list as it is served."""

    __tablename__ = "status_lists"

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    holds: Mapped[str] = mapped_column(default="awards", server_default="awards")  # awards, endorsements
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
    learner_id: Mapped[str] = link("learners.id", nullable=True)  # none only once it is erased
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
    key_number: Mapped[int] = mapped_column(
        default=1, server_default="1", index=True
    )  # whose signature it carries; 0: it waits for one
    results: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}"
    )  # result key → level key
    note: Mapped[str] = mapped_column(default="", server_default="")  # what the organiser said to it; signed
    given_by: Mapped[str | None] = link("users.id")  # by hand or by list
    awarded_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]  # signed again under the same id, with this as `validFrom`
    erased: Mapped[bool] = mapped_column(default=False, server_default=false())  # nothing is left but the bit
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    achievement: Mapped[Achievement] = relationship()
    status_list: Mapped[StatusList] = relationship()
