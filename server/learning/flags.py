"""Rules of plausibility: what about a check-in or a claimed badge is worth a person's look.

Pure: what was seen in, flags out. A flag refuses nothing and proves nothing; it is a fact with numbers. Each rule
has its threshold as a constant, chosen so that what honest people do every day does not trip it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

MANY = 41
"""Learners on one phone at one spot. A teacher's phone checks in a class with one scan, and holds forty names."""
FASTEST_KMH = 250
"""A fast train. Who was faster between two places was not at both."""
NEAR_KM = 5
"""Closer than this nobody is called fast: coordinates of places are rough."""
SCREENFUL = 12
"""Phones on one step of a rotating code: so many cannot be held before a screen in its 30 seconds and aim."""
BURST = timedelta(minutes=10)
"""More people than a room holds do not come through its door in this time."""
LATE = timedelta(hours=2)
"""How long before and after a session a door may let people in: to prepare, and to put the list right."""
USUAL_AFTER, USUAL_DAYS, USUAL_HOURS = 50, 5, 2
"""A code's hours are known after so many check-ins on so many days; then nobody came within so many hours of this."""
LOOK_BACK = timedelta(hours=12)
"""How far from a new check-in others are looked at."""


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, and metres around."""

    latitude: float
    longitude: float
    radius: float = 0

    def km_to(self, other: "Place") -> float:
        """Return the shortest way between the edges of two places (haversine)."""
        north, south = radians(self.latitude), radians(other.latitude)
        east = radians(other.longitude - self.longitude)
        h = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
        return max(0.0, 2 * 6371 * asin(sqrt(min(1.0, h))) - (self.radius + other.radius) / 1000)


@dataclass(frozen=True, slots=True)
class Room:
    """A session: when people may be let in, and how many it holds (None: as many as come)."""

    opens: datetime
    closes: datetime
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A check-in, or a badge claimed by a code, as the rules see it. Ids are empty for what it has not.

    It happened between `earliest` and `latest`; `at` is our best guess. `boot` names the app's run on the learner's
    own phone, and is empty when a door spoke for them. `stale` are the seconds that their pass was off.
    """

    learner: str
    event: str
    at: datetime
    earliest: datetime | None
    latest: datetime
    activity: str = ""
    occurrence: str = ""
    code: str = ""
    boot: str = ""
    step: int | None = None
    is_far: bool = False
    over: bool = False
    stale: int = 0
    place: Place | None = None
    room: Room | None = None
    leaked: bool = False
    usual: Sequence[float] = field(default=())  # hours of the day at which its code was used on earlier days
    hour: float = 0  # of the day, on the city's clocks

    @property
    def spot(self) -> str:
        """Name what they came to: a session, an activity, or a code that gives a badge."""
        return self.occurrence or self.activity or self.code


@dataclass(frozen=True, slots=True)
class Found:
    """A flag that is to be kept. `facts` are numbers and times in milliseconds."""

    seen: Seen
    kind: str
    facts: dict[str, Any]


Rule = Callable[[Sequence[Seen], Sequence[Seen]], Iterable[Found]]
RULES: dict[str, Rule] = {}


def rule(look: Rule) -> Rule:
    """Register a rule under its kind. It gets what is new, and all that happened around it, the new included."""
    RULES[look.__name__] = look
    return look


def judge(new: Sequence[Seen], around: Sequence[Seen]) -> list[Found]:
    """Ask each rule."""
    return [found for look in RULES.values() for found in look(new, around)]


