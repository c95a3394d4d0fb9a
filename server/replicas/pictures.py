"""Pictures that learners hand in, made harmless: decoded, turned upright, and written anew without metadata."""

import io
import struct
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MOST_PIXELS = 40_000_000
_LONGEST_EDGE = 2048
_TURNS: dict[Any, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How to turn a picture upright, by its EXIF orientation (as `ImageOps.exif_transpose` does, which also writes
the metadata anew, and fails when they are damaged)."""
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    mime: str


def rewrite(content: bytes) -> Picture | None:
    """Write a picture anew; None when it is none that we take. Never serve what a phone sent as it is."""
    try:
        with Image.open(io.BytesIO(content), formats=list(MIMES)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            return _write(image, image.format or "JPEG")
    except _UNREADABLE:
        return None


def _write(image: Image.Image, format: str) -> Picture:
    image.thumbnail((_LONGEST_EDGE, _LONGEST_EDGE))  # first: a JPEG is then never unpacked in full
    clear = _upright(image).convert("RGB" if format == "JPEG" else "RGBA")
    bare = Image.frombytes(clear.mode, clear.size, clear.tobytes())  # pixels only, no metadata
    out = io.BytesIO()
    bare.save(out, format, quality=85)
    return Picture(out.getvalue(), MIMES[format])


def _upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its camera was held. What says so may be damaged; the picture counts all the same."""
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 0))
    except (*_UNREADABLE, LookupError, TypeError, struct.error):
        return image
    return image if turn is None else image.transpose(turn)
