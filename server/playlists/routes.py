"""The playlist's page, and the bundle that takes it where there is no network."""

from collections import OrderedDict
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from server.accounts.acts import keep_act
from server.accounts.sessions import signed_in
from server.activities.facts import media_preview
from server.activities.models import Activity
from server.badges import drawing, issuers
from server.badges.models import Achievement
from server.badges.services import design, offered
from server.cities.current import current_city
from server.codes.models import Code, Point
from server.codes.services import code_view
from server.core.answers import speak_sync
from server.core.db import db, utc_now, writing
from server.core.i18n import LANGUAGES, language, pick
from server.core.problems import Problem
from server.core.roles import EDITOR, PUBLIC, needs
from server.core.shell import page, private_page
from server.learning.changes import finish_playlist
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.organisers.offering import check_offered
from server.organisers.services import may
from server.playlists.bundles import Additions, Bundle, build, digest, fingerprint
from server.playlists.models import Playlist
from server.playlists.rules import Rule, Stop
from server.playlists.schemas import BundleContent, BundlePath, BundleQuery
from server.playlists.services import (
    beside,
    change_rule,
    find_playlist,
    get_playlist,
    playlist_context,
    playlist_url,
    rule_of,
    rule_words,
    schema,
    sessions_shown,
    stop_context,
)

routes = Blueprint("playlists", __name__, template_folder="templates")
routes.add_app_template_global(playlist_url, "playlist_url")
routes.add_app_template_global(
    lambda one: media_preview(one.picture, pick(one.picture_alt)), "playlist_preview"
)
api = APIBlueprint("bundles", __name__, url_prefix="/api", abp_tags=[Tag(name="playlists")])


@routes.get(f"/<any({', '.join(LANGUAGES)}):lang>/playlists/<slug>")
@needs(PUBLIC)
def playlist_page(lang: str, slug: str) -> Response:
    found = find_playlist(db.session(), current_city(), slug)
    check_offered(found.organiser)
    return page("playlists/playlist.html", schema=schema(found, lang), **_context(found, lang))


def _context(playlist: Playlist, lang: str) -> dict[str, Any]:
    badge = offered(db.session(), [playlist.id]).get(playlist.id)
    return {**playlist_context(playlist, lang), "badge": badge}


@routes.get("/desk/playlists/<slug>/rule")
@needs(EDITOR)
def rule_page(slug: str) -> Response:
    return _rule_page(_own_playlist(slug))


def _rule_page(playlist: Playlist, **context: Any) -> Response:
    return private_page("playlists/rule.html", playlist=playlist, words=rule_words(playlist), **context)


@routes.post("/desk/playlists/<slug>/rule")
@needs(EDITOR)
def put_rule(slug: str) -> Response:
    """Let the rule hold that the form asks for, and finish for those who have done enough by it."""
    playlist_id, at = _own_playlist(slug).id, utc_now()
    with writing() as session:
        playlist = get_playlist(session, current_city(), playlist_id)
        change_rule(session, playlist, _read_rule(playlist), at)
        keep_act(session, "playlist.rule", slug, playlist.organiser_id, name=pick(playlist.title))
    finish_playlist(db.session(), playlist_id, at)
    return _rule_page(_own_playlist(slug), saved=True)


def _own_playlist(slug: str) -> Playlist:
    playlist = find_playlist(db.session(), current_city(), slug)
    may(db.session(), signed_in(), playlist.organiser)
    return playlist


def _read_rule(playlist: Playlist) -> Rule:
    """Read the form: a place and a tick for each stop. Raises RuleRefused by what comes of it."""
    required, now = set(request.form.getlist("required")), rule_of(playlist)
    places = {stop.activity: request.form.get(f"place-{stop.activity}", type=int) or 0 for stop in now.stops}
    row = sorted(places, key=lambda one: places[one])
    stops = tuple(Stop(activity, activity in required) for activity in row)
    choose = request.form.get("choose", default=0, type=int)
    optional = sum(not stop.required for stop in stops)
    return Rule(stops, min(choose, optional), request.form.get("order", "any"))


api.after_request(speak_sync)


