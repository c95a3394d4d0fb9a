"""Puts a credential into a PNG picture and takes it out again (Open Badges 3.0, section 5.3.1)."""

import struct
import zlib
from collections.abc import Iterator

from server.core.errors import DomainError
from server.core.i18n import gettext

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
OLDER = b"openbadges"  # of Open Badges 2.0
LIMIT = 5 * 1024 * 1024
_MOST_CHUNKS = 20_000


class PictureUnreadable(DomainError):
    status, code = 422, "picture_unreadable"

    def explain(self) -> str:
        return gettext("This picture is damaged or is no PNG.")


class PictureEmpty(DomainError):
    status, code = 422, "picture_empty"

    def explain(self) -> str:
        return gettext(
            "There is no badge inside this picture. Screenshots and copies lose it; use the original file."
        )


def bake(picture: bytes, credential: bytes, assertion: bytes = b"") -> bytes:
    """Return the PNG with the credential in one uncompressed iTXt chunk, in place of any older one.

    The 2.0 assertion, if given, goes into a chunk of its own, behind.
    """
    chunks = [one for one in read_chunks(picture) if not _is_ours(*one) and not _is_ours(*one, keyword=OLDER)]
    chunks[1:1] = [_text_chunk(KEYWORD, credential), *([_text_chunk(OLDER, assertion)] if assertion else [])]
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def unbake(picture: bytes) -> str:
    """Take the credential out of a PNG from anywhere. Raises PictureUnreadable, PictureEmpty.

    Only an uncompressed chunk counts, as the standard says, so nothing here can blow up in memory.
    """
    found = [body for kind, body in read_chunks(picture) if _is_ours(kind, body)]
    if not found:
        raise PictureEmpty()
    if len(found) > 1:
        raise PictureUnreadable()
    return _text(found[0])


def _is_ours(kind: bytes, body: bytes, keyword: bytes = KEYWORD) -> bool:
    return kind == b"iTXt" and body.startswith(keyword + b"\0")


def _text_chunk(keyword: bytes, text: bytes) -> tuple[bytes, bytes]:
    return b"iTXt", keyword + b"\0" + b"\0\0" + b"\0" + b"\0" + text  # no compression, language, translation


def _text(body: bytes) -> str:
    rest = body[len(KEYWORD) + 1 :]
    fields = rest[2:].split(b"\0", 2)
    if rest[:1] != b"\0" or len(fields) != 3:
        raise PictureUnreadable()
    try:
        return fields[2].decode()
    except UnicodeDecodeError as error:
        raise PictureUnreadable() from error


def read_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk a PNG's chunks; raises PictureUnreadable at the first thing that is not as it must be."""
    if not picture.startswith(SIGNATURE) or len(picture) > LIMIT:
        raise PictureUnreadable()
    position, kind = len(SIGNATURE), b""
    for _ in range(_MOST_CHUNKS):
        if kind == b"IEND":
            return
        head = picture[position : position + 8]
        if len(head) < 8:
            raise PictureUnreadable()
        length, kind = struct.unpack(">I4s", head)
        body = picture[position + 8 : position + 8 + length]
        check = picture[position + 8 + length : position + 12 + length]
        if len(body) < length or check != struct.pack(">I", zlib.crc32(kind + body)):
            raise PictureUnreadable()
        yield kind, body
        position += 12 + length
    raise PictureUnreadable()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
