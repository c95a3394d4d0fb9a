"""The wallet card, A6: the badge, its name, and the code that leads to its check."""

from fpdf.enums import Align

from server.badges.printing.facts import Printed, public_host
from server.badges.printing.tagged import A6, TaggedPaper
from server.core.i18n import gettext, language
from server.core.paper import SOFT, Box, Fitted, Words, ink_on

_MARGIN = 9.0
_WIDE = A6[0] - 2 * _MARGIN
_PICTURE, _CODE = 42.0, 36.0


def draw_card(badge: Printed, name: str = "") -> TaggedPaper:
    """Draw a card. Raises LettersMissing."""
    paper = TaggedPaper(A6, title=f"{badge.name} · {badge.issuer}", author=badge.issuer, lang=language())
    paper.refuse_missing(name, badge.name, badge.issuer)
    paper.set_creation_date(badge.awarded_at)
    paper.add_page()
    with paper.decoration():
        paper.fill(Box(0, 0, paper.w, 24), badge.colour)
        paper.wave(24, 3, badge.colour)
    city = Words(badge.city, language(), (8, 7), 4, colour=ink_on(badge.colour))
    paper.say("P", paper.fit(city, 28), Box(_MARGIN - 3, 5, 28, 4))
    paper.show(badge.picture, Box((paper.w - _PICTURE) / 2, 5, _PICTURE, _PICTURE), badge.alt)
    paper.say_all(_words(paper, badge, name), Box(_MARGIN, 49, _WIDE, 0), Align.C, gap=1.2)
    code = Box((paper.w - _CODE) / 2, 98, _CODE, _CODE)
    paper.show_code(badge.qr, code, badge.code_alt, badge.address)
    scan = gettext("Scan this code: %(host)s says whether the badge still holds.", host=public_host())
    foot = paper.fit(Words(scan, language(), (7.5, 7, 6), 8, colour=SOFT), _WIDE)
    paper.say("P", foot, Box(_MARGIN, 98 + _CODE + 0.5, _WIDE, foot.h), Align.C)
    return paper


def _words(paper: TaggedPaper, badge: Printed, name: str) -> list[tuple[str, Fitted]]:
    issuer = gettext("Badge from %(issuer)s", issuer=badge.issuer)
    said = [
        ("H1", Words(badge.name, badge.lang, (17, 15, 13, 11, 10), 15, bold=True)),
        ("P", Words(issuer, language(), (9.5, 8.5, 7.5), 7, colour=SOFT)),
    ]
    if name:
        about = gettext("The holder wrote this name on the paper. The badge itself carries no name.")
        said += [
            ("P", Words(name, language(), (14, 12, 10, 8), 9, bold=True)),
            ("P", Words(about, language(), (6, 5.5), 3)),
        ]
    said.append(("P", Words(f"{badge.earned} · {badge.validity}", language(), (8.5, 7.5, 6.5), 6)))
    return [(kind, paper.fit(words, _WIDE)) for kind, words in said]
