"""Sheets as PDF: real text in any of our scripts, vector codes, the same bytes for the same cards."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale

from server.codes.printing.labels import draw_cards, draw_stickers
from server.codes.printing.posters import draw_poster
from server.codes.sheets import Card, Sheet, in_languages, pages
from server.core.i18n import LANGUAGES, gettext, pick
from server.core.paper import Paper

_A4, _A3 = (210.0, 297.0), (297.0, 420.0)


def make_pdf(cards: Sequence[Card], sheet: Sheet, at: datetime) -> bytes:
    """Draw a sheet of cards. `at`: when, as the file says."""
    return bytes(draw(cards, sheet, at).output())


def draw(cards: Sequence[Card], sheet: Sheet, at: datetime, only: int | None = None) -> Paper:
    """Draw a sheet, or `only` its first pages, and return its paper, which knows where everything is."""
    lang = sheet.languages[0]
    paper = Paper(
        _A3 if sheet.layout == "poster-a3" else _A4,
        title=sheet.title,
        author=pick(sheet.organiser, lang),
        lang=lang,
    )
    paper.set_creation_date(at)
    on_pages = pages(cards, sheet.layout)
    with force_locale(lang if lang in LANGUAGES else "en"):
        for number, on_page in enumerate(on_pages[:only], 1):
            _draw_page(paper, on_page, sheet, _foot(on_page, number, len(on_pages)))
    return paper


def unprintable(cards: Sequence[Card], sheet: Sheet) -> str:
    """Name the letters on a sheet that our fonts do not have; they are printed as empty boxes."""
    paper = Paper(_A4, title="", author="", lang="en")
    said = {sheet.title, sheet.city, *sheet.organiser.values(), *(card.batch for card in cards)}
    for texts in (texts for card in cards for texts in (card.title, card.place)):
        said.update(in_languages(texts, sheet.languages).values())
    return "".join(sorted(paper.unprintable("".join(said))))


def _draw_page(paper: Paper, cards: list[Card], sheet: Sheet, foot: str) -> None:
    if sheet.layout == "cards":
        draw_cards(paper, cards, sheet, foot)
    elif sheet.layout == "stickers":
        draw_stickers(paper, cards, sheet, foot)
    else:
        draw_poster(paper, cards[0], sheet, foot)


def _foot(cards: Sequence[Card], number: int, of: int) -> str:
    batches = list(dict.fromkeys(card.batch for card in cards if card.batch))
    page = gettext("Page %(number)s of %(total)s", number=number, total=of)
    return " · ".join([*batches, page])
