"""What is typed into a form of the desk so that it is accepted; an address without a line here gets `ANY`."""

import io
import json
from datetime import timedelta
from typing import Any

from server.accounts.models import User
from server.accounts.staff.factors import sealing
from server.core.db import db as database
from server.core.db import utc_now
from tests.roles.street import House, Street, offer_app
from tests.ways.authenticator import Authenticator

ANY = {
    "reason": "Because",
    "why": "Because",
    "text": "Some words",
    "name": "Somebody",
    "email": "new@example.org",
}


def form_of(endpoint: str, street: Street) -> dict[str, Any]:
    """Return what to type at an address of our museum."""
    last = endpoint.rpartition(".")[2]
    made = {"put_app": _app, "put_passkey_of_mine": _passkey, "put_address": _address}.get(last)
    return {**ANY, **(made(street) if made else _forms(street.ours).get(last, {}))}


def _app(street: Street) -> dict[str, Any]:
    with street.app.app_context():
        offered, code = offer_app(database.session.get_one(User, street.ours.owner))
    return {"offer": offered, "code": code}


def _passkey(street: Street) -> dict[str, Any]:
    asked = street.clients["owner"].post("/desk/me/passkeys/options").get_json()
    return {"proof-credential": json.dumps(Authenticator().make(asked["challenge"]))}


def _address(street: Street) -> dict[str, Any]:
    with street.app.app_context():
        user = database.session.get_one(User, street.ours.owner)
        told = [user.id, user.email, "anew@example.org"]
        return {"token": sealing().encrypt(json.dumps(told).encode()).decode()}


def _forms(house: House) -> dict[str, dict[str, Any]]:
    """Forms by the last word of the endpoint."""
    times = {"day": "2030-05-01", "start": "10:00", "end": "12:00"}
    badge = {
        "do": "save", "name-en": "A badge", "description-en": "For those who came", "criteria-en": "You came.",
        "shape": "circle", "icon": "star", "field": "#14506b", "accent": "#e9b44c",
    }  # fmt: skip
    return {
        "add_activity": {"title": "A walk", "minutes": "60"},
        "add": times,
        "put_change": times,
        "put_copy": {"times": "1"},
        "put_answer": {"code": house.code, "word": "well"},
        "put_words": {"event": house.flagged, "word": "kept"},
        "change_code": {"do": "revoked"},
        "change_batch": {"do": "revoked", "batch": house.handed_out},
        "upload": {"file": (io.BytesIO(b"email\njo@example.org\n"), "class.csv")},
        "make_class": {"number": "2", "ends": (utc_now() + timedelta(days=9)).date().isoformat()},
        "add_members": {"number": "2"},
        "make": {"level": "1", "in": "en", "count": "1", "place": "Door", "cap_person": "1"},
        "put_new_badge": badge,
        "put_edit": badge,
        "put_role": {"role": "editor"},
        "put_invitation": {"role": "editor"},
        "invite": {"role": "editor", "about": f"organiser/{house.organiser_id}", "label": "Jo"},
        "put_correction": {"awarded_on": "2026-05-30"},
        "name_people": {"name-0": "Jo", "address-0": "jo@example.org"},
        "put_rule": {"order": "any", "required": house.activity_id},
        "put_row": {"way": "leave"},
        "put_draft": {"about": f"activity:{house.activity_id}"},
        "put_settings": {"country": "NL"},
        "put_name": {"name": "Omar"},
    }
