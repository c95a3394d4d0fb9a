"""Sheets as PDF: real text in any of our scripts, vector codes, the same bytes for the same cards."""

from collections.abc import Sequence
from datetime import datetime

from server.codes.printing.labels import draw_cards, draw_stickers
from server.codes.printing.paper import Paper
from server.codes.printing.posters import draw_poster
from server.codes.sheets import A_PAGE, Card, Layout, Sheet
from server.core.i18n import gettext, pick

_A4, _A3 = (210.0, 297.0), (297.0, 420.0)


def make_pdf(cards: Sequence[Card], sheet: Sheet, at: datetime) -> bytes:
    """Draw a sheet of cards; see `pages` for which are on which page. `at`: when, as the file says."""
    return bytes(draw(cards, sheet, at).output())


def draw(cards: Sequence[Card], sheet: Sheet, at: datetime) -> Paper:
    """Draw a sheet and return its paper, which knows where everything is."""
    paper = Paper(
        _A3 if sheet.layout == "poster-a3" else _A4,
        title=sheet.title,
        author=pick(sheet.organiser, sheet.languages[0]),
        lang=sheet.languages[0],
    )
    paper.set_creation_date(at)
    on_pages = pages(cards, sheet.layout)
    for number, on_page in enumerate(on_pages, 1):
        _draw_page(paper, on_page, sheet, _foot(on_page, number, len(on_pages)))
    return paper


def pages(cards: Sequence[Card], layout: Layout) -> list[list[Card]]:
    """Say which cards are on which page."""
    each = A_PAGE[layout]
    return [list(cards[start : start + each]) for start in range(0, len(cards), each)]


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
