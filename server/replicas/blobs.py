"""Evidence files on their way in: expected, in pieces, whole, and checked. Private to their learner."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.storage import Storage
from server.replicas import pictures
from server.replicas.feeds import insert_into
from server.replicas.models import Blob
from sync.messages import Event

WHOLE_BYTES = 1 << 20
"""Largest file that is sent in one request; the largest piece of the others."""


class WrongOffset(DomainError):
    status, code = 409, "wrong_offset"

    def explain(self) -> str:
        return gettext("The upload must go on where it stopped.")


class HashMismatch(DomainError):
    status, code = 422, "hash_mismatch"

    def explain(self) -> str:
        return gettext("The file was damaged on its way. It will be sent again.")


@dataclass(frozen=True, slots=True)
class Name:
    """A file of a learner, by the hash of what the phone sends."""

    learner: str
    sha256: str

    @property
    def key(self) -> str:
        """Where the file is stored once it is whole and rewritten."""
        return f"evidence/{self.learner}/{self.sha256}"

    def piece(self, offset: int) -> str:
        return f"staged/{self.learner}/{self.sha256}/{offset}"


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


def advance(session: Session, name: Name, offset: int, length: int, *, at: datetime) -> int:
    """Count a stored piece and return where the next one begins. Raises WrongOffset with the right place."""
    _insert(session, name, at)
    moved = session.execute(
        update(Blob)
        .where(Blob.learner_id == name.learner, Blob.sha256 == name.sha256)
        .where(Blob.received == offset, Blob.complete_at.is_(None))
        .values(received=offset + length)
        .returning(Blob.received),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if moved is None:
        blob = find(session, name)
        raise WrongOffset(offset=blob.received if blob else 0)
    return moved


def join(storage: Storage, name: Name, size: int) -> bytes:
    """Put the pieces together. Two uploads at once may have left a gap: then it ends there."""
    content = b""
    while len(content) < size and storage.exists(name.piece(len(content))):
        piece = storage.get(name.piece(len(content)))
        if not piece:
            break
        content += piece
    return content


def forget_pieces(storage: Storage, name: Name, size: int) -> None:
    """Delete the pieces of a file: it is whole, or must be sent again."""
    offset = 0
    while offset < size and storage.exists(name.piece(offset)):
        length = len(storage.get(name.piece(offset)))
        storage.delete(name.piece(offset))
        offset += max(length, 1)


def start_again(session: Session, name: Name) -> None:
    """Count a file's pieces as not received."""
    session.execute(
        update(Blob)
        .where(Blob.learner_id == name.learner, Blob.sha256 == name.sha256, Blob.complete_at.is_(None))
        .values(received=0)
    )


def is_intact(name: Name, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == name.sha256


def keep(storage: Storage, name: Name, content: bytes) -> str:
    """Rewrite a picture and store it; return its kind, empty when it is no picture we take."""
    picture = pictures.rewrite(content)
    if picture is None:
        return ""
    storage.put(name.key, picture.content)
    return picture.mime


def complete(session: Session, name: Name, *, size: int, mime: str, at: datetime) -> None:
    """Say that a file is here, whole and judged."""
    _insert(session, name, at)
    session.execute(
        update(Blob)
        .where(Blob.learner_id == name.learner, Blob.sha256 == name.sha256, Blob.complete_at.is_(None))
        .values(size=size, received=size, mime=mime, complete_at=at)
    )
