"""Feeds: the current state of each key, numbered so that a reader with a cursor misses nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.replicas.models import FeedHead, FeedRow
from sync.messages import Page, Row


def insert_into(session: Session, model: type[Any]) -> Any:
    """Begin an INSERT of the session's database, which knows ON CONFLICT."""
    table: Table = model.__table__
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def bump(session: Session, rows: Mapping[str, Sequence[Row]], at: datetime) -> None:
    """Number and keep new rows. Must be the last statements before the commit.

    Bumping the head locks the feed until the commit, so numbers become visible in their order; a sequence or
    a timestamp would let a reader's cursor pass a row that commits late. Feeds go in sorted order, so that
    two transactions never wait for each other.
    """
    for feed in sorted(rows):
        if rows[feed]:
            head = _bump_head(session, feed, len(rows[feed]))
            _keep_rows(session, rows[feed], head - len(rows[feed]), at)


def _bump_head(session: Session, feed: str, count: int) -> int:
    head: Insert = insert_into(session, FeedHead).values(feed=feed, ver=count)
    head = head.on_conflict_do_update(index_elements=["feed"], set_={"ver": FeedHead.ver + count})  # type: ignore[attr-defined]
    number: int = session.execute(head.returning(FeedHead.ver)).scalar_one()
    return number


def _keep_rows(session: Session, rows: Sequence[Row], last: int, at: datetime) -> None:
    statement = insert_into(session, FeedRow)
    new = {name: statement.excluded[name] for name in ("ver", "op", "row", "at")}
    values = [
        {
            "feed": one.feed,
            "key": one.key,
            "ver": last + n,
            "op": _op(one),
            "row": dict(one.row or {}),
            "at": at,
        }
        for n, one in enumerate(rows, 1)
    ]
    session.execute(statement.on_conflict_do_update(index_elements=["feed", "key"], set_=new), values)


def _op(row: Row) -> str:
    return "del" if row.row is None else "put"


def read_page(session: Session, feed: str, cursor: int, limit: int, *, reset: bool = False) -> Page:
    """Return what is new after a cursor, oldest first."""
    if reset:
        cursor = 0
    query = (
        select(FeedRow.ver, FeedRow.key, FeedRow.op, FeedRow.row)
        .where(FeedRow.feed == feed, FeedRow.ver > cursor)
        .order_by(FeedRow.ver)
        .limit(limit + 1)
    )
    found = session.execute(query).all()
    rows = [_to_json(*one) for one in found[:limit]]
    return Page(rows, found[:limit][-1].ver if found else cursor, len(found) > limit, reset)


def _to_json(ver: int, key: str, op: str, row: Mapping[str, Any]) -> dict[str, Any]:
    json: dict[str, Any] = {"ver": ver, "key": key, "op": op}
    return {**json, "row": row} if op == "put" else json
