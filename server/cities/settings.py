"""What a city's owners set: the country, who answers for the data, and how long what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from babel import Locale

from server.cities.models import City
from server.core.i18n import gettext, pick
from server.core.text import clean

CONTACTS = ("controller", "contact", "officer")
OWN_AGE = "age_of_consent"
"""Where a city's own age stands, in `City.privacy`."""
AGES = range(12, 19)
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
    age: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


def written(city: City) -> Form:
    """Return the form as the city's settings fill it."""
    keeps = {name: str(days) for name, days in city.keeps.items()}
    return Form(city.country, _contacts(city), keeps, str(city.privacy.get(OWN_AGE, "")))


def _contacts(city: City) -> dict[str, str]:
    """Read who answers for the data: each is one text, or one in each language."""
    found = {name: city.privacy[name] for name in CONTACTS if city.privacy.get(name)}
    return {name: pick(one) if isinstance(one, dict) else str(one) for name, one in found.items()}


def read(given: Mapping[str, str], periods: Sequence[Period]) -> Form:
    """Read the form, and say in `wrong` what cannot be."""
    typed = {name: clean(text).strip()[:LONGEST] for name, text in given.items()}
    form = Form(
        typed.get("country", ""),
        {name: typed[name] for name in CONTACTS if typed.get(name)},
        {one.name: typed[f"keep-{one.name}"] for one in periods if typed.get(f"keep-{one.name}")},
        typed.get("age", ""),
    )
    if form.country and form.country not in countries("en"):
        form.wrong["country"] = gettext("Choose a country of the list.")
    if form.age and form.age not in map(str, AGES):
        form.wrong["age"] = gettext("Write an age from %(low)s to %(high)s.", low=AGES[0], high=AGES[-1])
    elif form.age and not form.country:
        form.wrong["age"] = gettext("An age is a country's: choose the country, too.")
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
        "privacy": _privacy(city, form),
        "keeps": {name: int(days) for name, days in form.keeps.items()},
    }
    changed: dict[str, object] = {name: value for name, value in new.items() if getattr(city, name) != value}
    for name, value in changed.items():
        setattr(city, name, value)
    return changed


def _privacy(city: City, form: Form) -> dict[str, object]:
    """Put together what is said about privacy. What was not touched stays as it is, in all its languages."""
    shown = _contacts(city)
    said: dict[str, object] = {
        name: city.privacy[name] if shown.get(name) == text else text for name, text in form.privacy.items()
    }
    rest = {name: one for name, one in city.privacy.items() if name not in (*CONTACTS, OWN_AGE)}
    return {**rest, **said, **({OWN_AGE: int(form.age)} if form.age else {})}


@cache
def countries(lang: str) -> dict[str, str]:
    """Name the countries (ISO 3166-1) in a language, in the order of their names."""
    names = Locale(lang).territories
    found = {code: name for code, name in names.items() if code.isalpha() and code not in _NO_COUNTRIES}
    return dict(sorted(found.items(), key=lambda one: one[1]))


_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
