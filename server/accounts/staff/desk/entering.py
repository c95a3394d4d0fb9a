"""Signing in to the desk by a passkey, a link in a mail or a link that was given, and signing out."""

import logging

from flask import Response, current_app, redirect, request
from sqlalchemy.orm import Session

from server.accounts import services, sessions
from server.accounts.models import User
from server.accounts.passkeys import PasskeyRefused
from server.accounts.services import LinkSpent, safe_next
from server.accounts.staff.desk import desk
from server.accounts.staff.desk.passkey_options import to_show
from server.accounts.staff.mails import SIGN_IN
from server.accounts.staff.proofs import show_passkey
from server.audit.services import Actor, note
from server.cities.current import current_city
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError
from server.core.i18n import language
from server.core.limits import limiter, network
from server.core.roles import PUBLIC, needs
from server.core.shell import private_page
from server.post import askings
from server.post.addresses import AddressInvalid, read_address
from server.post.asking import may_ask

_log = logging.getLogger(__name__)


def typed_rate() -> str:
    rate: str = current_app.config["STREETWISE"].typed_rate
    return rate


def enter_rate() -> str:
    rate: str = current_app.config["STREETWISE"].enter_rate
    return rate


@desk.get("/desk/sign-in")
@needs(PUBLIC)
def sign_in_page() -> Response:
    """Show the ways in. A link's token is in the fragment, so it takes a form (sent by the island) to bring it here."""
    return _page()


def _page(problem: DomainError | None = None, **said: object) -> Response:
    after = safe_next(request.values.get("next"))
    status = problem.status if problem else 200
    return private_page(
        "accounts/sign-in.html", status=status, next=after, problem=str(problem) if problem else "", **said
    )


@desk.post("/desk/sign-in")
@limiter.limit(typed_rate)
@needs(PUBLIC)
def put_link() -> Response:
    """Sign in by a link; where somebody else is signed in, ask first: whoever sent the link may want them to be another."""
    token = request.form.get("token", "").strip().rpartition("#")[2]
    now = services.user_of(db.session(), request.cookies.get(sessions.COOKIE, ""), utc_now())
    other = services.whose_link(db.session(), token, utc_now())
    if now and other and now.id != other.id and "instead" not in request.form:
        after = safe_next(request.values.get("next"))
        return private_page("accounts/other.html", now=now, other=other, token=token, next=after)
    try:
        with writing() as session:
            opened = services.sign_in(session, token, utc_now(), sessions.here())
            _note_sign_in(session, opened)
    except LinkSpent as spent:
        return _page(spent)
    return let_in(opened)


@desk.post("/desk/sign-in/options")
@limiter.limit(enter_rate)
@needs(PUBLIC)
def options() -> Response:
    """Give a page's script what it asks the browser for a passkey with."""
    return to_show("enter")


@desk.post("/desk/sign-in/passkey")
@limiter.limit(enter_rate)
@needs(PUBLIC)
def put_passkey() -> Response:
    try:
        with writing() as session:
            shown = show_passkey(session, request.form.get("proof-credential", ""), "enter", utc_now())
            opened = services.open_session(
                session, shown.user_id or "", "passkey", utc_now(), sessions.here(), second=True
            )
            _note_sign_in(session, opened)
    except PasskeyRefused as refused:
        _log.warning("A passkey was refused at the desk, from %s.", network())
        return _page(refused)
    return let_in(opened)


@desk.post("/desk/sign-in/mail")
@limiter.limit(typed_rate)
@needs(PUBLIC)
def put_mail() -> Response:
    """Mail a link to somebody of staff. The answer is the same for everybody else's address, and takes as long."""
    try:
        address = read_address(request.form.get("email", ""))
    except AddressInvalid as invalid:
        return _page(invalid, email=request.form.get("email", "")[:254])
    if may_ask(address):
        city, after = current_city(), safe_next(request.form.get("next"))
        with writing() as session:
            askings.ask(session, city, SIGN_IN, address, language(), at=utc_now(), next=after)
    return _page(sent=address)


def let_in(opened: str, after: str = "") -> Response:
    """Go on with a new session in this browser; the one it had before ends."""
    before = request.cookies.get(sessions.COOKIE)
    if before:
        with writing() as session:
            services.sign_out(session, before)
    return carry(redirect(after or safe_next(request.values.get("next")), 303), opened)  # type: ignore[arg-type]


def carry(response: Response, token: str) -> Response:
    """Put a session's token into an answer, which nobody keeps."""
    sessions.set_cookie(response, token)
    response.headers["Cache-Control"] = "no-store"
    return response


def _note_sign_in(session: Session, opened: str) -> None:
    at = utc_now()
    found = services.find_session(session, opened, at)
    user = session.get(User, found.user_id) if found else None
    if found and user:
        who = Actor(current_city().id, user.name, user.id, network())
        note(session, who, "staff.sign_in", user.id, at=at, way=found.way)


@desk.post("/desk/sign-out")
@needs(PUBLIC)
def leave() -> Response:
    token = request.cookies.get(sessions.COOKIE)
    if token:
        with writing() as session:
            services.sign_out(session, token)
    response = redirect("/", 303)
    sessions.drop_cookie(response)  # type: ignore[arg-type]
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]
