"""Pictures that learners hand in, made harmless: decoded, turned upright, and written anew without metadata."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MOST_PIXELS = 40_000_000
_LONGEST_EDGE = 2048
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
    upright = ImageOps.exif_transpose(image)
    clear = upright.convert("RGB" if format == "JPEG" else "RGBA")
    bare = Image.frombytes(clear.mode, clear.size, clear.tobytes())  # pixels only, no metadata
    out = io.BytesIO()
    bare.save(out, format, quality=85)
    return Picture(out.getvalue(), MIMES[format])
