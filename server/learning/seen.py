"""Reads check-ins and claimed badges as the rules of plausibility see them, with the events that they rest on.

Check-ins are found by their ids, which sort by the time when they were made: looking at what is new needs no column
and no index of its own, and costs the check-in nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.badges.models import Achievement, Award
from server.cities.models import City
from server.codes import rotating
from server.codes.models import Code
from server.core.db import table
from server.core.secrets import all_secrets
from server.learning.flags import LOOK_BACK, USUAL_DAYS, Place, Room, Seen
from server.learning.models import CheckIn, Flag
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.replicas.anchors import read_anchor
from server.replicas.models import Event as EventRow
from server.replicas.moments import milliseconds, moment
from sync.messages import Event, Signed
from sync.times import Window

Key = tuple[str, str]
"""Learner and event: ids only count per learner."""
MOST_AROUND = 5_000
"""More check-ins than this at one time and place are not looked at together; the alarm sounds long before."""
USUAL_MOST = 400
LEAKED = "withdrawn"
"""The word on an alarm (`code_leak`) after which the code's late check-ins are looked at too."""

_check_ins, _awards, _codes = table(CheckIn).c, table(Award).c, table(Code).c
_events, _sessions, _activities = table(EventRow).c, table(Occurrence).c, table(Activity).c
_CHECK_INS = (
    select(
        table(CheckIn),
        _codes.level.label("code_level"), _codes.opens_at, _codes.closes_at,
        _codes.latitude.label("code_latitude"), _codes.longitude.label("code_longitude"), _codes.radius_m,
        _activities.latitude, _activities.longitude,
        _sessions.starts_at, _sessions.ends_at, _sessions.capacity, _sessions.place.label("session_place"),
        table(City).c.timezone,
    )
    .join_from(table(CheckIn), table(Activity))
    .join(table(Organiser), table(Organiser).c.id == _activities.organiser_id)
    .join(table(City), table(City).c.id == table(Organiser).c.city_id)
    .outerjoin(table(Code), _codes.id == _check_ins.code_id)
    .outerjoin(table(Occurrence), _sessions.id == _check_ins.occurrence)
)  # fmt: skip
_CLAIMS = (
    select(_awards.id, _awards.learner_id, _awards.event_id, _awards.code_id, _awards.awarded_at,
           _codes.latitude, _codes.longitude, _codes.radius_m, table(City).c.timezone)
    .join_from(table(Award), table(Achievement), table(Achievement).c.id == _awards.achievement_id)
    .join(table(Organiser), table(Organiser).c.id == table(Achievement).c.organiser_id)
    .join(table(City), table(City).c.id == table(Organiser).c.city_id)
    .outerjoin(table(Code), _codes.id == _awards.code_id)
    .where(_awards.event_id.is_not(None), _awards.period == "")
)  # fmt: skip
_EVENTS = select(_events.learner_id, _events.id, _events.payload, _events.effect, _events.received_at).where(
    _events.learner_id == bindparam("learner"), _events.id.in_(bindparam("ids", expanding=True))
)

Confirms = Callable[[Session, Sequence[Key]], Mapping[Key, str]]
_CONFIRMS: list[Confirms] = []


def confirms(find: Confirms) -> Confirms:
    """Register who knows which check-ins (learner, event) rest on somebody else's event: whose, by check-in."""
    _CONFIRMS.append(find)
    return find


def first_id(at: datetime) -> str:
    """Return the least id that could be made at a moment: a UUIDv7 begins with its milliseconds."""
    digits = f"{max(0, milliseconds(at)):012x}"
    return f"{digits[:8]}-{digits[8:]}"


@dataclass(frozen=True, slots=True)
class News:
    """What is new, and all that happened around it, the new included."""

    new: Sequence[Seen]
    around: Sequence[Seen]


