"""The city's desk for those of its team who may open it. To others there is nothing."""

from urllib.parse import urlencode

from flask import Response, redirect

from server.accounts.sessions import proved, signed_in
from server.cities import team
from server.cities.current import current_city
from server.cities.models import City
from server.core.db import db
from server.core.errors import TooMany
from server.core.i18n import language
from server.post.addresses import read_address
from server.post.asking import may_ask


def own_city() -> City:
    """Return this city when the user may do this in its team. Raises SignInNeeded, NotFound."""
    city = current_city()
    team.may(db.session(), signed_in().id, city)
    return city


def own_city_proved() -> City:
    """Return this city for what is dangerous: who asks has proved just now that it is them. Raises ProofNeeded too."""
    proved()
    return own_city()


def is_owner(city: City) -> bool:
    """Say whether the user may do everything here, for what a page offers."""
    member = team.member_of(db.session(), signed_in().id, city)
    return member is not None and member.role == "owner"


def check_may_ask(written: str) -> None:
    """Raise AddressInvalid, or TooMany when that address got enough mails from us for now."""
    if not may_ask(read_address(written)):
        raise TooMany()


def go(path: str, **query: object) -> Response:
    return redirect(f"{path}?{urlencode({'lang': language(), **query})}", 303)  # type: ignore[return-value]
