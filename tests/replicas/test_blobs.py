"""Evidence files: event first or file first, whole or in pieces; only pictures, only their learner's."""

import hashlib
import io

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from server.core.storage import files
from tests.cast import NOON, Museum
from tests.learning.walk import picture
from tests.phone import Phone


@pytest.fixture
def ada(app: Flask) -> Phone:
    phone = Phone(app, at=NOON)
    phone.hello()
    return phone


def test_a_photo_waits_on_hold_until_its_file_is_here(ada: Phone, museum: Museum) -> None:
    photo, content = museum.task(2, "photo"), picture()
    event = ada.photograph(photo, content)
    reply = ada.sync()
    assert (ada.state(event), ada.results[event]["why"]) == ("hold", "blob_missing")
    assert reply["want_blobs"] == [hashlib.sha256(content).hexdigest()]
    assert f"task:{photo.id}" not in ada.view
    assert ada.upload(content).status_code == 204
    assert ada.sync()["want_blobs"] == []
    assert ada.state(event) == "ok"
    assert ada.view[f"task:{photo.id}"]["state"] == "received"


def test_a_file_may_come_before_its_event(ada: Phone, museum: Museum) -> None:
    ada.sync()
    ada.upload(picture())
    event = ada.photograph(museum.task(2, "photo"), picture())
    ada.sync()
    assert ada.state(event) == "ok"


def test_a_large_file_comes_in_pieces_and_goes_on_where_it_stopped(ada: Phone, museum: Museum) -> None:
    content = picture("blue", "PNG") + b"\0" * 3000
    event = ada.photograph(museum.task(2, "photo"), content, "image/png")
    ada.sync()
    sha256, total = hashlib.sha256(content).hexdigest(), {"Upload-Length": str(len(content))}
    assert ada.blob("HEAD", content).status_code == 404

    def send(offset: int, end: int) -> int:
        headers = {"Upload-Offset": str(offset), **total}
        return ada.blob("PATCH", content[offset:end], sha256=sha256, offset=offset, **headers).status_code

    assert send(0, 1000) == 204
    assert send(0, 1000) == 409
    assert ada.blob("HEAD", content).headers["Upload-Offset"] == "1000"
    assert send(1000, len(content)) == 204
    assert ada.blob("HEAD", content).status_code == 200
    assert "Upload-Offset" not in ada.blob("HEAD", content).headers
    ada.sync()
    assert ada.state(event) == "ok"


def test_a_damaged_file_is_asked_for_again(ada: Phone, museum: Museum) -> None:
    content = picture()
    event = ada.photograph(museum.task(2, "photo"), content)
    ada.sync()
    sha256 = hashlib.sha256(content).hexdigest()
    assert ada.blob("PUT", content[:-1], sha256=sha256).get_json()["code"] == "hash_mismatch"
    headers = {"Upload-Offset": "0", "Upload-Length": str(len(content))}
    wrong = b"\0" * len(content)
    assert ada.blob("PATCH", wrong, sha256=sha256, **headers).status_code == 422
    assert ada.sync()["want_blobs"] == [sha256]
    assert ada.blob("PATCH", content, sha256=sha256, **headers).status_code == 204
    ada.sync()
    assert ada.state(event) == "ok"


def test_a_picture_is_written_anew_without_where_it_was_taken(ada: Phone, museum: Museum) -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    content = picture(exif=exif)
    assert b"at home" in content
    ada.sync()
    ada.upload(content)
    kept = files().get(f"evidence/{ada.learner}/{hashlib.sha256(content).hexdigest()}")
    assert b"at home" not in kept
    assert Image.open(io.BytesIO(kept)).size == (64, 48)


def test_what_is_no_picture_is_declined(ada: Phone, museum: Museum) -> None:
    rubbish = b"<svg onload=alert(1)>"
    event = ada.photograph(museum.task(2, "photo"), rubbish)
    ada.sync()
    ada.upload(rubbish)
    ada.sync()
    assert (ada.state(event), ada.view[f"verdict:{event}"]["why"]) == ("rejected", "blob_unreadable")


@pytest.mark.parametrize(
    ("size", "mime", "why"), [(10**9, "image/jpeg", "too_large"), (9, "text/html", "wrong_media_type")]
)
def test_a_file_that_would_not_be_taken_is_declined_at_once(
    ada: Phone, museum: Museum, size: int, mime: str, why: str
) -> None:
    photo, sha256 = museum.task(2, "photo"), "a" * 64
    body = {"task": photo.id, "activity": photo.activity_id, "text": None, "blob": sha256}
    event = ada.record("evidence.submit", body, blobs=[{"sha256": sha256, "size": size, "mime": mime}])
    assert ada.sync()["want_blobs"] == []
    assert ada.results[event]["why"] == why


def test_a_file_is_its_learners_alone(app: Flask, ada: Phone, museum: Museum) -> None:
    ada.sync()
    ada.upload(picture())
    eve = Phone(app, at=NOON)
    eve.hello()
    eve.sync()
    assert eve.blob("HEAD", picture()).status_code == 404
    stranger = Phone(app, at=NOON)
    assert stranger.upload(picture()).get_json()["code"] == "unknown_device"
    stranger.device = ada.device
    assert stranger.upload(picture()).get_json()["code"] == "bad_signature"


def test_a_whole_file_over_a_mebibyte_must_come_in_pieces(ada: Phone, museum: Museum) -> None:
    ada.sync()
    assert ada.upload(b"\0" * (1 << 20) + b"\0").status_code == 413


def test_a_photo_can_be_taken_back_while_it_waits(ada: Phone, museum: Museum, db: Session) -> None:
    event = ada.photograph(museum.task(2, "photo"), picture())
    ada.record("event.withdraw", {"event": event})
    ada.sync()
    ada.upload(picture())
    ada.sync()
    assert (ada.state(event), ada.view[f"verdict:{event}"]["why"]) == ("rejected", "withdrawn")
    assert f"task:{museum.task(2, 'photo').id}" not in ada.view
