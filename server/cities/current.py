"""The city that the running request is for."""

from flask import g, request

from server.cities.models import City
from server.cities.services import city_at
from server.core.db import db
from server.core.errors import NotFound
from server.core.i18n import gettext


class NoCity(NotFound):
    """An instance that nobody has filled yet."""

    code = "no_city"

    def explain(self) -> str:
        return gettext("There is no city here yet. Its operator can add one, or run `streetwise demo`.")


def current_city() -> City:
    """Return the city of this request's host; raises NoCity."""
    if "city" not in g:
        g.city = city_at(db.session(), request.host)
    if g.city is None:
        raise NoCity()
    found: City = g.city
    return found
