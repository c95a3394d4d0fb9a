"""The desk's pages of badges: all of an organiser's, one with its versions, and what a person does with them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, make_response, request
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from server.activities.models import Activity
from server.awarding import catching_up
from server.badges import drafting, drawing, making, series, services
from server.badges.desk import AT, desk
from server.badges.desk.access import badge_path, find_badge, go, keep
from server.badges.desk.things import things_of
from server.badges.desk.words import colour_warnings
from server.badges.drawing import Design
from server.badges.levels import level_names
from server.badges.models import Achievement
from server.badges.repeating import Repeats, repeats
from server.codes.making import follow_version
from server.core.db import db, utc_now, writing
from server.core.errors import NotFound
from server.core.i18n import language
from server.core.roles import EDITOR, needs
from server.core.security import DRAWING_POLICY
from server.core.shell import private_page
from server.organisers.access import own_organiser
from server.organisers.models import Organiser
from server.playlists.models import Playlist, PlaylistItem


@desk.get(AT)
@needs(EDITOR)
def badge_list(organiser: str) -> Response:
    """List an organiser's badges and drafts, and what has no badge yet."""
    found = own_organiser(organiser)
    badges = list(db.session.scalars(_open_of(found)))
    with_badge = {one.activity_id for one in badges} | {one.playlist_id for one in badges}
    given = [one for one in badges if one.state == "published"]
    return private_page(
        "badges/desk/list.html",
        organiser=found,
        drafts=[one for one in badges if one.state == "draft"],
        given=given,
        holders={one.id: series.count_holders(db.session(), one.series) for one in given},
        playlists=[one for one in _playlists(found) if one.id not in with_badge],
        activities=[one for one in _activities(found) if one.id not in with_badge],
    )


def _open_of(organiser: Organiser) -> Select[Achievement]:
    query = select(Achievement).where(
        Achievement.organiser_id == organiser.id, Achievement.replaced_at.is_(None)
    )
    return query.order_by(Achievement.series, Achievement.version)


def _playlists(organiser: Organiser) -> list[Playlist]:
    query = select(Playlist).where(Playlist.organiser_id == organiser.id).order_by(Playlist.position)
    return list(db.session.scalars(query))


def _activities(organiser: Organiser) -> list[Activity]:
    query = select(Activity).where(Activity.organiser_id == organiser.id).order_by(Activity.id)
    return list(db.session.scalars(query))


@desk.post(f"{AT}/drafts")
@needs(EDITOR)
def put_draft(organiser: str) -> Response:
    """Draft a badge for an activity or a playlist that has none."""
    owner = own_organiser(organiser).id
    kind, _, id = request.form.get("about", "").partition(":")
    with writing() as session:
        if kind == "activity":
            activity = session.get(Activity, id)
            _check_theirs(activity, owner)
            made = drafting.draft_for_activity(session, activity, utc_now())  # type: ignore[arg-type]
        else:
            playlist = session.get(Playlist, id, options=[_with_stops()])
            _check_theirs(playlist, owner)
            made = drafting.draft_for_playlist(session, playlist, utc_now())  # type: ignore[arg-type]
        keep("draft", made)
        address = badge_path(organiser, made.id)
    return go(address)


def _with_stops() -> ORMOption:
    return selectinload(Playlist.items).joinedload(PlaylistItem.activity)


def _check_theirs(found: Activity | Playlist | None, owner: str) -> None:
    if found is None or found.organiser_id != owner:
        raise NotFound()


@dataclass(frozen=True)
class Version:
    """One published version as the page lists it."""

    badge: Achievement
    changed: list[str]


@desk.get(f"{AT}/<id>")
@needs(EDITOR)
def show_badge(organiser: str, id: str) -> Response:
    return _page(find_badge(organiser, id))


def _page(badge: Achievement, status: int = 200) -> Response:
    session = db.session()
    published = series.versions(session, badge.series)
    return private_page(
        "badges/desk/badge.html",
        status=status,
        badge=badge,
        organiser=badge.organiser,
        about=about_of(badge),
        now=series.current(session, badge.series),
        draft=series.draft_of(session, badge.series),
        versions=list_versions(published),
        lacks=making.missing(badge) if badge.state == "draft" else [],
        repeated=_repeated(badge) if badge.state == "draft" else {},
        colours=colour_warnings(services.design(badge)),
        holders=series.count_holders(session, badge.series),
        needs=series.currents(session, badge.needs or []).values(),
        milestone=things_of(badge.milestone or {}),
        levels=level_names(),
        done=request.args.get("done", ""),
        waiting=catching_up.count_waiting(session, badge, utc_now()) if badge.state == "draft" else 0,
        caught_up=catching_up.find_run(session, badge),
    )


