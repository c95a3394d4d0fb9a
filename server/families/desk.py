"""The desk of classes: made with pseudonyms, their cards, how far each one is, and their end."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, Response, current_app, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from server.accounts.sessions import actor
from server.audit.services import note
from server.codes.printing.words import PRINTED
from server.codes.sheets import Card, Sheet
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.i18n import gettext, language
from server.core.qr import draw_qr
from server.core.roles import EDITOR, needs
from server.core.shell import private_page
from server.core.text import harmless
from server.families import classes
from server.families.classes import ClassRefused, Progress
from server.families.models import ClassMember, SchoolClass
from server.families.pseudonyms import MOST, RealNames, read_pseudonyms, suggest
from server.organisers.access import own_organiser
from server.organisers.models import Organiser

desk = Blueprint("families_desk", __name__)
AT = "/desk/<org>/classes"
ONE = f"{AT}/<class_id>"


@dataclass(frozen=True, slots=True)
class Subject:
    """A class and its organiser."""

    organiser: Organiser
    school_class: SchoolClass

    @property
    def base(self) -> str:
        return f"/desk/{self.organiser.slug}/classes/{self.school_class.id}"


def _find(org: str, class_id: str) -> Subject:
    """Find a class that the user may see. Raises SignInNeeded, NotFound."""
    organiser = own_organiser(org)
    return Subject(organiser, classes.find_class(db.session(), organiser, class_id))


@desk.get(AT)
@needs(EDITOR)
def list_classes(org: str) -> Response:
    organiser = own_organiser(org)
    found = classes.classes_of(db.session(), organiser.id)
    return _show_list(organiser, found)


def _show_list(
    organiser: Organiser, found: Sequence[SchoolClass], problem: DomainError | None = None
) -> Response:
    return private_page(
        "families/classes.html",
        status=problem.status if problem else 200,
        organiser=organiser,
        found=found,
        given=request.form,
        problem=problem,
        real=isinstance(problem, RealNames),
        most=MOST,
        last_day=(utc_now() + classes.LASTS - timedelta(days=1)).date().isoformat(),
        many=classes.count_members(db.session(), [one.id for one in found]),
        last_day_of=_last_day,
        zone=organiser.city.timezone,
        today=utc_now().date().isoformat(),
    )


@desk.post(AT)
@needs(EDITOR)
def make_class(org: str) -> Answer:
    """Make a class. What looks like real names is asked about first."""
    organiser = own_organiser(org)
    try:
        with writing() as session:
            organiser = own_organiser(org)
            made = classes.make_class(
                session,
                organiser,
                request.form.get("name", ""),
                _pseudonyms(),
                _last_moment(organiser),
                utc_now(),
            )
            note(
                session, actor(), "class.make", made.id, at=utc_now(), organiser=organiser.id, name=made.name
            )
            address = f"{Subject(organiser, made).base}?lang={language()}&made=1"
    except DomainError as problem:
        organiser = own_organiser(org)
        return _show_list(organiser, classes.classes_of(db.session(), organiser.id), problem)
    return redirect(address, 303)


def _pseudonyms(taken: list[str] | None = None) -> list[str]:
    """Read the form: pseudonyms that were written, else as many suggested ones as were asked for."""
    written, known = request.form.get("pseudonyms", ""), taken or []
    if written.strip():
        return read_pseudonyms(written, known, sure="sure" in request.form)
    return suggest(request.form.get("number", 0, int), known)


def _last_moment(organiser: Organiser) -> datetime:
    """Read the last day: it ends with the city's midnight. Raises ClassRefused."""
    try:
        day = datetime.strptime(request.form.get("ends", ""), "%Y-%m-%d").date()  # noqa: DTZ007 - a day
        begin = datetime.combine(day, time(), ZoneInfo(organiser.city.timezone))
        return begin + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise ClassRefused(gettext("Choose a last day that is ahead, within 13 months.")) from error


@desk.get(ONE)
@needs(EDITOR)
def class_page(org: str, class_id: str) -> Response:
    return _show_class(_find(org, class_id))


def _show_class(subject: Subject, problem: DomainError | None = None) -> Response:
    code = classes.address_of(classes.code_of(subject.school_class), language())
    return private_page(
        "families/class.html",
        status=problem.status if problem else 200,
        subject=subject,
        rows=classes.progress(db.session(), subject.school_class),
        code=code,
        qr=draw_qr(code),
        given=request.form,
        problem=problem,
        real=isinstance(problem, RealNames),
        day=_day,
        last_day_of=_last_day,
        zone=subject.organiser.city.timezone,
    )


