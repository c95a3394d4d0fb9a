"""The page that asks once more who it is, and then goes on where one was, with what was typed.

It stands in place of the answer to what was asked, holds the form that was sent, and its own answer leads the browser
to send exactly that again (307): so nothing typed is lost, and nothing of it is kept here meanwhile.
"""

from urllib.parse import urlencode

from flask import Response, redirect, request

from server.accounts import services, sessions
from server.accounts.models import User
from server.accounts.passkeys import PasskeyRefused
from server.accounts.services import safe_next
from server.accounts.sessions import ProofNeeded, SecondFactorNeeded
from server.accounts.staff.desk import desk
from server.accounts.staff.desk.entering import carry, enter_rate, typed_rate
from server.accounts.staff.desk.passkey_options import to_show
from server.accounts.staff.factors import CodeWrong, Factors, factors_of
from server.accounts.staff.mails import send_code
from server.accounts.staff.proofs import check_code, check_mailed_code, show_passkey
from server.cities.current import current_city
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, TooMany
from server.core.limits import limiter
from server.core.problems import problem, wants_json
from server.core.roles import STAFF, needs
from server.core.shell import private_page
from server.post.addresses import shorten
from server.post.asking import may_ask

OURS = "proof-"
"""How the fields of this page itself begin; all others are what was typed before."""


def ask(error: SecondFactorNeeded | ProofNeeded) -> Response:
    """Answer with the page that asks, to which a form that was sent comes along."""
    if wants_json():
        return problem(error.status, error.code, str(error))
    if isinstance(error, SecondFactorNeeded) and error.missing:
        return private_page("accounts/second-missing.html", status=error.status, **_going_on())
    return _page(error.status, isinstance(error, SecondFactorNeeded))


def _going_on() -> dict[str, object]:
    """Say where this leads on, and how: what the first request asked, or what this page was told of it."""
    query = request.query_string.decode("latin-1")
    to = request.path + ("?" + query if query else "")
    kept = [(name, value) for name, value in request.form.items(multi=True) if not name.startswith(OURS)]
    return {"to": safe_next(to), "method": request.method, "kept": kept}


def _page(status: int, second: bool, problem: str = "", **told: object) -> Response:
    user = sessions.who()
    has = factors_of(db.session(), user)
    told = {**_going_on(), **told}
    return private_page(
        "accounts/ask.html",
        status=status,
        second=second,
        has=has,
        mailed=_may_mail(has),
        address=shorten(user.email),
        problem=problem,
        query=urlencode({"to": told["to"]}),
        **told,
    )


def _may_mail(has: Factors) -> bool:
    """Say whether a code by mail is proof enough: a mail is one factor, so not for who has a second."""
    return not has.asked


def _again(problem: DomainError | None = None, **told: object) -> Response:
    """Show the page of this form once more."""
    second = request.form.get("proof-second") == "1"
    return _page(
        problem.status if problem else 200,
        second,
        str(problem) if problem else "",
        to=safe_next(request.args.get("to")),
        method="POST" if request.form.get("proof-method") == "POST" else "GET",
        **told,
    )


@desk.post("/desk/prove")
@limiter.limit(typed_rate)
@needs(STAFF)
def put_proof() -> Response:
    """Check what was shown, then go on: the session has a new token from now on."""
    user, after, at = sessions.who(), safe_next(request.args.get("to")), utc_now()
    try:
        with writing() as session:
            second = _check(user)
            opened = services.rotate(session, sessions.opened(), at, second=second)
    except (PasskeyRefused, CodeWrong, TooMany) as error:
        return _again(error, sent=request.form.get("proof-by") == "mail")
    again = request.form.get("proof-method") == "POST"
    return carry(redirect(after, 307 if again else 303), opened)  # type: ignore[arg-type]


def _check(user: User) -> bool:
    """Check the proof in the form; say whether it is also a second factor. Raises PasskeyRefused, CodeWrong, TooMany."""
    session, at, code = db.session(), utc_now(), request.form.get("proof-code", "")
    credential = request.form.get("proof-credential", "")
    if credential:
        show_passkey(session, credential, "prove", at, user)
        return True
    has = factors_of(session, user)
    if request.form.get("proof-by") == "mail" and _may_mail(has):
        check_mailed_code(session, user, sessions.opened(), code, at)
        return False
    check_code(session, user, code, at)
    return True


@desk.post("/desk/prove/options")
@limiter.limit(enter_rate)
@needs(STAFF)
def prove_options() -> Response:
    return to_show("prove", sessions.who())


@desk.post("/desk/prove/mail")
@limiter.limit(typed_rate)
@needs(STAFF)
def mail_code() -> Response:
    """Mail a code, and show the page again with room for it."""
    user, city, at = sessions.who(), current_city(), utc_now()
    if not _may_mail(factors_of(db.session(), user)):
        return _again(CodeWrong())
    if not may_ask(user.email):
        return _again(TooMany())
    with writing() as session:
        send_code(session, city, user, sessions.opened(), at)
    return _again(sent=True)
