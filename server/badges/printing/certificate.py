"""The certificate, A4: who says what about whom, how surely, and where anybody can check it."""

from dataclasses import dataclass

from fpdf.enums import Align

from server.badges.printing.facts import Printed, public_host
from server.badges.printing.tagged import A4, TaggedPaper
from server.core.i18n import gettext, language
from server.core.paper import FAINT, PALE, SOFT, Box, Fitted, Words, ink_on
from server.core.qr import Qr

_MARGIN = 20.0
_WIDE = A4[0] - 2 * _MARGIN
_CODE = 40.0
_PANEL, _WHOLE = 52.0, 110.0


@dataclass(frozen=True)
class Wishes:
    """What whoever prints it chose: a name, which is on the paper only, and the code that needs no network."""

    name: str = ""
    whole: Qr | None = None


def draw_certificate(badge: Printed, wishes: Wishes) -> TaggedPaper:
    """Draw a certificate. Raises LettersMissing."""
    paper = TaggedPaper(A4, title=f"{badge.name} · {badge.issuer}", author=badge.issuer, lang=language())
    paper.refuse_missing(wishes.name, badge.name, badge.issuer, badge.description, badge.criteria)
    paper.set_creation_date(badge.awarded_at)
    paper.add_page()
    _head(paper, badge)
    below = _middle(paper, badge, wishes)
    _ground(paper, badge, Box(_MARGIN, below + 9, _WIDE, 0))
    _foot(paper, badge)
    if wishes.whole:
        _whole_page(paper, badge, wishes.whole)
    return paper


def _head(paper: TaggedPaper, badge: Printed) -> None:
    with paper.decoration():
        paper.fill(Box(0, 0, paper.w, 48), badge.colour)
        paper.wave(48, 6, badge.colour)
    ink = ink_on(badge.colour)
    kind = paper.fit(Words(gettext("Certificate"), language(), (15,), 8, colour=ink), _WIDE * 0.3)
    paper.say("P", kind, Box(_MARGIN, 12, _WIDE * 0.3, kind.h))
    city = paper.fit(Words(badge.city, language(), (15, 13, 11), 8, bold=True, colour=ink), _WIDE * 0.5)
    paper.say("P", city, Box(_MARGIN + _WIDE * 0.5, 12, _WIDE * 0.5, city.h), Align.R)
    side = 64.0
    paper.show(badge.picture, Box((paper.w - side) / 2, 22, side, side), badge.alt)


def _middle(paper: TaggedPaper, badge: Printed, wishes: Wishes) -> float:
    """Write whose badge it is and what it says, in the middle. Returns where that ends."""

    def fit(text: str, sizes: tuple[float, ...], most: float, bold: bool = False, lang: str = "") -> Fitted:
        colour = "#16262f" if bold or lang else SOFT
        return paper.fit(Words(text, lang or language(), sizes, most, bold, colour), _WIDE)

    lines = [
        ("H1", fit(badge.name, (30, 27, 24, 21, 18, 16), 27, True, badge.lang)),
        ("P", fit(gettext("Badge from %(issuer)s", issuer=badge.issuer), (14, 12, 11), 12)),
    ]
    if wishes.name:
        lines.append(("P", fit(wishes.name, (24, 21, 18, 15, 12), 20, True)))
        lines.append(("P", fit(_about_the_name(), (8.5, 8), 8)))
    lines.append(("P", fit(f"{badge.earned} · {badge.validity}", (12, 11), 6)))
    lines.append(("P", fit(badge.description, (12, 11, 10, 9), 22, lang=badge.lang)))
    return 89 + paper.say_all(lines, Box(_MARGIN, 89, _WIDE, 0), Align.C, gap=2.4)


def _about_the_name() -> str:
    return gettext("The holder wrote this name on the paper. The badge itself carries no name.")


def _ground(paper: TaggedPaper, badge: Printed, box: Box) -> None:
    """Write what was done and how it was checked, beside the code."""
    high = 275 - box.y
    text = Box(box.x, box.y, box.w - _PANEL - 10, high)
    with paper.decoration():
        paper.rule((box.x, box.y - 3), (box.x + box.w, box.y - 3), FAINT, 0.3)

    def head(words: str) -> tuple[str, Fitted]:
        return "H2", paper.fit(Words(words, language(), (12,), 6, bold=True), text.w)

    surely = Words(f"{badge.level_name}. {badge.checked}", language(), (11, 10, 9, 8.5), 32)
    lower = paper.fit(surely, text.w)
    done = Words(badge.criteria, badge.lang, (12, 11, 10, 9, 8, 7), max(high - lower.h - 26, 20))
    upper = [head(gettext("What had to be done")), ("P", paper.fit(done, text.w))]
    under = text.y + paper.say_all(upper, text, gap=1.5) + 5
    lower_part = [head(gettext("How it was checked")), ("P", lower)]
    paper.say_all(lower_part, Box(text.x, under, text.w, 0), gap=1.5)
    _code(paper, badge, Box(box.x + box.w - _PANEL, box.y, _PANEL, high))


def _code(paper: TaggedPaper, badge: Printed, box: Box) -> None:
    """Draw the code that leads to the check."""
    width, side = box.w, _CODE
    with paper.decoration():
        paper.fill(Box(box.x, box.y, width, side + 26), PALE)
    heading = paper.fit(Words(gettext("Is it real?"), language(), (12,), 6, bold=True), width - 6)
    paper.say("H2", heading, Box(box.x + 3, box.y + 2.5, width - 6, heading.h), Align.C)
    at = Box(box.x + (width - side) / 2, box.y + 8.5, side, side)
    with paper.decoration():
        paper.fill(at, "#ffffff")
    paper.show_code(badge.qr, at, badge.code_alt, badge.address)
    words = gettext("Scan this code: %(host)s says whether the badge still holds.", host=public_host())
    below = paper.fit(Words(words, language(), (9, 8, 7), 14), width - 6)
    paper.say("P", below, Box(box.x + 3, at.y + side + 1.5, width - 6, below.h), Align.C)


def _whole_page(paper: TaggedPaper, badge: Printed, whole: Qr) -> None:
    """Draw, on a page of its own, the code that holds the badge itself: it is large, and not everybody wants it."""
    paper.add_page()
    words = gettext(
        "This code is the badge itself. The check that needs no network reads it: download it from the badge's page."
    )
    lines = [
        ("H1", paper.fit(Words(badge.name, badge.lang, (24, 20, 16), 22, bold=True), _WIDE)),
        ("P", paper.fit(Words(words, language(), (12, 11), 16), _WIDE)),
    ]
    below = 30 + paper.say_all(lines, Box(_MARGIN, 30, _WIDE, 0), Align.C, gap=3)
    alt = gettext("QR code with the whole badge, for a check with no network")
    paper.show_code(whole, Box((paper.w - _WHOLE) / 2, below + 5, _WHOLE, _WHOLE), alt)
    _foot(paper, badge)


def _foot(paper: TaggedPaper, badge: Printed) -> None:
    words = gettext("Paper cannot tell whether a badge was withdrawn later; its page does:")
    with paper.decoration():
        paper.rule((_MARGIN, 279), (_MARGIN + _WIDE, 279), FAINT, 0.2)
    small = paper.fit(Words(f"{words} {badge.address}", language(), (8, 7, 6), 8, colour=SOFT), _WIDE)
    paper.say("P", small, Box(_MARGIN, 281, _WIDE, small.h))
