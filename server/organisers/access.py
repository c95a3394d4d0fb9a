"""An organiser's desk by its address, for those who may open it."""

from server.accounts.sessions import signed_in
from server.cities.current import current_city
from server.core.db import db
from server.organisers.models import Organiser
from server.organisers.services import find_organiser, may


def own_organiser(slug: str, role: str = "") -> Organiser:
    """Find an organiser of this city in which the user may do this, or is at least `role` where a view asks for more.

    Raises SignInNeeded, NotFound, Suspended."""
    user = signed_in()
    found = find_organiser(db.session(), current_city(), slug)
    may(db.session(), user, found, role)
    return found
