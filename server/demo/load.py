"""Fills an empty instance with the demo city, keeps its codes fresh, and says where to look."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from server.accounts.models import Learner, User
from server.activities.models import Activity, MediaFile, Task
from server.activities.services import store_media
from server.badges.models import Achievement
from server.cities.models import City, CityMember
from server.codes.making import make_code, make_point
from server.codes.models import Code, Point
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.shell import absolute
from server.demo import claims, content
from server.demo.reading import read
from server.demo.sessions import keep_sessions
from server.demo.sounds import SOUNDS
from server.demo.summary import summary, where_to_look
from server.demo.table import LANGUAGES
from server.organisers.models import Member, Organiser
from server.playlists.models import Playlist, PlaylistItem
from server.replicas.models import Event

__all__ = ["DemoSummary", "HoldsRealWork", "fill", "summary", "where_to_look"]

OPENED_BEFORE = timedelta(days=1)
OPEN_FOR = timedelta(days=90)
RENEW_WITHIN = timedelta(days=14)
"""A window that closes sooner than this gets a successor."""


class HoldsRealWork(DomainError):
    """The instance is somebody's city: a demo has no place in it."""

    status, code = 409, "holds_real_work"

    def explain(self) -> str:
        return gettext(
            "This instance holds real work, so the demo city is not put into it. "
            "Choose an empty folder with STREETWISE_INSTANCE (or an empty database) and try again."
        )


@dataclass(frozen=True)
class DemoSummary:
    """What `fill` did: the city's id, whether it was made now, and how many codes were renewed."""

    city_id: str
    made: bool
    renewed: int


def fill(session: Session, at: datetime) -> DemoSummary:
    """Make the demo city in an empty instance; in one that has it, only renew codes that end soon, and
    sessions that are over.

    Raises HoldsRealWork when the instance holds anything else.
    """
    if session.get_bind().dialect.name == "postgresql":  # two that start at once must not both find it empty
        session.execute(text("LOCK TABLE cities IN SHARE ROW EXCLUSIVE MODE"))
    cities = session.scalars(select(City)).all()
    if any(not city.demo for city in cities) or (not cities and _is_used(session)):
        raise HoldsRealWork()
    told = read()
    if cities:
        renewed = _renew(session, at)
        keep_sessions(session, told, at)
        return DemoSummary(cities[0].id, made=False, renewed=renewed)
    city = _make(session, told, at)
    keep_sessions(session, told, at)
    return DemoSummary(city.id, made=True, renewed=0)


def _is_used(session: Session) -> bool:
    return any(session.scalar(select(func.count()).select_from(table)) for table in (Learner, Event, User))


def _make(session: Session, told: content.City, at: datetime) -> City:
    city = _add_city(session, told)
    organisers = {one.slug: _add_organiser(session, city, one, at) for one in told.organisers}
    activities = {
        one.slug: _add_activity(session, organisers[one.organiser], one, at) for one in told.activities
    }
    named: dict[str, Activity | Playlist | Achievement] = dict(activities)
    for position, one in enumerate(told.playlists):
        playlist = _add_playlist(session, organisers[one.organiser], one, (position, at))
        _add_items(session, playlist, one, activities)
        made = _add_achievement(session, playlist.organiser_id, one.achievement, at, playlist_id=playlist.id)
        named |= {one.slug: playlist, f"badge of {one.slug}": made}
    for badge in told.badges:
        _add_badge(session, organisers[badge.organiser], badge, named, at)
    _add_team(session, city, told, at)
    return city


def _add_badge(
    session: Session,
    organiser: Organiser,
    told: content.Badge,
    named: dict[str, Activity | Playlist | Achievement],
    at: datetime,
) -> None:
    """Add a badge that no playlist leads to. Raises KeyError when it names what does not come before it."""
    needs = [named[f"badge of {slug}"] for slug in told.needs]
    about = named[told.activity].id if told.activity else None
    made = _add_achievement(
        session,
        organiser.id,
        told.achievement,
        at,
        activity_id=about,
        needs=[one.series for one in needs if isinstance(one, Achievement)],
        milestone={"count": told.count, "of": [_counted(named[slug]) for slug in told.of]} if told.of else {},
    )
    named[f"badge of {told.slug}"] = made
    if told.cap:
        claims.add_badge(session, made, told, at)


def _counted(one: Activity | Playlist | Achievement) -> dict[str, str]:
    if isinstance(one, Achievement):
        return {"kind": "series", "id": one.series}
    return {"kind": "activity" if isinstance(one, Activity) else "playlist", "id": one.id}


def _add_city(session: Session, told: content.City) -> City:
    city = City(
        slug=told.slug,
        name=told.name,
        tagline=told.tagline,
        about=told.about,
        picture=_picture(session, told.picture).sha256,
        picture_alt=told.picture_alt,
        colour=told.colour,
        timezone=told.timezone,
        languages=list(told.languages),
        demo=True,
        country=told.country,
        privacy={"controller": told.name, "contact": f"privacy@{told.slug}.example"},
    )
    session.add(city)
    session.flush()
    return city


def _add_team(session: Session, city: City, told: content.City, at: datetime) -> None:
    for person in told.people:
        user = _add_user(session, person, at)
        session.add(CityMember(city_id=city.id, user_id=user.id, role=person.role, created_at=at))


