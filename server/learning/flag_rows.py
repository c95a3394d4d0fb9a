"""Flags as they are kept, and as a learner's feed tells what was decided on one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import new_id
from server.learning.flags import Found
from server.learning.models import Flag
from server.learning.rows import Keyed, write_time
from server.replicas.feeds import insert_into

VOIDED, KEPT = "voided", "kept"


def keep_flags(session: Session, found: Sequence[Found], at: datetime) -> None:
    """Keep flags; one that nobody has decided on gets the newest numbers."""
    rows = {(one.seen.learner, one.seen.event, one.kind): _write(one, at) for one in found}
    if rows:
        statement = insert_into(session, Flag)
        statement = statement.on_conflict_do_update(
            index_elements=["learner_id", "event_id", "kind"],
            set_={"facts": statement.excluded.facts},
            where=Flag.word == "",
        )
        session.execute(statement, list(rows.values()))


def _write(found: Found, at: datetime) -> dict[str, Any]:
    seen = found.seen
    return {
        "id": new_id(),
        "learner_id": seen.learner,
        "event_id": seen.event,
        "activity_id": seen.activity or None,
        "occurrence": seen.occurrence,
        "code_id": seen.code or None,
        "kind": found.kind,
        "facts": found.facts,
        "created_at": at,
        "word": "",
        "reason": "",
        "appeal": "",
    }


def voided(session: Session, learner: str) -> set[str]:
    """Return the events of a learner's check-ins that were voided."""
    query = select(Flag.event_id).where(Flag.learner_id == learner, Flag.word == VOIDED)
    return set(session.scalars(query))


def flag_row(flag: Flag) -> Keyed:
    """`appeal` is what the learner said to a void; `answered` is there once somebody decided on that."""
    row = {
        "state": flag.word,
        "reason": flag.reason,
        "activity": flag.activity_id or "",
        "at": write_time(flag.decided_at) if flag.decided_at else "",
        "appeal": flag.appeal,
    }
    session = {"occurrence": flag.occurrence} if flag.occurrence else {}
    return f"flag:{flag.event_id}", {**row, **session, **({"answered": True} if is_answered(flag) else {})}


def is_answered(flag: Flag) -> bool:
    """Say whether somebody decided after the learner had appealed."""
    return bool(flag.appealed_at and flag.decided_at and flag.decided_at >= flag.appealed_at)


def is_appealed(flag: Flag) -> bool:
    """Say whether a void waits for an answer to the learner's words."""
    return flag.word == VOIDED and flag.appealed_at is not None and not is_answered(flag)
