"""QR codes: how an address is spelt in one, and the drawing of it with as few modules as can be."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

QUIET = 4
"""Light modules around a code (ISO/IEC 18004, 9.1)."""
_CHUNKS = (4, 6, 8, 12, 16, 0)


@dataclass(frozen=True)
class Qr:
    """A QR code on a square of `size` modules, quiet zone included.

    `bars` are its dark parts: x, y and length of bars one module high. `path` is the same for SVG.
    """

    size: int
    bars: tuple[tuple[int, int, int], ...]

    @property
    def path(self) -> str:
        return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in self.bars)


def in_capitals(url: str) -> str:
    """Return an address as its QR has it: capitals before the fragment, of which two fit into eleven bits.

    Scheme and host know no case, and `/S/` leads to where `/s/` does.
    """
    address, mark, fragment = url.partition("#")
    return address.upper() + mark + fragment


@lru_cache(maxsize=64)
def draw_qr(text: str, correction: int = ERROR_CORRECT_M) -> Qr:
    """Draw the smallest code for a text, cut into the segments that need the fewest modules."""
    code = min((_cut(text, chunk, correction) for chunk in _CHUNKS), key=lambda one: one.best_fit())
    code.make(fit=True)
    rows = code.get_matrix()
    return Qr(len(rows), tuple(_bars(rows)))


def _cut(text: str, chunk: int, correction: int) -> "qrcode.QRCode[PilImage]":
    code: qrcode.QRCode[PilImage] = qrcode.QRCode(
        error_correction=correction, border=QUIET, image_factory=PilImage
    )
    code.add_data(text, optimize=chunk)  # 0: one segment for all
    return code


def _bars(rows: list[list[bool]]) -> Iterator[tuple[int, int, int]]:
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                yield x, y, end - x
            x = end + 1
