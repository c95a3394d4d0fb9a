"""Paper to print on: text fitted into boxes in any script we have letters for, and QR codes as vectors.

Lengths are millimetres, sizes of letters points. Importing fpdf takes half a second, so that only what makes
a PDF imports this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from fpdf import FPDF, ViewerPreferences
from fpdf.enums import Align, MethodReturnValue
from fpdf.fonts import TTFFont

from server.core.qr import Qr

FONTS = Path(__file__).parent / "fonts"
LEADING = 1.27
"""Height of a line, in sizes of its letters: room for Arabic below one line and accents above the next."""
INK, SOFT, FAINT, PALE, WHITE = "#16262f", "#50606a", "#c4cbce", "#f1f4f5", "#ffffff"
_FAMILIES = {"Noto": "NotoSans", "Arabic": "NotoSansArabic"}
_POINT = 25.4 / 72
_RIGHT_TO_LEFT = ((0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF))


@dataclass(frozen=True)
class Box:
    """A place on a page: its upper left corner, width and height."""

    x: float
    y: float
    w: float
    h: float

    def inside(self, by: float) -> "Box":
        return Box(self.x + by, self.y + by, self.w - 2 * by, self.h - 2 * by)


@dataclass(frozen=True)
class Words:
    """A text to be fitted: into `most` of height, in the first of its sizes that fits; cut short if none does."""

    text: str
    lang: str
    sizes: tuple[float, ...]
    most: float
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True)
class Fitted:
    """Words with the size found for them, and the width in which their lines are about equally long."""

    words: Words
    text: str
    size: float
    lines: int
    width: float

    @property
    def h(self) -> float:
        return self.lines * line_of(self.size)


@dataclass(frozen=True)
class Placed:
    """What was drawn where, for those who look whether anything overlaps."""

    page: int
    what: str
    box: Box


def line_of(size: float) -> float:
    return size * _POINT * LEADING


def reads_from_right(text: str) -> bool:
    """Say by its first letter whether a text runs from right to left."""
    for char in text:
        if char.isalpha():
            return any(first <= ord(char) <= last for first, last in _RIGHT_TO_LEFT)
    return False


class Paper(FPDF):
    """Pages of one size without margins, on which nothing flows: each text has its box."""

    def __init__(self, size: tuple[float, float], *, title: str, author: str, lang: str) -> None:
        super().__init__(unit="mm", format=size)
        self.placed: list[Placed] = []
        self._strokes: dict[tuple[int, Fitted, Align, float], bytes] = {}
        self._fits: dict[tuple[Words, float], Fitted] = {}
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.set_title(title)
        self.set_author(author)
        self.set_lang(lang)
        self.set_creator("Streetwise")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        for family, name in _FAMILIES.items():
            self.add_font(family, "", FONTS / f"{name}_400Regular.ttf")
            self.add_font(family, "B", FONTS / f"{name}_700Bold.ttf")
        self.set_text_shaping(True)

    def fit(self, words: Words, width: float) -> Fitted:
        """Find the size in which words fit into a width; each word stays whole as long as it can."""
        if (words, width) not in self._fits:
            self._fits[words, width] = self._fit(words, width)
        return self._fits[words, width]

    def _fit(self, words: Words, width: float) -> Fitted:
        for size in words.sizes:
            lines = self._lines(words.text, size, words.bold, width)
            longest = max(words.text.split() or [""], key=len)
            whole = len(self._lines(longest, size, words.bold, width)) == 1
            if len(lines) * line_of(size) <= words.most and (whole or size == words.sizes[-1]):
                return self._balance(Fitted(words, words.text, size, len(lines), width))
        return self._cut(words, width)

    def _cut(self, words: Words, width: float) -> Fitted:
        size = words.sizes[-1]
        room = max(1, int(words.most / line_of(size) + 1e-6))
        text, lines = words.text, self._lines(words.text, size, words.bold, width)
        while len(lines) > room and text:
            text = " ".join(lines[:room]) if text == words.text else text[:-1]
            lines = self._lines(f"{text.rstrip()}…", size, words.bold, width)
        shown = text if text == words.text else f"{text.rstrip()}…"
        return Fitted(words, shown, size, len(lines), width)

    def _balance(self, fitted: Fitted) -> Fitted:
        """Make a headline narrower as long as it has no more lines: so that no word is left alone in the last."""
        width = fitted.width
        while fitted.words.bold and 1 < fitted.lines < 5 and width > fitted.width / 2:
            narrower = width - fitted.width / 25
            if len(self._lines(fitted.text, fitted.size, True, narrower)) > fitted.lines:
                break
            width = narrower
        return replace(fitted, width=width)

    def _lines(self, text: str, size: float, bold: bool, width: float) -> Sequence[str]:
        self._take_font(text, size, bold)
        lines = self.multi_cell(width, 1, text, align=Align.L, dry_run=True, output=MethodReturnValue.LINES)
        return cast(list[str], lines)

    def _take_font(self, text: str, size: float, bold: bool) -> None:
        first, second = ("Arabic", "Noto") if reads_from_right(text) else ("Noto", "Arabic")
        self.set_fallback_fonts([second])
        self.set_font(first, "B" if bold else "", size)

    def put(self, fitted: Fitted, box: Box, align: Align = Align.L, spacing: float = 0) -> float:
        """Write fitted words into a box, from its top. Returns how high they are.

        Left means where the text begins. Words that stand on this page already are drawn by the same strokes:
        shaping takes longest, and a page of stickers has the same words 24 times.
        """
        if align == Align.L and reads_from_right(fitted.text):
            align = Align.R
        shift = {Align.L: 0.0, Align.C: (box.w - fitted.width) / 2, Align.R: box.w - fitted.width}[align]
        key = (self.page, fitted, align, spacing)
        if key not in self._strokes:
            self._strokes[key] = self._write(fitted, align, spacing)
        x, y = (box.x + shift) * self.k, -box.y * self.k
        self._out(f"q 1 0 0 1 {x:.3f} {y:.3f} cm")
        self._out(self._strokes[key])
        self._out("Q")
        self.placed.append(Placed(self.page, fitted.text, Box(box.x + shift, box.y, fitted.width, fitted.h)))
        return fitted.h

    def _write(self, fitted: Fitted, align: Align, spacing: float) -> bytes:
        """Return the strokes of words at the upper left corner of the page.

        The text goes along as it is: Arabic letters are drawn from parts in which nobody could search.
        """
        content = cast(bytearray, self.pages[self.page].contents)
        before = len(content)
        self._take_font(fitted.text, fitted.size, fitted.words.bold)
        self.set_text_color(fitted.words.colour)
        self.set_char_spacing(spacing)
        self.set_xy(0, 0)
        font = cast(TTFFont, self.current_font)
        self._out(f"BT /F{font.i} {fitted.size:.2f} Tf ET")  # said again, for use elsewhere
        self._out(f"/Span <</Lang ({fitted.words.lang}) /ActualText <{_utf16(fitted.text)}>>> BDC")
        self.multi_cell(fitted.width, line_of(fitted.size), fitted.text, align=align)
        self._out("EMC")
        self.set_char_spacing(0)
        strokes = bytes(content[before:])
        del content[before:]
        return strokes

    def put_all(self, many: Sequence[Fitted], box: Box, align: Align = Align.L, gap: float = 0) -> float:
        """Write fitted words below each other. Returns how high they are together."""
        y = box.y
        for fitted in many:
            y += self.put(fitted, Box(box.x, y, box.w, fitted.h), align) + gap
        return y - box.y

    def put_qr(self, qr: Qr, box: Box) -> None:
        """Draw a code as one shape, so that no viewer shows seams between its modules."""
        side = box.w / qr.size
        bars = (
            f"{(box.x + x * side) * self.k:.3f} {(self.h - box.y - (y + 1) * side) * self.k:.3f}"
            f" {length * side * self.k:.3f} {side * self.k:.3f} re"
            for x, y, length in qr.bars
        )
        self._out(f"q 0 g {' '.join(bars)} f Q")
        self.placed.append(Placed(self.page, "QR", box))

    def fill(self, box: Box, colour: str) -> None:
        self.set_fill_color(colour)
        self.rect(box.x, box.y, box.w, box.h, style="F")

    def wave(self, y: float, high: float, colour: str) -> None:
        """Draw the lower edge of a band as water: one swell from side to side."""
        red, green, blue = _rgb(colour)
        w, top, k = self.w, (self.h - y + 0.1) * self.k, self.k
        low = top - high * k
        self._out(
            f"q {red:.3f} {green:.3f} {blue:.3f} rg 0 {top:.2f} m 0 {low:.2f} l"
            f" {w / 4 * k:.2f} {low + 1.1 * high * k:.2f} {w / 3 * k:.2f} {top:.2f} {w / 2 * k:.2f} {low + high * k / 2:.2f} c"
            f" {w * 0.7 * k:.2f} {low - 0.1 * high * k:.2f} {w * 0.8 * k:.2f} {low:.2f} {w * k:.2f} {top:.2f} c f Q"
        )

    def rule(self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float) -> None:
        self.set_draw_color(colour)
        self.set_line_width(width)
        self.line(*start, *end)

    def unprintable(self, text: str) -> set[str]:
        """Name the letters of a text that none of our fonts has."""
        known = [font.cmap for font in self.fonts.values() if hasattr(font, "cmap")]
        return {char for char in text if not char.isspace() and not any(ord(char) in one for one in known)}


def height_of(many: Sequence[Fitted], gap: float = 0) -> float:
    return sum(one.h + gap for one in many)


def ink_on(colour: str) -> str:
    """Choose white or dark letters, whichever stands out more from a colour (WCAG 2, relative luminance)."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in _rgb(colour)]
    light = sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return WHITE if 1.05 / (light + 0.05) >= (light + 0.05) / 0.059 else INK


def _rgb(colour: str) -> list[float]:
    return [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]


def _utf16(text: str) -> str:
    return (b"\xfe\xff" + text.encode("utf-16-be")).hex().upper()
