"""What a reviewer looks at: flagged check-ins in groups of one kind and code, and what was decided before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from server.badges.models import Achievement, Award
from server.codes.models import Code, Point
from server.learning.flag_rows import is_appealed
from server.learning.leaks import ALARM
from server.learning.models import CheckIn, Flag

GRAVEST = (
    "leaked_code", "impossible_travel", "many_on_one_phone", "burst", "far_away", "stale_pass",
    "outside_hours", "over_capacity",
)  # fmt: skip
"""By which of its kinds a check-in is listed."""
SHOWN_AT_ONCE, HISTORY = 200, 100
_APPEALED = (Flag.word == "voided") & (Flag.appealed_at > Flag.decided_at)


@dataclass(frozen=True, slots=True)
class Realm:
    """The activities and achievements whose flags somebody may see."""

    activities: Collection[str]
    achievements: Collection[str] = ()

    @property
    def flags(self) -> ColumnElement[bool]:
        codes = select(Code.id).join(Point).where(Point.achievement_id.in_(self.achievements))
        at_activities = Flag.activity_id.in_(self.activities)
        return at_activities | Flag.code_id.in_(codes) if self.achievements else at_activities


@dataclass(frozen=True, slots=True)
class Item:
    """A flagged check-in or claimed badge: all its flags, the gravest first; what it is now, and who let them in."""

    flags: Sequence[Flag]
    at: datetime | None
    level: int | None  # None: it is gone, or counts by another event
    time: str

    @property
    def flag(self) -> Flag:
        return self.flags[0]

    @property
    def key(self) -> tuple[str, str]:
        return self.flag.learner_id, self.flag.event_id

    @property
    def is_appealed(self) -> bool:
        return is_appealed(self.flag)


@dataclass(frozen=True, slots=True)
class Group:
    """Check-ins flagged for one kind of reason at one code or session."""

    kind: str
    items: Sequence[Item]

    @property
    def flag(self) -> Flag:
        return self.items[0].flag


def pending(session: Session, realm: Realm) -> tuple[list[Item], list[Group]]:
    """List appeals, oldest first, and what nobody has looked at, newest first; at most SHOWN_AT_ONCE check-ins."""
    appealed = _items(session, _of(realm).where(_APPEALED).order_by(Flag.appealed_at, Flag.id))
    query = _of(realm).where(Flag.word == "").order_by(Flag.created_at.desc(), Flag.id)
    return appealed, _group(_items(session, query)[:SHOWN_AT_ONCE])


def count_pending(session: Session, realm: Realm) -> int:
    """Count the check-ins that wait for a word, appeals included."""
    query = _of(realm, Flag.learner_id, Flag.event_id).where((Flag.word == "") | _APPEALED).distinct()
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def history(session: Session, realm: Realm) -> list[Item]:
    """List what was decided last, newest first."""
    query = _of(realm).where(Flag.word != "", ~_APPEALED | Flag.appealed_at.is_(None))
    return _items(session, query.order_by(Flag.decided_at.desc(), Flag.id).limit(HISTORY))


def realm_of(session: Session, flags: Iterable[tuple[str, str]]) -> tuple[set[str], set[str]]:
    """Return the activities and the achievements that these check-ins (learner, event) are about."""
    activities: set[str] = set()
    achievements: set[str] = set()
    for learner, event in flags:
        query = (
            select(Flag.activity_id, Point.achievement_id)
            .outerjoin(Code, Code.id == Flag.code_id)
            .outerjoin(Point, Point.id == Code.point_id)
            .where(Flag.learner_id == learner, Flag.event_id == event)
        )
        for row in session.execute(query):
            activities |= {row.activity_id} - {None}
            achievements |= {row.achievement_id} - {None}
    return activities, achievements


def achievements_of(session: Session, organiser_ids: Collection[str]) -> list[str]:
    """List the achievements that codes give, of some organisers."""
    query = select(Achievement.id).join(Point, Point.achievement_id == Achievement.id)
    return list(session.scalars(query.where(Achievement.organiser_id.in_(organiser_ids)).distinct()))


def _of(realm: Realm, *columns: Any) -> Select[Any]:
    return select(*(columns or (Flag,))).where(Flag.kind != ALARM, realm.flags)


def _items(session: Session, query: Select[Any]) -> list[Item]:
    by_key: defaultdict[tuple[str, str], list[Flag]] = defaultdict(list)
    for flag in session.scalars(query):
        by_key[flag.learner_id, flag.event_id].append(flag)
    there = _read_there(session, by_key)
    items = [
        Item(sorted(flags, key=_gravity), *there.get(key, (None, None, ""))) for key, flags in by_key.items()
    ]
    return items


def _read_there(
    session: Session, keys: Collection[tuple[str, str]]
) -> dict[tuple[str, str], tuple[datetime, int, str]]:
    """Read the check-ins and badges that rest on events, by (learner, event): when, level, time."""
    learners = {learner for learner, _ in keys}
    check_ins = session.scalars(select(CheckIn).where(CheckIn.learner_id.in_(learners)))
    found = {(one.learner_id, one.event_id): (one.at, one.level, one.time) for one in check_ins}
    claims = select(Award).where(
        Award.learner_id.in_(learners), Award.event_id.is_not(None), Award.period == ""
    )
    for one in session.scalars(claims):
        sure = one.assurance
        found[one.learner_id, str(one.event_id)] = (one.awarded_at, sure["level"], sure["time"])
    return found


def _gravity(flag: Flag) -> tuple[int, str]:
    return (GRAVEST.index(flag.kind) if flag.kind in GRAVEST else len(GRAVEST)), flag.id


def _group(items: Sequence[Item]) -> list[Group]:
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        where = item.flag.code_id or item.flag.occurrence or item.flag.activity_id or ""
        groups.setdefault((item.flag.kind, where), []).append(item)
    return [Group(kind, some) for (kind, _), some in groups.items()]
