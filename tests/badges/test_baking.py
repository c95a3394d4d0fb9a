"""Baked pictures: ours come back whole, hostile ones stop early."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from server.badges import baking, drawing
from server.badges.baking import PictureEmpty, PictureUnreadable
from server.core.errors import DomainError

PICTURE = drawing.badge_png(drawing.Design(), 64)
TEXT = '{"name":"Café 😀"}'


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(body: bytes) -> bytes:
    return PICTURE[:33] + chunk(b"iTXt", body) + PICTURE[33:]


def test_a_baked_picture_gives_back_what_was_put_in() -> None:
    assert baking.unbake(baking.bake(PICTURE, TEXT.encode())) == TEXT


def test_a_baked_picture_is_still_a_picture() -> None:
    baked = Image.open(BytesIO(baking.bake(PICTURE, TEXT.encode())))
    baked.load()
    assert baked.size == (64, 64)
    assert baked.text["openbadgecredential"] == TEXT  # type: ignore[attr-defined]


def test_baking_again_replaces_what_was_inside() -> None:
    assert baking.unbake(baking.bake(baking.bake(PICTURE, b"{}"), TEXT.encode())) == TEXT


def test_a_picture_without_a_badge_says_so() -> None:
    with pytest.raises(PictureEmpty):
        baking.unbake(PICTURE)


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"GIF89a",
        PICTURE[:-4],
        PICTURE[:40] + b"\0" + PICTURE[41:],
        baking.SIGNATURE + struct.pack(">I4s", 2**31, b"iTXt"),
        baking.SIGNATURE + chunk(b"tEXt", b"") * 30_000,
        with_chunk(b"openbadgecredential\0\1\0\0\0" + zlib.compress(bytes(100_000_000))),
        with_chunk(b"openbadgecredential\0\0\0"),
        with_chunk(b"openbadgecredential\0\0\0\0\0\xff\xfe"),
        PICTURE[:33] + chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0{}") * 2 + PICTURE[33:],
    ],
)
def test_a_broken_picture_is_refused(picture: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        baking.unbake(picture)


@given(some.binary(max_size=300))
def test_any_bytes_end_in_a_clear_word(tail: bytes) -> None:
    with pytest.raises(DomainError):
        baking.unbake(PICTURE[:33] + tail)
