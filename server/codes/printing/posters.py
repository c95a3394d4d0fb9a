"""Posters: one code a page, large, on A4 or A3. All measures are A4's, times `scale` on the paper at hand."""

from dataclasses import replace

from fpdf.enums import Align

from server.codes.printing.words import what_to_do
from server.codes.sheets import Card, Sheet, in_languages, when
from server.core.i18n import direction, gettext, pick
from server.core.paper import FAINT, INK, PALE, SOFT, Box, Fitted, Paper, Words, height_of, ink_on

_MARGIN, _FOOT = 15.0, 20.0
_STRIP = 17.0
_LARGEST, _SMALLEST = 132.0, 70.0
"""Side of the QR, millimetres."""


def draw_poster(paper: Paper, card: Card, sheet: Sheet, foot: str) -> None:
    """Draw a page: a band in the city's colour says what and where; below it the code, what to do, the typed form."""
    paper.add_page()
    scale = paper.w / 210
    margin = _MARGIN * scale
    width = paper.w - 2 * margin
    top = _band(paper, card, sheet, Box(margin, 12 * scale, width, 0))
    bottom = paper.h - _FOOT * scale
    _foot(paper, sheet, foot, Box(margin, paper.h - 14 * scale, width, 6 * scale))
    bottom -= _address(paper, card, sheet, Box(margin, bottom, width, _STRIP * scale)) + 4 * scale
    columns = _columns(paper, sheet, width)
    tall = max(height_of(column, scale) for column in columns)
    _say(paper, columns, Box(margin, bottom - tall, width, tall), sheet)
    _code(paper, card, Box(margin, top, width, bottom - tall - 3 * scale - top))


def _fit(paper: Paper, words: Words, width: float) -> Fitted:
    scale = paper.w / 210
    sizes = tuple(size * scale for size in words.sizes)
    return paper.fit(replace(words, sizes=sizes, most=words.most * scale), width)


def _band(paper: Paper, card: Card, sheet: Sheet, box: Box) -> float:
    """Draw the band behind its words. Returns where it ends."""
    scale, ink, lang = paper.w / 210, ink_on(sheet.colour), sheet.languages[0]
    number = gettext("Stop %(number)s", number=card.number) if card.number else ""
    of = _fit(
        paper,
        Words(f"{sheet.city} · {pick(sheet.organiser, lang)}", lang, (13, 11, 9), 6, colour=ink),
        box.w * 0.75,
    )
    nth = _fit(paper, Words(number, lang, (13, 11, 9), 6, bold=True, colour=ink), box.w * 0.24)
    titles, places = _titles(paper, card, sheet, ink, box.w), _places(paper, card, sheet, ink, box.w)
    end = (
        box.y + of.h + 4 * scale + height_of(titles, scale) + 3 * scale + height_of(places, scale) + 4 * scale
    )
    paper.fill(Box(0, 0, paper.w, end), sheet.colour)
    paper.wave(end, 5 * scale, sheet.colour)
    paper.put(of, Box(box.x, box.y, box.w * 0.75, of.h))
    if number:
        paper.put(nth, Box(box.x + box.w * 0.76, box.y, box.w * 0.24, nth.h), Align.R)
    y = box.y + of.h + 4 * scale
    y += paper.put_all(titles, Box(box.x, y, box.w, 0), gap=scale)
    paper.put_all(places, Box(box.x, y + 3 * scale, box.w, 0), gap=scale)
    return end + 5 * scale


def _titles(paper: Paper, card: Card, sheet: Sheet, ink: str, width: float) -> list[Fitted]:
    titles = list(in_languages(card.title, sheet.languages).items())
    return [
        _fit(paper, Words(text, lang, (40, 36, 32, 28, 25, 22, 20), 46, bold=True, colour=ink), width)
        if first
        else _fit(paper, Words(text, lang, (20, 18, 16, 14, 12), 12, colour=ink), width)
        for first, (lang, text) in zip([True, False, False], titles, strict=False)
    ]


