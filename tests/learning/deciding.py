"""What an organiser does in the tests: decides what waits, as the desk does it."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.core.db import writing
from server.learning.decisions import Said, decide
from server.replicas.store import SqlStore
from server.replicas.terms import Terms
from sync.messages import Verdict
from tests.phone import Phone

TERMS = Terms(
    host="localhost", max_offline_ms=72 * 3_600_000, max_blob_bytes=20 << 20, anchor_secrets=[b"not asked"]
)


def say(
    db: Session, user: User, word: str, *events: tuple[Phone, str], note: str = "", at: datetime | None = None
) -> list[Verdict]:
    """Decide events of phones, and return what became of them."""
    keys = [(phone.learner, event) for phone, event in events]
    with writing(db) as session:
        store = SqlStore(session, TERMS, at or events[0][0].at, careful=True)
        return decide(session, keys, Said(word, note), user, store)
