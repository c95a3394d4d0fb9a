"""Two learners are one person: their events, files and feeds become one's. The signed bytes name the other for ever."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, aliased

from server.accounts.learners import Told, move_rows, when_merged
from server.core.db import table
from server.core.errors import DomainError
from server.core.storage import files
from server.replicas import blobs
from server.replicas.models import Blob, Event, FeedHead, FeedRow
from sync.engine import learner_feed


class SharedId(DomainError):
    """Both have an event of the same id with other bytes, which no honest phone makes: one of them would be lost."""

    status, code = 409, "id_reuse"


@when_merged
def move_events(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move events and files. Raises SharedId."""
    _check_ids(session, old, new)
    _move_files(session, old, new)
    move_rows(session, (Event, Blob), old, new)
    return []


def _check_ids(session: Session, old: str, new: str) -> None:
    other = aliased(Event)
    both = select(Event.id).join(other, other.id == Event.id)
    if session.scalar(both.where(Event.learner_id == old, other.learner_id == new).limit(1)):
        raise SharedId()


def _move_files(session: Session, old: str, new: str) -> None:
    """Keep whole files under the other's name too, before the commit; what is here in part begins anew.

    What lies under the old name goes later (`jobs.forget_merged_files`): should this transaction fail, it is needed.
    """
    for blob in session.scalars(select(Blob).where(Blob.learner_id == old)).all():
        whole, same = blob.complete_at is not None, session.get(Blob, (new, blob.sha256))
        if whole and blob.mime and not (same and same.complete_at):
            content = files().get(blobs.Name(old, blob.sha256).key)
            files().put(blobs.Name(new, blob.sha256).key, content)
        if not whole:
            blob.received, blob.pieces = 0, []
        if same and (same.complete_at or not whole):
            session.delete(blob)
        elif same:
            session.delete(same)
        session.flush()


def take_feed(session: Session, old: str, new: str) -> list[tuple[str, dict[str, Any]]]:
    """Take a learner's feed away and return what of it the other's does not tell yet."""
    rows = table(FeedRow).c
    told = select(rows.key).where(rows.feed == learner_feed(new), rows.op == "put")
    query = select(rows.key, rows.row).where(
        rows.feed == learner_feed(old), rows.op == "put", rows.key.not_in(told)
    )
    found = [(row.key, row.row) for row in session.execute(query.order_by(rows.ver))]
    for model in (FeedRow, FeedHead):
        session.execute(delete(table(model)).where(table(model).c.feed == learner_feed(old)))
    return found
