"""Collections: badges that a learner put together under a name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.portfolio.choices import own_ids
from server.portfolio.errors import UnknownCollection
from server.portfolio.models import Collection


def find_collection(session: Session, learner: str, collection_id: str) -> Collection:
    """Find a learner's own collection; raises UnknownCollection."""
    found = session.get(Collection, collection_id)
    if found is None or found.learner_id != learner:
        raise UnknownCollection()
    return found


def keep(session: Session, found: Collection, awards: Sequence[str]) -> Collection:
    """Keep a collection as the phone has it, new or changed; of the badges only the learner's own."""
    stored = session.get(Collection, found.id)
    if stored is None:
        session.add(found)
        stored = found
    elif stored.learner_id != found.learner_id:
        raise UnknownCollection()
    mine = own_ids(session, found.learner_id)
    stored.name, stored.changed_at = found.name, found.changed_at
    stored.awards = [one for one in dict.fromkeys(awards) if one in mine]
    session.flush()
    return stored


def drop(session: Session, learner: str, collection_id: str) -> None:
    """Remove a collection; the badges in it stay. One that is gone already is no fault."""
    found = session.get(Collection, collection_id)
    if found is not None and found.learner_id == learner:
        session.delete(found)
        session.flush()


def collections_of(session: Session, learner: str) -> list[Collection]:
    query = select(Collection).where(Collection.learner_id == learner)
    return list(session.scalars(query.order_by(Collection.position, Collection.id)))


def collection_row(found: Collection) -> tuple[str, dict[str, Any]]:
    """Write a collection as the phone keeps it."""
    return f"collection:{found.id}", {"id": found.id, "name": found.name, "awards": found.awards}


def begin(collection_id: str, learner: str, name: str, at: datetime) -> Collection:
    return Collection(id=collection_id, learner_id=learner, name=name, awards=[], position=0, changed_at=at)
