"""The leak alarm: a code is used far more, or from further away, than its place explains; and what is done then."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.badges.models import Award
from server.codes.history import By, revoke
from server.codes.models import Code, Point
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.learning.flag_rows import keep_flags
from server.learning.flags import Found, Seen
from server.learning.models import CheckIn, Flag
from server.learning.seen import LEAKED, News
from server.occurrences.models import Occurrence
from server.replicas.moments import milliseconds, moment

ALARM = "code_leak"
HOUR = timedelta(hours=1)
ROOM_TIMES, ROOM_MORE = 1.5, 5
"""A session's code leaked when so many times its room, and so many more, came by it within an hour."""
USUAL_TIMES, USUAL_LEAST, USUAL_SPAN = 4, 40, timedelta(days=28)
"""Another code: when so many times its busiest hour of four weeks came, and at least so many. New codes have no usual."""
FAR_LEAST, FAR_SHARE = 10, 0.2
"""Any code: when so many, and such a share of an hour's, say that they are not at its place."""
BARS = 24
"""Bars of the picture."""


class NoLeak(DomainError):
    """There is no such alarm, or somebody has answered it."""

    status, code = 409, "no_leak"

    def explain(self) -> str:
        return gettext("Somebody has answered this alarm meanwhile.")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a code: whose, by which event, when, and whether their phone says that they were not there."""

    learner: str
    event: str
    at: datetime
    far: bool
    activity: str = ""
    occurrence: str = ""


def find_leaks(session: Session, news: News, at: datetime) -> list[Found]:
    """Find which of the codes that were just used seem to have leaked. Reads only; most codes cost one query."""
    return [
        found
        for code_id in sorted({one.code for one in news.new if one.code})
        if (found := _look_at(session, code_id, [one for one in news.new if one.code == code_id], at))
    ]


def _look_at(session: Session, code_id: str, new: Sequence[Seen], at: datetime) -> Found | None:
    first, last = min(one.at for one in new), max(one.at for one in new)
    uses = uses_of(session, code_id, first - HOUR, last + HOUR)
    hour = _busiest(uses)
    if not hour:
        return None
    far = sum(one.far for one in hour)
    why = _why(session, code_id, new[0].occurrence, len(hour), far)
    if not why or _answered(session, code_id, at):
        return None
    facts = {"used": len(hour), "far": far, "since": milliseconds(hour[0].at), "why": why}
    return Found(new[0], ALARM, {**facts, "last": milliseconds(hour[-1].at)})


def _answered(session: Session, code_id: str, at: datetime) -> bool:
    """Say whether somebody withdrew this code, or said in the last day that all is well with it."""
    query = select(Flag.id).where(
        Flag.code_id == code_id,
        Flag.kind == ALARM,
        (Flag.word == LEAKED) | ((Flag.word == "kept") & (Flag.decided_at > at - timedelta(days=1))),
    )
    return session.scalars(query.limit(1)).first() is not None


def _why(session: Session, code_id: str, occurrence_id: str, used: int, far: int) -> str:
    """Say what is out of proportion: far, room or usual; empty when nothing is."""
    if far >= FAR_LEAST and far >= FAR_SHARE * used:
        return "far"
    occurrence = session.get(Occurrence, occurrence_id) if occurrence_id else None
    if occurrence is not None:
        room = occurrence.capacity
        return "room" if room and used >= max(room * ROOM_TIMES, room + ROOM_MORE) else ""
    usual = _usual(session, code_id) if used >= USUAL_LEAST else 0
    return "usual" if usual and used >= USUAL_TIMES * usual else ""


def _usual(session: Session, code_id: str) -> int:
    """Return how often a code was used in its busiest hour of the weeks before its newest day; 0 when it is new."""
    times = [one.at for one in uses_of(session, code_id)]
    if not times:
        return 0
    until = max(times) - timedelta(hours=20)
    hours = Counter(
        at.replace(minute=0, second=0, microsecond=0) for at in times if until - USUAL_SPAN < at < until
    )
    return max(hours.values(), default=0)


def uses_of(
    session: Session, code_id: str, since: datetime | None = None, until: datetime | None = None
) -> list[Use]:
    """List the check-ins and claimed badges that rest on a code, in the order of time."""
    check_ins = select(CheckIn).where(CheckIn.code_id == code_id)
    awards = select(Award).where(Award.code_id == code_id, Award.event_id.is_not(None), Award.period == "")
    if since and until:
        check_ins = check_ins.where(CheckIn.at.between(since, until))
        awards = awards.where(Award.awarded_at.between(since, until))
    found = [
        Use(one.learner_id, one.event_id, one.at, one.place == "out", one.activity_id, one.occurrence)
        for one in session.scalars(check_ins)
    ]
    found += [
        Use(one.learner_id, one.event_id or "", one.awarded_at, False) for one in session.scalars(awards)
    ]
    return sorted(found, key=lambda one: (one.at, one.event))


def _busiest(uses: Sequence[Use]) -> Sequence[Use]:
    """Return the uses of the hour in which there were most."""
    best, first = (0, 0), 0
    for last, one in enumerate(uses):
        while one.at - uses[first].at > HOUR:
            first += 1
        best = max(best, (last + 1 - first, -first))
    return uses[-best[1] : -best[1] + best[0]]


def sound(session: Session, found: Iterable[Found], at: datetime) -> None:
    """Sound the alarm. Each code has one: it gets the newest numbers, and sounds anew after it was silenced."""
    for one in found:
        query = select(Flag).where(Flag.code_id == one.seen.code, Flag.kind == ALARM)
        known = session.scalars(query.order_by(Flag.id)).first()
        if known is None:
            keep_flags(session, [one], at)
        elif known.word == "kept":
            known.word, known.user_id, known.decided_at, known.created_at = "", None, None, at
        if known is not None and known.word == "":
            known.facts = one.facts


def alarm_of(session: Session, code_id: str) -> Flag | None:
    """Return a code's alarm that nobody has answered."""
    query = select(Flag).where(Flag.code_id == code_id, Flag.kind == ALARM, Flag.word == "")
    return session.scalars(query.order_by(Flag.id)).first()


