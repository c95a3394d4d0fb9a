"""Takes badges out of pictures from anywhere: PNG and SVG with a badge inside, and photos of a QR code."""

import io
import zlib
from typing import Any
from xml.parsers import expat

from PIL import Image, UnidentifiedImageError

from server.badges import baking
from server.badges.baking import PictureEmpty, PictureUnreadable

_KINDS = (b"openbadgecredential", b"openbadges")  # the newer one first: it says more
_TEXTS = (b"iTXt", b"tEXt", b"zTXt")
_LIMIT = 1024 * 1024  # of what is packed inside
_MOST_PIXELS = 24_000_000
_SPACES = {
    "https://purl.imsglobal.org/ob/v3p0": "credential",
    "https://purl.imsglobal.org/spec/ob/v3p0": "credential",
    "http://openbadges.org": "assertion",
    "https://openbadges.org": "assertion",
}
_READABLE = ("PNG", "JPEG", "WEBP", "GIF")
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    SyntaxError,
    ValueError,
)


def is_picture(content: bytes) -> bool:
    """Say whether a file begins like a photo or drawing of points."""
    return content.startswith((baking.SIGNATURE, b"\xff\xd8\xff", b"RIFF", b"GIF8"))


def is_drawing(content: bytes) -> bool:
    """Say whether a file begins like XML."""
    return content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read_picture(content: bytes) -> str:
    """Return the badge inside a PNG, or the QR code that a picture shows.

    Raises PictureUnreadable, PictureEmpty.
    """
    if not content.startswith(baking.SIGNATURE):
        return _read_code(content)
    chunks = [(kind, body) for kind, body in baking.read_chunks(content) if kind in _TEXTS]
    for keyword in _KINDS:
        found = [one for one in chunks if one[1].startswith(keyword + b"\0")]
        if len(found) > 1:
            raise PictureUnreadable()
        if found:
            return _chunk_text(*found[0], keyword)
    return _read_code(content)


def _chunk_text(kind: bytes, body: bytes, keyword: bytes) -> str:
    """Read a text chunk; a credential of 3.0 counts only as the standard wants it, in plain iTXt."""
    rest, packed = body[len(keyword) + 1 :], kind == b"zTXt"
    if kind == b"iTXt":
        packed, fields = rest[:1] == b"\1", rest[2:].split(b"\0", 2)
        if len(fields) != 3:
            raise PictureUnreadable()
        rest = fields[2]
    elif packed:
        rest = rest[1:]
    if keyword == _KINDS[0] and (packed or kind != b"iTXt"):
        raise PictureUnreadable()
    try:
        return (_unpack(rest) if packed else rest).decode()
    except UnicodeDecodeError as error:
        raise PictureUnreadable() from error


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, _LIMIT)
    except zlib.error as error:
        raise PictureUnreadable() from error
    if not unpacker.eof:
        raise PictureUnreadable()
    return text


def _read_code(content: bytes) -> str:
    """Read the one QR code that a picture shows."""
    import zxingcpp  # here, because loading it takes a while

    try:
        with Image.open(io.BytesIO(content), formats=_READABLE) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise PictureUnreadable()
            grey = picture.convert("L")
    except _UNREADABLE as error:
        raise PictureUnreadable() from error
    codes = zxingcpp.read_barcodes(grey, zxingcpp.barcode_formats_from_str("QRCode"))
    if len(codes) != 1:
        raise PictureEmpty()
    return str(codes[0].text)


def read_drawing(content: bytes) -> str:
    """Return the badge inside an SVG: a child of its root. Raises PictureUnreadable, PictureEmpty."""
    reader = _DrawingReader()
    try:
        reader.parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise PictureUnreadable() from error
    if len(reader.found) > 1:
        raise PictureUnreadable()
    if not reader.found:
        raise PictureEmpty()
    return reader.found[0].strip()


class _DrawingReader:
    """Listens to the parser. Own entities are refused: they can grow without end, or name our own files."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.found: list[str] = []
        self._depth = 0
        self._named = ""
        self._words: list[str] | None = None

    def _refuse(self, *_declared: Any) -> None:
        raise ValueError("an entity of its own")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        space, _, local = name.rpartition(" ")
        if self._depth == 2 and _SPACES.get(space) == local:
            self._named, self._words = attributes.get("verify", ""), []

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._depth == 1 and self._words is not None:
            written = "".join(self._words).strip()
            self.found.append(self._named if self._named.startswith("eyJ") else written or self._named)
            self._words = None

    def _text(self, text: str) -> None:
        if self._depth == 2 and self._words is not None:
            self._words.append(text)
