"""Keeping what staff did. Entries are added, and the database itself refuses to change one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which city, and from where; `accounts.sessions.actor()` tells it of a request."""

    city_id: str
    who: str
    user_id: str | None = None
    network: str = ""


def note(
    session: Session,
    actor: Actor,
    act: str,
    subject: str = "",
    *,
    at: datetime,
    organiser: str | None = None,
    **facts: Any,
) -> None:
    """Keep one act, like `badge.publish`, in the transaction that does it; `facts` are plain JSON, and no secrets."""
    session.add(
        AuditEntry(
            city_id=actor.city_id,
            organiser_id=organiser,
            user_id=actor.user_id,
            who=actor.who,
            act=act,
            subject=subject,
            facts=facts,
            network=actor.network,
            at=at,
        )
    )
