"""Sessions at the desk: made, changed, cancelled, copied, and who came; and in the public's calendars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request
from sqlalchemy import select

from server.accounts.acts import keep_act
from server.accounts.sessions import proved, signed_in
from server.activities.models import Activity
from server.activities.services import NewActivity, TitleNeeded, find_activity, make_activity
from server.badges.drafting import draft_for_activity
from server.cities.current import current_city
from server.core.db import db, utc_now, writing
from server.core.i18n import LANGUAGES, gettext, language, pick
from server.core.roles import EDITOR, HELPER, PUBLIC, REVIEWER, STAFF, needs
from server.core.shell import absolute, private_page
from server.core.text import clean
from server.door import services as links
from server.insights.attendance import Came, way_name, who_came, who_is_expected, write_csv
from server.occurrences import calendar, forms, services
from server.occurrences.forms import Form
from server.occurrences.models import Occurrence
from server.occurrences.rows import lock_reserved, tell_reserved
from server.occurrences.services import Plan, PlanRefused
from server.occurrences.times import hour_words
from server.occurrences.words import session_day, session_hours, session_props, session_runs, timezone_of
from server.organisers.models import Member, Organiser
from server.organisers.offering import check_offered
from server.organisers.services import acting, is_at_least, may, memberships

routes = Blueprint("occurrences", __name__, template_folder="templates")
MOST_PAST = 50
MOST_REASON = 300
HOME_SHOWS = 6


def sessions_soon() -> list[Occurrence]:
    """List the city's next sessions, for its home."""
    return services.soon(db.session(), current_city(), utc_now(), HOME_SHOWS)


_WORDS: dict[str, Callable[..., Any]] = {
    "session_day": session_day,
    "session_hours": session_hours,
    "session_place": calendar.place_of,
    "session_url": calendar.session_url,
    "session_schema": calendar.schema,
    "session_props": session_props,
    "session_runs": session_runs,
    "sessions_soon": sessions_soon,
    "way_name": way_name,
}
for name, shown in _WORDS.items():
    routes.add_app_template_global(shown, name)


@routes.get(f"/<any({', '.join(LANGUAGES)}):lang>/sessions/<id>.ics")
@needs(PUBLIC)
def calendar_file(lang: str, id: str) -> Response:
    """Give a session to a calendar."""
    occurrence = services.find(db.session(), current_city(), id)
    check_offered(occurrence.activity.organiser)
    response = Response(calendar.ics(occurrence, lang), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.headers["Content-Disposition"] = f'attachment; filename="{occurrence.activity.slug}.ics"'
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


# ── The desk ──


def _activities(members: Sequence[Member]) -> list[Activity]:
    query = select(Activity).where(Activity.organiser_id.in_([one.organiser_id for one in members]))
    return list(db.session.scalars(query.order_by(Activity.id)))


@routes.get("/desk/sessions")
@needs(STAFF)
def sessions_page() -> Response:
    members, at = memberships(db.session(), signed_in()), utc_now()
    ids = [one.id for one in _activities(members)]
    return private_page(
        "occurrences/sessions.html",
        coming=services.coming(db.session(), ids, at),
        past=services.past(db.session(), ids, at, MOST_PAST),
        may_make=any(is_at_least(one, EDITOR) for one in members),
        at=at,
    )


@routes.get("/desk/sessions/new")
@needs(EDITOR)
def choose_page() -> Response:
    """Choose what a new session is of; who offers nothing yet begins with an activity."""
    members = acting(db.session(), signed_in())
    activities = _activities(members)
    if not activities:
        return _go("/desk/activities/new")
    return private_page("occurrences/choose.html", members=members, activities=activities)


@routes.get("/desk/activities/new")
@needs(EDITOR)
def new_activity_page() -> Response:
    return _new_activity_page(acting(db.session(), signed_in()), {"minutes": "60"}, {})


def _new_activity_page(
    members: list[Member], typed: dict[str, str], wrong: dict[str, str], status: int = 200
) -> Response:
    return private_page("occurrences/activity.html", status=status, members=members, typed=typed, wrong=wrong)


@routes.post("/desk/activities/new")
@needs(EDITOR)
def add_activity() -> Response:
    """Make an activity from a title, then ask when."""
    members = acting(db.session(), signed_in())
    typed = {key: clean(request.form.get(key, "")).strip() for key in ("title", "place", "minutes", "for")}
    member = next((one for one in members if one.organiser_id == typed["for"]), members[0])
    told, wrong = _read_activity(typed)
    if told is None:
        return _new_activity_page(members, typed, wrong, 422)
    with writing() as session:
        made = make_activity(session, session.get_one(Organiser, member.organiser_id), told, utc_now())
        draft_for_activity(session, made, utc_now())
        slug = made.slug
        keep_act(session, "activity.make", slug, member.organiser_id, name=told.title)
    return _go(f"/desk/activities/{slug}/sessions/new", made="1")


def _read_activity(typed: dict[str, str]) -> tuple[NewActivity | None, dict[str, str]]:
    wrong, minutes = {}, typed["minutes"] or "60"
    if not typed["title"]:
        wrong["title"] = str(TitleNeeded())
    if not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes[:6]) <= 10_080):
        wrong["minutes"] = gettext("Write how many minutes it takes, like 90.")
    if wrong:
        return None, wrong
    return NewActivity(typed["title"][:120], typed["place"][:200], int(minutes), language()), {}


