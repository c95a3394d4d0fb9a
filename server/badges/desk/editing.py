"""The form of a badge: its words in all languages, its looks, and what it asks for. Works without scripts."""

from collections.abc import Iterable
from typing import Any

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from server.activities.models import Activity
from server.badges import making, series
from server.badges.desk import AT, desk
from server.badges.desk.access import badge_path, find_badge, go, keep
from server.badges.desk.forms import MOST, Form, change_rows, read
from server.badges.desk.things import KINDS, Thing, badge_thing, thing, things_of
from server.badges.desk.words import colour_words, icon_names, shape_names
from server.badges.drafting import ACCENT
from server.badges.drawing import Design, hard_to_see
from server.badges.icons import ICONS
from server.badges.levels import level_names
from server.badges.models import Achievement
from server.core.db import db, utc_now, writing
from server.core.i18n import gettext, language
from server.core.roles import EDITOR, needs
from server.core.shell import private_page
from server.core.text import fold
from server.organisers.access import own_organiser
from server.organisers.models import Organiser
from server.playlists.models import Playlist

MOST_FOUND = 12


@desk.get(f"{AT}/new")
@needs(EDITOR)
def new_badge(organiser: str) -> Response:
    owner = own_organiser(organiser)
    looks = {"shape": "circle", "icon": "star", "colours": [owner.city.colour, ACCENT], "text": {}}
    return _page(owner, Form({**_empty(), "design": looks}))


def _empty() -> dict[str, Any]:
    lists = ("alignments", "tags", "needs", "results")
    told: dict[str, Any] = {name: [] if name in lists else {} for name in making.FIELDS}
    return {**told, "level": "", "valid_months": None}


@desk.post(f"{AT}/new")
@needs(EDITOR)
def put_new_badge(organiser: str) -> Response:
    owner = own_organiser(organiser)
    form = _read(owner)
    if not _is_saving() or form.wrong:
        return _again(owner, form)
    owner_id = owner.id
    with writing() as session:
        made = making.start_draft(session, owner_id, form.told, utc_now())
        keep("draft", made)
        address = badge_path(organiser, made.id)
    return go(address)


@desk.get(f"{AT}/<id>/edit")
@needs(EDITOR)
def edit_badge(organiser: str, id: str) -> Response:
    """Show the form of a draft; of a published badge, of its next version."""
    badge = find_badge(organiser, id)
    if badge.replaced_at:
        raise making.NotNow()
    draft = series.draft_of(db.session(), badge.series) or badge
    told = {name: getattr(draft, name) for name in making.FIELDS}
    return _page(badge.organiser, Form(told), badge=badge)


@desk.post(f"{AT}/<id>/edit")
@needs(EDITOR)
def put_edit(organiser: str, id: str) -> Response:
    badge = find_badge(organiser, id)
    form = _read(badge.organiser)
    if badge.series in form.told["needs"]:
        form.wrong["needs"] = gettext("A badge cannot need itself.")
    if not _is_saving() or form.wrong:
        return _again(badge.organiser, form, badge)
    with writing() as session:
        draft = making.edit(session, find_badge(organiser, id), form.told, utc_now())
        keep("edit", draft)
        address = badge_path(organiser, draft.id)
    return go(address)


def _read(owner: Organiser) -> Form:
    form = read(request.form, languages_of(owner))
    known = series.currents(db.session(), form.told["needs"])
    form.told["needs"] = list(known)
    return form


def languages_of(owner: Organiser) -> list[str]:
    """List a city's languages, the reader's first: that tab is open."""
    languages = list(owner.city.languages) or ["en"]
    return sorted(languages, key=lambda one: one != language())


def _is_saving() -> bool:
    return request.form.get("do", "save") == "save"


def _again(owner: Organiser, form: Form, badge: Achievement | None = None) -> Response:
    """Show the form as it was typed: with what is wrong, or with what a button of it asked for."""
    do = request.form.get("do", "save")
    form.told["results"] = change_rows(form.told["results"], do)
    if do != "save":
        form.wrong = {}
    return _page(owner, form, 422 if form.wrong else 200, badge)


def _page(owner: Organiser, form: Form, status: int = 200, badge: Achievement | None = None) -> Response:
    told, languages = form.told, languages_of(owner)
    return private_page(
        "badges/desk/edit.html",
        status=status,
        organiser=owner,
        badge=badge,
        form=form,
        told=told,
        wrong=form.wrong,
        languages=languages,
        tab=_tab(form, languages),
        look=Design.read(told["design"], languages[0]),
        hidden_by=hard_to_see(Design.read(told["design"], languages[0])),
        colour_words=colour_words(),
        shapes=shape_names(),
        icons=icon_names(),
        drawn={name: _chip(name) for name in ICONS},
        levels=level_names(),
        most=MOST,
        criteria_shown=request.form.get("do") == "preview",
        needs=_needs(told, badge),
        things=_things(owner, told),
    )


def _tab(form: Form, languages: list[str]) -> str:
    """Open the language in which something is wrong, else the one that was open."""
    for name in form.wrong:
        lang = name.rpartition("-")[2]
        if lang in languages:
            return lang
    tab = request.form.get("tab", "")
    return tab if tab in languages else languages[0]


def _chip(icon: str) -> str:
    """Draw a sign by itself, for choosing."""
    return ICONS[icon].format(paper="currentColor", field="var(--surface)", accent="var(--river)")


def _needs(told: dict[str, Any], badge: Achievement | None) -> list[tuple[Achievement, bool]]:
    """List the badges that may be asked for, and whether they are: those that are, then what was looked for."""
    chosen = series.currents(db.session(), told["needs"] or [])
    found = series.search_badges(db.session(), request.form.get("find_needs", ""))
    own = badge.series if badge else ""
    more = [one for one in found if one.series not in chosen and one.series != own]
    return [*((one, True) for one in chosen.values()), *((one, False) for one in more)]


def _things(owner: Organiser, told: dict[str, Any]) -> list[tuple[Thing, bool]]:
    """List what a milestone may count, like `_needs`; what the organiser offers is there without looking."""
    chosen = things_of(told["milestone"] or {})
    keys = {one.key for one in chosen}
    found = {one.key: one for one in [*_offered(owner), *_found(request.form.get("find_of", ""))]}
    return [
        *((one, True) for one in chosen),
        *((one, False) for key, one in found.items() if key not in keys),
    ]


def _offered(owner: Organiser) -> list[Thing]:
    found: list[Thing] = []
    for model in KINDS.values():
        query = select(model).where(model.organiser_id == owner.id).order_by(model.id).limit(60)
        rows: Iterable[Activity | Playlist] = db.session.scalars(query)
        found += [thing(one) for one in rows]
    return found


def _found(words: str) -> list[Thing]:
    """Look for activities, playlists and badges of all organisers."""
    wanted = fold(words).split()
    if not wanted:
        return []
    found: list[Thing] = []
    for model in KINDS.values():
        query = select(model).options(joinedload(model.organiser)).order_by(model.id)
        rows: Iterable[Activity | Playlist] = db.session.scalars(query)
        meant = (one for one in rows if _is_meant(one, wanted))
        found += [thing(one) for one, _ in zip(meant, range(MOST_FOUND), strict=False)]
    badges = series.search_badges(db.session(), words)
    return found + [badge_thing(one) for one in badges]


def _is_meant(one: Activity | Playlist, wanted: list[str]) -> bool:
    said = fold(" ".join([*one.title.values(), *one.organiser.name.values()]))
    return all(word in said for word in wanted)