def alarms(session: Session, activity_ids: Iterable[str], achievement_ids: Iterable[str] = ()) -> list[Flag]:
    """List the alarms that nobody has answered, newest first."""
    ids = list(activity_ids)
    claim_codes = select(Code.id).join(Point).where(Point.achievement_id.in_(list(achievement_ids)))
    query = select(Flag).where(
        Flag.kind == ALARM, Flag.word == "", Flag.activity_id.in_(ids) | Flag.code_id.in_(claim_codes)
    )
    return list(session.scalars(query.order_by(Flag.created_at.desc(), Flag.id)))


def answer(session: Session, code: Code, user: User, at: datetime, *, withdraw: bool) -> int:
    """Answer a code's alarm: all is well, or withdraw the code and mark what came by it since the alarm's first hour
    for review. What comes late by it is marked when it comes. Returns how many were marked. Raises NoLeak.
    """
    alarm = alarm_of(session, code.id)
    if alarm is None:
        raise NoLeak()
    alarm.word, alarm.user_id, alarm.decided_at = LEAKED if withdraw else "kept", user.id, at
    if not withdraw:
        return 0
    revoke(session, [code], By(user.id, at))
    since = moment(alarm.facts["since"])
    marked = [one for one in uses_of(session, code.id) if one.at >= since]
    keep_flags(
        session,
        [Found(_seen(one, code.id), "leaked_code", {"at": milliseconds(one.at)}) for one in marked],
        at,
    )
    return len(marked)


def _seen(use: Use, code_id: str) -> Seen:
    return Seen(
        use.learner,
        use.event,
        use.at,
        None,
        use.at,
        activity=use.activity,
        occurrence=use.occurrence,
        code=code_id,
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """How often a code was used in a part of the time that a picture shows, and how many of these from far away."""

    at: datetime
    used: int
    far: int


def bars(session: Session, code_id: str, alarm: Flag) -> list[Bar]:
    """Count a code's uses around its alarm, in equal parts of time, for a picture."""
    since, last = moment(alarm.facts["since"]), moment(alarm.facts["last"])
    part = max(timedelta(minutes=5), (last - since + HOUR) / BARS)
    first = last - part * (BARS - 1)
    counts: Counter[tuple[int, bool]] = Counter(
        (int((one.at - first) / part), one.far) for one in uses_of(session, code_id, first, last + part)
    )
    return [Bar(first + n * part, counts[n, True] + counts[n, False], counts[n, True]) for n in range(BARS)]
