"""How often codes were used, by check-ins and by claimed badges: counted from these, so it is what counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.badges.models import Award
from server.codes.models import Code
from server.learning.models import CheckIn

_USES: tuple[tuple[type[CheckIn] | type[Award], Any], ...] = (
    (CheckIn, CheckIn.at),
    (Award, Award.awarded_at),
)


@dataclass(frozen=True, slots=True)
class Uses:
    """How often, first and last when."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def __add__(self, other: "Uses") -> "Uses":
        firsts = [one for one in (self.first_at, other.first_at) if one]
        lasts = [one for one in (self.last_at, other.last_at) if one]
        return Uses(self.count + other.count, min(firsts, default=None), max(lasts, default=None))


def uses_of(session: Session, code_ids: Select[str] | Sequence[str]) -> dict[str, Uses]:
    """Count the uses of codes; those that were never used are left out."""
    return _add_up(
        row
        for model, at in _USES
        for row in session.execute(
            select(model.code_id, func.count(), func.min(at), func.max(at))
            .where(model.code_id.in_(code_ids))
            .group_by(model.code_id)
        )
    )


def uses_by_batch(session: Session, point_ids: Sequence[str]) -> dict[str, Uses]:
    """Count the uses of the batches at points, all together; those that were never used are left out."""
    return _add_up(
        row
        for model, at in _USES
        for row in session.execute(
            select(Code.batch, func.count(), func.min(at), func.max(at))
            .join(model, model.code_id == Code.id)
            .where(Code.point_id.in_(point_ids))
            .group_by(Code.batch)
        )
    )


def _add_up(rows: Iterable[Any]) -> dict[str, Uses]:
    """Add up counts, and first and last times, of the same name."""
    found: dict[str, Uses] = {}
    for name, count, first_at, last_at in rows:
        found[name] = found.get(name, Uses()) + Uses(count, first_at, last_at)
    return found
