"""Pictures that are handed in may be made to hurt: they are written anew, or not taken."""

import io
import struct
import zlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import ExifTags, Image

from server.replicas import pictures
from tests.cast import NOON, Museum
from tests.learning.walk import picture
from tests.phone import Phone

SCRIPT = b"<script>alert(document.domain)</script>"


def png_of(width: int, height: int, packed: bytes = b"") -> bytes:
    """A PNG that says it is that large, whatever it holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_what_rides_along_with_a_picture_is_left_behind(format: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SCRIPT.decode()
    for carrier in (picture(format=format) + SCRIPT, picture(format=format, exif=exif)):
        assert SCRIPT in carrier
        kept = pictures.rewrite(carrier)
        assert kept
        assert b"script" not in kept.content
        assert Image.open(io.BytesIO(kept.content)).size == (64, 48)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        picture()[:200],
        picture(format="PNG")[:-40],
        png_of(60_000, 60_000),
        png_of(2**31 - 1, 1),
        png_of(7_000, 7_000),
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
        picture(format="GIF"),
        picture(format="BMP"),
        picture(format="TIFF"),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.4 " + picture(),
        b"GIF89a/*" + picture(),
    ],
)
def test_what_is_no_whole_picture_of_ours_is_not_taken(content: bytes) -> None:
    assert pictures.rewrite(content) is None


def test_a_turned_photo_is_upright_and_small() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (6000, 3000), "red").save(out, "JPEG", exif=exif)
    kept = pictures.rewrite(out.getvalue())
    assert kept
    assert Image.open(io.BytesIO(kept.content)).size == (1024, 2048)


def test_evidence_is_at_no_public_address(app: Flask, client: FlaskClient, museum: Museum) -> None:
    ada = Phone(app, at=NOON)
    ada.hello()
    ada.sync()
    assert ada.upload(picture()).status_code == 204
    sha256 = next(app.config["STREETWISE"].instance.rglob("evidence/*/*")).name
    for path in (f"/media/{sha256}.jpg", f"/media/{sha256}.png", f"/evidence/{ada.learner}/{sha256}",
                 f"/static/{sha256}", f"/files/evidence/{ada.learner}/{sha256}", f"/api/blobs/{sha256}"):  # fmt: skip
        assert client.get(path).status_code in (401, 404)
    with_proof = ada.blob("GET", picture())
    assert (with_proof.status_code, with_proof.data) == (200, b"")


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_a_picture_counts_though_what_is_said_about_it_is_damaged(format: str) -> None:
    """It is turned upright, as far as its orientation can be read."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.XResolution] = 72.0
    sound = picture(format=format, exif=exif)
    fraction, unknown = b"\x01\x1a\x00\x05", b"\x01\x1a\x00\x07"
    assert sound.count(fraction) == 1
    kept = pictures.rewrite(sound.replace(fraction, unknown))
    assert kept
    assert Image.open(io.BytesIO(kept.content)).size == (48, 64)
