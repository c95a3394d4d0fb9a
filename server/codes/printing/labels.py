"""Small prints: ten cards a page to cut, and stickers on A4 labels of 70 × 37 mm."""

from fpdf.enums import Align

from server.codes.printing.words import what_to_do
from server.codes.sheets import Card, Sheet, in_languages, when
from server.core.i18n import gettext, pick
from server.core.paper import FAINT, SOFT, Box, Fitted, Paper, Words, height_of

CARD, CARDS_ACROSS, CARDS_DOWN = (85.0, 54.0), 2, 5
STICKER, STICKERS_ACROSS, STICKERS_DOWN = (70.0, 37.0), 3, 8
_GAP = 0.6
_CARDS_AT = ((210 - CARDS_ACROSS * CARD[0]) / 2, 10.0)
_STICKERS_AT = (0.0, (297 - STICKERS_DOWN * STICKER[1]) / 2)


def draw_cards(paper: Paper, cards: list[Card], sheet: Sheet, foot: str) -> None:
    """Draw a page of up to ten cards, with marks where to cut and the batch at its foot."""
    paper.add_page()
    left, top = _CARDS_AT
    for number, card in enumerate(cards):
        x, y = left + number % CARDS_ACROSS * CARD[0], top + number // CARDS_ACROSS * CARD[1]
        _card(paper, card, sheet, Box(x, y, *CARD))
    _cut_marks(paper)
    below = Box(left, top + CARDS_DOWN * CARD[1] + 6, CARDS_ACROSS * CARD[0], 4)
    small = Words(sheet.title, sheet.languages[0], (7,), 4, colour=SOFT)
    paper.put(paper.fit(small, below.w * 0.6), Box(below.x, below.y, below.w * 0.6, 4))
    right = Box(below.x + below.w * 0.62, below.y, below.w * 0.38, 4)
    paper.put(paper.fit(Words(foot, sheet.languages[0], (7,), 4, colour=SOFT), right.w), right, Align.R)


def _card(paper: Paper, card: Card, sheet: Sheet, box: Box) -> None:
    """Draw the code on the left, the words beside it, and typed form and address below it."""
    lang, side = sheet.languages[0], 37.0
    paper.fill(Box(box.x + 4, box.y + 3.5, box.w - 8, 0.9), sheet.colour)
    paper.put_qr(card.qr, Box(box.x + 2, box.y + 4.8, side, side))
    under = Box(box.x + 2, box.y + 4.8 + side, side, 0)
    many = [paper.fit(Words(sheet.host, lang, (7.5, 7, 6, 5), 3.2, colour=SOFT), side)]
    if card.typed:
        many.insert(0, paper.fit(Words(card.typed, lang, (14,), 7, bold=True), side))
    paper.put_all(many, under, Align.C)
    beside = Box(box.x + 40.5, box.y + 6.2, box.w - 44.5, box.h - 9.4)
    head, lines = _words(paper, card, sheet, beside)
    paper.put_all(head, beside, gap=_GAP)
    tall = height_of(lines, _GAP)
    paper.put_all(lines, Box(beside.x, beside.y + beside.h - tall, beside.w, tall), gap=_GAP)


def _words(paper: Paper, card: Card, sheet: Sheet, box: Box) -> tuple[list[Fitted], list[Fitted]]:
    """Fit what it is and what to do into the room there is; where it hangs comes last, into what is left."""
    several = len(sheet.languages) > 1
    number = f" · {gettext('Stop %(number)s', number=card.number)}" if card.number else ""
    rest = box.h

    def fit(words: Words) -> Fitted:
        nonlocal rest
        fitted = paper.fit(words, box.w)
        rest -= fitted.h + _GAP
        return fitted

    lang = sheet.languages[0]
    head = [fit(Words(pick(sheet.organiser, lang) + number, lang, (6.5, 6), 2.9, colour=SOFT))]
    titles = in_languages(card.title, sheet.languages)
    for position, (lang, text) in enumerate(titles.items()):
        sizes, most = (
            ((15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0), 14.0)
            if position == 0
            else ((8.0, 7.0, 6.0), 5.6)
        )
        head.append(fit(Words(text, lang, sizes, most, bold=position == 0)))
    lines = []
    for lang in sheet.languages:
        first, second = what_to_do(lang)
        lines.append(
            fit(
                Words(
                    first,
                    lang,
                    (9, 8, 7) if not several else (6.5, 6),
                    8.2 if not several else 5.8,
                    bold=True,
                )
            )
        )
        if card.typed and not several:
            lines.append(fit(Words(second, lang, (8, 7.5, 7, 6.5, 6), 13)))
    lang = sheet.languages[0]
    where = " · ".join(part for part in (pick(card.place, lang), when(card, lang)) if part)
    if where and rest > 2.8:
        head.append(
            fit(
                Words(
                    where,
                    lang,
                    (7, 6.5, 6) if several else (9, 8, 7, 6.5, 6),
                    min(rest - _GAP, 8.4),
                    colour=SOFT,
                )
            )
        )
    return head, lines


def _cut_marks(paper: Paper) -> None:
    """Mark where to cut: ticks in the margin, and faint lines for a knife without a ruler."""
    left, top = _CARDS_AT
    right, bottom = left + CARDS_ACROSS * CARD[0], top + CARDS_DOWN * CARD[1]
    for column in range(CARDS_ACROSS + 1):
        x = left + column * CARD[0]
        paper.rule((x, top), (x, bottom), FAINT, 0.1)
        paper.rule((x, top - 5), (x, top - 1), SOFT, 0.2)
        paper.rule((x, bottom + 1), (x, bottom + 5), SOFT, 0.2)
    for row in range(CARDS_DOWN + 1):
        y = top + row * CARD[1]
        paper.rule((left, y), (right, y), FAINT, 0.1)
        paper.rule((left - 6, y), (left - 1, y), SOFT, 0.2)
        paper.rule((right + 1, y), (right + 6, y), SOFT, 0.2)


def draw_stickers(paper: Paper, cards: list[Card], sheet: Sheet, foot: str) -> None:
    """Draw a page of up to 24 labels. They fill it, so each one has the batch at its own foot."""
    paper.add_page()
    left, top = _STICKERS_AT
    for number, card in enumerate(cards):
        x = left + number % STICKERS_ACROSS * STICKER[0]
        _sticker(paper, card, sheet, Box(x, top + number // STICKERS_ACROSS * STICKER[1], *STICKER))


def _sticker(paper: Paper, card: Card, sheet: Sheet, box: Box) -> None:
    lang, side = sheet.languages[0], 32.0
    paper.put_qr(card.qr, Box(box.x + 2.5, box.y + 2.5, side, side))
    beside = Box(box.x + 35.5, box.y + 6, box.w - 40.5, box.h - 10)
    many = [paper.fit(Words(card.typed, lang, (12, 11, 10), 6, bold=True), beside.w)] if card.typed else []
    many.append(paper.fit(Words(sheet.host, lang, (7, 6, 5, 4), 3, colour=SOFT), beside.w))
    title, place = pick(card.title, lang), pick(card.place, lang)
    many.append(paper.fit(Words(title, lang, (8, 7, 6), 6.2, bold=True), beside.w))
    if place:
        many.append(paper.fit(Words(place, lang, (7, 6), 5.6), beside.w))
    paper.put_all(many, beside, gap=0.5)
    if card.batch:
        least = paper.fit(Words(card.batch, lang, (5,), 2.3, colour=SOFT), beside.w)
        paper.put(least, Box(beside.x, box.y + box.h - 6, beside.w, least.h))
