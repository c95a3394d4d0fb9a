"""What is stored about one learner, in numbers: the same tables that an export writes out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, func, or_, select
from sqlalchemy.orm import Session

from server.accounts.learners import one_person
from server.accounts.models import Learner, LearnerMail
from server.core.db import Base
from server.families.models import Consent
from server.post.addresses import shorten
from server.post.models import PushSubscription
from server.replicas.models import Blob
from server.replicas.moments import milliseconds

NAMES = ("learner_id", "child_id", "guardian_id", "by_id", "who_id", "merged_into")
"""The columns that say whose a row is."""
SECRET = (
    "digest",
    "salt",
    "secret",
    "access_digest",
    "refresh_digest",
    "endpoint",
    "p256dh",
    "auth",
    "public_key",
)
"""What would let in whoever reads a copy: it is left out."""
_OF_MACHINES = {"exports", "feed_heads"}


def tables() -> list[Table]:
    """List the tables that may name a learner, in alphabetical order."""
    found = [one for one in Base.metadata.sorted_tables if whose(one)]
    return sorted((one for one in found if one.name not in _OF_MACHINES), key=lambda one: one.name)


def whose(table: Table) -> list[Column[Any]]:
    """Return the columns by which a row of this table is somebody's. Whom one let in at a door is that person's."""
    names = set(NAMES) - ({"learner_id"} if table.name == "door_entries" else set())
    return [column for column in table.columns if column.name in names]


def rows_of(session: Session, table: Table, learner: str) -> Sequence[Any]:
    query = select(table).where(_of(table, one_person(session, learner)))
    return session.execute(query.order_by(*table.primary_key.columns)).all()


def _of(table: Table, ids: list[str]) -> ColumnElement[bool]:
    return or_(*(column.in_(ids) for column in whose(table)))


def count_all(session: Session, learner: str) -> dict[str, int]:
    """Count a learner's rows by table; tables without any are left out."""
    counts, ids = {}, one_person(session, learner)
    for table in tables():
        if count := session.scalar(select(func.count()).select_from(table).where(_of(table, ids))):
            counts[table.name] = count
    return counts


def describe(session: Session, learner: str) -> dict[str, Any]:
    """Say what is stored about a learner: counts, bytes of files, since when, and what they agreed to, with dates."""
    found, size_of = session.get_one(Learner, learner), func.coalesce(Blob.size, Blob.received)
    size = session.scalar(select(func.sum(size_of)).where(Blob.learner_id.in_(one_person(session, learner))))
    given = select(Consent).where((Consent.learner_id == learner) | (Consent.by_id == learner))
    return {
        "since": milliseconds(found.created_at),
        "counts": count_all(session, learner),
        "bytes": int(size or 0),
        "consents": [
            *(_consent(one, learner) for one in session.scalars(given.order_by(Consent.given_at))),
            *_chosen(session, learner),
        ],
    }


def _chosen(session: Session, learner: str) -> Iterator[dict[str, Any]]:
    """Tell of mail addresses and push messages: who gave or switched them on agreed by that, until they take it back."""
    mails = select(LearnerMail).where(LearnerMail.learner_id == learner).order_by(LearnerMail.created_at)
    for mail in session.scalars(mails):
        yield _agreed("mail", shorten(mail.address), mail.created_at)
    pushes = select(PushSubscription).where(PushSubscription.learner_id == learner)
    for push in session.scalars(pushes.order_by(PushSubscription.created_at)):
        yield _agreed("push", " ".join(push.kinds), push.created_at)


def _agreed(what: str, words: str, given: datetime) -> dict[str, Any]:
    at = milliseconds(given)
    return {"what": what, "words": words, "given": at, "ended": None, "child": False, "guardian": False}


def _consent(one: Consent, learner: str) -> dict[str, Any]:
    return {
        "what": one.what,
        "words": one.words,
        "given": milliseconds(one.given_at),
        "ended": milliseconds(one.ended_at) if one.ended_at else None,
        "child": one.learner_id != learner,
        "guardian": one.by_id != learner,
    }
