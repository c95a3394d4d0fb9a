"""Draws badges in one style: a shape with a rim, a river at its foot, a sign, and a ribbon for words."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import resvg_py

from server.badges.icons import ICONS
from server.core.security import RIBBON_STYLE
from server.core.text import clean


def _flower() -> str:
    """Draw twelve petals around a middle, as one line."""
    points = [(256 + 196 * sin(pi * i / 6), 248 - 196 * cos(pi * i / 6)) for i in range(13)]
    petals = "".join(f"A52 52 0 0 1 {x:.0f} {y:.0f}" for x, y in points[1:])
    return f'<path d="M{points[0][0]:.0f} {points[0][1]:.0f}{petals}Z" stroke-width="8"/>'


_SHAPES = {
    "circle": '<circle cx="256" cy="248" r="212"/>',
    "hexagon": '<path d="M256 46 431 147V349L256 450 81 349V147Z" stroke-width="36"/>',
    "shield": '<path d="M256 46C306 72 366 82 432 82c8 150-40 296-176 368C120 378 72 232 80 82'
    'c66 0 126-10 176-36Z" stroke-width="28"/>',
    "square": '<path d="M86 78H426V418H86Z" stroke-width="64"/>',
    "diamond": '<path d="M256 42 462 248 256 454 50 248Z" stroke-width="36"/>',
    "octagon": '<path d="M173 50H339L454 165V331L339 446H173L58 331V165Z" stroke-width="20"/>',
    "flower": _flower(),
    "drop": '<path d="M256 40c78 84 168 154 168 254a168 158 0 0 1-336 0C88 194 178 124 256 40Z"'
    ' stroke-width="28"/>',
}
SHAPES = tuple(_SHAPES)
_COLOURS = ("#14506b", "#e8a33d")
MOST_RIBBON = 18
_SVG = "http://www.w3.org/2000/svg"
_NIGHT = "#07131a"
_PAPER = "#fffaf0"
_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
FONTS = "Noto Sans, DejaVu Sans, Liberation Sans, Helvetica Neue, Arial, sans-serif"
_FONTS = Path(__file__).parents[1] / "core" / "fonts"
"""The files a PNG is drawn with, copied here by the build; a browser that shows the SVG takes its own."""


@dataclass(frozen=True)
class Design:
    """What an organiser chose for a badge. Unknown choices fall back to something that looks right."""

    shape: str = "circle"
    field: str = _COLOURS[0]
    accent: str = _COLOURS[1]
    icon: str = "star"
    ribbon: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, Any], lang: str = "") -> "Design":
        """Read `{"shape", "colours": [field, accent], "icon", "text": Texts}` as an achievement keeps it.

        The words on the ribbon are those of `lang`, else the first there are.
        """
        said = stored.get("text") or {}
        ribbon = said.get(lang) or next((one for one in said.values() if one), "")
        colours = [one for one in stored.get("colours") or [] if isinstance(one, str) and _HEX.match(one)]
        field, accent = (colours + list(_COLOURS)[len(colours) :])[:2]
        shape, icon = str(stored.get("shape")), str(stored.get("icon"))
        return cls(
            shape=shape if shape in _SHAPES else cls.shape,
            field=field,
            accent=accent,
            icon=icon if icon in ICONS else cls.icon,
            ribbon=clean(str(ribbon))[:MOST_RIBBON],
        )


@dataclass(frozen=True)
class Card:
    """The words on a preview picture."""

    name: str
    organiser: str
    city: str
    note: str
    colour: str = _COLOURS[0]


def badge_svg(design: Design) -> str:
    """Draw a badge, 512 × 512. Shown too small to be read, it leaves its words out."""
    style = f"<style>{RIBBON_STYLE}</style>" if design.ribbon else ""
    return f'<svg xmlns="{_SVG}" viewBox="0 0 512 512" width="512" height="512">{style}{_badge(design)}</svg>'


@lru_cache(maxsize=256)
def badge_png(design: Design, size: int = 512) -> bytes:
    """Draw a badge as PNG."""
    return _render(badge_svg(design), size)


@lru_cache(maxsize=256)
def preview_png(design: Design, card: Card) -> bytes:
    """Draw the picture that chats and networks show for a link to a badge, 1200 × 630."""
    return _render(_preview(design, card), 1200)


def _badge(design: Design) -> str:
    field, accent = design.field, design.accent
    deep, light = _mix(field, _NIGHT, 0.42), _mix(field, "#ffffff", 0.16)
    sign = ICONS[design.icon].format(paper=_PAPER, field=field, accent=accent)
    top = (172 if design.shape == "drop" else 140) - (22 if design.ribbon else 0)
    inside = 0.885 if design.shape == "circle" else 0.95
    rims = ((1, deep), (0.955, accent), (0.915, _PAPER), (0.885, "url(#sky)"))
    return (
        f'<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{light}"/>'
        f'<stop offset="1" stop-color="{_mix(field, _NIGHT, 0.12)}"/></linearGradient>'
        f'<clipPath id="inside">{_scaled(design.shape, inside)}</clipPath>'
        f'</defs><g transform="translate(0 9)" opacity=".16">{_layer(design.shape, 1, _NIGHT)}</g>'
        f"{''.join(_layer(design.shape, scale, fill) for scale, fill in rims)}"
        f'<g clip-path="url(#inside)">{_river(light, accent)}</g>'
        f'<g transform="translate(152 {top}) scale(2.08)">{sign}</g>'
        f"{_ribbon(design, deep) if design.ribbon else ''}"
    )


def _layer(shape: str, scale: float, fill: str) -> str:
    return f'<g fill="{fill}" stroke="{fill}" stroke-linejoin="round">{_scaled(shape, scale)}</g>'


def _scaled(shape: str, scale: float) -> str:
    """Shrink a shape towards its middle. Strokes round its corners, so a clip, which has none, is larger."""
    middle = 258 if shape == "drop" else 248
    move = f"translate({256 * (1 - scale):.2f} {middle * (1 - scale):.2f}) scale({scale})"
    drawn = _SHAPES[shape].replace("<path", f'<path transform="{move}"')
    return drawn.replace("<circle", f'<circle transform="{move}" stroke-width="0"')


def _river(light: str, accent: str) -> str:
    wave = "q32-22 64 0t64 0 64 0 64 0 64 0 64 0 64 0 64 0V520H0Z"
    return (
        f'<path d="M0 352{wave}" fill="{light}" opacity=".55"/>'
        f'<path d="M-32 386{wave}" fill="{_mix(light, _PAPER, 0.35)}" opacity=".5"/>'
        f'<path d="M-12 420{wave}" fill="{accent}" opacity=".55"/>'
    )


def _ribbon(design: Design, deep: str) -> str:
    """Lay a ribbon over the foot; the letters shrink so that they always fit."""
    words = escape(design.ribbon)
    size = min(40.0, 300 / (0.64 * max(1.0, _ems(design.ribbon))))
    shade = _mix(design.accent, _NIGHT, 0.38)
    return (
        f'<path d="M44 404l34 36-34 36h82v-72Z" fill="{_mix(design.accent, _NIGHT, 0.18)}"/>'
        f'<path d="M468 404l-34 36 34 36h-82v-72Z" fill="{_mix(design.accent, _NIGHT, 0.18)}"/>'
        f'<path d="M90 460l36 16v-16ZM422 460l-36 16v-16Z" fill="{shade}"/>'
        f'<path d="M90 388q166-22 332 0v72q-166-22-332 0Z" fill="{design.accent}"/>'
        f'<path d="M90 396q166-22 332 0M90 452q166-22 332 0" fill="none" stroke="{_PAPER}"'
        ' stroke-width="2.5" opacity=".6"/>'
        f'<text x="256" y="{413 + size * 0.36:.1f}" font-family="{FONTS}" font-weight="700"'
        f' font-size="{size:.1f}" text-anchor="middle" fill="{deep}">{words}</text>'
    )


def _preview(design: Design, card: Card) -> str:
    ink, soft = "#16262e", "#51636c"
    name = _lines(card.name, 15.5, 3)
    size = min(74 if len(name) < 3 else 62, 580 / (0.62 * max(map(_ems, name), default=1)))
    top = 300 - (len(name) - 1) * size * 0.58
    title = "".join(
        _text(line, 560, top + i * size * 1.16, size, ink, bold=True) for i, line in enumerate(name)
    )
    below = top + (len(name) - 1) * size * 1.16
    wave = "q50-34 100 0t100 0 100 0 100 0 100 0 100 0 100 0 100 0 100 0 100 0 100 0 100 0 100 0V640H0Z"
    return (
        f'<svg xmlns="{_SVG}" viewBox="0 0 1200 630" width="1200" height="630">'
        f'<rect width="1200" height="630" fill="#fbf6ea"/>'
        f'<path d="M-20 520{wave}" fill="{_mix(card.colour, "#fbf6ea", 0.78)}"/>'
        f'<path d="M-70 552{wave}" fill="{_mix(card.colour, "#fbf6ea", 0.45)}"/>'
        f'<path d="M-40 586{wave}" fill="{card.colour}"/>'
        f'<svg x="62" y="72" width="440" height="440" viewBox="0 0 512 512">{_badge(design)}</svg>'
        f"{_text(_short(card.city, 30), 560, top - size - 12, 30, card.colour, bold=True)}{title}"
        f"{_text(_short(card.organiser, 34), 560, below + 62, 34, ink)}"
        f"{_text(_short(card.note, 46), 560, below + 110, 26, soft)}</svg>"
    )


def _text(words: str, x: float, y: float, size: float, fill: str, *, bold: bool = False) -> str:
    """Set a line from x to the right edge; a line that reads from the right starts there."""
    from_right = next((c for c in map(unicodedata.bidirectional, words) if c in ("L", "R", "AL")), "L") != "L"
    place = 'x="1140" text-anchor="end"' if from_right else f'x="{x}"'
    weight = "700" if bold else "400"
    return (
        f'<text {place} y="{y:.1f}" font-family="{FONTS}" font-size="{size:.1f}" font-weight="{weight}"'
        f' fill="{fill}">{escape(words)}</text>'
    )


def _ems(words: str) -> float:
    """Estimate a line's width in letters: wide ones (Chinese, Japanese, Korean) count nearly twice."""
    return sum(1.75 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)


