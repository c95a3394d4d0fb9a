"""A copy of everything: asked for by a phone, made by the clock, fetched for ten minutes by an address, gone after days."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import utc_now
from server.core.storage import files
from server.privacy import ending, exports, jobs
from server.privacy.models import Export
from tests.cast import Museum
from tests.learning.walk import picture
from tests.phone import Phone
from tests.privacy.everything import DIGESTS, NAME, REFLECTION, Whole, everything

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


@pytest.fixture
def ada(app: Flask, db: Session, museum: Museum) -> Whole:
    return everything(app, db, museum)


def ask(phone: Phone, **more: Any) -> Any:
    body = json.dumps({"lang": "nl", "at": 1, **more})
    headers = {"Sync-Device": phone.device, "Sync-Signature": phone.sign(body.encode())}
    return phone.app.test_client().post("/api/export", data=body, content_type="application/json", headers=headers)  # fmt: skip


def look(phone: Phone) -> Mapping[str, Any]:
    headers = {"Sync-Device": phone.device, "Sync-Signature": phone.sign(b"GET /api/my-data 0")}
    found: Mapping[str, Any] = phone.app.test_client().get("/api/my-data", headers=headers).get_json()
    return found


def copies_of(phone: Phone, child: str) -> Any:
    path = f"/api/export/{child}"
    headers = {"Sync-Device": phone.device, "Sync-Signature": phone.sign(f"GET {path} 0".encode())}
    return phone.app.test_client().get(path, headers=headers)


def fetch(phone: Phone, client: FlaskClient) -> zipfile.ZipFile:
    newest = look(phone)["exports"][0]
    answer = client.get("/" + newest["url"].split("/", 3)[3])
    assert answer.status_code == 200
    assert len(answer.data) == newest["size"]
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_a_copy_holds_badges_work_tables_and_a_page_to_read(
    ada: Whole, client: FlaskClient, app: Flask
) -> None:
    asked = ask(ada.phone)
    assert (asked.status_code, asked.get_json()["made"]) == (200, None)
    assert ask(ada.phone).get_json()["id"] == asked.get_json()["id"]
    jobs.make_copies(utc_now())
    archive = fetch(ada.phone, client)
    names = archive.namelist()
    endings = sorted(name.rpartition(".")[2] for name in names if name.startswith("badges/"))
    assert endings == ["json", "pdf", "png"]
    assert archive.read(next(name for name in names if name.endswith(".json"))) == ada.award.signed
    photo = next(name for name in names if name.startswith("evidence/"))
    assert archive.read(photo)[:3] == picture()[:3]
    page = archive.read("index.html").decode()
    assert 'lang="nl"' in page and photo in page and "The mill was loud." in page
    choices = list(csv.DictReader(io.StringIO(archive.read("tables/award_choices.csv").decode("utf-8-sig"))))
    assert [one["reflection"] for one in choices] == [REFLECTION]
    events = [json.loads(line) for line in archive.read("events.jsonl").decode().splitlines()]
    assert {one["event"]["type"] for one in events} >= {"device.hello", "checkin.scan", "evidence.submit"}
    everywhere = b"".join(archive.read(name) for name in names if name.startswith("tables/")).decode()
    assert [one for one in DIGESTS if one.endswith("digest") and one in everywhere] == []
    assert NAME in everywhere


def test_a_table_starts_no_formula(ada: Whole, client: FlaskClient) -> None:
    ada.phone.record("award.reflect", {"award": ada.award.id, "text": "=1+1"})
    ada.phone.sync()
    ask(ada.phone)
    jobs.make_copies(utc_now())
    written = fetch(ada.phone, client).read("tables/award_choices.csv").decode("utf-8-sig")
    assert [one["reflection"] for one in csv.DictReader(io.StringIO(written))] == ["'=1+1"]


def test_an_address_holds_for_ten_minutes_and_nobody_makes_one_up(
    ada: Whole, db: Session, client: FlaskClient
) -> None:
    ask(ada.phone)
    jobs.make_copies(utc_now())
    one = db.scalars(select(Export).order_by(Export.asked_at.desc())).first()
    assert one is not None
    old = exports.address_of(one, utc_now() - timedelta(minutes=11))
    assert client.get("/" + old.split("/", 3)[3]).status_code == 410
    fresh = exports.address_of(one, utc_now())
    assert client.get("/" + fresh.split("/", 3)[3][:-1] + "!").status_code == 404
    assert client.get("/export/nothing").status_code == 404


def test_a_copy_is_gone_after_three_days(ada: Whole, db: Session) -> None:
    ask(ada.phone)
    jobs.make_copies(utc_now())
    key = exports.file_of(db.scalars(select(Export).where(Export.size > 0)).one())
    ending.end_all(utc_now() + timedelta(days=2))
    assert files().exists(key)
    ending.end_all(utc_now() + timedelta(days=4))
    assert not files().exists(key)


def test_a_guardian_gets_the_copy_of_a_child_and_nobody_elses(ada: Whole) -> None:
    assert ask(ada.phone, child=ada.child).status_code == 200
    assert [one["made"] for one in copies_of(ada.phone, ada.child).get_json()["exports"]] == [None]
    assert copies_of(ada.helper, ada.child).status_code == 401
    assert ask(ada.phone, child=ada.helper.learner).status_code == 401


def test_a_phone_reads_in_numbers_what_is_stored(ada: Whole) -> None:
    said = look(ada.phone)
    assert said["counts"]["check_ins"] == 5
    assert said["bytes"] > 0
    assert {(one["what"], one["child"], one["guardian"]) for one in said["consents"]} == {
        ("mail", False, False), ("push", False, False), ("child", True, False),
    }  # fmt: skip
    assert look(ada.second)["consents"] == said["consents"]
    assert "feed_heads" not in said["counts"]
