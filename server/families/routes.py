"""Addresses of families and classes: what phones know of the age of consent, a class's card, and the desk's pages."""

from typing import Any

from flask import Blueprint

from server.cities.current import current_city
from server.families.ages import ages_in

routes = Blueprint("families", __name__, template_folder="templates")


@routes.app_template_global()
def family_facts() -> dict[str, Any]:
    """Say what a phone needs, with no network too, to ask a guardian for consent."""
    city = current_city()
    return {"city": city.name, "country": city.country, "ages": ages_in(city)}
