"""Who may work at an organiser's badges desk, and on which badge. To others there is nothing."""

from flask import Response, redirect
from sqlalchemy import select

from server.accounts.sessions import signed_in
from server.badges.models import Achievement
from server.cities.current import current_city
from server.core.db import db
from server.core.errors import NotFound
from server.core.i18n import language
from server.organisers.models import Organiser
from server.organisers.services import may


def find_organiser(slug: str) -> Organiser:
    """Find an organiser of this city whose badges the user may change. Raises NotFound."""
    user = signed_in()
    query = select(Organiser).where(Organiser.city_id == current_city().id, Organiser.slug == slug)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    may(db.session(), user, found)
    return found


def find_badge(slug: str, id: str) -> Achievement:
    """Find one version of a badge of an organiser, a draft too. Raises NotFound, also to who may not change it."""
    organiser = find_organiser(slug)
    found = db.session.get(Achievement, id)
    if found is None or found.organiser_id != organiser.id:
        raise NotFound()
    return found


def badge_path(slug: str, id: str = "", then: str = "") -> str:
    """Write the address of a badge at the desk, of the list without an id."""
    inside = "".join(f"/{part}" for part in (id, then) if part)
    return f"/desk/{slug}/badges{inside}?lang={language()}"


def go(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]
