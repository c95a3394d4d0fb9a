"""The city's team: who is in it, invitations, roles, and leaving."""

from collections.abc import Sequence

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.acts import keep_act
from server.accounts.models import User
from server.accounts.sessions import signed_in
from server.accounts.staff import invitations
from server.cities import team
from server.cities.desk import AT, desk
from server.cities.desk.access import check_may_ask, go, is_owner, own_city, own_city_proved
from server.cities.models import City, CityMember
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.i18n import gettext, language
from server.core.roles import CITY_EDITOR, CITY_OWNER, needs
from server.core.shell import private_page
from server.core.text import clean

TEAM = f"{AT}/team"


@desk.get(TEAM)
@needs(CITY_EDITOR)
def show_team() -> Response:
    own_city()
    return _show()


def _show(problem: DomainError | None = None, **typed: str) -> Response:
    city, session = own_city(), db.session()
    return private_page(
        "cities/desk/team.html",
        status=problem.status if problem else 200,
        people=_people(session, city),
        waiting=invitations.waiting(session, city=city, at=utc_now()),
        me=signed_in(),
        owner=is_owner(city),
        said=_said(),
        problem=problem,
        typed=typed,
    )


def _people(session: Session, city: City) -> Sequence[tuple[CityMember, User]]:
    query = select(CityMember, User).join(User, User.id == CityMember.user_id)
    found = session.execute(query.where(CityMember.city_id == city.id).order_by(User.name, User.id))
    return [(row[0], row[1]) for row in found]


def _said() -> str:
    return {
        "invited": gettext("The invitation is on its way."),
        "role": gettext("The role is changed."),
        "removed": gettext("They are no longer in the team."),
        "withdrawn": gettext("The invitation is withdrawn."),
    }.get(request.args.get("said", ""), "")


@desk.post(f"{TEAM}/invitations")
@needs(CITY_OWNER)
def invite() -> Response:
    own_city_proved()
    email, role = clean(request.form.get("email", "")).strip(), request.form.get("role", "editor")
    try:
        check_may_ask(email)
        with writing() as session:
            city, at = own_city(), utc_now()
            made, token = invitations.invite(
                session, email=email, role=role, city=city, by=signed_in(), at=at
            )
            invitations.mail(session, city, made, token, language(), at)
            keep_act(session, "team.invite", made.id, role=role, email=made.email)
    except DomainError as problem:
        return _show(problem, email=email, role=role)
    return go(TEAM, said="invited")


@desk.post(f"{TEAM}/invitations/<invitation_id>/withdraw")
@needs(CITY_OWNER)
def withdraw(invitation_id: str) -> Response:
    own_city()
    with writing() as session:
        gone = invitations.withdraw(session, invitation_id, city=own_city())
        keep_act(session, "team.withdraw", invitation_id, email=gone.email)
    return go(TEAM, said="withdrawn")


@desk.post(f"{TEAM}/<member_id>/role")
@needs(CITY_OWNER)
def put_role(member_id: str) -> Response:
    own_city_proved()
    role = request.form.get("role", "")
    try:
        with writing() as session:
            member = team.find_member(session, own_city(), member_id)
            team.change_role(session, member, role)
            keep_act(session, "team.role", member_id, role=role, name=_name(member.user_id))
    except team.LastOwner as problem:
        return _show(problem)
    return go(TEAM if is_owner(own_city()) else AT, said="role")


@desk.post(f"{TEAM}/<member_id>/remove")
@needs(CITY_OWNER)
def remove(member_id: str) -> Response:
    own_city_proved()
    try:
        with writing() as session:
            member = team.find_member(session, own_city(), member_id)
            name, self = _name(member.user_id), member.user_id == signed_in().id
            team.remove(session, member)
            keep_act(session, "team.remove", member_id, name=name)
    except team.LastOwner as problem:
        return _show(problem)
    return go("/desk/") if self else go(TEAM, said="removed")


def _name(user_id: str) -> str:
    return db.session.get_one(User, user_id).name


desk.add_app_template_global(team.team_role_name)
