"""The authenticator app of a user: setting it up, its spare codes, taking it away."""

from flask import Response, request

from server.accounts import services
from server.accounts.models import User
from server.accounts.sessions import actor, opened, proved
from server.accounts.staff import factors
from server.accounts.staff.desk import desk
from server.accounts.staff.desk.entering import carry, typed_rate
from server.accounts.staff.desk.me import go, next_page
from server.accounts.staff.factors import CodeWrong, SetUpTooSlow
from server.accounts.staff.mails import tell_change
from server.audit.services import note
from server.cities.current import current_city
from server.core.db import utc_now, writing
from server.core.errors import DomainError
from server.core.limits import limiter
from server.core.qr import draw_qr
from server.core.roles import STAFF, needs
from server.core.shell import private_page


@desk.get("/desk/me/app")
@needs(STAFF)
def app_page() -> Response:
    """Show a secret to scan. Nothing is kept until a code of the app fits."""
    user = proved(to_set_up=True)
    return _page(user, factors.offer(user))


def _page(user: User, offered: str, problem: DomainError | None = None) -> Response:
    key = factors.open_offer(user, offered)
    address = factors.address_for_app(user, current_city(), key)
    return private_page(
        "accounts/app.html",
        status=problem.status if problem else 200,
        qr=draw_qr(address),
        address=address,
        key=" ".join(key[n : n + 4] for n in range(0, len(key), 4)),
        offered=offered,
        problem=str(problem) if problem else "",
        next=next_page(),
    )


@desk.post("/desk/me/app")
@limiter.limit(typed_rate)
@needs(STAFF)
def put_app() -> Response:
    """Keep the app when its first code fits; show its spare codes, once."""
    user, at, city = proved(to_set_up=True), utc_now(), current_city()
    offered = request.form.get("offer", "")
    try:
        with writing() as session:
            codes = factors.confirm(session, user, offered, request.form.get("code", ""), at)
            token = services.rotate(session, opened(), at, second=True)
            tell_change(session, city, user, "app_set_up", at)
            note(session, actor(), "staff.app_set_up", user.id, at=at)
    except CodeWrong as wrong:
        return _page(proved(to_set_up=True), offered, wrong)
    except SetUpTooSlow as slow:
        user = proved(to_set_up=True)
        return _page(user, factors.offer(user), slow)
    return carry(private_page("accounts/spare-codes.html", codes=codes, next=next_page()), token)


@desk.post("/desk/me/app/spare")
@needs(STAFF)
def put_spare() -> Response:
    """Make new spare codes; the earlier ones are void."""
    user, at = proved(to_set_up=True), utc_now()
    with writing() as session:
        codes = factors.renew_spare_codes(session, factors.find_app(session, user))
        note(session, actor(), "staff.spare_codes", user.id, at=at)
    response = private_page("accounts/spare-codes.html", codes=codes)
    response.headers["Cache-Control"] = "no-store"
    return response


@desk.post("/desk/me/app/remove")
@needs(STAFF)
def remove_app() -> Response:
    user, at, city = proved(to_set_up=True), utc_now(), current_city()
    with writing() as session:
        factors.check_may_lose(session, user, app=True)
        factors.drop_app(session, user)
        tell_change(session, city, user, "app_removed", at)
        note(session, actor(), "staff.app_remove", user.id, at=at)
    return go("removed")
