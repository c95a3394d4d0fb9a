"""What a learner handed in for a badge, piece by piece, and which pieces others may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.activities.models import Activity, Task
from server.badges.models import Award
from server.core.db import Texts
from server.core.errors import NotFound
from server.core.storage import files
from server.learning.models import Completion, Evidence
from server.portfolio.models import AwardChoice
from server.replicas import blobs
from server.replicas.models import Blob

PUBLIC, LINK, PRIVATE = "public", "link", "private"
VISIBILITIES = (PUBLIC, LINK, PRIVATE)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a piece: its hash, and its kind such as `image/jpeg`."""

    sha256: str
    mime: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What was handed in for one task, by the event that brought it."""

    event: str
    title: Texts  # of the activity
    kind: str  # text, photo, audio
    text: str
    files: tuple[File, ...]


def pieces_of(session: Session, award: Award) -> list[Piece]:
    """List what was handed in and counted for a badge, in the order in which it was done."""
    done = session.get(Completion, award.completion_id) if award.completion_id else None
    if done is None or not done.proofs:
        return []
    query = (
        select(Evidence, Task.kind, Activity.title)
        .join(Task, Task.id == Evidence.task_id)
        .join(Activity, Activity.id == Task.activity_id)
        .where(Evidence.learner_id == award.learner_id, Evidence.event_id.in_(done.proofs))
        .order_by(Evidence.at, Evidence.id)
    )
    found = session.execute(query).all()
    mimes = _mimes(session, award.learner_id, [one for row in found for one in row.Evidence.files])
    return [_piece(row.Evidence, row.kind, row.title, mimes) for row in found]


def _piece(handed_in: Evidence, kind: str, title: Texts, mimes: dict[str, str]) -> Piece:
    shown = tuple(File(one, mimes[one]) for one in handed_in.files if mimes.get(one))
    return Piece(handed_in.event_id, title, kind, handed_in.text, shown)


def _mimes(session: Session, learner: str, hashes: Sequence[str]) -> dict[str, str]:
    return blobs.whole(session.connection(), learner, hashes) if hashes else {}


def visible(
    session: Session, award: Award, choice: AwardChoice | None, shared: Iterable[str] = ()
) -> list[Piece]:
    """List the pieces that are public, and of those that a link shares the ones that are still shown by links."""
    chosen: dict[str, Any] = choice.evidence if choice else {}
    by_link = {event for event in shared if chosen.get(event) == LINK}
    if not by_link and PUBLIC not in chosen.values():
        return []
    return [
        one for one in pieces_of(session, award) if chosen.get(one.event) == PUBLIC or one.event in by_link
    ]


def read_file(session: Session, award: Award, pieces: Iterable[Piece], sha256: str) -> tuple[bytes, str]:
    """Return a file of these pieces and its kind; raises NotFound for any other."""
    if not any(file.sha256 == sha256 for piece in pieces for file in piece.files):
        raise NotFound()
    blob = session.get(Blob, (award.learner_id, sha256))
    if blob is None:
        raise NotFound()
    return files().get(blobs.Name(award.learner_id, sha256).key), blob.mime
