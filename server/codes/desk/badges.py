"""The desk's form for a badge that is given by code: a new one, or the next version of one."""

from typing import Any

from flask import Response, redirect, request
from sqlalchemy import select

from server.accounts.sessions import signed_in
from server.badges.drawing import Design
from server.badges.making import Words, icon_names, make_badge, next_version, shape_names
from server.badges.models import Achievement
from server.cities.current import current_city
from server.codes.desk import desk
from server.codes.desk.subjects import find_subject
from server.codes.making import follow_version
from server.core.db import db, utc_now, writing
from server.core.errors import NotFound
from server.core.i18n import gettext, language, pick
from server.core.shell import private_page
from server.core.text import clean
from server.organisers.models import Organiser
from server.organisers.services import may

_NEW, _CHANGE = "/desk/achievements/new", "/desk/achievements/<id>/change"
_MOST = {"name": 60, "description": 200, "criteria": 1000}
_NEEDED = ("name", "description")


@desk.get(_NEW)
def new_badge() -> Response:
    organiser = _organiser()
    given = {"shape": "circle", "icon": "star", "field": organiser.city.colour, "accent": "#f4b93f"}
    return _form(organiser, given, {})


@desk.post(_NEW)
def put_badge() -> Response:
    """Make a badge, and go on to its codes."""
    organiser = _organiser()
    if wrong := _wrong():
        return _form(organiser, request.form.to_dict(), wrong, 422)
    organiser_id = organiser.id
    with writing() as session:
        made = make_badge(session, organiser_id, _read(), language(), utc_now())
        address = f"/desk/achievements/{made.id}/codes?lang={language()}"
    return redirect(address, 303)  # type: ignore[return-value]


@desk.get(_CHANGE)
def change_badge(id: str) -> Response:
    badge = _badge(id)
    design = Design.read(badge.design)
    given = {
        **{name: pick(getattr(badge, name)) for name in _MOST},
        **{name: getattr(design, name) for name in ("shape", "icon", "field", "accent", "ribbon")},
    }
    return _form(badge.organiser, given, {}, badge=badge)


@desk.post(_CHANGE)
def put_next_version(id: str) -> Response:
    """Make the next version of a badge; its codes give that one from now on."""
    badge = _badge(id)
    if wrong := _wrong():
        return _form(badge.organiser, request.form.to_dict(), wrong, 422, badge=badge)
    with writing() as session:
        made = next_version(session, _badge(id), _read(), language(), utc_now())
        follow_version(session, id, made.id)
        address = f"/desk/achievements/{made.id}/codes?lang={language()}"
    return redirect(address, 303)  # type: ignore[return-value]


def _organiser() -> Organiser:
    query = select(Organiser).where(
        Organiser.city_id == current_city().id, Organiser.slug == request.args.get("organiser", "")
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    may(db.session(), signed_in(), found)
    return found


def _badge(id: str) -> Achievement:
    found = find_subject("achievements", id).about
    assert isinstance(found, Achievement)  # noqa: S101 - says so to the type checker
    return found


def _wrong() -> dict[str, str]:
    return {name: gettext("Please write something here.") for name in _NEEDED if not _text(name)}


def _text(name: str) -> str:
    return clean(request.form.get(name, ""))[: _MOST.get(name, 20)].strip()


def _read() -> Words:
    """Read the form. What nobody can choose in it falls back to something that looks right."""
    design: dict[str, Any] = {
        "shape": _text("shape"),
        "icon": _text("icon"),
        "colours": [_text("field"), _text("accent")],
        "ribbon": _text("ribbon")[:18],
    }
    return Words(_text("name"), _text("description"), _text("criteria") or _text("description"), design)


def _form(
    organiser: Organiser,
    given: dict[str, Any],
    wrong: dict[str, str],
    status: int = 200,
    badge: Achievement | None = None,
) -> Response:
    return private_page(
        "codes/badge.html",
        status=status,
        organiser=organiser,
        given=given,
        wrong=wrong,
        badge=badge,
        most=_MOST,
        shapes=shape_names(),
        icons=icon_names(),
    )
