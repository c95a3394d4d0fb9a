"""Signing in to the desk, and out of it."""

from flask import Blueprint, Response, current_app, redirect, request

from server.accounts import sessions
from server.accounts.services import LinkSpent, safe_next, sign_in, sign_out
from server.core.db import utc_now, writing
from server.core.limits import limiter
from server.core.roles import PUBLIC, needs
from server.core.shell import private_page

routes = Blueprint("accounts", __name__, template_folder="templates")
routes.record_once(lambda state: sessions.init_app(state.app))


@routes.get("/desk/sign-in")
@needs(PUBLIC)
def sign_in_page() -> Response:
    """The link's page: its token is in the fragment, so it takes a form (sent by the island) to bring it here."""
    return private_page("accounts/sign-in.html", next=safe_next(request.args.get("next")))


@routes.post("/desk/sign-in")
@limiter.limit(lambda: current_app.config["STREETWISE"].typed_rate)
@needs(PUBLIC)
def use_link() -> Response:
    after = safe_next(request.form.get("next"))
    token = request.form.get("token", "").strip().rpartition("#")[2]
    try:
        with writing() as session:
            opened = sign_in(session, token, utc_now())
    except LinkSpent as spent:
        return private_page("accounts/sign-in.html", status=spent.status, next=after, spent=str(spent))
    response = redirect(after, 303)
    sessions.set_cookie(response, opened)  # type: ignore[arg-type]
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]


@routes.post("/desk/sign-out")
@needs(PUBLIC)
def leave() -> Response:
    token = request.cookies.get(sessions.COOKIE)
    if token:
        with writing() as session:
            sign_out(session, token)
    response = redirect("/", 303)
    sessions.drop_cookie(response)  # type: ignore[arg-type]
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]
