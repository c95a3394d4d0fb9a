"""A user's mail address: asking for another one, and the page that the mailed link leads to."""

from flask import Response, request

from server.accounts.models import User
from server.accounts.services import LinkSpent
from server.accounts.sessions import actor, proved, signed_in
from server.accounts.staff import addresses
from server.accounts.staff.addresses import AddressTaken
from server.accounts.staff.desk import desk
from server.accounts.staff.desk.entering import typed_rate
from server.accounts.staff.desk.me import go, show_me
from server.audit.services import note
from server.cities.current import current_city
from server.core.db import utc_now, writing
from server.core.errors import TooMany
from server.core.limits import limiter
from server.core.roles import PUBLIC, STAFF, needs
from server.core.shell import private_page
from server.post.addresses import AddressInvalid, read_address
from server.post.asking import may_ask


@desk.post("/desk/me/address")
@limiter.limit(typed_rate)
@needs(STAFF)
def ask_for_address() -> Response:
    """Mail a link to a new address."""
    user, at, city, written = proved(to_set_up=True), utc_now(), current_city(), request.form.get("email", "")
    try:
        address = read_address(written)
        if not may_ask(address):
            raise TooMany()
        with writing() as session:
            addresses.ask_to_confirm(session, city, user, address, at)
    except (AddressInvalid, TooMany) as error:
        return show_me(proved(to_set_up=True), error, written)
    return go("asked")


@desk.get("/desk/me/address")
@needs(PUBLIC)
def address_page() -> Response:
    """Wait for the link's secret, which is in the fragment: the island brings it here by the page's form."""
    return private_page("accounts/address.html", problem="")


@desk.post("/desk/me/address/confirm")
@limiter.limit(typed_rate)
@needs(STAFF)
def put_address() -> Response:
    """Change the address, for who is signed in as the one who asked: a mail that went astray changes nothing."""
    user, at, city = signed_in(to_set_up=True), utc_now(), current_city()
    sealed = request.form.get("token", "").strip().rpartition("#")[2]
    try:
        with writing() as session:
            user = session.get_one(User, user.id)
            addresses.change(session, city, user, sealed, at)
            note(session, actor(), "staff.address", user.id, at=at)
    except (LinkSpent, AddressTaken) as error:
        return private_page("accounts/address.html", status=error.status, problem=str(error))
    return go("address")