def _lines(words: str, width: float, most: int) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        if lines and _ems(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(_short(word, int(width) + 2))
    return (
        [*lines[: most - 1], _short(" ".join(lines[most - 1 :]), int(width) + 2)]
        if len(lines) > most
        else lines
    )


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _mix(colour: str, other: str, share: float) -> str:
    """Blend two colours; `share` is how much of the other one comes in."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _render(svg: str, width: int) -> bytes:
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        font_files=[str(path) for path in sorted(_FONTS.glob("NotoSans_*.ttf"))],
        font_family="Noto Sans",
        skip_system_fonts=True,
    )


def contrast(one: str, other: str) -> float:
    """Compare two colours by how well one is read on the other, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(one / 255) for one in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(one: float) -> float:
    return one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4


def hard_to_see(design: Design) -> list[str]:
    """Name what the colours of a badge hide: `sign` (light on the field), `accent` (on the field), `ribbon`."""
    deep = _mix(design.field, _NIGHT, 0.42)
    pairs = {"sign": (_PAPER, design.field, 3.0), "accent": (design.accent, design.field, 1.8), "ribbon": (deep, design.accent, 4.5)}  # fmt: skip
    return [
        what
        for what, (one, other, least) in pairs.items()
        if contrast(one, other) < least and (what != "ribbon" or design.ribbon)
    ]