@api.get(
    "/playlists/<playlist_id>/bundle",
    summary="Everything a playlist needs with no network, by hash",
    responses={200: BundleContent, 304: None, 404: Problem},
)
@needs(PUBLIC)
def bundle(path: BundlePath, query: BundleQuery) -> Response:
    playlist = get_playlist(db.session(), current_city(), path.playlist_id)
    made = _bundle(playlist, language())
    response = Response(made.body, mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.vary.add("Accept-Language")  # when no language is asked for
    response.set_etag(made.version)
    return response.make_conditional(request)  # type: ignore[return-value]


_made: OrderedDict[str, Bundle] = OrderedDict()
"""Bundles by the fingerprint of their content: the same for everyone, so they are made once a change."""
_MOST_MADE = 200


def _bundle(playlist: Playlist, lang: str) -> Bundle:
    at, added = utc_now(), _additions(playlist, lang)
    key = fingerprint(playlist, lang, added, beside(db.session(), playlist), at)
    if key not in _made or current_app.config["STREETWISE"].dev:
        _made[key] = build(playlist, lang, added, lambda one: _part(one, lang), at)
        while len(_made) > _MOST_MADE:
            _made.popitem(last=False)
    return _made[key]


def _part(shown: Playlist | Activity, lang: str) -> str:
    """Render what `?part=1` serves at the page's own address, byte for byte."""
    if isinstance(shown, Playlist):
        return render_template("playlists/playlist.html", layout="part.html", **_context(shown, lang))
    context = stop_context(db.session(), shown, lang)
    return render_template("activities/stop.html", layout="part.html", **context)


def _additions(playlist: Playlist, lang: str) -> Additions:
    badge = offered(db.session(), [playlist.id]).get(playlist.id)
    sessions = sessions_shown(db.session(), [item.activity for item in playlist.items], utc_now())
    return Additions(
        codes=_codes(playlist, sessions),
        sessions=_sessions(sessions, lang),
        keys=_keys(playlist.organiser),
        achievement=_achievement(badge, lang) if badge else None,
        files=[_badge_picture(badge)] if badge else [],
    )


def _sessions(shown: list[Occurrence], lang: str) -> list[dict[str, Any]]:
    """List sessions as phones know them. How many places are left changes by the minute and is not told."""
    points = select(Point.occurrence_id, Point.id).where(Point.occurrence_id.in_([one.id for one in shown]))
    point_of = {row.occurrence_id: row.id for row in db.session.execute(points)} if shown else {}
    return [
        {
            "id": one.id,
            "activity": one.activity_id,
            "starts": round(one.starts_at.timestamp() * 1000),
            "ends": round(one.ends_at.timestamp() * 1000),
            "capacity": one.capacity,
            "place": pick(one.place, lang) or None,
            "cancelled": one.cancelled_at is not None,
            "reason": one.reason or None,
            "point": point_of[one.id],
        }
        for one in shown
    ]


def _codes(playlist: Playlist, shown: list[Occurrence]) -> list[dict[str, Any]]:
    """List the hashes by which a phone knows the codes of these stops and sessions; revoked ones are left out."""
    stops = [item.activity_id for item in playlist.items]
    query = select(Code).join(Code.point).where(Point.activity_id.in_(stops), Code.revoked_at.is_(None))
    ids = [one.id for one in shown]
    query = query.where(Point.occurrence_id.is_(None) | Point.occurrence_id.in_(ids))
    query = query.options(contains_eager(Code.point))
    return [code_view(code) for code in db.session.scalars(query.order_by(Code.id))]


def _keys(organiser: Organiser) -> list[dict[str, str]]:
    """List the issuer's keys, so that a phone can check a badge with no network."""
    if not issuers.signing_keys(db.session(), organiser.id):
        with writing() as session:
            issuers.ensure_keys(session.get_one(Organiser, organiser.id))
    return issuers.public_keys(db.session.get_one(Organiser, organiser.id))


def _achievement(badge: Achievement, lang: str) -> dict[str, str]:
    return {
        "id": badge.id,
        "name": pick(badge.name, lang),
        "description": pick(badge.description, lang),
        "image": f"/achievements/{badge.id}/image.svg",
    }


def _badge_picture(badge: Achievement) -> dict[str, Any]:
    picture = drawing.badge_svg(design(badge)).encode()
    return {"url": f"/achievements/{badge.id}/image.svg", "mime": "image/svg+xml", **digest(picture)}
