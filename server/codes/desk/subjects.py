"""What the desk's codes are for: an activity outside its sessions, a session, or a badge."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from server.accounts.sessions import signed_in
from server.activities.models import Activity
from server.activities.services import find_activity
from server.badges.models import Achievement
from server.cities.current import current_city
from server.codes import forms, words
from server.codes.making import make_claim_point, make_point
from server.codes.models import Code, Point
from server.core.db import Texts, db
from server.core.errors import NotFound
from server.core.i18n import LANGUAGES, language, pick
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.organisers.services import may

LEVELS = {"activities": (0, 1, 2), "sessions": (1, 2, 3), "achievements": (1, 2)}
"""What can be made at the desk: a live code needs a session's screen, and a badge some proof."""


@dataclass(frozen=True)
class Subject:
    """What codes are for: an activity outside its sessions, a session, or a badge."""

    kind: str
    name: str
    title: str
    organiser: Organiser
    about: Activity | Occurrence | Achievement

    @property
    def base(self) -> str:
        return f"/desk/{self.kind}/{self.name}/codes"

    @property
    def timezone(self) -> str:
        return self.organiser.city.timezone

    @cached_property
    def points(self) -> list[Point]:
        column = {
            "activities": Point.activity_id,
            "sessions": Point.occurrence_id,
            "achievements": Point.achievement_id,
        }
        query = select(Point).where(column[self.kind] == self.about.id)
        if self.kind == "activities":
            query = query.where(Point.occurrence_id.is_(None))
        return list(db.session.scalars(query.order_by(Point.id)))

    @property
    def point_ids(self) -> list[str]:
        return [point.id for point in self.points]

    @property
    def place(self) -> Texts:
        """Where its codes hang, unless somebody says otherwise."""
        own = self.points[0].place if self.points else getattr(self.about, "place", {})
        return own or (self.about.activity.place if isinstance(self.about, Occurrence) else {})

    @property
    def asked(self) -> forms.Asked:
        activity = self.about.activity if isinstance(self.about, Occurrence) else self.about
        where = (getattr(activity, "latitude", None), getattr(activity, "longitude", None))
        place = None if None in where else where
        for_badge = self.kind == "achievements"
        return forms.Asked(LEVELS[self.kind], self.timezone, LANGUAGES, place, for_badge)  # type: ignore[arg-type]


def find_subject(kind: str, name: str) -> Subject:
    """Find what codes are for. Raises NotFound, also to those who may not print codes."""
    user = signed_in()
    found = {"activities": _find_activity, "sessions": _find_session, "achievements": _find_badge}[kind](name)
    may(db.session(), user, found.organiser)
    return found


def _find_activity(slug: str) -> Subject:
    found = find_activity(db.session(), current_city(), slug)
    return Subject("activities", slug, pick(found.title), found.organiser, found)


def _find_session(id: str) -> Subject:
    found = db.session.get(Occurrence, id)
    if found is None or found.activity.organiser.city_id != current_city().id:
        raise NotFound()
    organiser = found.activity.organiser
    when = words.moment_words(found.starts_at, organiser.city.timezone)
    return Subject("sessions", id, f"{pick(found.activity.title)} · {when}", organiser, found)


def _find_badge(id: str) -> Subject:
    found = db.session.get(Achievement, id)
    if found is None or found.organiser.city_id != current_city().id:
        raise NotFound()
    if found.replaced_at or found.state != "published":
        raise NotFound()
    return Subject("achievements", id, pick(found.name), found.organiser, found)


def subject_of(code: Code) -> Subject:
    point = code.point
    if point.achievement_id:
        return find_subject("achievements", point.achievement_id)
    if point.occurrence_id:
        return find_subject("sessions", point.occurrence_id)
    return find_subject("activities", point.activity.slug if point.activity else "")


def find_point(subject: Subject, place: str) -> Point:
    """Find the point where codes hang that place, or make one."""
    for point in subject.points:
        if subject.kind == "sessions" or pick(point.place) == place or not place:
            return point
    texts = {language(): place} if place and place != pick(subject.place) else subject.place
    session = db.session()
    if isinstance(subject.about, Achievement):
        return make_claim_point(session, subject.about.id, texts)
    if isinstance(subject.about, Occurrence):
        point = make_point(session, subject.about.activity, texts)
        point.occurrence_id = subject.about.id
        return point
    return make_point(session, subject.about, texts)
