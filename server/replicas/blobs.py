"""Evidence files on their way in: expected, in pieces, whole, and checked. Private to their learner."""

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, delete, func, select, update
from sqlalchemy.orm import Session

from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.storage import Storage
from server.replicas import pictures, sounds
from server.replicas.feeds import insert_into
from server.replicas.locks import lock_learners
from server.replicas.models import HOLD, Blob
from server.replicas.models import Event as EventRow
from sync.messages import Event, Signed

WHOLE_BYTES = 1 << 20
"""Largest file that is sent in one request; the largest piece of the others."""
FORGOTTEN_AFTER = timedelta(days=7)
"""How long a file is kept that nothing names: its event may still be on its way."""
REMINDED_AFTER, REMINDED_UNTIL = timedelta(hours=3), timedelta(days=3)
"""When a learner is told that a file of theirs has not come, if they chose to hear it; after that it is nagging."""
PICTURES, SOUNDS = frozenset(pictures.MIMES.values()), frozenset(sounds.MIMES)


class WrongOffset(DomainError):
    status, code = 409, "wrong_offset"

    def explain(self) -> str:
        return gettext("The upload must go on where it stopped.")


class HashMismatch(DomainError):
    status, code = 422, "hash_mismatch"

    def explain(self) -> str:
        return gettext("The file was damaged on its way. It will be sent again.")


class NoRoom(DomainError):
    """A learner's files would take more than their share. They may send this one again when others are gone."""

    status, code = 507, "quota"

    def explain(self) -> str:
        return gettext("There is no room for more of your files just now.")


@dataclass(frozen=True, slots=True)
class Name:
    """A file of a learner, by the hash of what the phone sends."""

    learner: str
    sha256: str

    @property
    def key(self) -> str:
        """Where the file is stored once it is whole and rewritten."""
        return f"evidence/{self.learner}/{self.sha256}"

    @property
    def staged(self) -> str:
        """Where its pieces lie until then."""
        return f"staged/{self.learner}/{self.sha256}"

    def piece(self, offset: int, end: int) -> str:
        """A piece is named by both its ends: two phones that cut the file differently do not overwrite each other's."""
        return f"{self.staged}/{offset}-{end}"


def find(session: Session, name: Name) -> Blob | None:
    return session.get(Blob, (name.learner, name.sha256), populate_existing=True)


def expect(session: Session, event: Event, at: datetime) -> None:
    """Note the files that an event names, so that the next reply asks for them."""
    for one in event.blobs:
        _insert(session, Name(event.learner, one.sha256), at)


def _insert(session: Session, name: Name, at: datetime) -> None:
    row = {"learner_id": name.learner, "sha256": name.sha256, "received": 0, "mime": "", "created_at": at}
    session.execute(insert_into(session, Blob).values(**row).on_conflict_do_nothing())


def wanted(session: Session, learner: str) -> list[str]:
    """Return the files that events of the learner wait for, or that are here in part."""
    query = select(Blob.sha256).where(Blob.learner_id == learner, Blob.complete_at.is_(None))
    return list(session.scalars(query.order_by(Blob.created_at).limit(20)))


def whole(reader: Connection, learner: str, hashes: Iterable[str]) -> dict[str, str]:
    """Return which of the files are here, with their kind; the kind is empty when it cannot be used."""
    query = select(Blob.sha256, Blob.mime).where(
        Blob.learner_id == learner, Blob.sha256.in_(list(hashes)), Blob.complete_at.is_not(None)
    )
    return {row.sha256: row.mime for row in reader.execute(query)}


def check_room(session: Session, name: Name, size: int, quota: int) -> None:
    """Raise NoRoom when a learner's other files and this one are more than `quota` bytes."""
    others = select(func.sum(func.coalesce(Blob.size, Blob.received))).where(
        Blob.learner_id == name.learner, Blob.sha256 != name.sha256
    )
    if (session.scalar(others) or 0) + size > quota:
        raise NoRoom()


def advance(session: Session, name: Name, offset: int, end: int, *, total: int, at: datetime) -> Blob:
    """Count a stored piece. Raises WrongOffset with the right place, unless the file is whole already."""
    _insert(session, name, at)
    key = (name.learner, name.sha256)
    blob = session.get_one(Blob, key, with_for_update=True, populate_existing=True)
    if blob.complete_at is None:
        if blob.received != offset:
            raise WrongOffset(offset=blob.received)
        blob.received, blob.size, blob.pieces = end, total, [*blob.pieces, end]
    return blob