def read_news(session: Session, since: datetime) -> News:
    """Read what was taken since a moment of the server's clock, and what is near it in time and place."""
    floor = first_id(since)
    check_ins = session.execute(_CHECK_INS.where(_check_ins.id >= floor).order_by(_check_ins.id)).all()
    claims = session.execute(_CLAIMS.where(_awards.id >= floor).order_by(_awards.id)).all()
    if not check_ins and not claims:
        return News((), ())
    near = {row.id: row for row in (*check_ins, *_read_near(session, check_ins))}
    near_claims = {row.id: row for row in (*claims, *_read_near_claims(session, claims))}
    events = _read_events(session, [*near.values(), *near_claims.values()])
    seen = {id: _see(row, events) for id, row in near.items()}
    seen |= {id: _see_claim(row, events) for id, row in near_claims.items()}
    new = [seen[row.id] for row in (*check_ins, *claims)]
    return News(_know_codes(session, new), list(seen.values()))


def _read_near(session: Session, rows: Sequence[Any]) -> Sequence[Any]:
    """Read the check-ins at the same activities, and those of the same learners, of the hours around."""
    if not rows:
        return []
    times = [row.at for row in rows]
    near = _CHECK_INS.where(_check_ins.at.between(min(times) - LOOK_BACK, max(times) + LOOK_BACK))
    by_place = near.where(_check_ins.activity_id.in_({row.activity_id for row in rows}))
    found = list(session.execute(by_place.order_by(_check_ins.id.desc()).limit(MOST_AROUND)))
    for some in _portions(sorted({row.learner_id for row in rows})):
        found += session.execute(near.where(_check_ins.learner_id.in_(some))).all()
    return found


def _read_near_claims(session: Session, rows: Sequence[Any]) -> Sequence[Any]:
    if not rows:
        return []
    times = [row.awarded_at for row in rows]
    near = _CLAIMS.where(_awards.code_id.in_({row.code_id for row in rows}))
    near = near.where(_awards.awarded_at.between(min(times) - LOOK_BACK, max(times) + LOOK_BACK))
    return session.execute(near.order_by(_awards.id.desc()).limit(MOST_AROUND)).all()


