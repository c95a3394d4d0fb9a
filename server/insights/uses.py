"""How often codes were used, by check-ins and by claimed badges: counted from these, so it is what counts."""

from collections.abc import Sequence
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
    return _count(session, Code.id, Code.id.in_(code_ids))


def uses_by_batch(session: Session, point_ids: Sequence[str]) -> dict[str, Uses]:
    """Count the uses of the batches at points, all together; those that were never used are left out."""
    return _count(session, Code.batch, Code.point_id.in_(point_ids))


def _count(session: Session, name: Any, chosen: Any) -> dict[str, Uses]:
    """Add up the uses of the codes that are chosen: how many, the first and the last, by what names the codes."""
    found: dict[str, Uses] = {}
    for model, at in _USES:
        counted = select(name, func.count(), func.min(at), func.max(at)).join(model, model.code_id == Code.id)
        for key, *seen in session.execute(counted.where(chosen).group_by(name)):
            found[key] = found.get(key, Uses()) + Uses(*seen)
    return found
