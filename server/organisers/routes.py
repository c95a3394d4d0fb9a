"""The organiser's desk: what one offers, how much it is used, what waits for a decision, and how phones fare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date, format_datetime, get_timezone
from flask import Blueprint, Response, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from server.accounts.acts import keep_act
from server.accounts.models import User
from server.accounts.sessions import signed_in
from server.activities.models import Activity, Task
from server.activities.services import find_activity, open_tasks, set_checks
from server.badges.assurance import level_name
from server.badges.models import Resigning
from server.badges.resigning import unsettled
from server.cities.current import current_city
from server.cities.team import member_of
from server.core.answers import give_file
from server.core.db import db, utc_now, writing
from server.core.errors import NotFound
from server.core.i18n import language, ngettext, pick
from server.core.roles import EDITOR, HELPER, OWNER, REVIEWER, STAFF, needs
from server.core.shell import private_page
from server.core.storage import files
from server.core.text import clean
from server.insights.health import KEPT_DAYS, Outing, outings
from server.insights.services import Counts, counts
from server.learning.decisions import PRESENCE, Key, Said, decide
from server.learning.waiting import Waiting, count_waiting, find_file, waiting, waiting_at
from server.occurrences.services import coming
from server.occurrences.times import hours_words
from server.organisers.models import Member, Organiser
from server.organisers.people import people
from server.organisers.services import acting, is_at_least, may, memberships, role_name
from server.playlists.models import Playlist
from server.replicas.store import SqlStore
from server.replicas.terms import read_terms

routes = Blueprint("organisers", __name__, template_folder="templates")
routes.register_blueprint(people)
NEXT_SESSIONS = 4
SHOWN_AT_ONCE = 200
"""More things to decide than this come when these are done: a page must load, and a form stay small."""


@dataclass(frozen=True)
class Desk:
    """One organiser as its people see it."""

    member: Member
    playlists: list[Playlist]
    activities: list[Activity]
    counts: dict[str, Counts]
    waiting: int

    @property
    def may_print(self) -> bool:
        return is_at_least(self.member, EDITOR)

    @property
    def may_endorse(self) -> bool:
        return is_at_least(self.member, OWNER)

    @property
    def may_review(self) -> bool:
        return is_at_least(self.member, REVIEWER)

    @property
    def may_invite(self) -> bool:
        return is_at_least(self.member, OWNER)


@routes.get("/desk/")
@needs(STAFF)
def home() -> Response:
    user = signed_in()
    desks = [_desk(member) for member in memberships(db.session(), user)]
    activities = [one.id for desk in desks for one in desk.activities]
    return private_page(
        "organisers/desk.html",
        user=user,
        desks=desks,
        sessions=coming(db.session(), activities, utc_now())[:NEXT_SESSIONS],
        may_make=any(desk.may_print for desk in desks),
        of_city=member_of(db.session(), user.id, current_city()),
    )


def _desk(member: Member) -> Desk:
    session, organiser = db.session(), member.organiser_id
    playlists = list(
        session.scalars(
            select(Playlist).where(Playlist.organiser_id == organiser).order_by(Playlist.position)
        )
    )
    activities = _activities(organiser)
    number = count_waiting(session, [one.id for one in activities]) if is_at_least(member, REVIEWER) else 0
    return Desk(member, playlists, activities, counts(session, [one.id for one in playlists]), number)


def _activities(organiser_id: str) -> list[Activity]:
    query = select(Activity).where(Activity.organiser_id == organiser_id).order_by(Activity.id)
    return list(db.session.scalars(query.options(selectinload(Activity.tasks))))


@dataclass(frozen=True)
class Stop:
    """What waits at one activity: people to confirm, and work to look at."""

    activity: Activity
    organiser: Organiser
    people: Sequence[Waiting]
    work: Sequence[Waiting]

    def task(self, one: Waiting) -> Task | None:
        return next((task for task in self.activity.tasks if task.id == one.task), None)

    def when(self, at: datetime) -> str:
        """Write a moment in the city's time."""
        zone = get_timezone(self.organiser.city.timezone)
        return format_datetime(at, "EEE d MMM, HH:mm", tzinfo=zone, locale=language())


@routes.get("/desk/waiting")
@needs(REVIEWER)
def waiting_page() -> Response:
    """Show what waits for this user's decision, at all organisers where they may decide."""
    members = acting(db.session(), signed_in())
    stops = [stop for member in members for stop in _stops(member.organiser)]
    said = {name: request.args.get(name, 0, int) for name in ("done", "refused", "late")}
    return private_page("organisers/waiting.html", stops=stops, said=said, presence=PRESENCE)


def _stops(organiser: Organiser) -> list[Stop]:
    activities = {one.id: one for one in _activities(organiser.id)}
    found = waiting(db.session(), activities)[:SHOWN_AT_ONCE]
    return [
        Stop(
            activity,
            organiser,
            [one for one in found if one.activity == id and one.why == PRESENCE],
            [one for one in found if one.activity == id and one.why != PRESENCE],
        )
        for id, activity in activities.items()
        if any(one.activity == id for one in found)
    ]


