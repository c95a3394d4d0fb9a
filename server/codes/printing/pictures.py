"""A single code as a picture, SVG or PNG, with its typed form below: for whoever lays out their own print."""

from html import escape
from pathlib import Path

from server.codes.sheets import Card

_FONTS = Path(__file__).parents[2] / "core" / "fonts"
WIDTH = 1200
"""Pixels of a PNG: ten centimetres at 300 dots an inch."""


def draw_svg(card: Card, host: str) -> str:
    """Draw one module a unit, so that a viewer may make it as large as it likes."""
    size, typed = card.qr.size, card.typed
    high = size + (9 if typed else 4)
    fits = min(2.2, 1.6 * size / max(len(host), 1))
    words = f'<text x="{size / 2}" y="{high - 2}" font-size="{fits:.2f}" fill="#50606a">{escape(host)}</text>'
    if typed:
        words = f'<text x="{size / 2}" y="{high - 5.4}" font-size="5" font-weight="700" letter-spacing=".3">{typed}</text>{words}'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {high}" width="{size * 8}" height="{high * 8}">'
        f'<title>{escape(typed or host)}</title><path fill="#fff" d="M0 0h{size}v{high}H0z"/>'
        f'<path shape-rendering="crispEdges" d="{card.qr.path}"/>'
        f'<g font-family="Noto Sans, Arial, sans-serif" text-anchor="middle">{words}</g></svg>'
    )


def draw_png(card: Card, host: str) -> bytes:
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=draw_svg(card, host),
            width=WIDTH,
            font_files=[str(path) for path in sorted(_FONTS.glob("NotoSans_*.ttf"))],
            font_family="Noto Sans",
            skip_system_fonts=True,
        )
    )
