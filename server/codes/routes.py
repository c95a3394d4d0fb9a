"""Where a code leads: the stop's page from a QR, and the stop's address from a typed form."""

from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from server.activities.models import Activity
from server.activities.services import activity_view
from server.badges.models import Achievement
from server.cities.current import current_city
from server.codes import tokens
from server.codes.desk import desk
from server.codes.finding import find_by_typed
from server.codes.models import Point
from server.codes.services import UnknownCode, code_view, place_of
from server.codes.sheet_routes import sheets
from server.core.answers import speak_sync
from server.core.db import db, utc_now
from server.core.i18n import language, pick
from server.core.limits import limiter
from server.core.problems import Problem
from server.core.roles import PUBLIC, needs
from server.core.shell import page
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.organisers.offering import check_offered
from server.playlists.services import stop_context

routes = Blueprint("codes", __name__, template_folder="templates")
routes.register_blueprint(desk)
routes.register_blueprint(sheets)
api = APIBlueprint("typed", __name__, url_prefix="/api", abp_tags=[Tag(name="codes")])


@routes.get("/s/<written>")
@routes.get("/S/<written>")  # QR codes are smaller in capitals
@needs(PUBLIC)
def arrive(written: str) -> Response:
    """Show a stop's page to whoever scanned its code. The proof is in the fragment, which never comes here."""
    session = db.session()
    point = session.get(Point, tokens.fold_typed(written))
    organiser = _organiser_of(point) if point else None
    if point is None or organiser is None or organiser.city_id != current_city().id:
        return page("codes/unknown.html", status=404, vary="Accept-Language")
    check_offered(organiser)
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
@needs(PUBLIC)
def explain_pass() -> Response:
    """Say what to do with a pass to whoever scanned one with a camera. The pass is in the fragment."""
    return page("codes/pass.html", vary="Accept-Language")


class TypedForm(BaseModel):
    typed: str = Field(
        description="Eight characters, as printed below a QR code; case and dashes don't matter"
    )


api.after_request(speak_sync)


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
@limiter.limit(
    lambda: current_app.config["STREETWISE"].typed_rate,
    deduct_when=lambda response: (
        response.status_code == 404
    ),  # a venue's Wi-Fi is one address for all its guests
)
@needs(PUBLIC)
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
