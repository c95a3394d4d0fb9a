"""Addresses of families and classes: what phones know of the age of consent, a class's card, and the desk's pages."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from server.cities.current import current_city
from server.core.answers import speak_sync
from server.core.db import db, utc_now
from server.core.i18n import LANGUAGES, pick
from server.core.limits import limiter
from server.core.problems import Problem
from server.core.roles import LINK, PUBLIC, needs
from server.core.shell import page
from server.families import classes
from server.families.ages import ages_in
from server.families.desk import desk
from server.families.models import ClassMember, SchoolClass
from server.organisers.models import Organiser

_LANG = f"/<any({','.join(LANGUAGES)}):lang>"
routes = Blueprint("families", __name__, template_folder="templates")
routes.register_blueprint(desk)
api = APIBlueprint("classes", __name__, url_prefix="/api", abp_tags=[Tag(name="classes")])
api.after_request(speak_sync)


@routes.app_template_global()
def family_facts() -> dict[str, Any]:
    """Say what a phone needs, with no network too, to ask a guardian for consent."""
    city = current_city()
    return {"city": city.name, "country": city.country, "ages": ages_in(city)}


@routes.get(f"{_LANG}/class")
@needs(PUBLIC)
def card_page(lang: str) -> Response:
    """Show the page on which a card is taken; what stands on it is in the fragment, which never comes here."""
    return page("families/card.html")


class ClassForm(BaseModel):
    written: str = Field(max_length=200, description="What a card or a class's code says after the `#`")


class ClassPlace(BaseModel):
    card: str = Field(description="What this place's card says")
    pseudonym: str
    taken: bool


class ClassFound(BaseModel):
    """What a card or a class's code stands for: of a card one place, of a code all of them."""

    kind: str = Field(description="card or class")
    name: str
    organiser: str
    places: list[ClassPlace]


@api.post(
    "/class",
    summary="Which class a card or a class's code belongs to",
    description="In the body and not in the address: both are secrets, and addresses are logged.",
    responses={200: ClassFound, 404: Problem, 429: Problem},
)
@limiter.limit(
    lambda: current_app.config["STREETWISE"].typed_rate,
    deduct_when=lambda response: response.status_code == 404,  # a school's network is one address for all
)
@needs(LINK)
def look_up(body: ClassForm) -> Response:
    """Say what a card or a class's code opens. Raises WrongCard."""
    session, at = db.session(), utc_now()
    try:
        found = classes.find_by_code(session, body.written, at)
        kind, members = "class", classes.members_of(session, found)
    except classes.WrongCard:
        member = classes.find_by_card(session, body.written, at)
        found = session.get_one(SchoolClass, member.class_id)
        kind, members = "card", [member]
    organiser = session.get_one(Organiser, found.organiser_id)
    if organiser.city_id != current_city().id:
        raise classes.WrongCard()
    told = ClassFound(
        kind=kind, name=found.name, organiser=pick(organiser.name), places=[_place(one) for one in members]
    )
    return jsonify(told.model_dump())


def _place(member: ClassMember) -> ClassPlace:
    return ClassPlace(
        card=classes.card_of(member), pseudonym=member.pseudonym, taken=member.learner_id is not None
    )
