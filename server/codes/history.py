"""What was done to codes, by whom and when; and what only changes their counts or ends them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.codes.models import Code, CodeChange

_AT_ONCE = 5_000
"""Databases take so many values in one statement, and not many times as many."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does something to codes, and when. No user: the server itself."""

    user_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """A line of the history: `what` and `count` as in `CodeChange`, and the name of who did it."""

    what: str
    count: int
    who: str
    at: datetime


def note(session: Session, codes: Sequence[Code], what: str, by: By) -> None:
    """Write down what was done: one line for a code alone, one for all of a batch at a point."""
    of_batch = Counter((code.point_id, code.batch) for code in codes)
    for (point_id, batch), count in of_batch.items():
        if batch and count > 1:
            session.add(_change(point_id, batch, what, by, count=count))
    for code in codes:
        if not code.batch or of_batch[code.point_id, code.batch] == 1:
            session.add(_change(code.point_id, code.batch, what, by, code_id=code.id))
    session.flush()


def _change(point_id: str, batch: str, what: str, by: By, **more: Any) -> CodeChange:
    return CodeChange(point_id=point_id, batch=batch, what=what, user_id=by.user_id, at=by.at, **more)


def mark_printed(session: Session, codes: Sequence[Code], by: By) -> None:
    """Note that these codes were printed, once each."""
    _add(session, codes, {"printed": Code.printed + 1})
    note(session, codes, "printed", by)


def hand_out(session: Session, codes: Sequence[Code], number: int, by: By) -> int:
    """Note that cards were handed out; return how many.

    Of several codes the first ones that hold and were not handed out yet; of one code so many copies.
    """
    if number < 1:
        return 0
    if len(codes) == 1:
        _add(session, codes, {"handed_out": Code.handed_out + number})
        session.add(
            _change(codes[0].point_id, codes[0].batch, "handed_out", by, code_id=codes[0].id, count=number)
        )
        return number
    left = [code for code in codes if not code.handed_out and not code.revoked_at]
    given = sorted(left, key=lambda code: code.id)[:number]
    _add(session, given, {"handed_out": 1})
    note(session, given, "handed_out", by)
    return len(given)


def revoke(session: Session, codes: Sequence[Code], by: By) -> int:
    """Withdraw codes; return how many held until now. What was earned with them stays."""
    holding = [code for code in codes if code.revoked_at is None]
    _add(session, holding, {"revoked_at": by.at})
    note(session, holding, "revoked", by)
    return len(holding)


def _add(session: Session, codes: Iterable[Code], values: dict[str, Any]) -> None:
    ids = [code.id for code in codes]
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        session.execute(update(Code).where(Code.id.in_(some)).values(values))


def changes_of(session: Session, code: Code) -> list[Done]:
    """List what was done to a code, alone or with its batch, newest first."""
    batch = (CodeChange.batch == code.batch) & CodeChange.code_id.is_(None) & (CodeChange.batch != "")
    query = select(CodeChange, User.name).where(
        CodeChange.point_id == code.point_id,
        CodeChange.at >= code.created_at,
        (CodeChange.code_id == code.id) | batch,
    )
    return _list(session, query)


def changes_of_batch(session: Session, point_ids: Iterable[str], batch: str) -> list[Done]:
    """List what was done to a batch or to single codes of it, newest first."""
    query = select(CodeChange, User.name).where(CodeChange.point_id.in_(point_ids), CodeChange.batch == batch)
    return _list(session, query)


def _list(session: Session, query: Select[CodeChange, str]) -> list[Done]:
    query = query.outerjoin(User, User.id == CodeChange.user_id)
    rows = session.execute(query.order_by(CodeChange.at.desc(), CodeChange.id.desc()).limit(200))
    return [Done(change.what, change.count, name or "", change.at) for change, name in rows]
