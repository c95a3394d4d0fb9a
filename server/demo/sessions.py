"""Sessions of the demo city: one runs whenever it starts, others come, one is cancelled; and what programs need of them."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.activities.services import activity_url
from server.codes import rotating
from server.codes.models import Code
from server.codes.services import url_of
from server.codes.tokens import show_typed
from server.demo import content
from server.occurrences.models import Occurrence
from server.occurrences.services import ON_SCREEN, Plan, cancel, coming, make, point_of
from server.occurrences.times import understand


def keep_sessions(session: Session, told: content.City, at: datetime) -> int:
    """Make what is told of sessions where all of an activity are over; return how many were made."""
    made = 0
    for one in told.activities:
        activity = session.scalars(select(Activity).where(Activity.slug == one.slug)).first()
        if activity and not coming(session, [activity.id], at):
            for wanted in one.sessions:
                _add(session, activity, wanted, at)
                made += 1
    return made


def _add(session: Session, activity: Activity, told: content.Session, at: datetime) -> None:
    start = at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0) + timedelta(
        minutes=told.from_now
    )
    if told.hour is not None:
        zone = activity.organiser.city.timezone
        start = understand(start.astimezone(ZoneInfo(zone)).date(), time(told.hour), zone).at
    plan = Plan(start, start + timedelta(minutes=told.minutes), told.capacity)
    occurrence = make(session, activity, plan, at)
    if told.cancelled:
        cancel(session, occurrence, told.cancelled, at)


def sessions(session: Session, activities: list[Activity], base: str, at: datetime) -> list[dict[str, Any]]:
    """List the coming sessions with their codes; a rotating one as a screen would show it now."""
    by_id = {one.id: one for one in activities}
    found = coming(session, by_id, at)
    return [_session(session, one, base, at) for one in found]


def _session(session: Session, one: Occurrence, base: str, at: datetime) -> dict[str, Any]:
    activity, point = one.activity, point_of(session, one)
    path = activity_url(activity, "en")
    return {
        "id": one.id,
        "activity": activity.id,
        "slug": activity.slug,
        "title": activity.title,
        "organiser": activity.organiser.slug,
        "starts_at": _moment(one.starts_at),
        "ends_at": _moment(one.ends_at),
        "runs": one.cancelled_at is None and one.starts_at <= at < one.ends_at,
        "capacity": one.capacity,
        "cancelled": one.cancelled_at is not None,
        "url": f"{base}{path}#session-{one.id}",
        "desk": f"/desk/sessions/{one.id}",
        "point": point.id,
        "codes": [_code(code, base, at) for code in point.codes if code.revoked_at is None],
    }


def _code(code: Code, base: str, at: datetime) -> dict[str, Any]:
    url, typed = url_of(code, base), show_typed(code.typed) if code.typed else None
    if code.level == ON_SCREEN:
        now = round(at.timestamp() * 1000)
        step, block = rotating.step_at(now), rotating.block_at(now)
        shown = rotating.write(_key(code, rotating.day_of_step(step)), code.point_id, step)
        hint, key = code.point.hint, _key(code, rotating.day_of_block(block))
        url, typed = f"{url}#{shown}", show_typed(rotating.typed_at(key, code.point_id, hint, block))
    opens, closes = (at and _moment(at) for at in (code.opens_at, code.closes_at))
    return {"level": code.level, "url": url, "typed": typed, "opens_at": opens, "closes_at": closes}


def _key(code: Code, day: str) -> bytes:
    return rotating.day_key(code.secret, code.point_id, day)


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
