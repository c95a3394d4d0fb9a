"""Sounds that learners hand in, told by their content and made silent about who made them, where and when.

A sound is not encoded anew: its samples stay as the phone sent them. What can say more than the sound, such
as titles, places and pictures, is taken out or overwritten in place, so nothing else in the file must move.
"""

import io
import struct
from collections.abc import Callable, Iterator
from typing import Any

import mutagen
from mutagen import apev2, id3
from mutagen.mp3 import MPEGInfo
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

_UNREADABLE = (mutagen.MutagenError, ValueError, LookupError, EOFError, ArithmeticError, struct.error)
_SPEECH: dict[bytes, type[OggOpus] | type[OggVorbis]] = {b"OpusHead": OggOpus, b"\x01vorbis": OggVorbis}


class NoSound(ValueError):
    """A file is of a sound's form and holds something else, or is cut off."""


def mime_of(head: bytes) -> str:
    """Tell a sound by how it begins (64 bytes are enough); empty when it is none that we take."""
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return "audio/webm"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"  # MPEG layer III, which AAC and the other layers are not
    return ""


def clean(file: io.BytesIO) -> str:
    """Take out of a sound, in place, all but the sound. Return its kind; empty when it is no sound we take."""
    mime = mime_of(file.getvalue()[:64])
    try:
        if mime:
            MIMES[mime](file)
    except _UNREADABLE:
        return ""
    return mime


def _clean_ogg(file: io.BytesIO) -> None:
    """One stream of speech or music. The comment header is written anew, empty."""
    file.seek(0)
    first, second = _page(file), _page(file)
    found = [kind for mark, kind in _SPEECH.items() if first.packets[0].startswith(mark)]
    if not found or second.first:
        raise NoSound("another stream, or several at once")
    file.seek(0)
    found[0](file).delete(file)


def _page(file: io.BytesIO) -> Any:
    return OggPage(file)  # type: ignore[no-untyped-call]


def _clean_mpeg(file: io.BytesIO) -> None:
    """The tags go first, unread: what is packed in them may be a thousand times larger."""
    for delete in (id3.delete, apev2.delete):
        file.seek(0)
        delete(file)
    file.seek(0)
    if file.read(3) == b"ID3":
        raise NoSound("several tags, one behind the other")
    file.seek(0)
    found: Any = MPEGInfo(file)
    if found.sketchy:
        raise NoSound("frames do not follow each other")


def _clean_wav(file: io.BytesIO) -> None:
    """Of RIFF's chunks only those that sound need is kept."""
    seen = set()
    with file.getbuffer() as content:
        for name, begin, end in _chunks(content):
            seen.add(name)
            if name not in (b"fmt ", b"data", b"fact"):
                content[begin - 8 : begin - 4] = b"JUNK"
                _blank(content, begin, end)
    if not {b"fmt ", b"data"} <= seen:
        raise NoSound("no samples")


def _chunks(content: memoryview) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        end = at + 8 + size
        if end > len(content) and name != b"data":  # a recorder may not have come back to write the length
            raise NoSound("cut off")
        yield name, at + 8, min(end, len(content))
        at = end + size % 2


def _blank(content: memoryview, begin: int, end: int) -> None:
    content[begin:end] = bytes(end - begin)


_BOXES = {b"moov", b"trak", b"mdia"}  # those that hold others
_ASIDE = {b"udta", b"meta", b"uuid"}  # titles, places, pictures


def _clean_mp4(file: io.BytesIO) -> None:
    """Boxes of ISO 14496-12: what is beside the sound becomes `free`, so that no offset changes."""
    tracks, seen = [], set()
    with file.getbuffer() as content:
        for name, begin, end in _boxes(content):
            seen.add(name)
            if name in _ASIDE:
                content[begin - 4 : begin] = b"free"
                _blank(content, begin, end)
            if name == b"hdlr":
                tracks.append(bytes(content[begin + 8 : begin + 12]))
    if set(tracks) != {b"soun"} or not seen & {b"mdat", b"moof"}:
        raise NoSound("no sound, or pictures too")


def _boxes(content: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """Walk through all boxes, and into those that hold others: what is in them fills them, and ends where they do."""
    at = 0
    while at < len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        begin = at + 8
        if size == 1:  # a long one; its length stands between name and content
            (size,) = struct.unpack_from(">Q", content, begin)
            if name in _ASIDE:
                raise NoSound("titles of 4 GB")
            begin += 8
        end = at + size if size else len(content)
        if not begin <= end <= len(content):
            raise NoSound("cut off")
        yield name, begin, end
        at = begin if name in _BOXES else end


_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _INFO = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0x1549A966
_TRACK_TYPE, _SIMPLE_BLOCK, _BLOCK_GROUP = 0x83, 0xA3, 0xA0
_OPENED = {_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _INFO}
_TOLD = {
    0x1254C367,
    0x1941A469,
    0x1043A770,
    0x7BA9,
    0x536E,
}  # tags, attachments, chapters, title, track's name
_VOID = 0xEC
_MOST_ELEMENTS = 500_000  # hours of sound; a walk through more would keep everybody waiting


def _clean_webm(file: io.BytesIO) -> None:
    """Elements of Matroska (RFC 9559): what is beside the sound becomes Void, so that no offset changes."""
    kinds, blocks = [], 0
    with file.getbuffer() as content:
        for name, at, begin, end in _elements(content):
            if name in _TOLD:
                _void(content, at, end)
            elif name == _TRACK_TYPE:
                kinds.append(int.from_bytes(content[begin:end]))
            blocks += name in (_SIMPLE_BLOCK, _BLOCK_GROUP)
    if set(kinds) != {2} or not blocks:
        raise NoSound("no sound, or pictures too")


def _elements(content: memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Walk through all elements: id, where it, its content and the next one begin. A recorder leaves lengths open."""
    at, walked = 0, 0
    while at < len(content):
        walked += 1
        if walked > _MOST_ELEMENTS:
            raise NoSound("crumbs")
        name, behind = _number(content, at, marked=True)
        size, begin = _number(content, behind)
        end = begin if name in _OPENED else begin + size
        if end > len(content):
            raise NoSound("cut off")
        yield name, at, begin, end
        at = end


def _number(content: memoryview, at: int, *, marked: bool = False) -> tuple[int, int]:
    """Read a number of variable length (RFC 8794, section 4), and where the next thing begins."""
    width = 9 - content[at].bit_length()
    if width > 8 or at + width > len(content):
        raise NoSound("no number")
    number = int.from_bytes(content[at : at + width])
    return number if marked else number & ((1 << 7 * width) - 1), at + width


def _void(content: memoryview, at: int, end: int) -> None:
    length = end - at
    head = bytes((_VOID, 0x80 | length - 2)) if length < 9 else b"\xec\x01" + (length - 9).to_bytes(7)
    content[at:end] = head + bytes(length - len(head))


MIMES: dict[str, Callable[[io.BytesIO], None]] = {
    "audio/webm": _clean_webm,
    "audio/ogg": _clean_ogg,
    "audio/mp4": _clean_mp4,
    "audio/mpeg": _clean_mpeg,
    "audio/wav": _clean_wav,
}
"""The kinds of sounds that we take."""