def list_versions(published: list[Achievement]) -> list[Version]:
    """Say of each version, the newest first, what it changed."""
    pairs = zip(published, [*published[1:], None], strict=False)
    return [Version(one, making.changed_fields(one, before) if before else []) for one, before in pairs]


def about_of(badge: Achievement) -> Activity | Playlist | None:
    """Find what a badge is earned by; None when a code, a person or a milestone gives it."""
    if badge.activity_id:
        return db.session.get(Activity, badge.activity_id)
    return db.session.get(Playlist, badge.playlist_id) if badge.playlist_id else None


def _repeated(badge: Achievement) -> dict[str, Repeats]:
    """Find the languages in which the criteria merely repeat the advertisement."""
    about = about_of(badge)
    if about is None:
        return {}
    found = {}
    for lang, words in (badge.criteria or {}).items():
        advertised = f"{about.summary.get(lang, '')}\n{about.body.get(lang, '')}"
        found[lang] = repeats(words, advertised)
    return {lang: one for lang, one in found.items() if one.is_too_much}


@desk.post(f"{AT}/<id>/publish")
@needs(EDITOR)
def put_publish(organiser: str, id: str) -> Response:
    """Give a badge as its draft says from now on; its codes give that one too."""
    find_badge(organiser, id)
    try:
        with writing() as session:
            badge = find_badge(organiser, id)
            before = making.publish(session, badge, utc_now())
            keep("publish", badge)
            if before:
                follow_version(session, before.id, id)
            if about_of(badge) and not badge.milestone:
                catching_up.ask_after(session, badge, "ask_after" in request.form, utc_now())
    except making.NotReady:
        return _page(find_badge(organiser, id), 422)
    return go(badge_path(organiser, id) + "&done=published")


@desk.post(f"{AT}/<id>/redraft")
@needs(EDITOR)
def put_redraft(organiser: str, id: str) -> Response:
    """Put what the tasks say in place of what somebody wrote, in one language."""
    find_badge(organiser, id)
    lang = request.form.get("in", "")
    with writing() as session:
        badge = find_badge(organiser, id)
        drafted = _drafted(badge)
        told = {
            "criteria": {**badge.criteria, **{one: words for one, words in drafted.items() if one == lang}}
        }
        draft = making.edit(session, badge, told, utc_now())
        keep("edit", draft)
        address = badge_path(organiser, draft.id)
    return go(address)


def _drafted(badge: Achievement) -> dict[str, str]:
    about = about_of(badge)
    if isinstance(about, Activity):
        return drafting.activity_words(about)["criteria"]
    return drafting.playlist_words(about)["criteria"] if about else {}


@desk.post(f"{AT}/<id>/bring-back")
@needs(EDITOR)
def put_bring_back(organiser: str, id: str) -> Response:
    """Begin a draft that says again what an older version said."""
    find_badge(organiser, id)
    with writing() as session:
        draft = making.bring_back(session, find_badge(organiser, id), utc_now())
        keep("bring_back", draft)
        address = badge_path(organiser, draft.id)
    return go(address)


@desk.post(f"{AT}/<id>/discard")
@needs(EDITOR)
def put_discard(organiser: str, id: str) -> Response:
    find_badge(organiser, id)
    with writing() as session:
        draft = find_badge(organiser, id)
        keep("discard", draft)
        making.discard(session, draft)
    return go(badge_path(organiser))


@desk.get(f"{AT}/preview.svg")
@needs(EDITOR)
def preview(organiser: str) -> Response:
    """Draw a badge that is being designed: nothing of it is kept."""
    own_organiser(organiser)
    asked = request.args
    design = Design.read(
        {
            "shape": asked.get("shape"),
            "icon": asked.get("icon"),
            "colours": [asked.get("field", ""), asked.get("accent", "")],
            "text": {"": asked.get("text", "")},
        }
    )
    response = make_response(drawing.badge_svg(design))
    response.headers["Content-Type"] = "image/svg+xml"
    response.headers["Content-Security-Policy"] = DRAWING_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


def preview_url(organiser: Organiser, design: dict[str, object], lang: str = "") -> str:
    """Write the address of a picture of what is being designed."""
    seen = Design.read(design, lang or language())
    looks = {"shape": seen.shape, "icon": seen.icon, "field": seen.field, "accent": seen.accent, "text": seen.ribbon}  # fmt: skip
    return f"/desk/{organiser.slug}/badges/preview.svg?{urlencode(looks)}"


desk.add_app_template_global(preview_url, "badge_preview_url")
desk.add_app_template_global(series.day_of, "badge_day_of")
desk.add_app_template_filter(making.field_name, "badge_field")