def _day(at: datetime, zone: str) -> str:
    return format_date(at.astimezone(ZoneInfo(zone)).date(), "d MMM y", locale=language())


def _last_day(school_class: SchoolClass, zone: str) -> str:
    """Write the last day of a class, which ends with that day's midnight."""
    return _day(school_class.ends_at - timedelta(minutes=1), zone)


@desk.post(f"{ONE}/members")
@needs(EDITOR)
def add_members(org: str, class_id: str) -> Answer:
    """Add places to a class."""
    subject = _find(org, class_id)
    try:
        with writing() as session:
            subject = _find(org, class_id)
            taken = [one.pseudonym for one in classes.members_of(session, subject.school_class)]
            fresh = _pseudonyms(taken)
            classes.add_members(session, subject.school_class, fresh)
            _note(session, subject, "class.add", number=len(fresh))
    except DomainError as problem:
        return _show_class(_find(org, class_id), problem)
    return redirect(f"{subject.base}?lang={language()}", 303)


@desk.post(f"{ONE}/members/<member_id>/card")
@needs(EDITOR)
def replace_card(org: str, class_id: str, member_id: str) -> Answer:
    """End a lost card and make a new one for the same place."""
    _find(org, class_id)
    with writing() as session:
        subject = _find(org, class_id)
        member = classes.find_member(session, subject.school_class, member_id)
        classes.replace_card(session, member, utc_now())
        _note(session, subject, "class.card", pseudonym=member.pseudonym)
        address = f"{subject.base}?lang={language()}&replaced={member.id}#member-{member.id}"
    return redirect(address, 303)


@desk.post(f"{ONE}/end")
@needs(EDITOR)
def end_class(org: str, class_id: str) -> Answer:
    """End a class now: the list goes."""
    _find(org, class_id)
    with writing() as session:
        subject = _find(org, class_id)
        _note(session, subject, "class.end", name=subject.school_class.name)
        classes.end_class(session, subject.school_class, utc_now())
    return redirect(f"/desk/{org}/classes?lang={language()}&ended=1", 303)


def _note(session: Session, subject: Subject, act: str, **facts: object) -> None:
    note(
        session, actor(), act, subject.school_class.id,
        at=utc_now(), organiser=subject.organiser.id, **facts,
    )  # fmt: skip


@desk.get(f"{ONE}/cards.pdf")
@needs(EDITOR)
def cards(org: str, class_id: str) -> Response:
    """Print a card for each member, or for one (`?member=`); all codes are read back first."""
    from server.codes.printing.check import make_checked_pdf  # fpdf takes half a second

    subject = _find(org, class_id)
    members = classes.members_of(db.session(), subject.school_class)
    if chosen := request.args.get("member"):
        members = [classes.find_member(db.session(), subject.school_class, chosen)]
    pdf = make_checked_pdf([_card(one, subject) for one in members], _sheet(subject), utc_now())
    return _file(Response(pdf, mimetype="application/pdf"), "class-cards.pdf")


def _card(member: ClassMember, subject: Subject) -> Card:
    link = classes.address_of(classes.card_of(member), language())
    name = {language(): member.pseudonym, "en": member.pseudonym}
    place = {language(): subject.school_class.name, "en": subject.school_class.name}
    return Card(code=link, point="", address=link, typed="", title=name, place=place)


def _sheet(subject: Subject) -> Sheet:
    organiser, lang = subject.organiser, language()
    host: str = current_app.config["STREETWISE"].public_host
    languages = [lang if lang in PRINTED else "en"]
    city = organiser.city
    return Sheet(subject.school_class.name, city.name, organiser.name, host, languages, "cards", city.colour)


@desk.get(f"{ONE}.csv")
@needs(EDITOR)
def download(org: str, class_id: str) -> Response:
    """Send how far each pseudonym is, as a table."""
    subject = _find(org, class_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [gettext("Pseudonym"), gettext("Card taken on"), gettext("Activities"), gettext("Badges"), gettext("Last here"), gettext("Which activities"), gettext("Which badges")]
    )  # fmt: skip
    for row in classes.progress(db.session(), subject.school_class):
        writer.writerow([harmless(cell) for cell in _cells(row, subject.organiser.city.timezone)])
    return _file(Response("\ufeff" + out.getvalue(), mimetype="text/csv"), "class.csv")


def _cells(row: Progress, zone: str) -> list[object]:
    days = [one.astimezone(ZoneInfo(zone)).date().isoformat() if one else "" for one in (row.member.joined_at, row.last)]  # fmt: skip
    many = [len(row.activities), len(row.badges)]
    return [row.member.pseudonym, days[0], *many, days[1], "; ".join(row.activities), "; ".join(row.badges)]


def _file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
