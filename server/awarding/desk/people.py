"""The desk's page on which people are chosen by hand: who came, who did something, or by name and address."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from server.activities.models import Activity
from server.awarding import services
from server.awarding.columns import Line, read_day, result_keys, tidy_address
from server.awarding.desk import AT, desk
from server.awarding.desk.subject import Subject, find_subject, keep
from server.awarding.people import MOST, Person, came_to, did
from server.awarding.services import Named, Upload
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, language, pick
from server.core.roles import EDITOR, needs
from server.core.shell import private_page
from server.core.text import clean
from server.occurrences.models import Occurrence

PEOPLE = f"{AT}/people"
LINES = 5
"""Rows for people who are typed in; more of them are a list."""


@desk.get(PEOPLE)
@needs(EDITOR)
def choose(org: str, series: str) -> Response:
    return _show(find_subject(org, series), {}, None)


@desk.post(PEOPLE)
@needs(EDITOR)
def name_people(org: str, series: str) -> Answer:
    """Keep who was named, and show what would become of it."""
    subject = find_subject(org, series)
    try:
        people = _named(subject) + _typed()
        if not people:
            raise NobodyNamed()
        with writing() as session:
            about = find_subject(org, series)
            made = Upload(about.achievement, about.user.id, "", utc_now())
            said = _said(about)
            batch = services.keep_named(session, made, people, said).id
            keep("name_people", about, batch, rows=len(people))
            address = about.address(f"/lists/{batch}")
    except DomainError as problem:
        return _show(find_subject(org, series), request.form, problem)
    return redirect(address, 303)


class NobodyNamed(DomainError):
    status, code = 422, "nobody_named"

    def explain(self) -> str:
        return gettext("Choose somebody, or type in who gets it.")


def _named(subject: Subject) -> list[Named | Line]:
    """Read who was ticked; only those count whom this organiser may see."""
    chosen = set(request.form.getlist("who")[:MOST])
    _title, people = _people(subject) if chosen else ("", [])
    zone = subject.organiser.city.timezone
    return [Named(one.learner, called(one, zone)) for one in people if one.learner in chosen]


def _typed() -> list[Named | Line]:
    found: list[Named | Line] = []
    for place in range(LINES):
        name, address = (
            clean(request.form.get(f"{what}-{place}", "")).strip() for what in ("name", "address")
        )
        if name or address:
            found.append(Line(place, tidy_address(address), name))
    return found


def _said(subject: Subject) -> Line:
    """Read what goes for all of them."""
    levels = {key: request.form.get(f"result:{key}", "") for key in result_keys(subject.achievement)}
    return Line(
        0,
        awarded_on=read_day(clean(request.form.get("awarded_on", "")).strip()),
        note=clean(request.form.get("note", "")).strip(),
        results={key: level for key, level in levels.items() if level},
    )


def _show(subject: Subject, given: Mapping[str, str], problem: DomainError | None) -> Response:
    title, people = _people(subject)
    return private_page(
        "awarding/people.html",
        status=problem.status if problem else 200,
        subject=subject,
        title=title,
        people=people,
        given=given,
        chosen=request.form.getlist("who"),
        problem=problem,
        lines=LINES,
        called=called,
        zone=subject.organiser.city.timezone,
        today=utc_now().date().isoformat(),
        source=request.query_string.decode(errors="replace"),
    )


def _people(subject: Subject) -> tuple[str, Sequence[Person]]:
    """Find who may be ticked: at the session or the activity that the address names. Raises NotFound."""
    if id := request.args.get("session"):
        occurrence = db.session.get(Occurrence, id)
        if occurrence is None or occurrence.activity.organiser_id != subject.organiser.id:
            raise NotFound()
        return pick(occurrence.activity.title), came_to(db.session(), occurrence)
    if id := request.args.get("activity"):
        activity = db.session.get(Activity, id)
        if activity is None or activity.organiser_id != subject.organiser.id:
            raise NotFound()
        return pick(activity.title), did(db.session(), activity)
    return "", []


def called(person: Person, zone: str) -> str:
    """Call somebody by the name that they showed, else by when they came."""
    when = format_datetime(person.at, "d MMM, HH:mm", tzinfo=ZoneInfo(zone), locale=language())
    return person.name or gettext("Learner of %(when)s", when=when)
