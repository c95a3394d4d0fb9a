"""Reads a badge that a printed code carries whole: JSON, deflated, in base45 (RFC 9285)."""

import re
import zlib
from contextlib import suppress

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_WHOLE = re.compile(r"[0-9A-Z $%*+\-./:]{200,4400}\Z")
_PREFIX = re.compile(r"[A-Z0-9]{2,4}:")
_LIMIT = 256 * 1024


def is_packed(text: str) -> bool:
    """Say whether a text may be such a code; other badges have small letters or brackets."""
    return bool(_WHOLE.match(text))


def unpack(text: str) -> bytes:
    """Return the JSON inside. Raises ValueError."""
    for written in (text, _PREFIX.sub("", text, count=1)):
        for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # with a header, and without
            with suppress(ValueError, zlib.error):
                return _inflate(_decode(written), bits)
    raise ValueError("not deflated")


def _inflate(packed: bytes, bits: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=bits)
    content = unpacker.decompress(packed, _LIMIT)
    if not unpacker.eof:
        raise ValueError("cut off, or too large")
    return content


def _decode(text: str) -> bytes:
    """Read base45: three letters are two bytes, two are the last one."""
    raw = bytearray()
    for start in range(0, len(text), 3):
        values = [_LETTERS.index(letter) for letter in text[start : start + 3]]
        number, size = sum(value * 45**place for place, value in enumerate(values)), len(values) - 1
        if not size or number >= 256**size:
            raise ValueError("no base45")
        raw += number.to_bytes(size, "big")
    return bytes(raw)