def _own_activity(slug: str) -> Activity:
    user = signed_in()
    activity = find_activity(db.session(), current_city(), slug)
    may(db.session(), user, activity.organiser)
    return activity


@routes.get("/desk/activities/<slug>/sessions/new")
@needs(EDITOR)
def new_page(slug: str) -> Response:
    activity = _own_activity(slug)
    return _form_page(activity, forms.fresh(activity, utc_now()))


def _form_page(activity: Activity, form: Form, occurrence: Occurrence | None = None) -> Response:
    status = 422 if form.wrong else 200
    return private_page(
        "occurrences/form.html", status=status, activity=activity, form=form, occurrence=occurrence
    )


@routes.post("/desk/activities/<slug>/sessions/new")
@needs(EDITOR)
def add(slug: str) -> Response:
    activity = _own_activity(slug)
    form, plan = forms.read(request.form, activity.organiser.city.timezone)
    if plan is None:
        return _form_page(activity, form)
    try:
        with writing() as session:
            made = services.make(session, session.get_one(Activity, activity.id), plan, utc_now())
            id = made.id
            _keep("make", made)
    except PlanRefused as error:
        return _form_page(_own_activity(slug), forms.refuse(form, error))
    return _go(f"/desk/sessions/{id}", made="1", **_to_say(form))


def _keep(act: str, occurrence: Occurrence, **facts: object) -> None:
    """Keep for the audit log what was done to a session."""
    name, starts = pick(occurrence.activity.title), occurrence.starts_at.isoformat()
    organiser = occurrence.activity.organiser_id
    keep_act(db.session(), f"session.{act}", occurrence.id, organiser, name=name, starts=starts, **facts)


def _to_say(form: Form) -> dict[str, str]:
    """Name what was typed where there is something to say of it: the next page reads it again."""
    return {key: form.typed[key] for key in ("day", "start", "end")} if form.said else {}


def _go(path: str, **query: str) -> Response:
    return redirect(f"{path}?{urlencode({'lang': language(), **query})}", 303)  # type: ignore[return-value]


@dataclass(frozen=True)
class Seen:
    """A session as the desk shows it."""

    occurrence: Occurrence
    came: Sequence[Came]
    expected: int
    may_change: bool
    at: datetime

    @property
    def here(self) -> int:
        return len(self.came)

    @property
    def is_over(self) -> bool:
        return self.occurrence.ends_at <= self.at

    @property
    def can_restore(self) -> bool:
        return self.occurrence.cancelled_at is not None and self.at < self.occurrence.starts_at

    def hour(self, at: datetime) -> str:
        """Write the hour of a moment on the city's clocks."""
        return hour_words(at.astimezone(ZoneInfo(timezone_of(self.occurrence))))


def _own(id: str) -> tuple[Occurrence, Member]:
    """Find a session at which the user may do this. Raises NotFound."""
    user = signed_in()
    occurrence = services.find(db.session(), current_city(), id)
    return occurrence, may(db.session(), user, occurrence.activity.organiser)


