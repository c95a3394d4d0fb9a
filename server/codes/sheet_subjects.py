"""What codes can be printed for: a stop, a playlist, a session, a badge, or one code alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.activities.services import find_activity
from server.badges.models import Achievement
from server.cities.models import City
from server.codes.models import Code, Point
from server.core.errors import NotFound
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.playlists.services import find_playlist


@dataclass(frozen=True)
class Subject:
    """Whose codes they are, what stands on top of each, and `codes`, the condition that picks them.

    `name`: of files. `numbers`: activity → its number in a playlist. `times`: of a session.
    """

    name: str
    title: Mapping[str, str]
    organiser: Organiser
    codes: ColumnElement[bool]
    numbers: Mapping[str, int] = field(default_factory=dict)
    times: tuple[datetime, datetime] | None = None


def find_subject(session: Session, city: City, kind: str, id: str) -> Subject:
    """Find what a sheet is for, by slug or id. Raises NotFound."""
    find = {
        "activities": _activity,
        "playlists": _playlist,
        "sessions": _session,
        "achievements": _achievement,
        "codes": _code,
    }[kind]
    found = find(session, city, id)
    if found.organiser.city_id != city.id:
        raise NotFound()
    return found


def _activity(session: Session, city: City, slug: str) -> Subject:
    return _stop(find_activity(session, city, slug))


def _stop(activity: Activity) -> Subject:
    stops = and_(Point.activity_id == activity.id, Point.occurrence_id.is_(None))
    return Subject(activity.slug, activity.title, activity.organiser, stops)


def _playlist(session: Session, city: City, slug: str) -> Subject:
    playlist = find_playlist(session, city, slug)
    numbers = {item.activity_id: number for number, item in enumerate(playlist.items, 1)}
    stops = and_(Point.activity_id.in_(numbers), Point.occurrence_id.is_(None))
    return Subject(slug, playlist.title, playlist.organiser, stops, numbers)


def _session(session: Session, city: City, id: str) -> Subject:
    occurrence = session.get(Occurrence, id)
    if occurrence is None:
        raise NotFound()
    activity = occurrence.activity
    times = (occurrence.starts_at, occurrence.ends_at)
    name = f"{activity.slug}-{occurrence.starts_at:%Y-%m-%d}"
    return Subject(name, activity.title, activity.organiser, Point.occurrence_id == id, times=times)


def _achievement(session: Session, city: City, id: str) -> Subject:
    achievement = session.get(Achievement, id)
    if achievement is None:
        raise NotFound()
    return Subject("badge", achievement.name, achievement.organiser, Point.achievement_id == id)


def _code(session: Session, city: City, id: str) -> Subject:
    code = session.get(Code, id)
    if code is None:
        raise NotFound()
    point = code.point
    if point.occurrence_id:
        whole = _session(session, city, point.occurrence_id)
    elif point.activity:
        whole = _stop(point.activity)
    else:
        whole = _achievement(session, city, point.achievement_id or "")
    return replace(whole, codes=Code.id == id)
