"""Where a code leads: the stop's page from a QR, the stop's address from a typed form, and the sheet for print."""

from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from server.accounts.sessions import signed_in
from server.activities.models import Activity
from server.activities.services import activity_view, find_activity
from server.badges.models import Achievement
from server.cities.current import current_city
from server.codes import tokens
from server.codes.models import Point
from server.codes.services import UnknownCode, code_view, find_by_typed, place_of
from server.codes.sheets import Sheet, cards, what_to_do
from server.core.db import db, utc_now
from server.core.i18n import LANGUAGES, language, pick
from server.core.limits import limiter
from server.core.problems import Problem
from server.core.shell import page, private_page
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.organisers.services import may
from server.playlists.services import find_playlist, stop_context

routes = Blueprint("codes", __name__, template_folder="templates")
routes.add_app_template_global(what_to_do)
api = APIBlueprint("typed", __name__, url_prefix="/api", abp_tags=[Tag(name="codes")])


@routes.get("/s/<written>")
@routes.get("/S/<written>")  # QR codes are smaller in capitals
def arrive(written: str) -> Response:
    """Show a stop's page to whoever scanned its code. The proof is in the fragment, which never comes here."""
    session = db.session()
    point = session.get(Point, tokens.fold_typed(written))
    organiser = _organiser_of(point) if point else None
    if point is None or organiser is None or organiser.city_id != current_city().id:
        return page("codes/unknown.html", status=404, vary="Accept-Language")
    if point.achievement:
        return page("codes/claim.html", vary="Accept-Language", point=point, **claim_context(point))
    context = stop_context(session, cast(Activity, point.activity), language())
    if point.occurrence_id:
        context["here"] = session.get(Occurrence, point.occurrence_id)
    asking = [code_view(code) for code in point.codes if not code.revoked_at and place_of(code)]
    return page("activities/stop.html", vary="Accept-Language", point=point, asking=asking, **context)


def _organiser_of(point: Point) -> Organiser | None:
    stands_for = point.activity or point.achievement
    return stands_for.organiser if stands_for else None


def claim_context(point: Point) -> dict[str, Any]:
    """Gather what the page of a claim code shows, and what its island needs to know."""
    achievement = cast(Achievement, point.achievement)
    props = {
        "achievement": achievement.id,
        "point": point.id,
        "name": pick(achievement.name),
        "picture": f"/achievements/{achievement.id}/image.svg",
        "url": point_path(point),
    }
    return {"achievement": achievement, "organiser": achievement.organiser, "props": props}


def point_path(point: Point) -> str:
    return f"/s/{point.id}"


@routes.get("/p")
@routes.get("/P")
def explain_pass() -> Response:
    """Say what to do with a pass to whoever scanned one with a camera. The pass is in the fragment."""
    return page("codes/pass.html", vary="Accept-Language")


class TypedForm(BaseModel):
    typed: str = Field(
        description="Eight characters, as printed below a QR code; case and dashes don't matter"
    )


@api.after_request
def speak_sync(response: Response) -> Response:
    """Phones tell our answers from a captive portal's by this header."""
    response.headers["Sync-Proto"] = "1"
    response.headers["Cache-Control"] = "no-store"
    return response


class TypedStop(BaseModel):
    activity: str | None = Field(description="The stop's id; null when the code gives a badge")
    achievement: str | None = Field(description="The badge's id; null when the code belongs to a stop")
    title: str = Field(description="Of the stop or the badge")
    url: str = Field(description="Path of its page")
    point: str
    place: dict[str, float] | None = Field(
        None, description="Where the code counts: lat, lon, radius in metres"
    )


@api.post(
    "/typed",
    summary="Which stop a typed code belongs to, or which badge it gives",
    description="In the body and not in the address: a typed code is a secret, and addresses are logged.",
    responses={200: TypedStop, 404: Problem, 429: Problem},
)
@limiter.limit(lambda: current_app.config["STREETWISE"].typed_rate)
def look_up(body: TypedForm) -> Response:
    """Name the stop or the badge and never the secret. A withdrawn code is as unknown as one that never was."""
    code = find_by_typed(db.session(), body.typed, round(utc_now().timestamp() * 1000))
    organiser = _organiser_of(code.point)
    if code.revoked_at or organiser is None or organiser.city_id != current_city().id:
        raise UnknownCode()
    place = place_of(code)
    return jsonify({**_told(code.point), "point": code.point_id, **({"place": place} if place else {})})


def _told(point: Point) -> dict[str, str | None]:
    if badge := point.achievement:
        return {
            "activity": None,
            "achievement": badge.id,
            "title": pick(badge.name),
            "url": point_path(point),
        }
    view = activity_view(cast(Activity, point.activity), language())
    return {"activity": view["id"], "achievement": None, "title": view["title"], "url": view["url"]}


@routes.get("/desk/playlists/<slug>/sheet")
def playlist_sheet(slug: str) -> Response:
    playlist = find_playlist(db.session(), current_city(), slug)
    may(db.session(), signed_in(), playlist.organiser)
    return _sheet(pick(playlist.title), playlist.organiser, [item.activity for item in playlist.items])


@routes.get("/desk/activities/<slug>/sheet")
def activity_sheet(slug: str) -> Response:
    activity = find_activity(db.session(), current_city(), slug)
    may(db.session(), signed_in(), activity.organiser)
    return _sheet(pick(activity.title), activity.organiser, [activity])


def _sheet(title: str, organiser: Organiser, activities: list[Activity]) -> Response:
    base_url: str = current_app.config["STREETWISE"].base_url
    return private_page(
        "codes/sheet.html",
        title=title,
        organiser=organiser,
        cards=cards(db.session(), activities, Sheet(base_url, organiser.city.timezone, utc_now())),
        langs=_languages_of_sheet(),
        host=base_url.split("://", 1)[-1].rstrip("/"),
    )


def _languages_of_sheet() -> list[str]:
    """Read `?lang=nl,en`: up to three languages, the reader's when none is asked for."""
    asked = [one for one in request.args.get("lang", "").split(",") if one in LANGUAGES]
    return list(dict.fromkeys(asked))[:3] or [language()]
