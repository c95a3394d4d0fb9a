"""Who may work at an organiser's badges desk, and on which badge. To others there is nothing."""

from flask import Response, redirect

from server.accounts.acts import keep_act
from server.badges.models import Achievement
from server.core.db import db
from server.core.errors import NotFound
from server.core.i18n import language, pick
from server.organisers.access import own_organiser


def find_badge(slug: str, id: str) -> Achievement:
    """Find one version of a badge of an organiser, a draft too. Raises NotFound, also to who may not change it."""
    organiser = own_organiser(slug)
    found = db.session.get(Achievement, id)
    if found is None or found.organiser_id != organiser.id:
        raise NotFound()
    return found


def keep(act: str, badge: Achievement) -> None:
    """Keep for the audit log what was done to a badge."""
    name, version = pick(badge.name), badge.version
    keep_act(db.session(), f"badge.{act}", badge.id, badge.organiser_id, name=name, version=version)


def badge_path(slug: str, id: str = "", then: str = "") -> str:
    """Write the address of a badge at the desk, of the list without an id."""
    inside = "".join(f"/{part}" for part in (id, then) if part)
    return f"/desk/{slug}/badges{inside}?lang={language()}"


def go(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]
