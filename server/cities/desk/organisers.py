"""The city's organisers: looked at, added with the invitation of a first owner, suspended and brought back."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.acts import keep_act
from server.accounts.models import User
from server.accounts.sessions import signed_in
from server.accounts.staff import invitations
from server.activities.models import Activity
from server.badges.models import Achievement
from server.cities.desk import AT, desk
from server.cities.desk.access import check_may_ask, go, is_owner, own_city, own_city_proved
from server.cities.models import City
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.i18n import gettext, language
from server.core.roles import CITY_EDITOR, CITY_OWNER, needs
from server.core.shell import private_page
from server.core.text import clean
from server.organisers import offering
from server.organisers.making import make_organiser
from server.organisers.models import Member, Organiser
from server.organisers.services import find_organiser
from server.playlists.models import Playlist

LIST = f"{AT}/organisers"
ONE = f"{LIST}/<slug>"


@desk.get(LIST)
@needs(CITY_EDITOR)
def organisers() -> Response:
    city, session = own_city(), db.session()
    found = session.scalars(select(Organiser).where(Organiser.city_id == city.id)).all()
    return private_page(
        "cities/desk/organisers.html",
        organisers=found,
        people=_count_by(session, Member),
        activities=_count_by(session, Activity),
        owner=is_owner(city),
    )


def _count_by(session: Session, model: type[Member] | type[Activity]) -> dict[str, int]:
    rows = session.execute(select(model.organiser_id, func.count()).group_by(model.organiser_id))
    return {row[0]: row[1] for row in rows}


@desk.get(f"{LIST}/new")
@needs(CITY_OWNER)
def new_organiser() -> Response:
    own_city()
    return _new({}, None)


def _new(typed: dict[str, str], problem: DomainError | None) -> Response:
    status = problem.status if problem else 200
    return private_page("cities/desk/new-organiser.html", status=status, typed=typed, problem=problem)


@desk.post(f"{LIST}/new")
@needs(CITY_OWNER)
def add_organiser() -> Response:
    """Add an organiser, and invite who is to own it."""
    own_city_proved()
    typed = {key: clean(request.form.get(key, "")).strip() for key in ("name", "email")}
    try:
        check_may_ask(typed["email"])
        with writing() as session:
            city = own_city()
            made = make_organiser(session, city, typed["name"], language())
            keep_act(session, "organiser.make", made.slug, made.id, name=typed["name"])
            _invite_owner(session, city, made, typed["email"])
            slug = made.slug
    except DomainError as problem:
        return _new(typed, problem)
    return go(f"{LIST}/{slug}", said="made")


def _invite_owner(session: Session, city: City, organiser: Organiser, email: str) -> None:
    at = utc_now()
    made, token = invitations.invite(
        session, email=email, role="owner", organiser=organiser, by=signed_in(), at=at
    )
    invitations.mail(session, city, made, token, language(), at)
    keep_act(session, "organiser.invite", organiser.slug, organiser.id, role="owner", email=made.email)


@desk.get(ONE)
@needs(CITY_EDITOR)
def organiser(slug: str) -> Response:
    """Show what an organiser has and who acts for it. Nothing here is about a learner."""
    return _show(own_city(), slug)


def _show(city: City, slug: str, problem: DomainError | None = None, **typed: str) -> Response:
    session = db.session()
    found = find_organiser(session, city, slug)
    return private_page(
        "cities/desk/organiser.html",
        status=problem.status if problem else 200,
        organiser=found,
        people=_people(session, found),
        waiting=invitations.waiting(session, organiser=found, at=utc_now()),
        things=_things(session, found),
        owner=is_owner(city),
        said=_said(),
        problem=problem,
        typed=typed,
        most_why=offering.MOST_WHY,
    )


def _people(session: Session, organiser: Organiser) -> Sequence[tuple[Member, User]]:
    query = select(Member, User).join(User, User.id == Member.user_id)
    rows = session.execute(query.where(Member.organiser_id == organiser.id).order_by(User.name, User.id))
    return [(row[0], row[1]) for row in rows]


def _things(session: Session, organiser: Organiser) -> dict[str, Sequence[Any]]:
    badges = select(Achievement).where(Achievement.state == "published", Achievement.replaced_at.is_(None))
    return {
        name: session.scalars(query.filter_by(organiser_id=organiser.id).order_by("id")).all()
        for name, query in (
            ("playlists", select(Playlist)),
            ("activities", select(Activity)),
            ("badges", badges),
        )
    }


def _said() -> str:
    return {
        "made": gettext("Added. The invitation is on its way."),
        "invited": gettext("The invitation is on its way."),
        "suspended": gettext("Suspended: nothing of it is shown any more."),
        "back": gettext("It is back: everything is shown as before."),
    }.get(request.args.get("said", ""), "")


@desk.post(f"{ONE}/owners")
@needs(CITY_OWNER)
def invite_owner(slug: str) -> Response:
    """Invite another owner, for an organiser whose people are gone."""
    own_city_proved()
    email = clean(request.form.get("email", "")).strip()
    try:
        check_may_ask(email)
        with writing() as session:
            city = own_city()
            _invite_owner(session, city, find_organiser(session, city, slug), email)
    except DomainError as problem:
        return _show(own_city(), slug, problem, email=email)
    return go(f"{LIST}/{slug}", said="invited")


class ReasonNeeded(DomainError):
    status, code = 422, "reason_needed"

    def explain(self) -> str:
        return gettext("Say why: its people read it.")


@desk.post(f"{ONE}/suspend")
@needs(CITY_OWNER)
def suspend(slug: str) -> Response:
    """Hide all that an organiser offers, and let its people only look."""
    city, why = own_city_proved(), clean(request.form.get("why", "")).strip()
    if not why:
        return _show(city, slug, ReasonNeeded())
    with writing() as session:
        found = find_organiser(session, own_city(), slug)
        offering.suspend(found, why, utc_now())
        keep_act(session, "organiser.suspend", slug, found.id, why=why)
    return go(f"{LIST}/{slug}", said="suspended")


@desk.post(f"{ONE}/bring-back")
@needs(CITY_OWNER)
def bring_back(slug: str) -> Response:
    own_city()
    with writing() as session:
        found = find_organiser(session, own_city(), slug)
        offering.bring_back(found)
        keep_act(session, "organiser.bring_back", slug, found.id)
    return go(f"{LIST}/{slug}", said="back")