def join(storage: Storage, name: Name, ends: Iterable[int]) -> io.BytesIO | None:
    """Put the counted pieces together, one at a time; None when one is gone or the whole is not what was named."""
    content, digest = io.BytesIO(), hashlib.sha256()
    for offset, end in pairwise((0, *ends)):
        try:
            piece = storage.get(name.piece(offset, end))
        except NotFound:
            return None
        content.write(piece)
        digest.update(piece)
    return content if digest.hexdigest() == name.sha256 else None


def forget_pieces(storage: Storage, name: Name) -> None:
    """Delete the pieces of a file, also those that were never counted: it is whole, or must be sent again."""
    storage.delete_below(name.staged)


def start_again(session: Session, name: Name, ends: Iterable[int]) -> bool:
    """Count a file's pieces as not received, if they are still these. Say whether the file is to be sent again."""
    blob = session.get(Blob, (name.learner, name.sha256), with_for_update=True, populate_existing=True)
    if blob is None or blob.complete_at or blob.pieces != list(ends):
        return blob is None or blob.complete_at is None
    blob.received, blob.pieces = 0, []
    return True


def is_intact(name: Name, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == name.sha256


def keep(storage: Storage, name: Name, content: io.BytesIO) -> str:
    """Store a file made harmless and return its kind; empty when it is no picture or sound that we take.

    Doing it twice is doing it once: a file's place is named by what the phone sent.
    """
    if mime := sounds.clean(content):
        storage.put(name.key, content.getvalue())
        return mime
    picture = pictures.rewrite(content.getvalue())
    if picture is None:
        return ""
    storage.put(name.key, picture.content)
    return picture.mime


def complete(session: Session, name: Name, *, size: int, mime: str, at: datetime) -> None:
    """Say that a file is here, whole and judged. Locks the learner, as whoever names the file does first."""
    lock_learners(session.connection(), [name.learner])
    _insert(session, name, at)
    session.execute(
        update(Blob)
        .where(Blob.learner_id == name.learner, Blob.sha256 == name.sha256, Blob.complete_at.is_(None))
        .values(size=size, received=size, mime=mime, pieces=[], complete_at=at)
    )


def overdue(session: Session, at: datetime) -> list[str]:
    """List the learners of whom an event came and its file did not, hours ago: the phone has it still, unless somebody
    emptied it. Of what a phone never told us we know nothing."""
    late = Blob.created_at.between(at - REMINDED_UNTIL, at - REMINDED_AFTER)
    query = select(Blob.learner_id).where(Blob.complete_at.is_(None), late)
    return list(session.scalars(query.distinct().order_by(Blob.learner_id)))


InUse = Callable[[Session, str], Iterable[str]]
_IN_USE: list[InUse] = []


def keeps(find: InUse) -> InUse:
    """Register a domain's word on which files of a learner it uses: they are never forgotten."""
    _IN_USE.append(find)
    return find


def abandoned(session: Session, at: datetime) -> list[str]:
    """List the learners who have files that were given up, or that nothing may name any more."""
    return list(
        session.scalars(select(Blob.learner_id).where(_is_old(at)).distinct().order_by(Blob.learner_id))
    )


def _is_old(at: datetime) -> ColumnElement[bool]:
    return func.coalesce(Blob.complete_at, Blob.created_at) < at - FORGOTTEN_AFTER


def forget(session: Session, learner: str, at: datetime) -> list[Name]:
    """Forget a learner's uploads that were given up and files that nothing names any more. Returns which.

    What no event on hold and no evidence has named is kept for seven days. The files themselves go by
    `delete_files`, after the commit: until then the rows stand for them.
    """
    lock_learners(session.connection(), [learner])  # no event may name one of them meanwhile
    old = set(session.scalars(select(Blob.sha256).where(Blob.learner_id == learner, _is_old(at))))
    names = old - _on_hold(session, learner) - {one for find in _IN_USE for one in find(session, learner)}
    session.execute(
        delete(Blob).where(Blob.learner_id == learner, Blob.sha256.in_(names)),
        execution_options={"synchronize_session": False},
    )
    return [Name(learner, one) for one in sorted(names)]


def delete_files(session: Session, storage: Storage, names: Iterable[Name]) -> None:
    """Delete the files of forgotten uploads of one learner, but those that have come again meanwhile."""
    for name in names:
        lock_learners(session.connection(), [name.learner])
        if find(session, name) is None:
            storage.delete(name.key)
            forget_pieces(storage, name)


def _on_hold(session: Session, learner: str) -> set[str]:
    payloads = session.scalars(
        select(EventRow.payload).where(EventRow.learner_id == learner, EventRow.state == HOLD)
    )
    return {blob.sha256 for payload in payloads for blob in Event.read(Signed(payload, "")).blobs}