def _places(paper: Paper, card: Card, sheet: Sheet, ink: str, width: float) -> list[Fitted]:
    """Say where the code hangs, and when it counts, in each language."""
    places = in_languages(card.place, sheet.languages) or {sheet.languages[0]: ""}
    rows = [
        (lang, " · ".join(part for part in (text, when(card, lang)) if part)) for lang, text in places.items()
    ]
    sizes = (15.0, 13.0, 11.0, 10.0) if len(rows) == 1 else (13.0, 12.0, 11.0, 10.0)
    return [
        _fit(paper, Words(text, lang, sizes, 10, bold=not number, colour=ink), width)
        for number, (lang, text) in enumerate(rows)
        if text
    ]


def _code(paper: Paper, card: Card, box: Box) -> None:
    """Draw the QR as large as there is room."""
    scale = paper.w / 210
    side = max(_SMALLEST * scale, min(_LARGEST * scale, box.h))
    y = box.y + max(0.0, (box.h - side) / 2)
    paper.put_qr(card.qr, Box(box.x + (box.w - side) / 2, y, side, side))


def _address(paper: Paper, card: Card, sheet: Sheet, box: Box) -> float:
    """Draw, above the foot, a strip for those without a camera: the address, and what to type there."""
    scale, lang = paper.w / 210, sheet.languages[0]
    strip = Box(box.x, box.y - box.h, box.w, box.h)
    paper.fill(strip, PALE)
    paper.fill(Box(strip.x, strip.y, 1.2 * scale, strip.h), sheet.colour)
    room = strip.inside(5 * scale)
    share = room.w * (0.45 if card.typed else 1)
    host = _fit(paper, Words(sheet.host, lang, (20, 18, 16, 14, 12, 10, 8), 9, colour=INK), share)
    middle = strip.y + strip.h / 2
    paper.put(host, Box(room.x, middle - host.h / 2, share, host.h))
    if card.typed:
        typed = _fit(paper, Words(card.typed, lang, (34,), 16, bold=True), room.w - share)
        right = Box(room.x + share, middle - typed.h / 2, room.w - share, typed.h)
        paper.put(typed, right, Align.R, spacing=1.5 * scale)
    return strip.h


def _columns(paper: Paper, sheet: Sheet, width: float) -> list[list[Fitted]]:
    """Fit what to do, a column a language."""
    several = len(sheet.languages) > 1
    sizes = ((18.0, 16.0), (14.0, 13.0)) if not several else ((13.0, 12.0, 11.0), (11.0, 10.0, 9.0))
    room = _room(width, len(sheet.languages), paper.w / 210)
    return [
        [
            _fit(paper, Words(line, lang, sizes[row], 16 if row == 0 else 26, bold=row == 0), room)
            for row, line in enumerate(what_to_do(lang))
        ]
        for lang in sheet.languages
    ]


def _room(width: float, columns: int, scale: float) -> float:
    return (width - 8 * scale * (columns - 1)) / columns


def _say(paper: Paper, columns: list[list[Fitted]], box: Box, sheet: Sheet) -> None:
    scale = paper.w / 210
    room = _room(box.w, len(columns), scale)
    for number, column in enumerate(reversed(columns) if direction(sheet.languages[0]) == "rtl" else columns):
        x = box.x + number * (room + 8 * scale)
        if len(columns) > 1:
            paper.rule((x, box.y - 2 * scale), (x + room, box.y - 2 * scale), sheet.colour, 0.6 * scale)
        paper.put_all(column, Box(x, box.y, room, 0), Align.L if len(columns) > 1 else Align.C, gap=scale)


def _foot(paper: Paper, sheet: Sheet, foot: str, box: Box) -> None:
    scale = paper.w / 210
    paper.rule((box.x, box.y - scale), (box.x + box.w, box.y - scale), FAINT, 0.2 * scale)
    small = Words(sheet.title, sheet.languages[0], (8, 7), 4, colour=SOFT)
    paper.put(_fit(paper, small, box.w * 0.6), Box(box.x, box.y, box.w * 0.6, box.h))
    right = Box(box.x + box.w * 0.62, box.y, box.w * 0.38, box.h)
    paper.put(_fit(paper, replace(small, text=foot), right.w), right, Align.R)
