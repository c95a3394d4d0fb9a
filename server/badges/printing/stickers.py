"""Stickers: A4 labels of 70 × 37 mm, 24 of one badge or one of each."""

from collections.abc import Sequence

from server.badges.printing.facts import Printed, public_host
from server.badges.printing.tagged import A4, TaggedPaper
from server.core.i18n import gettext, language
from server.core.paper import SOFT, Box, Words

A_PAGE, MOST = 24, 240
"""Labels on a page, and badges in one file."""
_ACROSS, _WIDE, _HIGH = 3, 70.0, 37.0
_TOP = (A4[1] - A_PAGE // _ACROSS * _HIGH) / 2
_CODE, _PICTURE = 32.0, 15.0


def draw_stickers(badges: Sequence[Printed]) -> TaggedPaper:
    """Draw a label for each badge; for a single one, a page full of them. Raises LettersMissing."""
    labels = badges if len(badges) > 1 else [*badges] * A_PAGE
    title = badges[0].name if len(badges) == 1 else gettext("Stickers of your badges")
    paper = TaggedPaper(A4, title=title, author=badges[0].issuer, lang=language())
    paper.refuse_missing(*(badge.name for badge in badges))
    paper.set_creation_date(max(badge.awarded_at for badge in badges))
    for number, badge in enumerate(labels):
        place = number % A_PAGE
        if not place:
            paper.add_page()
        x, y = place % _ACROSS * _WIDE, _TOP + place // _ACROSS * _HIGH
        _label(paper, badge, Box(x, y, _WIDE, _HIGH))
    return paper


def _label(paper: TaggedPaper, badge: Printed, box: Box) -> None:
    paper.show_code(badge.qr, Box(box.x + 2.5, box.y + 2.5, _CODE, _CODE), badge.code_alt)
    x, room = box.x + _CODE + 4, box.w - _CODE - 9
    paper.show(badge.picture, Box(x, box.y + 3.5, _PICTURE, _PICTURE), badge.alt)
    name = paper.fit(Words(badge.name, badge.lang, (8.5, 8, 7, 6), 9.5, bold=True), room)
    host = paper.fit(Words(public_host(), language(), (6.5, 6, 5, 4), 3, colour=SOFT), room)
    y = box.y + 4 + _PICTURE
    y += paper.say("P", name, Box(x, y, room, name.h)) + 0.5
    paper.say("P", host, Box(x, y, room, host.h))
