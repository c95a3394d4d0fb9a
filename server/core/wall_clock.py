"""Which moment a time on a city's clocks is, also in the two nights of the year when they are changed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in UTC, and whether the clocks skip the time that was read for it, or show that twice."""

    at: datetime
    skipped: bool = False
    twice: bool = False


def moment_of(wall: datetime, timezone: str) -> Moment:
    """Read a time on the city's clocks.

    RFC 5545, section 3.3.5: a time that the clocks skip counts with the offset before the gap, so it is moved
    on by what they skip; of one that comes twice the first is meant. (`fold=0` of PEP 495 is the same.)
    """
    zone = ZoneInfo(timezone)
    at, other = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return Moment(at, skipped=other < at, twice=other > at)
