"""The door's API for its phones, and the desk's way to open it and to make and end its links."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from babel.dates import format_datetime, get_timezone
from flask import Blueprint, Response, current_app, jsonify, redirect, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy.orm import Session

from server.accounts.acts import keep_act
from server.accounts.models import User
from server.accounts.sessions import signed_in
from server.cities.current import current_city
from server.core import roles
from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.i18n import language
from server.core.limits import limiter
from server.core.problems import Problem
from server.core.qr import draw_qr
from server.core.shell import absolute, private_page
from server.core.text import clean
from server.door import services
from server.door.content import content_of
from server.door.models import DoorLink
from server.door.schemas import DoorContent, DoorHeaders, DoorPath
from server.door.services import HELPER, ORGANISER, Door, DoorClosed, DoorSuspended, Maker
from server.occurrences.models import Occurrence
from server.occurrences.services import find
from server.organisers.services import may
from server.replicas.checking import check_blob_call
from server.replicas.moments import milliseconds

routes = Blueprint("door", __name__, template_folder="templates")
api = APIBlueprint("doors", __name__, url_prefix="/api", abp_tags=[Tag(name="door")])
_RATE = "600 per minute"
"""Several doors behind one address ask every few seconds."""


api.after_request(speak_sync)


@api.get(
    "/door/<occurrence>",
    summary="All that a door's phone needs, also with no network",
    responses={200: DoorContent, 304: None, 401: Problem, 403: Problem, 429: Problem},
)
@limiter.limit(_RATE)
@roles.needs(roles.DEVICE)
def door(path: DoorPath, header: DoorHeaders) -> Response:
    """Send what a door keeps. Its ETag follows the content and not the time, so that asking often is cheap."""
    now = _now()
    content = content_of(db.session(), _check_door(path.occurrence, header, now), language())
    tag = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
    response = jsonify({"now": milliseconds(now), **content})
    response.set_etag(tag)
    return response.make_conditional(request)  # type: ignore[return-value]


def _check_door(occurrence_id: str, header: DoorHeaders, now: datetime) -> Door:
    """Return the door at which the asking device stands. Raises NotProven, DoorClosed when it does not, DoorSuspended."""
    session = db.session()
    check_blob_call(session, header.sync_device, header.sync_signature, f"GET {request.path} 0")
    found = services.find_door(session, occurrence_id, header.sync_device)
    if found is None or found.link.revoked_at or found.link.ends_at <= now:
        raise DoorClosed()
    if found.occurrence.activity.organiser.suspended_at:
        raise DoorSuspended()
    return found


def _now() -> datetime:
    """Read the clock; tests bring their own."""
    clock: Callable[[], datetime] = current_app.extensions.get("streetwise_clock", utc_now)
    return clock()


# The desk


@routes.post("/desk/sessions/<occurrence_id>/door")
@roles.needs(roles.HELPER)
def open_door(occurrence_id: str) -> Response:
    """Make an organiser's link, and lead this browser to the door by it. The secret stands in the fragment only."""
    user = signed_in()
    with writing() as session:
        address = _make_link(session, _own_session(session, user, occurrence_id), user, ORGANISER, user.name)
    return _led_to(address)


@routes.post("/desk/sessions/<occurrence_id>/door-links")
@roles.needs(roles.EDITOR)
def make_helper_link(occurrence_id: str) -> Response:
    """Make a helper's link and show it, this once."""
    user = signed_in()
    with writing() as session:
        occurrence = _own_session(session, user, occurrence_id)
        address = _make_link(session, occurrence, user, HELPER, request.form.get("label", "").strip())
    occurrence, url = _own_session(db.session(), user, occurrence_id), absolute(address)
    return private_page(
        "door/link.html",
        occurrence=occurrence,
        url=url,
        qr=draw_qr(url),
        ends=services.latest_end(HELPER, occurrence),
    )


@routes.get("/desk/sessions/<occurrence_id>/door-links")
@roles.needs(roles.EDITOR)
def no_link(occurrence_id: str) -> Response:
    """Lead back to the session: a link's secret is shown once only."""
    _own_session(db.session(), signed_in(), occurrence_id)
    return _led_to(f"/desk/sessions/{occurrence_id}?lang={language()}#door")


@routes.post("/desk/door-links/<link_id>/revoke")
@roles.needs(roles.EDITOR)
def revoke_link(link_id: str) -> Response:
    user = signed_in()
    with writing() as session:
        link = services.find_link(session, link_id)
        organiser = _own_session(session, user, link.occurrence_id).activity.organiser_id
        services.revoke(link, utc_now())
        keep_act(session, "door.end_link", link_id, organiser, occurrence=link.occurrence_id)
        occurrence_id = link.occurrence_id
    return _led_to(f"/desk/sessions/{occurrence_id}?lang={language()}#door")


def _own_session(session: Session, user: User, occurrence_id: str) -> Occurrence:
    """Find a session at whose door the user may do this. Raises NotFound."""
    occurrence = find(session, current_city(), clean(occurrence_id))
    may(session, user, occurrence.activity.organiser)
    return occurrence


def _make_link(session: Session, occurrence: Occurrence, user: User, role: str, label: str) -> str:
    """Make a link and return its address, which holds the secret."""
    secret = services.new_secret()
    link = services.make_link(
        session,
        occurrence,
        role,
        services.digest_of(secret),
        at=utc_now(),
        by=Maker(user=user.id),
        label=label,
    )
    organiser = occurrence.activity.organiser_id
    keep_act(session, "door.link", link.id, organiser, role=role, occurrence=occurrence.id, label=label)
    return f"/{language()}/door#{link.id}.{secret}"


def _led_to(address: str) -> Response:
    response = redirect(address, 303)
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]


def door_links(occurrence: Occurrence) -> list[DoorLink]:
    """List the links of a session that a person may still end, for `door/links.html`."""
    now = utc_now()
    return [
        one
        for one in services.links_of(db.session(), occurrence.id)
        if not one.revoked_at and one.ends_at > now
    ]


def may_help(occurrence: Occurrence) -> bool:
    """Say whether a helper's link made now would open anything."""
    over = services.latest_end(HELPER, occurrence) <= utc_now()
    return occurrence.cancelled_at is None and not over


def opened_links(occurrence: Occurrence) -> set[str]:
    return services.opened(db.session(), occurrence.id)


def door_time(at: datetime, occurrence: Occurrence) -> str:
    """Write a moment in the city's time."""
    zone = get_timezone(occurrence.activity.organiser.city.timezone)
    return format_datetime(at, "EEE d MMM, HH:mm", tzinfo=zone, locale=language())


for shown in (door_links, opened_links, may_help, door_time):
    routes.add_app_template_global(shown)
