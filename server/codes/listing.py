"""Codes as the desk lists them: how each stands, one by one or by batch, found by typed form, as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.codes.models import Code
from server.codes.services import url_of
from server.codes.tokens import fold_typed, show_typed
from server.core.db import table
from server.core.text import harmless

A_PAGE = 50
COLUMNS = (
    "batch", "typed", "url", "state", "level", "opens_at", "closes_at", "cap_total", "claimed", "handed_out", "printed",
)  # fmt: skip


def state_of(code: Code, claimed: int, at: datetime) -> str:
    """Say how a code stands: `withdrawn`, `used_up`, `over`, `not_yet` or `holds`."""
    if code.revoked_at:
        return "withdrawn"
    if code.cap_total is not None and max(claimed, code.claimed) >= code.cap_total:
        return "used_up"
    if code.closes_at and code.closes_at <= at:
        return "over"
    return "not_yet" if code.opens_at and code.opens_at > at else "holds"


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch in numbers of codes."""

    name: str
    codes: int
    withdrawn: int
    printed: int
    handed_out: int
    made_at: datetime


def batches(session: Session, point_ids: Sequence[str]) -> list[Batch]:
    """List the batches of more than one code at points, newest first."""
    made = func.max(Code.created_at)
    query = (
        select(
            Code.batch,
            func.count(),
            func.count(Code.revoked_at),
            func.sum(Code.printed),
            func.sum(Code.handed_out),
            made,
        )
        .where(Code.point_id.in_(point_ids), Code.batch != "")
        .group_by(Code.batch)
        .having(func.count() > 1)
        .order_by(made.desc(), Code.batch)
    )
    return [Batch(*row) for row in session.execute(query)]


def in_batch(session: Session, point_ids: Sequence[str], batch: str) -> list[Code]:
    query = select(Code).where(Code.point_id.in_(point_ids), Code.batch == batch)
    return list(session.scalars(query.order_by(Code.id)))


def single_codes(point_ids: Sequence[str], but: Sequence[str]) -> Select[Code]:
    """Choose the codes that are in none of these batches, newest first."""
    query = select(Code).where(Code.point_id.in_(point_ids), Code.batch.not_in(but))
    return query.order_by(Code.created_at.desc(), Code.id.desc())


def search(point_ids: Sequence[str], text: str) -> Select[Code]:
    """Choose the codes whose typed form begins so, or whose batch has these words in its name."""
    words = text.strip()
    by_typed = func.substr(Code.typed, 1, len(fold_typed(words))) == fold_typed(words)
    by_batch = func.lower(Code.batch).contains(words.lower(), autoescape=True)
    query = select(Code).where(Code.point_id.in_(point_ids), by_typed | by_batch)
    return query.order_by(Code.id)


def write_csv(
    session: Session,
    point_ids: Sequence[str],
    batch: str,
    facts: tuple[str, datetime],
    uses: Mapping[str, int],
) -> Iterator[str]:
    """Write the codes of a batch, or all when it is empty, as CSV, line by line. `facts`: base address, now.

    The rows are read before the first line goes out: whoever reads slowly holds up no database.
    """
    base_url, at = facts
    codes = table(Code)
    query = select(codes).where(codes.c.point_id.in_(point_ids)).order_by(codes.c.id)
    rows = session.execute(query.where(codes.c.batch == batch) if batch else query).all()

    def lines() -> Iterator[str]:
        yield "\ufeff" + _line(COLUMNS)  # spreadsheets take it for UTF-8 by this mark
        for row in rows:
            yield _line(_cells(row, url_of(row, base_url), uses.get(row.id, 0), at))  # type: ignore[arg-type]

    return lines()


def _cells(code: Code, url: str, claimed: int, at: datetime) -> list[object]:
    return [
        code.batch, show_typed(code.typed) if code.typed else "", url, state_of(code, claimed, at), code.level,
        *(one.isoformat() if one else "" for one in (code.opens_at, code.closes_at)),
        code.cap_total, claimed, code.handed_out, code.printed,
    ]  # fmt: skip


def _line(cells: Sequence[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(one) for one in cells])
    return written.getvalue()
