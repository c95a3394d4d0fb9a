"""Judges a playlist's rule: pure, so that the phone's copy can be held to the same cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
    def optional(self) -> int:
        """How many stops are not required."""
        return sum(not stop.required for stop in self.stops)

    @property
    def needed(self) -> int:
        """How many stops make the playlist complete. Without any rule it is all of them."""
        required = len(self.stops) - self.optional
        chosen = min(self.choose, self.optional)
        return required + chosen if required + chosen else self.optional


def write_rule(rule: Rule) -> dict[str, Any]:
    """Write a rule as `playlist_rules` keeps it."""
    stops = [{"activity": stop.activity, "required": stop.required} for stop in rule.stops]
    return {"order": rule.order, "choose": rule.choose, "stops": stops}


def read_rule(rule: Mapping[str, Any]) -> Rule:
    """Read a rule as `playlist_rules` keeps it."""
    stops = tuple(Stop(one["activity"], one["required"]) for one in rule["stops"])
    return Rule(stops, rule["choose"], rule["order"])


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