def _portions(ids: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (ids[first : first + size] for first in range(0, len(ids), size))


def _read_events(session: Session, rows: Sequence[Any]) -> dict[Key, Any]:
    """Read the events on which these rest, by (learner, event) of the row; those of doors are somebody else's."""
    keys = [(row.learner_id, row.event_id) for row in rows]
    owners = {key: owner for find in _CONFIRMS for key, owner in find(session, keys).items()}
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        asked[owners.get(key, key[0])].add(key[1])
    found = {
        (row.learner_id, row.id): row
        for learner, ids in asked.items()
        for row in session.execute(_EVENTS, {"learner": learner, "ids": sorted(ids)})
    }
    return {key: row for key in keys if (row := found.get((owners.get(key, key[0]), key[1])))}


def _see(row: Any, events: Mapping[Key, Any]) -> Seen:
    """Put together what is known of one check-in."""
    code_place = _place(row.code_latitude, row.code_longitude, row.radius_m or 0)
    own_place = None if row.session_place else _place(row.latitude, row.longitude, 0)
    seen = Seen(
        row.learner_id, row.event_id, row.at, None, row.at,
        activity=row.activity_id, occurrence=row.occurrence, code=row.code_id or "", over=row.over,
        place=code_place or own_place,
        room=Room(row.starts_at, row.ends_at, row.capacity) if row.starts_at else None,
        hour=_hour(row.at, row.timezone),
    )  # fmt: skip
    window = Window(*(None if at is None else milliseconds(at) for at in (row.opens_at, row.closes_at)))
    return _by_event(seen, events.get((row.learner_id, row.event_id)), window, rotates=row.code_level == 3)


def _see_claim(row: Any, events: Mapping[Key, Any]) -> Seen:
    seen = Seen(
        row.learner_id, row.event_id, row.awarded_at, None, row.awarded_at, code=row.code_id or "",
        hour=_hour(row.awarded_at, row.timezone), place=_place(row.latitude, row.longitude, row.radius_m or 0),
    )  # fmt: skip
    return _by_event(seen, events.get((row.learner_id, row.event_id)), Window(), rotates=False)


def _by_event(seen: Seen, row: Any, window: Window, *, rotates: bool) -> Seen:
    """Add what the event says: when it can have been, on which phone, and where that phone was."""
    if row is None:
        return seen
    event, own = Event.read(Signed(row.payload, "")), row.learner_id == seen.learner
    step = _step(event, seen) if rotates and own else None
    if step:
        window = window.narrow(rotating.window_of_step(step))
    anchor = read_anchor(all_secrets("anchor"), event.device, event.at.anchor)
    known = Window(anchor, milliseconds(row.received_at)).narrow(window)
    said = event.body.get("place")
    return replace(
        seen,
        earliest=None if known.opens is None else min(moment(known.opens), seen.at),
        latest=max(moment(known.closes or 0), seen.at),
        boot=event.at.boot if own else "",
        step=step,
        is_far=own and isinstance(said, dict) and (said.get("is"), said.get("accuracy")) == ("out", "fine"),
        stale=row.effect.get("stale_pass", 0),
    )


def _step(event: Event, seen: Seen) -> int | None:
    """Return the step that was scanned; of a typed form the two minutes in which it was shown, as a negative number."""
    proof = event.body.get("proof")
    if isinstance(proof, str) and (shown := rotating.read(proof)):
        return shown.step
    return None


def _place(latitude: float | None, longitude: float | None, radius: float) -> Place | None:
    return None if latitude is None or longitude is None else Place(latitude, longitude, radius)


def _hour(at: datetime, timezone: str) -> float:
    local = at.astimezone(ZoneInfo(timezone))
    return local.hour + local.minute / 60


def _know_codes(session: Session, new: Sequence[Seen]) -> list[Seen]:
    """Add what is known of the codes by which the new ones came: their usual hours, and whether they leaked."""
    codes = {one.code for one in new if one.code}
    leaks, zones = _read_leaks(session, codes), _read_zones(session, codes)
    usual = {code: _read_usual(session, code, new, zones[code]) for code in codes if code in zones}
    return [
        replace(
            one,
            usual=usual.get(one.code, ()) if not one.room else (),
            leaked=any(
                since <= one.at and one.event not in known for since, known in leaks.get(one.code, ())
            ),
        )
        for one in new
    ]


def _read_zones(session: Session, codes: Iterable[str]) -> dict[str, str]:
    query = (
        select(_check_ins.code_id, table(City).c.timezone)
        .join_from(table(CheckIn), table(Activity))
        .join(table(Organiser), table(Organiser).c.id == _activities.organiser_id)
        .join(table(City), table(City).c.id == table(Organiser).c.city_id)
        .where(_check_ins.code_id.in_(codes), _check_ins.occurrence == "")
        .distinct()
    )
    return {row.code_id: row.timezone for row in session.execute(query)}


def _read_usual(session: Session, code: str, new: Sequence[Seen], timezone: str) -> list[float]:
    """Read at which hours a code was used before the day of what is new; nothing when that were few days."""
    before = min(one.at for one in new if one.code == code) - timedelta(hours=20)
    query = select(_check_ins.at).where(_check_ins.code_id == code, _check_ins.at < before)
    times = session.scalars(query.order_by(_check_ins.at.desc()).limit(USUAL_MOST)).all()
    days = {at.astimezone(UTC).date() for at in times}
    return [_hour(at, timezone) for at in times] if len(days) >= USUAL_DAYS else []


def _read_leaks(session: Session, codes: Iterable[str]) -> dict[str, list[tuple[datetime, set[str]]]]:
    """Read since when codes had leaked that were withdrawn for it, and which check-ins are marked already."""
    query: Select[Any] = select(Flag).where(
        Flag.code_id.in_(codes), or_(Flag.kind == "leaked_code", Flag.word == LEAKED)
    )
    rows = session.scalars(query).all()
    marked = {row.event_id for row in rows if row.kind == "leaked_code"}
    found: defaultdict[str, list[tuple[datetime, set[str]]]] = defaultdict(list)
    for row in rows:
        if row.word == LEAKED:
            found[str(row.code_id)].append((moment(row.facts["since"]), marked))
    return found