@routes.post("/desk/waiting")
@needs(REVIEWER)
def put_decision() -> Response:
    """Decide what the form names, then show what is left."""
    user = signed_in()
    keys = [_read_key(one) for one in request.form.getlist("event")]
    organisers = _deciding_at(user, keys)
    said = Said(request.form.get("word", ""), request.form.get("note", ""))
    with writing() as session:
        store = SqlStore(session, read_terms(request.host), utc_now(), careful=True)
        verdicts = decide(session, keys, said, user, store)
        for organiser in organisers:
            keep_act(session, "work.decide", "", organiser, word=said.word, number=len(verdicts))
    refused = sum(one.why not in ("", "not_confirmed") for one in verdicts)
    done, late = len(verdicts) - refused, len(set(keys)) - len(verdicts)
    address = f"/desk/waiting?lang={language()}&done={done}&refused={refused}&late={late}"
    return redirect(address, 303)  # type: ignore[return-value]


def _read_key(written: str) -> Key:
    learner, _, event = clean(written).partition("/")
    return learner, event


def _deciding_at(user: User, keys: Sequence[Key]) -> set[str]:
    """Return where these wait. Raises NotFound when any does at an organiser where the user may not decide."""
    session = db.session()
    found = {session.get_one(Activity, one).organiser_id for one in waiting_at(session, keys)}
    if not found <= {member.organiser_id for member in acting(session, user)}:
        raise NotFound()
    return found


@routes.get("/desk/waiting/<learner>/<event>/<sha256>")
@needs(REVIEWER)
def waiting_file(learner: str, event: str, sha256: str) -> Response:
    """Give a photo or a sound to those who may decide about it, as a thing that can do nothing by itself."""
    user = signed_in()
    activity_id, key, mime = find_file(db.session(), (learner, event), sha256)
    may(db.session(), user, db.session.get_one(Activity, activity_id).organiser)
    return give_file(files().get(key), mime)


@routes.get("/desk/activities/<slug>/checks")
@needs(EDITOR)
def checks_page(slug: str) -> Response:
    activity = _own_activity(slug)
    return private_page(
        "organisers/checks.html", activity=activity, tasks=open_tasks(activity), saved="saved" in request.args
    )


@routes.post("/desk/activities/<slug>/checks")
@needs(EDITOR)
def put_checks(slug: str) -> Response:
    """Let an editor say what their people look at before it counts."""
    _own_activity(slug)
    with writing() as session:
        activity = _own_activity(slug)
        reviewed = request.form.getlist("review")
        confirm = "confirm" in request.form
        set_checks(activity, confirm=confirm, reviewed=reviewed, at=utc_now())
        about = {"name": pick(activity.title), "confirm": confirm, "reviewed": len(reviewed)}
        keep_act(session, "activity.checks", slug, activity.organiser_id, **about)
    return redirect(f"/desk/activities/{slug}/checks?lang={language()}&saved=1", 303)  # type: ignore[return-value]


def _own_activity(slug: str) -> Activity:
    """Find an activity that the user may change. Raises NotFound."""
    user = signed_in()
    activity = find_activity(db.session(), current_city(), slug)
    may(db.session(), user, activity.organiser)
    return activity


@dataclass(frozen=True)
class Health:
    """How the phones of one organiser's visitors fare."""

    organiser: Organiser
    activities: dict[str, Activity]
    outings: list[Outing]
    waiting: int  # check-ins and work that nobody has decided on yet: they stand in no outing
    resignings: Sequence[Resigning]  # badges that a compromised key signed


def day_words(day: date) -> str:
    return format_date(day, "full", locale=language())


def seen_words(one: Outing) -> str:
    """Say when phones were last heard of, without saying whose."""
    seen = [
        ngettext("%(num)s phone was heard of in the last day", "%(num)s phones were heard of in the last day", one.today) if one.today else "",
        ngettext("%(num)s in the last week", "%(num)s in the last week", one.this_week) if one.this_week else "",
        ngettext("%(num)s not for more than a week", "%(num)s not for more than a week", one.longer) if one.longer else "",
    ]  # fmt: skip
    return " · ".join(words for words in seen if words)


@routes.get("/desk/health")
@needs(HELPER)
def health_page() -> Response:
    """Show, for each session, or activity and day, how many phones hold work that has not arrived."""
    found = [_health(member.organiser) for member in acting(db.session(), signed_in())]
    return private_page("organisers/health.html", found=found, days=KEPT_DAYS)


def _health(organiser: Organiser) -> Health:
    activities = {one.id: one for one in _activities(organiser.id)}
    zone = organiser.city.timezone
    found = outings(db.session(), list(activities), zone, utc_now())
    waiting = count_waiting(db.session(), activities)
    return Health(organiser, activities, found, waiting, unsettled(db.session(), organiser.id))


for shown in (role_name, level_name, day_words, seen_words, hours_words):
    routes.add_app_template_global(shown)