@rule
def many_on_one_phone(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """One run of the app that checked in a crowd at one spot holds more people than stand around a phone."""
    for group in _groups(new, around, lambda one: (one.spot, one.boot) if one.boot else None):
        learners = len({one.learner for one in group})
        if learners >= MANY:
            for one in group:
                yield Found(one, "many_on_one_phone", {"learners": learners, **_span(group)})


@rule
def far_away(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """The phone, which knew well where it was, says that it was not at the code's place."""
    return (Found(one, "far_away", {}) for one in new if one.is_far)


@rule
def outside_hours(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """Nobody is at a session long after it, and hardly anybody at a stop when it has never had a visitor."""
    for one in new:
        if one.room and not one.room.opens - LATE <= one.at <= one.room.closes + LATE:
            hours = {"opens": _ms(one.room.opens), "closes": _ms(one.room.closes)}
            yield Found(one, "outside_hours", {"at": _ms(one.at), **hours})
        elif not one.room and len(one.usual) >= USUAL_AFTER and not _is_usual(one):
            yield Found(one, "outside_hours", {"at": _ms(one.at), "before": len(one.usual)})


def _is_usual(one: Seen) -> bool:
    """Say whether somebody came at about this hour before; midnight is one hour from both sides."""
    return any(min(off := abs(one.hour - other), 24 - off) <= USUAL_HOURS for other in one.usual)


@rule
def over_capacity(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """They came in beyond the room's capacity: nobody is sent away by a server, and somebody should know."""
    for one in new:
        if one.over:
            yield Found(one, "over_capacity", {"capacity": one.room.capacity if one.room else None})


@rule
def impossible_travel(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """Between two places lies more way than time, even if each check-in was at the better end of its interval."""
    by_learner = defaultdict(list)
    for one in around:
        if one.place:
            by_learner[one.learner].append(one)
    for one in new:
        ways = [_way(one, other) for other in by_learner[one.learner] if one.place and other.spot != one.spot]
        worst = max((way for way in ways if way), key=lambda way: way["kmh"], default=None)
        if worst:
            yield Found(one, "impossible_travel", worst)


def _way(one: Seen, other: Seen) -> dict[str, Any] | None:
    """Measure the way between two check-ins in the most time that there may have been; None when it is possible."""
    if not one.place or not other.place:
        return None
    if one.earliest is None or other.earliest is None:
        return None  # it may have been at any time before it arrived
    most = max(one.latest - other.earliest, other.latest - one.earliest)
    km, hours = one.place.km_to(other.place), max(most.total_seconds(), 1) / 3600
    if km < NEAR_KM or km / hours <= FASTEST_KMH:
        return None
    return {"km": round(km), "minutes": round(hours * 60), "kmh": round(km / hours), "other": other.activity}


@rule
def burst(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """A relayed photo of a screen brings many people within one step; a link that was passed on fills a room at once."""
    for group in _groups(new, around, lambda one: (one.code, one.step) if one.step else None):
        if len({one.boot or one.learner for one in group}) > SCREENFUL:
            learners = len({one.learner for one in group})
            for one in group:
                yield Found(one, "burst", {"learners": learners, "seconds": 30, **_span(group)})
    yield from _full_at_once(new, around)


def _full_at_once(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    for group in _groups(new, around, lambda one: one.occurrence if one.boot else None):
        capacity = group[0].room.capacity if group[0].room else None
        inside = _densest(group, BURST)
        if capacity and len(inside) > capacity:
            for one in inside:
                facts = {"learners": len(inside), "seconds": 600, "capacity": capacity, **_span(inside)}
                yield Found(one, "burst", facts)


def _densest(group: Sequence[Seen], span: timedelta) -> Sequence[Seen]:
    """Return the most that came within a span of time."""
    ordered, best, first = sorted(group, key=lambda one: one.at), (0, 0), 0
    for last, one in enumerate(ordered):
        while one.at - ordered[first].at > span:
            first += 1
        best = max(best, (last + 1 - first, -first))
    return ordered[-best[1] : -best[1] + best[0]]


@rule
def stale_pass(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """The pass was not made when it was scanned: somebody may have shown a picture of it."""
    return (Found(one, "stale_pass", {"seconds": one.stale}) for one in new if one.stale)


@rule
def leaked_code(new: Sequence[Seen], around: Sequence[Seen]) -> Iterator[Found]:
    """It came in late by a code that was withdrawn because it had leaked."""
    return (Found(one, "leaked_code", {"at": _ms(one.at)}) for one in new if one.leaked)


def _groups(new: Sequence[Seen], around: Sequence[Seen], key: Callable[[Seen], object]) -> list[list[Seen]]:
    """Group what is around by a key, as far as something new is in the group. What has no key (None) is left out."""
    wanted = {key(one) for one in new} - {None}
    groups: defaultdict[object, list[Seen]] = defaultdict(list)
    for one in {(one.learner, one.event): one for one in around}.values():
        if (name := key(one)) in wanted:
            groups[name].append(one)
    return list(groups.values())


def _span(group: Sequence[Seen]) -> dict[str, int]:
    times = [one.at for one in group]
    return {"first": _ms(min(times)), "last": _ms(max(times))}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
