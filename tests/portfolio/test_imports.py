"""Badges from elsewhere: checked on entry, kept as they came, told to the phone, and nobody else's business."""

import hashlib
import json
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.badges import baking
from server.portfolio.models import ImportedBadge
from tests.badges.conftest import Given, ada, given  # noqa: F401 (fixtures)
from tests.badges.making import badge, raw
from tests.badges.test_hostile_badges import itxt, png
from tests.cast import Museum
from tests.phone import Phone

FOREIGN = raw(badge())


@pytest.fixture
def phone(app: Flask, museum: Museum) -> Phone:
    one = Phone(app)
    one.hello()
    one.sync()
    return one


def call(
    phone: Phone, method: str, path: str, body: bytes = b"", signed: bytes | None = None
) -> TestResponse:
    digest = hashlib.sha256(body if signed is None else signed).hexdigest()
    headers = {
        "Sync-Device": phone.device,
        "Sync-Signature": phone.sign(f"{method} {path} {digest}".encode()),
    }
    return phone.app.test_client().open(
        path, method=method, data=body, headers=headers, content_type="application/octet-stream"
    )


def bring(phone: Phone, body: bytes = FOREIGN) -> dict[str, Any]:
    answer = call(phone, "POST", "/api/imports", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_badge_from_elsewhere_is_kept_as_it_came_and_told_to_the_phone(phone: Phone, db: Session) -> None:
    row = bring(phone)
    assert row["state"] == "unchecked"
    assert [one["state"] for one in row["checks"]] == ["unchecked", "unchecked", "unchecked", "ok"]
    assert db.get_one(ImportedBadge, row["id"]).content == FOREIGN
    phone.sync()
    assert phone.view[f"imported:{row['id']}"] == row
    assert not any(key.startswith("award:") for key in phone.view)  # never one of ours


def test_the_same_badge_twice_is_one_and_another_file_of_it_is_another(phone: Phone) -> None:
    assert bring(phone)["id"] == bring(phone)["id"]
    assert bring(phone, png(itxt(FOREIGN)))["kind"] == "image/png"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"hello", "badge_unreadable"),
        (png(), "picture_unreadable"),
        (b"https://elsewhere.example/badge", "address_not_read"),
        (b"https://127.0.0.1/badge", "address_not_read"),
        (b" " * (2 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_what_cannot_be_kept_is_said_in_plain_words(phone: Phone, body: bytes, code: str) -> None:
    answer = call(phone, "POST", "/api/imports", body)
    assert 400 <= answer.status_code < 500
    assert answer.json and answer.json["code"] == code


def test_a_forged_badge_of_a_known_key_is_not_kept(phone: Phone, db: Session) -> None:
    from tests.independent.material import ED, credential, multikey, signed

    own = f"did:key:{multikey(ED)}"
    document = signed(credential(issuer={"id": own, "type": ["Profile"]}), method=f"{own}#{own[8:]}")
    assert bring(phone, json.dumps(document).encode())["checks"][0]["state"] == "ok"
    answer = call(phone, "POST", "/api/imports", json.dumps({**document, "name": "Other"}).encode())
    assert answer.json and answer.json["code"] == "does_not_hold"


def test_a_badge_of_this_site_is_not_taken_for_a_foreign_one(phone: Phone, given: Given) -> None:  # noqa: F811
    for body in (given.award.signed, given.row["url"].encode()):
        answer = call(phone, "POST", "/api/imports", body)
        assert answer.json and answer.json["code"] == "issued_here"


def drawn(colour: str = "#aa3300") -> bytes:
    """Draw a large picture, as issuers make them."""
    made = BytesIO()
    Image.new("RGB", (900, 600), colour).save(made, "PNG")
    return made.getvalue()


def with_picture(picture: object) -> bytes:
    document = badge()
    document["credentialSubject"]["achievement"]["image"] = picture
    return raw(document)


INSIDE = "data:image/png;base64," + b64encode(drawn()).decode()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [baking.bake(drawn(), FOREIGN), with_picture({"id": INSIDE, "type": "Image"}), with_picture(INSIDE)],
    ids=["baked", "named", "as 2.0 has it"],
)
def test_its_own_picture_comes_along_drawn_anew(phone: Phone, body: bytes) -> None:
    kind, _, packed = bring(phone, body)["image"].partition(",")
    assert kind == "data:image/webp;base64"
    small = Image.open(BytesIO(b64decode(packed)))
    assert small.size == (240, 160) and small.getpixel((9, 9))[:3] == pytest.approx((170, 51, 0), abs=3)  # type: ignore[index]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "picture",
    [
        "https://elsewhere.example/badge.png",
        "data:image/svg+xml;base64," + b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode(),
        "data:image/png;base64,AAAA",
        "data:image/png;base64,%%%",
        {"id": ["data:image/png"]},
        7,
    ],
)
def test_a_picture_from_another_site_or_a_harmful_one_is_left_out(phone: Phone, picture: object) -> None:
    assert bring(phone, with_picture(picture))["image"] is None


def test_it_is_checked_again_and_removed_on_demand_by_its_owner_alone(
    phone: Phone, app: Flask, db: Session
) -> None:
    row = bring(phone)
    path = f"/api/imports/{row['id']}"
    stranger = Phone(app)
    stranger.hello()
    stranger.sync()
    assert call(stranger, "DELETE", path).status_code == 404
    assert call(stranger, "POST", f"{path}/check").status_code == 404
    phone.wait(days=400)
    again = call(phone, "POST", f"{path}/check").json
    assert again and again["checked_at"] >= row["checked_at"]
    assert call(phone, "DELETE", path).status_code == 204
    phone.sync()
    assert f"imported:{row['id']}" not in phone.view
    assert db.query(ImportedBadge).count() == 0


def test_a_call_that_the_device_did_not_sign_is_refused(phone: Phone, client: FlaskClient) -> None:
    assert call(phone, "POST", "/api/imports", FOREIGN, signed=b"other").status_code == 401
    assert (
        client.post("/api/imports", data=FOREIGN, content_type="application/octet-stream").status_code == 401
    )
