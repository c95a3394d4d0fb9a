"""Judges a playlist's rule: pure, so that the phone's copy can be held to the same cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stop:
    activity: str
    required: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """All required stops and `choose` of the rest. In a `fixed` order a stop counts only when it was done
    not before the required stops that stand ahead of it."""

    stops: tuple[Stop, ...]
    choose: int = 0
    order: str = "any"

    @property
    def needed(self) -> int:
        """How many stops make the playlist complete. Without any rule it is all of them."""
        required = sum(stop.required for stop in self.stops)
        optional = len(self.stops) - required
        chosen = min(self.choose, optional)
        return required + chosen if required + chosen else optional


Moments = Mapping[str, Sequence[datetime]]
"""When each activity was done, earliest first; doing it again adds a moment."""


def counting(rule: Rule, done: Moments) -> list[str]:
    """Return the activities that count so far, in the playlist's order."""
    if rule.order != "fixed":
        return [stop.activity for stop in rule.stops if done.get(stop.activity)]
    found: list[str] = []
    earliest: datetime | None = None
    for stop in rule.stops:
        moment = _first_from(done.get(stop.activity, ()), earliest)
        if moment is not None:
            found.append(stop.activity)
        if stop.required:
            if moment is None:
                break
            earliest = moment
    return found


def is_complete(rule: Rule, done: Moments) -> bool:
    """Say whether the playlist is done. An empty playlist never is."""
    counted = set(counting(rule, done))
    required = {stop.activity for stop in rule.stops if stop.required}
    return bool(rule.stops) and required <= counted and len(counted) >= rule.needed


def _first_from(moments: Sequence[datetime], earliest: datetime | None) -> datetime | None:
    return next((moment for moment in moments if earliest is None or moment >= earliest), None)
