"""How whole devices' chains are: holes that may still be filled, and what was declared lost. For one or many at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.core.db import table
from server.replicas.models import IN_CHAIN
from server.replicas.models import Event as EventRow
from sync.messages import Event, Signed

Range = tuple[int, int]
"""The first and the last missing `seq`."""
_events = table(EventRow).c


@dataclass(slots=True)
class Chain:
    """What is missing in a device's chain: what it may still send, and what it says is lost."""

    holes: list[Range] = field(default_factory=list)
    lost: list[Range] = field(default_factory=list)

    @property
    def lost_count(self) -> int:
        return sum(last - first + 1 for first, last in self.lost)


def broken_chains(session: Session, devices: Select[str]) -> dict[str, Chain]:
    """Find which of these devices' chains miss something, in two queries. Whole chains are left out.

    What did not fit its chain takes no place in it. What was declared lost and came all the same is not lost.
    """
    found: dict[str, Chain] = {}
    for row in session.execute(_gaps(devices)):
        found.setdefault(row.device_id, Chain()).holes.append((row.before + 1, row.seq - 1))
    declared = _declared(devices).where(_events.device_id.in_(list(found)))
    for row in session.execute(declared) if found else ():
        first, last = Event.read(Signed(row.payload, "")).body["seq"]
        _declare(found[row.device_id], first, last)
    return found


def _gaps(devices: Select[str]) -> Select[Any]:
    """Where a place's neighbour in its chain is not the one before it."""
    before = func.lag(_events.seq, 1, 0).over(partition_by=_events.device_id, order_by=_events.seq)
    places = (
        select(_events.device_id, _events.seq, before.label("before"))
        .where(_events.device_id.in_(devices), IN_CHAIN)
        .subquery()
    )
    return select(places).where(places.c.seq > places.c.before + 1).order_by(places.c.device_id, places.c.seq)


def _declared(devices: Select[str]) -> Select[Any]:
    return select(_events.device_id, _events.payload).where(
        _events.device_id.in_(devices), _events.type == "event.lost", _events.state == "ok"
    )


def _declare(chain: Chain, first: int, last: int) -> None:
    """Count as lost what a declaration covers of the holes."""
    covered = [(max(begin, first), min(end, last)) for begin, end in chain.holes]
    chain.lost += [(begin, end) for begin, end in covered if begin <= end]
    chain.holes = list(_outside(chain.holes, first, last))


def _outside(holes: Iterable[Range], first: int, last: int) -> Iterable[Range]:
    for begin, end in holes:
        for part in ((begin, min(end, first - 1)), (max(begin, last + 1), end)):
            if part[0] <= part[1]:
                yield part
