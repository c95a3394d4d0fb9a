"""How the phones fare that came to an activity or a session: who still holds what they did, and what is lost. No names."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.learning.models import CheckIn
from server.occurrences.models import Occurrence
from server.replicas.chains import Chain, broken_chains
from server.replicas.models import Event

KEPT_DAYS = 30
"""How far back one looks: what has not arrived by then does not come any more."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Hours(NamedTuple):
    """From when to when a session was."""

    starts_at: datetime
    ends_at: datetime


class Key(NamedTuple):
    """What belongs together: sorted newest first."""

    day: date
    session: Hours | None
    activity: str

    @property
    def order(self) -> tuple[int, float, str]:
        return (
            -self.day.toordinal(),
            -self.session.starts_at.timestamp() if self.session else 0,
            self.activity,
        )


@dataclass(frozen=True, slots=True)
class Outing:
    """One session of an activity; outside sessions, an activity on one day, in the city's time.

    `today` and `this_week` count phones that were last heard of in the last 24 hours, and in the six days before.
    """

    activity: str
    day: date
    session: Hours | None
    people: int
    phones: int
    with_holes: int
    lost: int  # events that phones declared lost
    today: int
    this_week: int

    @property
    def longer(self) -> int:
        """Phones not heard of for more than a week."""
        return self.phones - self.today - self.this_week


def outings(session: Session, activity_ids: list[str], timezone: str, at: datetime) -> list[Outing]:
    """Say how each session, or each activity outside sessions, went in the last days, newest first. Three queries, however many came."""
    zone, since = ZoneInfo(timezone), at - timedelta(days=KEPT_DAYS)
    came: defaultdict[Key, list[Any]] = defaultdict(list)
    for row in session.execute(_came(activity_ids, since)):
        hours = Hours(row.starts_at, row.ends_at) if row.starts_at else None
        day = (row.starts_at or row.at).astimezone(zone).date()
        came[Key(day, hours, row.activity_id)].append(row)
    chains = broken_chains(session, _devices(activity_ids, since)) if came else {}
    return [_outing(key, came[key], chains, at) for key in sorted(came, key=lambda key: key.order)]


def _with_event(query: Any, activity_ids: list[str], since: datetime) -> Any:
    same = (Event.learner_id == CheckIn.learner_id) & (Event.id == CheckIn.event_id)
    return query.join(Event, same).where(CheckIn.activity_id.in_(activity_ids), CheckIn.at >= since)


def _came(activity_ids: list[str], since: datetime) -> Select[Any]:
    query = select(
        CheckIn.activity_id,
        CheckIn.at,
        CheckIn.learner_id,
        Occurrence.starts_at,
        Occurrence.ends_at,
        Event.device_id,
        Device.seen_at,
    )
    found: Select[Any] = _with_event(query.select_from(CheckIn), activity_ids, since)
    found = found.outerjoin(Occurrence, Occurrence.id == CheckIn.occurrence)
    return found.join(Device, Device.id == Event.device_id)


def _devices(activity_ids: list[str], since: datetime) -> Select[str]:
    found: Select[str] = _with_event(select(Event.device_id).select_from(CheckIn), activity_ids, since)
    return found


def _outing(key: Key, rows: list[Any], chains: dict[str, Chain], at: datetime) -> Outing:
    seen = {row.device_id: at - row.seen_at for row in rows}
    broken = [chains[device] for device in seen if device in chains]
    return Outing(
        activity=key.activity,
        day=key.day,
        session=key.session,
        people=len({row.learner_id for row in rows}),
        phones=len(seen),
        with_holes=sum(bool(chain.holes) for chain in broken),
        lost=sum(chain.lost_count for chain in broken),
        today=sum(ago <= DAY for ago in seen.values()),
        this_week=sum(DAY < ago <= WEEK for ago in seen.values()),
    )
