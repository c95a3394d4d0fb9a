"""Printed cards by which recipients take their badges; every code is read back before the file is handed out."""

from collections.abc import Sequence
from datetime import datetime

from flask import current_app

from server.badges.models import Achievement
from server.codes.printing.words import PRINTED
from server.codes.sheets import MOST, Card, Sheet
from server.core.errors import NotFound
from server.core.i18n import language, pick


def cards_pdf(links: Sequence[tuple[str, str]], achievement: Achievement, at: datetime, part: int) -> bytes:
    """Draw cards with name and link, `part` by part (from 1). Raises NotFound when there are none."""
    from server.codes.printing.check import make_checked_pdf  # fpdf takes half a second

    most = MOST["cards"]
    here = links[(part - 1) * most : part * most]
    if not here:
        raise NotFound()
    return make_checked_pdf([_card(name, link, achievement) for name, link in here], _sheet(achievement), at)


def _card(name: str, link: str, achievement: Achievement) -> Card:
    """`address` keeps its small letters: the secret in it has both."""
    return Card(code=link, point="", address=link, typed="", title=achievement.name, place=_same(name))


def _same(name: str) -> dict[str, str]:
    """A name is the same in every language."""
    return {"en": name}


def _sheet(achievement: Achievement) -> Sheet:
    organiser = achievement.organiser
    city, lang = organiser.city, language()
    languages = [lang if lang in PRINTED else "en"]
    host: str = current_app.config["STREETWISE"].public_host
    return Sheet(pick(achievement.name), city.name, organiser.name, host, languages, "cards", city.colour)
