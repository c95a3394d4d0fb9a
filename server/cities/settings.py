"""What a city's owners set: the country, who answers for the data, and how long what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from babel import Locale

from server.cities.models import City
from server.core.i18n import gettext
from server.core.text import clean

CONTACTS = ("controller", "contact", "officer")
LONGEST = 200


class Period(Protocol):
    """Something that is kept for some days, and the least and most that a city may say (`privacy/retention.py`)."""

    @property
    def name(self) -> str: ...
    @property
    def least(self) -> int: ...
    @property
    def most(self) -> int: ...


@dataclass(frozen=True)
class Form:
    """What was typed, and what is wrong with it, by field."""

    country: str
    privacy: dict[str, str]
    keeps: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)


def written(city: City) -> Form:
    """Return the form as the city's settings fill it."""
    return Form(city.country, dict(city.privacy), {name: str(days) for name, days in city.keeps.items()})


def read(given: Mapping[str, str], periods: Sequence[Period]) -> Form:
    """Read the form, and say in `wrong` what cannot be."""
    typed = {name: clean(text).strip()[:LONGEST] for name, text in given.items()}
    form = Form(
        typed.get("country", ""),
        {name: typed[name] for name in CONTACTS if typed.get(name)},
        {one.name: typed[f"keep-{one.name}"] for one in periods if typed.get(f"keep-{one.name}")},
    )
    if form.country and form.country not in countries("en"):
        form.wrong["country"] = gettext("Choose a country of the list.")
    for one in periods:
        text = form.keeps.get(one.name)
        if text and not (text.isascii() and text.isdigit() and one.least <= int(text[:6]) <= one.most):
            form.wrong[f"keep-{one.name}"] = gettext(
                "Write a number of days from %(least)s to %(most)s.", least=one.least, most=one.most
            )
    return form


def keep(city: City, form: Form) -> dict[str, object]:
    """Let the settings be as the form says; return those that changed. What is left empty has its default."""
    new = {
        "country": form.country,
        "privacy": dict(form.privacy),
        "keeps": {name: int(days) for name, days in form.keeps.items()},
    }
    changed: dict[str, object] = {name: value for name, value in new.items() if getattr(city, name) != value}
    for name, value in changed.items():
        setattr(city, name, value)
    return changed


@cache
def countries(lang: str) -> dict[str, str]:
    """Name the countries (ISO 3166-1) in a language, in the order of their names."""
    names = Locale(lang).territories
    found = {code: name for code, name in names.items() if code.isalpha() and code not in _NO_COUNTRIES}
    return dict(sorted(found.items(), key=lambda one: one[1]))


_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
