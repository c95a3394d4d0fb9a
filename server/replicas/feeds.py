"""Feeds: the current state of each key, numbered so that a reader with a cursor misses nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.core.db import Base, table
from server.replicas.models import FeedHead, FeedRow
from sync.messages import Page, Row

_heads, _rows = table(FeedHead).c, table(FeedRow).c
_FLOOR = select(_heads.floor).where(_heads.feed == bindparam("feed"))
_PAGE = (  # with the floor as it is in the same moment: rows may be forgotten while somebody reads
    select(_rows.ver, _rows.key, _rows.op, _rows.row, _FLOOR.scalar_subquery().label("floor"))
    .where(_rows.feed == bindparam("feed"), _rows.ver > bindparam("cursor"))
    .order_by(_rows.ver)
    .limit(bindparam("limit"))
)

_UP_TO = select(func.count()).where(_rows.feed == bindparam("feed"), _rows.ver <= bindparam("ver"))
_OLD = (_rows.at < bindparam("before")) & (
    (_rows.op == "del")
    | (_rows.key.startswith("verdict:") & FeedRow.row["state"].as_string().in_(("ok", "rejected")))
)
_STALE = (
    select(_rows.feed, func.max(_rows.ver).label("ver"))
    .where(_OLD)
    .group_by(_rows.feed)
    .order_by(_rows.feed)
    .limit(bindparam("limit"))
)
_RAISE = update(table(FeedHead)).where(_heads.feed == bindparam("name")).values(floor=bindparam("to"))
_FORGET = delete(table(FeedRow)).where(_rows.feed == bindparam("name"), _rows.ver <= bindparam("to"), _OLD)


def insert_into(session: Session, model: type[Base]) -> Any:
    """Begin an INSERT of the session's database, which knows ON CONFLICT."""
    return _insert(session.get_bind().dialect.name, model)


def _insert(dialect: str, model: type[Base]) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table(model))


@cache
def _bump_head(dialect: str) -> Any:
    head = _insert(dialect, FeedHead)
    further = {"ver": _heads.ver + head.excluded.ver}
    return head.on_conflict_do_update(index_elements=["feed"], set_=further).returning(
        _heads.feed, _heads.ver
    )


@cache
def _keep_rows(dialect: str) -> Any:
    statement = _insert(dialect, FeedRow)
    new = {name: statement.excluded[name] for name in ("ver", "op", "row", "at")}
    return statement.on_conflict_do_update(index_elements=["feed", "key"], set_=new)


def bump(session: Session, rows: Mapping[str, Sequence[Row]], at: datetime) -> None:
    """Number and keep new rows. Must be the last statements before the commit.

    Bumping the head locks the feed until the commit, so numbers become visible in their order; a sequence or
    a timestamp would let a reader's cursor pass a row that commits late. Feeds go in sorted order, so that
    two transactions never wait for each other.
    """
    counts = [{"feed": feed, "ver": len(rows[feed])} for feed in sorted(rows) if rows[feed]]
    if not counts:
        return
    connection = session.connection()
    dialect = connection.dialect.name
    heads = dict(connection.execute(_bump_head(dialect), counts).tuples().all())
    values = [
        _values(row, ver, at)
        for feed, head in sorted(heads.items())
        for ver, row in enumerate(rows[feed], head - len(rows[feed]) + 1)
    ]
    connection.execute(_keep_rows(dialect), values)


def _values(row: Row, ver: int, at: datetime) -> dict[str, Any]:
    op = "del" if row.row is None else "put"
    return {"feed": row.feed, "key": row.key, "ver": ver, "op": op, "row": dict(row.row or {}), "at": at}


def read_page(session: Session, feed: str, cursor: int, limit: int, *, reset: bool = False) -> Page:
    """Return what is new after a cursor, oldest first.

    A cursor under the feed's floor has missed what was forgotten: it begins anew, with `reset`. A page from the
    beginning goes up to the floor at least, however small the limit: it must not end with such a cursor itself.
    """
    begin = 0 if reset else cursor
    found, floor = _read(session, feed, begin, limit)
    if 0 < begin < floor:
        return read_page(session, feed, 0, limit, reset=True)
    while len(found) > limit and found[limit].ver <= floor:  # again, should the floor rise meanwhile
        limit = session.execute(_UP_TO, {"feed": feed, "ver": floor}).scalar_one()
        found, floor = _read(session, feed, begin, limit)
    last = found[:limit][-1].ver if found else begin
    rows = [_to_json(*one[:4]) for one in found[:limit]]
    return Page(rows, max(last, floor), len(found) > limit, reset)


def _read(session: Session, feed: str, cursor: int, limit: int) -> tuple[Sequence[Any], int]:
    """Return the rows after a cursor, one more than the limit, and the feed's floor."""
    found = session.execute(_PAGE, {"feed": feed, "cursor": cursor, "limit": limit + 1}).all()
    floor = found[0].floor if found else session.execute(_FLOOR, {"feed": feed}).scalar()
    return found, floor or 0


def forget(session: Session, before: datetime, limit: int) -> int:
    """Forget old tombstones and final verdicts of some feeds, and say of how many.

    The head goes first, as in `bump`: whoever is writing to the feed is waited for, and no two for each other.
    """
    connection = session.connection()
    stale = connection.execute(_STALE, {"before": before, "limit": limit}).all()
    for row in stale:
        which = {"name": row.feed, "to": row.ver}
        connection.execute(_RAISE, which)
        connection.execute(_FORGET, {**which, "before": before})
    return len(stale)


def _to_json(ver: int, key: str, op: str, row: Mapping[str, Any]) -> dict[str, Any]:
    json: dict[str, Any] = {"ver": ver, "key": key, "op": op}
    return {**json, "row": row} if op == "put" else json
