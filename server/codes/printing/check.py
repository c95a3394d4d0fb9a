"""The self-test of a sheet: render each page as a printer would, read every code on it, compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from server.codes.printing.pdf import make_pdf
from server.codes.sheets import Card, Layout, Sheet, pages
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.read_back import read_page

_DOTS = {"poster-a4": 100, "poster-a3": 100, "cards": 200, "stickers": 200}
"""Dots an inch: a poor printer's, so that what is read here is read from paper."""


@dataclass(frozen=True)
class Report:
    """What was read. `missing`: cards whose code nobody could read; `strange`: texts that should not be there."""

    read: int
    missing: tuple[Card, ...]
    strange: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.missing and not self.strange


class Unreadable(DomainError):
    """A sheet has codes that a camera could not read; nobody should hang it up."""

    status, code = 500, "sheet_unreadable"

    def explain(self) -> str:
        return gettext("Some codes of this sheet could not be read, so it was not made. Try another layout.")


def make_checked_pdf(cards: Sequence[Card], sheet: Sheet, at: datetime) -> bytes:
    """Draw a sheet and read every code back before anybody gets it. Raises Unreadable."""
    pdf = make_pdf(cards, sheet, at)
    if not check_pdf(pdf, cards, sheet.layout).good:
        raise Unreadable()
    return pdf


def check_pdf(pdf: bytes, cards: Sequence[Card], layout: Layout) -> Report:
    """Read all codes of a sheet back, each on the page where it must be. Pages are rendered one at a time."""
    import pypdfium2

    missing: list[Card] = []
    strange: list[str] = []
    wanted = pages(cards, layout)
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number in range(max(len(document), len(wanted))):
            expected = wanted[number] if number < len(wanted) else []
            found = read_page(document[number], _DOTS[layout]) if number < len(document) else []
            missing += [card for card in expected if card.address not in found]
            strange += set(found) - {card.address for card in expected}
    finally:
        document.close()
    return Report(len(cards) - len(missing), tuple(missing), tuple(strange))


def render_first(pdf: bytes, width: int) -> bytes:
    """Render the first page as PNG, `width` pixels wide."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        picture = page.render(scale=width / page.get_width()).to_pil()
    finally:
        document.close()
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
