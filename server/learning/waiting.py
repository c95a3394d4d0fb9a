"""What waits for an organiser: people to confirm, and work to look at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from server.core.db import table
from server.core.errors import NotFound
from server.core.text import clean
from server.learning.decisions import PRESENCE, WORK, Key, thing_of
from server.replicas import blobs
from server.replicas.models import HOLD, Blob
from server.replicas.models import Event as EventRow
from sync.messages import Event, Signed

_events = table(EventRow).c


@dataclass(frozen=True, slots=True)
class File:
    """What somebody handed in, as we rewrote it."""

    sha256: str
    mime: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to decide: a learner's newest event about it. `task` is empty for a check-in."""

    key: Key
    why: str
    activity: str
    task: str
    text: str
    files: Sequence[File]
    level: int
    time: str
    at: datetime
    arrived_at: datetime


def waiting(session: Session, activity_ids: Iterable[str]) -> list[Waiting]:
    """List what waits at these activities, longest first. What a learner replaced is left out."""
    newest = _newest(session, _held(activity_ids).add_columns(_events.payload, _events.received_at))
    files = _files(session, newest)
    return sorted((_read(row, files) for row in newest), key=lambda one: one.arrived_at)


def count_waiting(session: Session, activity_ids: Iterable[str]) -> int:
    """Count what waits at these activities, without reading it."""
    return len(_newest(session, _held(activity_ids)))


def _held(activity_ids: Iterable[str]) -> Select[Any]:
    return select(_events.learner_id, _events.id, _events.why, _events.effect, _events.happened_at).where(
        _events.state == HOLD,
        _events.why.in_((PRESENCE, WORK)),
        _events.effect["activity"].as_string().in_(list(activity_ids)),
    )


def _newest(session: Session, query: Select[Any]) -> list[Any]:
    rows = session.execute(query.order_by(_events.happened_at, _events.id))
    return list({thing_of(row): row for row in rows}.values())


def _files(session: Session, rows: Sequence[Any]) -> dict[Key, str]:
    """Read the kinds of the files that are here, by learner and hash."""
    learners = {row.learner_id for row in rows if row.why == WORK}
    query = select(Blob.learner_id, Blob.sha256, Blob.mime).where(
        Blob.learner_id.in_(learners), Blob.complete_at.is_not(None), Blob.mime != ""
    )
    return {(row.learner_id, row.sha256): row.mime for row in session.execute(query)} if learners else {}


def _read(row: Any, files: dict[Key, str]) -> Waiting:
    event = Event.read(Signed(row.payload, ""))
    named = [(row.learner_id, one.sha256) for one in event.blobs]
    return Waiting(
        key=(row.learner_id, row.id),
        why=row.why,
        activity=row.effect["activity"],
        task=row.effect.get("task", ""),
        text=_text(event),
        files=[File(one[1], files[one]) for one in named if one in files],
        level=row.effect.get("level", 0),
        time=row.effect.get("time", ""),
        at=row.happened_at,
        arrived_at=row.received_at,
    )


def _text(event: Event) -> str:
    """Return what was written, in whichever of the two ways it was handed in."""
    given = event.body.get("answer")
    written = given.get("text") if isinstance(given, dict) else event.body.get("text")
    return clean(written) if isinstance(written, str) else ""


def find_file(session: Session, key: Key, sha256: str) -> tuple[str, str, str]:
    """Find a file of work that waits: its activity, where it is stored, its kind. Raises NotFound."""
    event = session.get(EventRow, key)
    if event is None or event.state != "hold" or event.why != WORK:
        raise NotFound()
    named = {one.sha256 for one in Event.read(Signed(event.payload, "")).blobs}
    blob = session.get(Blob, (key[0], sha256))
    if sha256 not in named or blob is None or not blob.mime:
        raise NotFound()
    return event.effect["activity"], blobs.Name(key[0], sha256).key, blob.mime


def waiting_at(session: Session, keys: Sequence[Key]) -> set[str]:
    """Return the activities at which these events wait; what is decided already waits nowhere."""
    query = select(_events.effect).where(
        _events.state == HOLD,
        _events.why.in_((PRESENCE, WORK)),
        tuple_(_events.learner_id, _events.id).in_(keys),
    )
    return {effect["activity"] for effect in session.scalars(query)}