@routes.get("/desk/sessions/<id>")
@needs(HELPER)
def session_page(id: str) -> Response:
    occurrence, member = _own(id)
    seen = Seen(
        occurrence,
        who_came(db.session(), id),
        len(who_is_expected(db.session(), id)),
        is_at_least(member, EDITOR),
        utc_now(),
    )
    address = absolute(calendar.session_url(occurrence, language()))
    return private_page(
        "occurrences/session.html", seen=seen, occurrence=occurrence, address=address, said=_said(occurrence)
    )


def _said(occurrence: Occurrence) -> list[str]:
    """Say how we understood hours that the change of the clocks, or midnight, makes special."""
    if "day" not in request.args:
        return []
    form, _ = forms.read(request.args, timezone_of(occurrence))
    return form.said


@routes.get("/desk/sessions/<id>/change")
@needs(EDITOR)
def change_page(id: str) -> Response:
    occurrence, _ = _own(id)
    return _form_page(occurrence.activity, forms.written(occurrence), occurrence)


@routes.post("/desk/sessions/<id>/change")
@needs(EDITOR)
def put_change(id: str) -> Response:
    occurrence, _ = _own(id)
    form, plan = forms.read(request.form, timezone_of(occurrence), occurrence.place)
    if plan is None:
        return _form_page(occurrence.activity, form, occurrence)
    try:
        _change(id, plan)
    except PlanRefused as error:
        occurrence, _ = _own(id)
        return _form_page(occurrence.activity, forms.refuse(form, error), occurrence)
    return _go(f"/desk/sessions/{id}", changed="1", **_to_say(form))


def _change(id: str, plan: Plan) -> None:
    at = utc_now()
    with writing() as session:
        lock_reserved(session, id)
        occurrence = session.get_one(Occurrence, id)
        services.change(session, occurrence, plan, at)
        links.follow(session, occurrence)
        tell_reserved(session, occurrence, at)
        _keep("change", occurrence)


@routes.post("/desk/sessions/<id>/cancel")
@needs(EDITOR)
def put_cancel(id: str) -> Response:
    """Call a session off. Those who reserved read why."""
    _own(id)
    at, reason = utc_now(), clean(request.form.get("reason", "")).strip()[:MOST_REASON]
    with writing() as session:
        lock_reserved(session, id)
        occurrence = session.get_one(Occurrence, id)
        services.cancel(session, occurrence, reason, at)
        told = tell_reserved(session, occurrence, at)
        _keep("cancel", occurrence, why=reason)
    return _go(f"/desk/sessions/{id}", cancelled=str(told))


@routes.post("/desk/sessions/<id>/restore")
@needs(EDITOR)
def put_restore(id: str) -> Response:
    """Take a cancellation back."""
    _own(id)
    at = utc_now()
    with writing() as session:
        lock_reserved(session, id)
        occurrence = session.get_one(Occurrence, id)
        services.restore(session, occurrence, at)
        tell_reserved(session, occurrence, at)
        _keep("restore", occurrence)
    return _go(f"/desk/sessions/{id}", restored="1")


@routes.post("/desk/sessions/<id>/copy")
@needs(EDITOR)
def put_copy(id: str) -> Response:
    """Make the same session again in each of the next weeks."""
    _own(id)
    times = max(1, request.form.get("times", 1, int))
    with writing() as session:
        made = services.copy(session, session.get_one(Occurrence, id), times, utc_now())
        number, only = len(made), made[0].id
        _keep("copy", session.get_one(Occurrence, id), number=number)
    if number == 1:
        return _go(f"/desk/sessions/{only}", made="1")
    return _go("/desk/sessions", copies=str(number))


@routes.get("/desk/sessions/<id>/came.csv")
@needs(REVIEWER)
def came_csv(id: str) -> Response:
    """Give the list of who came to a spreadsheet."""
    occurrence, _ = _own(id)
    proved()
    zone = ZoneInfo(timezone_of(occurrence))
    table = write_csv(who_came(db.session(), id), zone)
    response = Response("\ufeff" + table, content_type="text/csv; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    filename = f"{occurrence.activity.slug}-{occurrence.starts_at.astimezone(zone):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
