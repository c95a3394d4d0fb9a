"""Who is signed in: Flask-Login's `current_user` over our own sessions, and the cookie that carries them.

`signed_in()` asks who it is, `strong()` also for a second factor where one is due, and `proved()` also for a proof of
the last minutes: for what is dangerous. What they raise becomes a page that asks, and then goes on (`staff/asking.py`).
"""

from datetime import timedelta

from flask import Request, Response, current_app, g, request
from flask.sansio.app import App
from flask_login import LoginManager, current_user

from server.accounts import services
from server.accounts.models import User, UserSession
from server.accounts.services import SEEN_EVERY, SESSION_LASTS, From
from server.accounts.staff.factors import Factors, factors_of
from server.audit.services import Actor
from server.cities.current import current_city
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, SignInNeeded
from server.core.i18n import gettext
from server.core.limits import network

COOKIE = "streetwise_session"
PROOF_LASTS = timedelta(minutes=10)


class SecondFactorNeeded(DomainError):
    """A second factor is to be shown, or (`missing`) to be set up first."""

    status, code = 401, "second_factor_needed"

    def __init__(self, *, missing: bool = False) -> None:
        self.missing = missing
        super().__init__()

    def explain(self) -> str:
        return gettext("Your second factor is needed for this.")


class ProofNeeded(DomainError):
    """What is asked is dangerous: who it is must have been proved within the last minutes."""

    status, code = 401, "proof_needed"

    def explain(self) -> str:
        return gettext("Please show once more that it is you.")


def init_app(app: App) -> None:
    """Adopt Flask-Login, without its own cookies: they would add `Vary: Cookie` to every public page."""
    manager = LoginManager()
    manager.request_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]


def _load(request: Request) -> User | None:
    token = request.cookies.get(COOKIE)
    found = services.find_session(db.session(), token, utc_now()) if token else None
    if found is None:
        return None
    if found.seen_at is None or found.seen_at < utc_now() - SEEN_EVERY:
        g.session_to_note = token
    return db.session.get(User, found.user_id)


def note_seen(response: Response) -> Response:
    """Keep when a session was last used, after the answer was made."""
    token = g.pop("session_to_note", None)
    if token:
        with writing() as session:
            services.note_seen(session, token, utc_now())
    return response


def anybody() -> User | None:
    """Return the user of this request, if there is one."""
    user = current_user._get_current_object()
    return user if isinstance(user, User) else None


def who() -> User:
    """Return the user of this request, whatever they still have to show. Raises SignInNeeded."""
    user = anybody()
    if user is None:
        raise SignInNeeded()
    return user


def opened() -> UserSession:
    """Return the session of this request. Raises SignInNeeded."""
    found = services.find_session(db.session(), request.cookies.get(COOKIE, ""), utc_now())
    if found is None:
        raise SignInNeeded()
    return found


def signed_in(*, to_set_up: bool = False) -> User:
    """Return the user of this request; `to_set_up`: also one whose second factor is missing, who comes to set it up.

    Raises SignInNeeded, SecondFactorNeeded.
    """
    user, has = _shown()
    if has.missing and has.due and has.due <= utc_now() and not to_set_up:
        raise SecondFactorNeeded(missing=True)
    return user


def strong() -> User:
    """Return the user of this request, who has shown a second factor if they have or must have one.

    Raises SignInNeeded, SecondFactorNeeded.
    """
    user, has = _shown()
    if has.missing:
        raise SecondFactorNeeded(missing=True)
    return user


def proved(*, to_set_up: bool = False) -> User:
    """Return the user of this request, who has proved within the last minutes that it is them.

    Raises SignInNeeded, SecondFactorNeeded, ProofNeeded.
    """
    user = signed_in(to_set_up=True) if to_set_up else strong()
    if not is_proved(opened()):
        raise ProofNeeded()
    return user


def _shown() -> tuple[User, Factors]:
    """Return the user of this request, who has shown the second factor that they have."""
    user = who()
    has = factors_of(db.session(), user)
    if has.asked and opened().second_at is None:
        raise SecondFactorNeeded()
    return user, has


def is_proved(found: UserSession) -> bool:
    return found.proved_at is not None and found.proved_at > utc_now() - PROOF_LASTS


def here() -> From:
    """Say which browser asks, and from where."""
    return From(request.headers.get("User-Agent", ""), network())


def set_cookie(response: Response, token: str) -> None:
    """Keep a session's token in this browser: out of reach for scripts and for other sites' forms."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/desk/",
        httponly=True,
        samesite="Lax",
        secure=current_app.config["STREETWISE"].secure,
    )


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/desk/", httponly=True, samesite="Lax")


def actor() -> Actor:
    """Say who acts in this request, for the audit log."""
    user = anybody()
    return Actor(current_city().id, user.name if user else "", user.id if user else None, network())
