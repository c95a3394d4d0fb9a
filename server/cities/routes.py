"""The city's own pages: home, what the app needs to stand on a phone, and the places its islands draw in."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from server.activities.facts import media_preview
from server.activities.models import MediaFile
from server.activities.services import activities_of
from server.awarding.milestones import count_milestones
from server.badges.services import offered
from server.cities.current import NoCity, current_city
from server.cities.desk import desk
from server.cities.services import manifest
from server.core.db import db
from server.core.i18n import LANGUAGES, language, pick, preferred
from server.core.roles import PUBLIC, needs
from server.core.shell import absolute, page
from server.playlists.services import playlists_of

routes = Blueprint("cities", __name__, template_folder="templates")
routes.register_blueprint(desk)
_LANG = f"<any({', '.join(LANGUAGES)}):lang>"
ISLAND_PAGES = (
    "scan",
    "learning",
    "badges",
    "people",
    "phones",
    "pass",
    "join",
    "account",
    "enter",
    "door",
    "offline",
    "shell",
)


@routes.app_context_processor
def layout() -> dict[str, Any]:
    """Give the layout its city and the same page in the other languages."""
    try:
        city = current_city()
    except (NoCity, SQLAlchemyError):  # error pages must stand without either
        city = None
    return {"city": city, "page_in": page_in, "languages": city.languages if city else LANGUAGES}


def page_in(lang: str) -> str:
    """Return the path of the current page in another language."""
    view = dict(request.view_args or {})
    if not request.endpoint:
        return f"/{lang}/"
    if "lang" not in view:
        return f"{request.path}?lang={lang}"
    return url_for(request.endpoint, **{**view, "lang": lang})


@routes.get("/")
@needs(PUBLIC)
def start() -> Response:
    """Lead to the city in the visitor's language."""
    response = redirect(f"/{preferred()}/", 302)
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.vary.add("Accept-Language")
    return response  # type: ignore[return-value]


@routes.get(f"/{_LANG}/")
@needs(PUBLIC)
def home(lang: str) -> Response:
    city, session = current_city(), db.session()
    playlists = playlists_of(session, city)
    hero = session.get(MediaFile, city.picture) if city.picture else None
    return page(
        "cities/home.html",
        playlists=playlists,
        activities=activities_of(session, city),
        badges=offered(session, [one.id for one in playlists]),
        milestones=count_milestones(session, city),
        hero=hero,
        hero_preview=media_preview(hero, pick(city.picture_alt)),
    )


@routes.get(f"/{_LANG}/<any({', '.join(ISLAND_PAGES)}):name>")
@needs(PUBLIC)
def island_page(lang: str, name: str) -> Response:
    """A place for what only the phone knows: scanner, my learning, my badges, who is learning."""
    return page(f"cities/{name}.html")


@routes.get(f"/{_LANG}/repair")
@needs(PUBLIC)
def repair_page(lang: str) -> Response:
    """A page that stands without the app, for when the app does not."""
    return page("cities/repair.html")


@routes.get("/repair")
@needs(PUBLIC)
def repair() -> Response:
    return page("cities/repair.html", vary="Accept-Language")


@routes.get(f"/{_LANG}/manifest.webmanifest")
@needs(PUBLIC)
def manifest_page(lang: str) -> Response:
    response = jsonify(manifest(current_city(), language()))
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


@routes.get("/robots.txt")
@needs(PUBLIC)
def robots() -> Response:
    lines = [
        "User-agent: *",
        "Disallow: /desk/",
        "Disallow: /api/",
        "Disallow: /s/",
        "Disallow: /S/",
        "Disallow: /C/",
        "",
        f"# {absolute('/')}",
        "",
    ]
    return Response(
        "\n".join(lines), mimetype="text/plain", headers={"Cache-Control": "public, max-age=3600"}
    )
