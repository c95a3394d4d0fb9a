"""An act of the person whose request this is, kept with who they are and where they ask from."""

from typing import Any

from sqlalchemy.orm import Session

from server.accounts.sessions import actor
from server.audit.services import note
from server.core.db import utc_now


def keep_act(
    session: Session, act: str, subject: str = "", organiser: str | None = None, **facts: Any
) -> None:
    """Keep what this request does, in its transaction. A new act gets its words in `audit/words.py`."""
    note(session, actor(), act, subject, at=utc_now(), organiser=organiser, **facts)
