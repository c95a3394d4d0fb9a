"""Public addresses of badges: pages for people, files for wallets, keys and lists for verifiers."""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from server.badges import drawing, issuers, lists, series, services
from server.badges.assurance import LEVELS, level_name, level_words
from server.badges.check_routes import checks
from server.badges.desk import desk
from server.badges.desk.pages import about_of, list_versions
from server.badges.desk.things import path_of, things_of
from server.badges.formats.files import baked_png, files
from server.badges.levels import level_names
from server.badges.models import Achievement, Award
from server.badges.paper_routes import papers
from server.badges.showing import describe
from server.badges.signing import fingerprint, timestamp
from server.core.db import db, utc_now, writing
from server.core.errors import NotFound
from server.core.i18n import LANGUAGES, gettext, language, pick
from server.core.roles import PUBLIC, needs
from server.core.security import DRAWING_POLICY
from server.core.shell import absolute, page
from server.organisers.models import Organiser
from server.portfolio.showing import said_by_holder

routes = Blueprint("badges", __name__, template_folder="templates")
routes.register_blueprint(desk)
routes.register_blueprint(papers)
routes.register_blueprint(files)
routes.register_blueprint(checks)

_LANG = f"<any({','.join(LANGUAGES)}):lang>"
_JSON = ("application/vc", "application/vc+ld+json", "application/ld+json", "application/json")


@routes.get("/credentials/<credential_id>")
@needs(PUBLIC)
def show_credential(credential_id: str) -> Response:
    """Answer people with a page, wallets with the credential, at the same address."""
    wanted = request.accept_mimetypes.best_match(["text/html", *_JSON], "text/html")
    if wanted != "text/html":
        response = _credential_file(services.find_credential(credential_id), wanted)
        response.vary.update(["Accept", "Accept-Language"])
        return response
    award = services.find_credential(credential_id)
    response = page(
        "badges/credential.html",
        vary="Accept-Language",
        **describe(award, utc_now()),
        **said_by_holder(db.session(), award, f"/credentials/{credential_id}/evidence"),
    )
    response.vary.add("Accept")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/credentials/<credential_id>.json")
@needs(PUBLIC)
def download_json(credential_id: str) -> Response:
    """Serve the signed bytes as they were stored."""
    return _credential_file(services.find_credential(credential_id), "application/vc")


@routes.get("/credentials/<credential_id>.png")
@needs(PUBLIC)
def download_png(credential_id: str) -> Response:
    """Serve the badge's picture with the credential inside."""
    award = services.find_credential(credential_id)
    response = _file(baked_png(award), "image/png", seconds=0)
    response.headers["Content-Disposition"] = (
        f'inline; filename="{services.file_name(award.achievement)}.png"'
    )
    return _about(award, response)


@routes.get("/credentials/<credential_id>/preview.png")
@needs(PUBLIC)
def preview(credential_id: str) -> Response:
    """Draw the picture that chats show for a link to this badge."""
    award = services.find_credential(credential_id)
    achievement = award.achievement
    note = gettext("Withdrawn") if award.revoked_at else gettext("Anyone can check this badge.")
    response = _preview(achievement, note)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/achievements/<achievement_id>")
@needs(PUBLIC)
def choose_language(achievement_id: str) -> Answer:
    """Send people to the page in their language."""
    services.find_achievement(achievement_id)
    response = redirect(url_for("badges.show_achievement", lang=language(), achievement_id=achievement_id))
    response.vary.add("Accept-Language")
    return response


@routes.get(f"/{_LANG}/achievements/<achievement_id>")
@needs(PUBLIC)
def show_achievement(lang: str, achievement_id: str) -> Response:
    """Say what a badge stands for, to whoever meets it in a credential."""
    achievement = services.find_achievement(achievement_id)
    return page(
        "badges/achievement.html",
        achievement=achievement,
        organiser=achievement.organiser,
        levels=[{"name": level_name(level), "words": level_words(level)} for level in LEVELS],
        url=absolute(f"/{lang}/achievements/{achievement_id}"),
        **_shown_of(achievement),
    )


