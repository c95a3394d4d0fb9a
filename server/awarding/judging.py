"""What becomes of each row of a list: ready, a duplicate, short of a badge that it needs, or wrong in one cell."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding.columns import as_day, is_level
from server.awarding.models import AwardRow
from server.awarding.recipients import chunks, find_recipients
from server.badges import holding
from server.badges.models import Achievement, Award

READY, AWARDED, DUPLICATE, UNMET, FAILED = "ready", "awarded", "duplicate", "unmet", "failed"
STATES = (FAILED, UNMET, DUPLICATE, READY, AWARDED)
"""From what needs somebody to what needs nobody."""
MOST_NOTE = 1_000
_MAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,180}\.[^@\s.,;<>]{2,}\Z")


@dataclass(frozen=True, slots=True)
class Holding:
    """What people hold of one badge and of those that it needs, by learner."""

    newest: Mapping[str, Award]
    held: Mapping[str, set[str]]


def judge(session: Session, achievement: Achievement, rows: Sequence[AwardRow], at: datetime) -> None:
    """Say of each row what would become of it now. What is awarded stays so."""
    learners = learners_of(session, achievement.organiser_id, rows)
    holding = _read_holding(session, achievement, sorted({one for one in learners.values() if one}), at)
    seen: dict[str, int] = {}
    for row in rows:
        if row.state == AWARDED:
            seen.setdefault(row.learner_id or row.address, row.number)
    for row in sorted(rows, key=lambda one: one.number):
        if row.state == AWARDED:
            continue
        row.state, row.why = _judge(achievement, row, learners.get(row.number), holding, at)
        who = row.learner_id or row.address
        if row.state in (READY, UNMET) and who in seen:
            row.state, row.why = DUPLICATE, f"line:{seen[who]}"
        elif row.state == READY:
            seen[who] = row.number


def learners_of(session: Session, organiser_id: str, rows: Sequence[AwardRow]) -> dict[int, str]:
    """Say which learner each row is about, as far as we know them."""
    known = find_recipients(session, organiser_id, [row.address for row in rows if not row.learner_id])
    found = {row.number: row.learner_id for row in rows if row.learner_id}
    found |= {row.number: known[row.address].learner_id for row in rows if row.address in known}
    return found


def _judge(
    achievement: Achievement, row: AwardRow, learner: str | None, holding: Holding, at: datetime
) -> tuple[str, str]:
    if wrong := _wrong(achievement, row, at):
        return FAILED, wrong
    held = holding.newest.get(learner or "")
    if held and not _renews(held, day_of(row, at)):
        return DUPLICATE, "held"
    missing = [one for one in achievement.needs or [] if one not in holding.held.get(learner or "", ())]
    if missing:
        return UNMET, ",".join(missing)
    return READY, "renewal" if held else ""


def _wrong(achievement: Achievement, row: AwardRow, at: datetime) -> str:
    """Name the cell that is wrong, and how."""
    if not row.learner_id and not row.address:
        return "address:missing"
    if "@" in row.address and not _MAIL.match(row.address):
        return "address:mail"
    if len(row.address) > 254:
        return "address:long"
    day = as_day(row.awarded_on)
    if row.awarded_on and day is None:
        return "awarded_on:unclear"
    if day and day > at.date():
        return "awarded_on:future"
    if day and day.year < 1990:
        return "awarded_on:past"
    if len(row.note) > MOST_NOTE:
        return "note:long"
    for key, level in (row.results or {}).items():
        if not is_level(achievement, key, level):
            return f"result:{key}:unknown"
    return ""


def day_of(row: AwardRow, at: datetime) -> datetime:
    """Say when a row's badge was earned: now, or at noon of the day that the list names."""
    day = as_day(row.awarded_on)
    if day is None or day == at.date():
        return at
    return datetime(day.year, day.month, day.day, 12, tzinfo=at.tzinfo)


def _renews(held: Award, day: datetime) -> bool:
    since = holding.renewable_from(held)
    return since is not None and day >= since


def _read_holding(
    session: Session, achievement: Achievement, learners: Sequence[str], at: datetime
) -> Holding:
    newest: dict[str, Award] = {}
    held: dict[str, set[str]] = defaultdict(set)
    wanted = [achievement.series, *(achievement.needs or [])]
    for some in chunks(learners):
        query = (
            select(Award, Achievement.series)
            .join(Award.achievement)
            .where(Award.learner_id.in_(some), Achievement.series.in_(wanted), holding.HELD)
            .order_by(Award.awarded_at, Award.id)
        )
        for award, series in session.execute(query):
            if series == achievement.series:
                newest[award.learner_id] = award
            if not award.revoked_at and (award.valid_until is None or award.valid_until > at):
                held[award.learner_id].add(series)
    return Holding(newest, held)
