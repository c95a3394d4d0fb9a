"""A user's passkeys: adding one, naming it, taking it away."""

from flask import Response, redirect, request
from sqlalchemy.orm import Session

from server.accounts import passkeys
from server.accounts.models import Passkey, User
from server.accounts.passkeys import MOST_PASSKEYS, PasskeyRefused
from server.accounts.sessions import actor, here, proved, signed_in
from server.accounts.staff.browsers import browser_name
from server.accounts.staff.desk import desk
from server.accounts.staff.desk.entering import enter_rate
from server.accounts.staff.desk.me import go, next_page
from server.accounts.staff.desk.passkey_options import to_make
from server.accounts.staff.factors import check_may_lose
from server.accounts.staff.invitations import read_name
from server.accounts.staff.mails import tell_change
from server.accounts.staff.proofs import read_credential
from server.audit.services import note
from server.cities.current import current_city
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.limits import limiter
from server.core.roles import STAFF, needs
from server.core.shell import private_page


class TooManyPasskeys(DomainError):
    status, code = 422, "too_many_passkeys"

    def explain(self) -> str:
        return gettext("You have %(most)s passkeys. Remove one that you no longer use.", most=MOST_PASSKEYS)


@desk.get("/desk/me/passkeys/new")
@needs(STAFF)
def new_passkey() -> Response:
    """Ask first who it is: a passkey is a way in, for good."""
    return _page(proved(to_set_up=True))


def _page(user: User, problem: DomainError | None = None) -> Response:
    status = problem.status if problem else 200
    return private_page(
        "accounts/new-passkey.html",
        status=status,
        problem=str(problem) if problem else "",
        next=next_page(),
        name=browser_name(here().agent),
    )


@desk.post("/desk/me/passkeys/options")
@limiter.limit(enter_rate)
@needs(STAFF)
def add_options() -> Response:
    return to_make(proved(to_set_up=True))


@desk.post("/desk/me/passkeys")
@needs(STAFF)
def put_passkey_of_mine() -> Response:
    """Keep a passkey that the browser has made."""
    user, at, city = proved(to_set_up=True), utc_now(), current_city()
    try:
        with writing() as session:
            made = _add(session, user)
            tell_change(session, city, user, "passkey_added", at)
            note(session, actor(), "staff.passkey_add", made.id, at=at, name=made.name)
    except (PasskeyRefused, TooManyPasskeys) as error:
        return _page(proved(to_set_up=True), error)
    return redirect(next_page(), 303) if next_page() else go("passkey")  # type: ignore[return-value]


def _add(session: Session, user: User) -> Passkey:
    if len(passkeys.passkeys_of(session, user=user.id)) >= MOST_PASSKEYS:
        raise TooManyPasskeys()
    at, name = utc_now(), request.form.get("name", "") or browser_name(here().agent)
    credential = read_credential(request.form.get("proof-credential", ""))
    challenge = passkeys.use_challenge(session, credential, "add", at=at, user=user)
    made = passkeys.check_new(
        credential, challenge, passkeys.site(), name=read_name(name), at=at, verified=True
    )
    made.user_id = user.id
    session.add(made)
    session.flush()
    return made


@desk.post("/desk/me/passkeys/<id>")
@needs(STAFF)
def change_passkey(id: str) -> Response:
    """Name a passkey anew."""
    signed_in(to_set_up=True)
    name = read_name(request.form.get("name", ""))
    with writing() as session:
        _own(session, id, signed_in(to_set_up=True)).name = name
        note(session, actor(), "staff.passkey_rename", id, at=utc_now(), name=name)
    return go("renamed")


@desk.post("/desk/me/passkeys/<id>/remove")
@needs(STAFF)
def remove_passkey(id: str) -> Response:
    """Take a passkey away: it opens nothing from now on."""
    user, at, city = proved(to_set_up=True), utc_now(), current_city()
    _own(db.session(), id, user)
    with writing() as session:
        passkey = _own(session, id, user)
        check_may_lose(session, user, passkeys=1)
        note(session, actor(), "staff.passkey_remove", id, at=at, name=passkey.name)
        session.delete(passkey)
        tell_change(session, city, user, "passkey_removed", at)
    return go("removed")


def _own(session: Session, id: str, user: User) -> Passkey:
    found = session.get(Passkey, id)
    if found is None or found.user_id != user.id:
        raise NotFound()
    return found
