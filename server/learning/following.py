"""Badges that follow from other things: milestones, given for N of M, and badges that wait for another one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from server.badges.models import Achievement
from server.core.db import table

Thing = tuple[str, str]
"""What a badge follows from: `("activity" | "playlist" | "series", id)`."""


@dataclass(frozen=True, slots=True)
class Following:
    """One badge as far as it depends on other things. `count` is 0 when it is no milestone."""

    id: str
    series: str
    count: int
    of: frozenset[Thing]
    needs: frozenset[str]
    gives: Thing | None  # the activity or playlist that brings it, when one does

    def depends_on(self, things: Iterable[Thing]) -> bool:
        return any(thing in self.of or (thing[0] == "series" and thing[1] in self.needs) for thing in things)


def read_following(rows: Iterable[Any]) -> list[Following]:
    """Read rows of achievements; those that follow from nothing are left out."""
    return [read_one(row) for row in rows if row.needs or row.milestone]


def read_one(row: Any) -> Following:
    """Read one badge (a row of achievements), also one that only its activity or playlist brings."""
    gives = (
        ("activity", row.activity_id)
        if row.activity_id
        else ("playlist", row.playlist_id)
        if row.playlist_id
        else None
    )
    count, of = read_milestone(row.milestone)
    return Following(row.id, row.series, count, of, frozenset(row.needs or ()), gives)


def read_milestone(stored: Mapping[str, Any] | None) -> tuple[int, frozenset[Thing]]:
    """Read how many of which things a milestone asks for; (0, nothing) when it is none."""
    of = frozenset((one["kind"], one["id"]) for one in (stored or {}).get("of", ()))
    return (min(int((stored or {}).get("count") or len(of)), len(of)), of) if of else (0, of)


_achievements = table(Achievement).c
FOLLOWS = (cast(_achievements.needs, String) != "[]") | (cast(_achievements.milestone, String) != "{}")
"""Picks badges that follow from something."""
_ALL = select(
    _achievements.id, _achievements.activity_id, _achievements.playlist_id,
    _achievements.series, _achievements.needs, _achievements.milestone,
).where(FOLLOWS, _achievements.replaced_at.is_(None), _achievements.state == "published")  # fmt: skip


def all_following(session: Session) -> Sequence[Following]:
    """Read all badges that follow from something, for work outside a batch of events."""
    return read_following(session.execute(_ALL))
