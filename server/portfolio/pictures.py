"""The picture of a badge from elsewhere: the one that came with it, drawn anew, so that nothing else comes along.

Nobody is asked for a picture: whoever keeps it would learn who keeps the badge. Drawings (SVG) are left out.
"""

import base64
import io

from PIL import Image, UnidentifiedImageError

from server.badges import baking
from server.badges.canonical import Document
from server.badges.verification.report import as_list

SIDE = 240
"""Pixels: a tile's, twice."""
_READABLE = ("PNG", "JPEG", "WEBP", "GIF")
_MOST_PIXELS = 8_000_000
_KEYWORDS = (b"openbadgecredential\0", b"openbadges\0")


def own_picture(content: bytes, document: Document) -> str | None:
    """Return a badge's own picture as a `data:` address, small and harmless; None when it brought none."""
    for one in (_baked(content), *_named(document)):
        drawn = _draw(one) if one else None
        if drawn:
            return "data:image/webp;base64," + base64.b64encode(drawn).decode()
    return None


def _baked(content: bytes) -> bytes | None:
    """A picture with a badge inside is its picture; a photo of a code is not."""
    if not content.startswith(baking.SIGNATURE):
        return None
    chunks = baking.read_chunks(content)
    return content if any(body.startswith(_KEYWORDS) for _, body in chunks) else None


def _named(document: Document) -> list[bytes | None]:
    """Find the pictures that stand in the badge itself, as `data:` addresses."""
    subjects = [*as_list(document.get("credentialSubject")), document]
    badges = [one.get(name) for one in subjects if isinstance(one, dict) for name in ("achievement", "badge")]
    owners = [document, *(first for one in badges for first in as_list(one)[:1])]
    return [_unpack(one.get("image")) for one in owners if isinstance(one, dict)]


def _unpack(image: object) -> bytes | None:
    address = image.get("id") if isinstance(image, dict) else image
    if not (isinstance(address, str) and address.startswith("data:image/")):
        return None
    head, _, packed = address.partition(",")
    try:
        return base64.b64decode(packed) if head.endswith(";base64") else None
    except ValueError:
        return None


def _draw(content: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(content), formats=_READABLE) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            small = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    small.thumbnail((SIDE, SIDE))
    drawn = io.BytesIO()
    small.save(drawn, "WEBP", quality=80)
    return drawn.getvalue()
