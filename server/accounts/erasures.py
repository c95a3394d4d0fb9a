"""What is left of those who erased everything: a digest of their id, in the database and in a file that no backup holds."""

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Erasure
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.secrets import make_private
from sync.messages import encode

FILE = "erasures"
"""In the instance folder, a line each: a restored backup may be older than what is written here."""


class Erased(DomainError):
    """Somebody erased everything, and one of their phones comes back."""

    status, code = 410, "erased"

    def explain(self) -> str:
        return gettext("Everything of this learner was erased, as they wished.")


def digest_of(learner: str) -> str:
    return encode(hashlib.sha256(learner.encode()).digest())


def erased(session: Session, learners: Iterable[str]) -> set[str]:
    """Say which of these learners erased everything."""
    digests = {digest_of(one): one for one in learners}
    if not digests:
        return set()
    found = session.scalars(select(Erasure.digest).where(Erasure.digest.in_(digests)))
    return {digests[one] for one in found}


def remember(session: Session, learner: str, at: datetime) -> None:
    """Keep that a learner erased everything. Doing it twice is doing it once."""
    if session.get(Erasure, digest_of(learner)) is None:
        session.add(Erasure(digest=digest_of(learner), at=at))
        session.flush()


def write_down(folder: Path, digests: Iterable[str]) -> None:
    """Add erasures to the file that outlives a restore."""
    lines = "".join(f"{one}\n" for one in sorted(digests))
    make_private(folder)
    with os.fdopen(os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def written_down(folder: Path) -> set[str]:
    """Read the file; a line that was broken off stands for nobody."""
    path = folder / FILE
    lines = path.read_text().splitlines() if path.exists() else []
    return {one for one in lines if len(one) == 43}
