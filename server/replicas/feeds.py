"""Feeds: the current state of each key, numbered so that a reader with a cursor misses nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.core.db import Base, table
from server.replicas.models import FeedHead, FeedRow
from sync.messages import Page, Row

_heads, _rows = table(FeedHead).c, table(FeedRow).c
_PAGE = (
    select(_rows.ver, _rows.key, _rows.op, _rows.row)
    .where(_rows.feed == bindparam("feed"), _rows.ver > bindparam("cursor"))
    .order_by(_rows.ver)
    .limit(bindparam("limit"))
)


def insert_into(session: Session, model: type[Base]) -> Any:
    """Begin an INSERT of the session's database, which knows ON CONFLICT."""
    return _insert(session.get_bind().dialect.name, model)


def _insert(dialect: str, model: type[Base]) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table(model))


@cache
def _bump_head(dialect: str) -> Any:
    head = _insert(dialect, FeedHead).values(feed=bindparam("name"), ver=bindparam("count"))
    further = {"ver": _heads.ver + bindparam("count")}
    return head.on_conflict_do_update(index_elements=["feed"], set_=further).returning(_heads.ver)


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
    connection = session.connection()
    dialect = connection.dialect.name
    for feed in sorted(rows):
        if count := len(rows[feed]):
            head: int = connection.execute(_bump_head(dialect), {"name": feed, "count": count}).scalar_one()
            first = head - count + 1
            values = [_values(row, ver, at) for ver, row in enumerate(rows[feed], first)]
            connection.execute(_keep_rows(dialect), values)


def _values(row: Row, ver: int, at: datetime) -> dict[str, Any]:
    op = "del" if row.row is None else "put"
    return {"feed": row.feed, "key": row.key, "ver": ver, "op": op, "row": dict(row.row or {}), "at": at}


def read_page(session: Session, feed: str, cursor: int, limit: int, *, reset: bool = False) -> Page:
    """Return what is new after a cursor, oldest first."""
    if reset:
        cursor = 0
    found = session.execute(_PAGE, {"feed": feed, "cursor": cursor, "limit": limit + 1}).all()
    rows = [_to_json(*one) for one in found[:limit]]
    return Page(rows, found[:limit][-1].ver if found else cursor, len(found) > limit, reset)


def _to_json(ver: int, key: str, op: str, row: Mapping[str, Any]) -> dict[str, Any]:
    json: dict[str, Any] = {"ver": ver, "key": key, "op": op}
    return {**json, "row": row} if op == "put" else json
