"""The page of an invitation: whose team it is, and a name to join with."""

from flask import Response, redirect, request

from server.accounts import services, sessions
from server.accounts.staff import invitations
from server.accounts.staff.desk import desk
from server.accounts.staff.desk.entering import let_in, typed_rate
from server.accounts.staff.invitations import InvitationSpent, NoName, city_role_name
from server.audit.services import Actor, note
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.i18n import language
from server.core.limits import limiter, network
from server.core.roles import LINK, PUBLIC, needs
from server.core.shell import private_page
from server.organisers.services import role_name
from server.post.addresses import shorten


@desk.get("/desk/join")
@needs(PUBLIC)
def join_page() -> Response:
    """Wait for the token, which is in the fragment: the island brings it here by the page's form."""
    return private_page("accounts/join.html", found=None, problem="")


@desk.post("/desk/join")
@limiter.limit(typed_rate)
@needs(LINK)
def put_join() -> Response:
    """Show an invitation; with a name, or from who is known here, accept it."""
    token = request.form.get("token", "").strip().rpartition("#")[2]
    try:
        if "accept" not in request.form:
            return _page(token)
        return _accept(token)
    except InvitationSpent as spent:
        return private_page("accounts/join.html", status=spent.status, found=None, problem=str(spent))
    except NoName as problem:
        return _page(token, problem)


def _page(token: str, problem: DomainError | None = None) -> Response:
    session = db.session()
    found = invitations.find(session, token, utc_now())
    name = role_name if found.organiser_id else city_role_name
    return private_page(
        "accounts/join.html",
        status=problem.status if problem else 200,
        found=found,
        known=invitations.known(session, found),
        team=invitations.team_name(session, found, language()),
        role=name(found.role),
        address=shorten(found.email),
        token=token,
        problem=str(problem) if problem else "",
    )


def _accept(token: str) -> Response:
    """Make who has the link a member. Who is new is signed in; who was here signs in as always."""
    at = utc_now()
    with writing() as session:
        found = invitations.find(session, token, at)
        user = invitations.accept(session, token, request.form.get("name", ""), at)
        new = user.created_at == at  # and not by another invitation in the same moment
        who = Actor(invitations.city_of(session, found).id, user.name, user.id, network())
        note(session, who, "staff.join", user.id, at=at, organiser=found.organiser_id, role=found.role)
        opened = services.open_session(session, user.id, "invitation", at, sessions.here()) if new else ""
        user_id = user.id
    if opened:
        return let_in(opened, f"/desk/me?lang={language()}&done=welcome")
    return _to_the_desk(user_id)


def _to_the_desk(user_id: str) -> Response:
    now = sessions.anybody()
    if now and now.id == user_id:
        return redirect(f"/desk/?lang={language()}", 303)  # type: ignore[return-value]
    return private_page("accounts/joined.html")