def _add_user(session: Session, person: content.Person, at: datetime) -> User:
    user = User(name=person.name, email=person.email, created_at=at)
    session.add(user)
    session.flush()
    return user


def _picture(session: Session, name: str) -> MediaFile:
    return store_media(session, (content.PICTURES / name).read_bytes(), "svg")


def _add_organiser(session: Session, city: City, told: content.Organiser, at: datetime) -> Organiser:
    organiser = Organiser(
        city_id=city.id, slug=told.slug, name=told.name, about=told.about, url=told.url, email=told.email
    )
    session.add(organiser)
    session.flush()
    for person in told.people:
        user = _add_user(session, person, at)
        session.add(Member(organiser_id=organiser.id, user_id=user.id, role=person.role))
        session.flush()
    return organiser


def _add_activity(session: Session, organiser: Organiser, told: content.Activity, at: datetime) -> Activity:
    activity = Activity(
        organiser_id=organiser.id,
        slug=told.slug,
        title=told.title,
        summary=told.summary,
        body=told.body,
        place=told.place,
        latitude=told.latitude,
        longitude=told.longitude,
        signal=told.signal,
        confirm=told.confirm,
        minutes=told.minutes,
        age_from=told.age_from,
        age_to=told.age_to,
        cost_cents=told.cost_cents,
        languages=list(LANGUAGES),
        skills=list(told.skills),
        picture=_picture(session, told.picture),
        picture_alt=told.picture_alt,
        audio=store_media(session, _sound(told.audio), "wav") if told.audio else None,
        audio_text=told.audio_text,
        updated_at=at,
        tasks=[_task(position, one) for position, one in enumerate(told.tasks)],
    )
    session.add(activity)
    session.flush()
    _add_code(session, make_point(session, activity, told.code.place), told.code.level, at)
    return activity


@cache
def _sound(name: str) -> bytes:
    """Make a sound once a process: it takes a second."""
    return SOUNDS[name]()


def _task(position: int, told: content.Task) -> Task:
    return Task(
        position=position,
        kind=told.kind,
        prompt=told.prompt,
        hint=told.hint,
        required=told.required,
        options=[{"id": option.id, "text": option.text} for option in told.options],
        accepted=list(told.accepted),
        tolerance=told.tolerance,
        step=told.step,
        unit=told.unit,
        salt=secrets.token_hex(16),
        max_length=told.max_length,
        review=told.review,
    )


def _add_code(session: Session, point: Point, level: int, at: datetime) -> Code:
    """Make a poster, or a window from yesterday on."""
    if level == 1:
        return make_code(session, point, level=1, at=at, batch="demo")
    return make_code(
        session,
        point,
        level=level,
        at=at,
        opens_at=at - OPENED_BEFORE,
        closes_at=at + OPEN_FOR,
        batch="demo",
    )


def _renew(session: Session, at: datetime) -> int:
    """Give each stop whose last window ends soon a new one; the old one counts until its end."""
    renewed = 0
    for point in session.scalars(select(Point).where(Point.occurrence_id.is_(None)).order_by(Point.id)):
        if point.achievement_id:
            renewed += claims.renew(session, point, at)
            continue
        windows = [c for c in point.codes if c.closes_at is not None and c.revoked_at is None]
        if windows and all(c.closes_at < at + RENEW_WITHIN for c in windows if c.closes_at):
            _add_code(session, point, 2, at)
            renewed += 1
    return renewed


def _add_playlist(
    session: Session, organiser: Organiser, told: content.Playlist, placed: tuple[int, datetime]
) -> Playlist:
    position, at = placed
    playlist = Playlist(
        organiser=organiser,
        slug=told.slug,
        title=told.title,
        summary=told.summary,
        body=told.body,
        picture=_picture(session, told.picture),
        picture_alt=told.picture_alt,
        minutes=told.minutes,
        order=told.order,
        choose=told.choose,
        position=position,
        updated_at=at,
    )
    session.add(playlist)
    session.flush()
    return playlist


def _add_items(
    session: Session, playlist: Playlist, told: content.Playlist, activities: dict[str, Activity]
) -> None:
    for position, slug in enumerate(told.shown):
        required = slug in told.required
        item = PlaylistItem(activity=activities[slug], position=position, required=required)
        playlist.items.append(item)
    session.flush()


def _add_achievement(
    session: Session, organiser_id: str, told: content.Achievement, at: datetime, **about: Any
) -> Achievement:
    achievement = Achievement(
        organiser_id=organiser_id,
        name=told.name,
        description=told.description,
        criteria=told.criteria,
        design=told.design,
        alignments=[_alignment(one) for one in told.alignments],
        tags=list(told.tags),
        level=told.level,
        valid_months=told.valid_months,
        renewal=told.renewal,
        results=list(told.results),
        reviewed_at=at,
        created_at=at,
        **about,
    )
    session.add(achievement)
    session.flush()
    return achievement


def _alignment(told: dict[str, str]) -> dict[str, str]:
    """Make our own pages' addresses whole: a badge is read far from here."""
    return {**told, "url": absolute(told["url"]) if told["url"].startswith("/") else told["url"]}
