"""Who is signed in: Flask-Login's `current_user` over our own sessions, and the cookie that carries them."""

from flask import Request, Response, current_app
from flask.sansio.app import App
from flask_login import LoginManager, current_user

from server.accounts.models import User
from server.accounts.services import SESSION_LASTS, user_of
from server.audit.services import Actor
from server.cities.current import current_city
from server.core.db import db, utc_now
from server.core.errors import SignInNeeded
from server.core.limits import network

COOKIE = "streetwise_session"


def init_app(app: App) -> None:
    """Adopt Flask-Login, without its own cookies: they would add `Vary: Cookie` to every public page."""
    manager = LoginManager()
    manager.request_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]


def _load(request: Request) -> User | None:
    token = request.cookies.get(COOKIE)
    return user_of(db.session(), token, utc_now()) if token else None


def signed_in() -> User:
    """Return the user of this request. Raises SignInNeeded."""
    user = current_user._get_current_object()
    if not isinstance(user, User):
        raise SignInNeeded()
    return user


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
    user = current_user._get_current_object()
    known = isinstance(user, User)
    return Actor(current_city().id, user.name if known else "", user.id if known else None, network())
