"""From which age a child may consent alone: a table by country, which a city may overrule for its own."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from server.cities.models import City
from server.cities.settings import OWN_AGE

_TABLE = Path(__file__).with_name("ages.toml")


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(_TABLE.read_text())


def ages_in(city: City) -> dict[str, int]:
    """Return the age by country as it goes for this city's learners; "" is any country that is not named."""
    own = city.privacy.get(OWN_AGE)
    overruled = {city.country: own} if city.country and isinstance(own, int) else {}
    return {"": _table()["otherwise"], **_table()["ages"], **overruled}


def default_age_in(country: str) -> int:
    """Return the age in a country where no city says otherwise; the highest when the country is not known."""
    table = _table()
    age: int = table["ages"].get(country, table["otherwise"])
    return age


def age_in(country: str, city: City) -> int:
    ages = ages_in(city)
    return ages.get(country, ages[""])


def old_enough_in(born: int, age: int) -> int:
    """Return the first year in which who was born in a year surely has that age: their birthday is nobody's business."""
    return born + age + 1
