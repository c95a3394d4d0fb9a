"""The page of an organiser's people: who is in the team, as what, and who is invited."""

from flask import Blueprint, Response, redirect, request

from server.accounts.sessions import actor, proved, signed_in
from server.accounts.staff import invitations
from server.accounts.staff.desk.me import when
from server.audit.services import note
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, TooMany
from server.core.i18n import gettext, language
from server.core.roles import OWNER, needs
from server.core.shell import private_page
from server.organisers import team
from server.organisers.access import own_organiser
from server.organisers.models import Organiser
from server.organisers.services import ROLES
from server.organisers.team import LastOwner
from server.post.addresses import AddressInvalid, read_address
from server.post.asking import may_ask

people = Blueprint("people", __name__, template_folder="templates")
AT = "/desk/<organiser>/people"


def role_means(role: str) -> str:
    """Say what a role may do, in a few words."""
    words = {
        "owner": gettext("all of it, and the people"),
        "editor": gettext("activities, codes and badges"),
        "reviewer": gettext("decides what counts"),
        "helper": gettext("sessions and the door"),
    }
    return words.get(role, "")


@people.get(AT)
@needs(OWNER)
def people_page(organiser: str) -> Response:
    return _page(own_organiser(organiser, OWNER))


def _page(found: Organiser, problem: DomainError | None = None, email: str = "", role: str = "") -> Response:
    session, at = db.session(), utc_now()
    done = {
        "invited": gettext("The invitation is on its way."),
        "changed": gettext("Changed. It holds from now on."),
        "removed": gettext("They are no longer in your team."),
        "withdrawn": gettext("The invitation no longer works."),
    }
    return private_page(
        "organisers/people.html",
        status=problem.status if problem else 200,
        organiser=found,
        user_id=signed_in().id,
        team=team.team(session, found),
        invited=invitations.waiting(session, organiser=found, at=at),
        roles=tuple(reversed(ROLES)),
        role_means=role_means,
        when=when,
        said=done.get(request.args.get("done", ""), ""),
        problem=str(problem) if problem else "",
        email=email,
        chosen=role if role in ROLES else "editor",
        done=request.args.get("done"),
    )


def _go(organiser: Organiser, done: str) -> Response:
    return redirect(f"/desk/{organiser.slug}/people?lang={language()}&done={done}", 303)  # type: ignore[return-value]


@people.post(f"{AT}/invite")
@needs(OWNER)
def put_invitation(organiser: str) -> Response:
    """Invite somebody by mail: only who reads that mailbox can accept."""
    found, at = own_organiser(organiser, OWNER), utc_now()
    user, role, written = proved(), request.form.get("role", ""), request.form.get("email", "")
    try:
        if not may_ask(read_address(written)):
            raise TooMany()
        with writing() as session:
            found = own_organiser(organiser, OWNER)
            made, token = invitations.invite(
                session, email=written, role=role, organiser=found, by=user, at=at
            )
            invitations.mail(session, found.city, made, token, language(), at)
            note(session, actor(), "people.invite", made.email, at=at, organiser=found.id, role=role)
    except (AddressInvalid, invitations.NoRole, TooMany) as error:
        return _page(own_organiser(organiser, OWNER), error, written, role)
    return _go(found, "invited")


@people.post(f"{AT}/invitations/<id>/withdraw")
@needs(OWNER)
def withdraw_invitation(organiser: str, id: str) -> Response:
    own_organiser(organiser, OWNER)
    with writing() as session:
        found = own_organiser(organiser, OWNER)
        gone = invitations.withdraw(session, id, organiser=found)
        note(
            session, actor(), "people.withdraw", gone.email, at=utc_now(), organiser=found.id, role=gone.role
        )
    return _go(found, "withdrawn")


@people.post(f"{AT}/<id>/role")
@needs(OWNER)
def put_role(organiser: str, id: str) -> Response:
    """Make somebody something else in this team."""
    found = own_organiser(organiser, OWNER)
    team.find_member(db.session(), found, id)
    proved()
    try:
        with writing() as session:
            found = own_organiser(organiser, OWNER)
            member = team.find_member(session, found, id)
            before = member.role
            team.change_role(session, member, request.form.get("role", ""), utc_now())
            told = {"name": member.user.name, "before": before, "role": member.role}
            note(session, actor(), "people.role", member.user_id, at=utc_now(), organiser=found.id, **told)
    except LastOwner as error:
        return _page(own_organiser(organiser, OWNER), error)
    return _after(organiser, found, "changed")


@people.post(f"{AT}/<id>/remove")
@needs(OWNER)
def remove_member(organiser: str, id: str) -> Response:
    """Take somebody out of the team; an owner may leave when another one stays."""
    found = own_organiser(organiser, OWNER)
    team.find_member(db.session(), found, id)
    proved()
    try:
        with writing() as session:
            found = own_organiser(organiser, OWNER)
            member = team.find_member(session, found, id)
            told = {"name": member.user.name, "role": member.role}
            note(session, actor(), "people.remove", member.user_id, at=utc_now(), organiser=found.id, **told)
            team.remove(session, member)
    except LastOwner as error:
        return _page(own_organiser(organiser, OWNER), error)
    return _after(organiser, found, "removed")


def _after(slug: str, organiser: Organiser, done: str) -> Response:
    """Go back to the people; who took away their own place there goes to the desk."""
    try:
        own_organiser(slug, OWNER)
    except DomainError:
        return redirect(f"/desk/?lang={language()}", 303)  # type: ignore[return-value]
    return _go(organiser, done)