def _shown_of(achievement: Achievement) -> dict[str, Any]:
    """Gather what a badge's page shows beside its own words."""
    session = db.session()
    published = series.versions(session, achievement.series)
    about = about_of(achievement)
    return {
        "rung": level_names().get(achievement.level or ""),
        "needs": list(series.currents(session, achievement.needs or []).values()),
        "holders": _round_down(series.count_holders(session, achievement.series)),
        "about": about,
        "about_path": path_of(about, language()) if about else "",
        "milestone": things_of(achievement.milestone or {}),
        "versions": list_versions(published) if len(published) > 1 else [],
    }


def _round_down(number: int) -> int:
    """Say how many hold a badge only from ten on, and in tens: fewer would tell of single people."""
    return number // 10 * 10


@routes.get("/achievements/<achievement_id>/image.svg")
@needs(PUBLIC)
def image_svg(achievement_id: str) -> Response:
    """Draw the badge as SVG; `?lang=` says in which language its ribbon speaks."""
    picture = drawing.badge_svg(_design(achievement_id))
    response = _file(picture.encode(), "image/svg+xml")
    response.headers["Content-Security-Policy"] = DRAWING_POLICY
    return response


@routes.get("/achievements/<achievement_id>/image.png")
@needs(PUBLIC)
def image_png(achievement_id: str) -> Response:
    """Draw the badge as PNG."""
    return _file(drawing.badge_png(_design(achievement_id)), "image/png")


def _design(achievement_id: str) -> drawing.Design:
    return services.design(services.find_achievement(achievement_id), request.args.get("lang", ""))


@routes.get("/achievements/<achievement_id>/preview.png")
@needs(PUBLIC)
def achievement_preview(achievement_id: str) -> Response:
    """Draw the picture that chats show for a link to this achievement."""
    return _preview(services.find_achievement(achievement_id), gettext("A badge to earn"))


@routes.get("/orgs/<organiser_id>/did.json")
@needs(PUBLIC)
def did_document(organiser_id: str) -> Response:
    """Publish an issuer's keys (did:web)."""
    organiser = db.session.get(Organiser, organiser_id)
    if not organiser:
        raise NotFound()
    if not issuers.signing_keys(db.session(), organiser_id):
        with writing() as session:
            issuers.ensure_keys(session.get_one(Organiser, organiser_id))
    document = issuers.did_document(db.session.get_one(Organiser, organiser_id))
    return _open_to_all(jsonify(document), seconds=300)


@routes.get("/status/<list_id>")
@needs(PUBLIC)
def status_list(list_id: str) -> Response:
    """Publish which of an issuer's badges were withdrawn."""
    listing = lists.find(list_id)
    if lists.is_stale(listing, utc_now()):
        with writing() as session:
            session.refresh(listing, with_for_update=True)
            signed = lists.publish(listing)
    else:
        signed = listing.signed or b""
    return _file(signed, "application/vc", fingerprint(signed), seconds=300)


def _preview(achievement: Achievement, note: str) -> Response:
    city = achievement.organiser.city
    card = drawing.Card(
        pick(achievement.name), pick(achievement.organiser.name), city.name, note, city.colour
    )
    response = _file(drawing.preview_png(services.design(achievement, language()), card), "image/png")
    response.vary.add("Accept-Language")
    return response


def _credential_file(award: Award, kind: str) -> Response:
    return _about(award, _file(award.signed, kind, fingerprint(award.signed), seconds=0))


def _about(award: Award, response: Response) -> Response:
    """Say of a file, which never changes by it, that its badge was withdrawn; and let no engine index it."""
    response.headers["X-Robots-Tag"] = "noindex"
    if award.revoked_at:
        response.headers["Streetwise-Withdrawn"] = timestamp(award.revoked_at)
        response.headers["Cache-Control"] = "no-cache"
    return response


def _file(content: bytes, kind: str, etag: str = "", seconds: int = 3600) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.set_etag(etag or fingerprint(content))
    _open_to_all(response, seconds)
    response.make_conditional(request)
    return response


def _open_to_all(response: Response, seconds: int) -> Response:
    """Let any site's verifier read it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={seconds}" + (
        "" if seconds else ", must-revalidate"
    )
    return response
