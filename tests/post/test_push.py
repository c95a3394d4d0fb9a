"""Push messages: only what a learner switched on, readable by their browser alone, never to an address inside."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from py_vapid import Vapid02
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.accounts.learners import FORGETS, MERGES
from server.accounts.models import Learner
from server.badges import giving
from server.badges.giving import Gift
from server.core.db import db as database
from server.core.db import utc_now, writing
from server.learning.decisions import WORK
from server.post import push
from server.post.jobs import tell_due
from server.post.models import PushMessage, PushSubscription
from server.post.pushing import public_key
from server.replicas.jobs import ask_for_files
from tests.cast import NOON, Museum
from tests.learning.deciding import say
from tests.learning.walk import picture
from tests.phone import Phone
from tests.post.push_service import HOST, Browser, PushService, serving

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    with serving(tmp_path_factory.mktemp("push")) as found:
        yield found


@pytest.fixture(autouse=True)
def quiet(service: PushService) -> None:
    service.came.clear()
    service.answers.clear()
    service.names[HOST] = ["127.0.0.1"]


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    phone = Phone(app, at=NOON)
    phone.hello()
    phone.sync()
    return phone


def choose(phone: Phone, chosen: dict[str, Any], **headers: str) -> TestResponse:
    body = json.dumps(chosen)
    signed = {"Sync-Device": phone.device, "Sync-Signature": phone.sign(body.encode()), **headers}
    return phone.app.test_client().post(
        "/api/push", data=body, content_type="application/json", headers=signed
    )


def tell(phone: Phone, kind: str, at: datetime = NOON, name: str = "") -> None:
    with writing() as session:
        push.tell(session, phone.learner, kind, at=at, about={"en": name, "nl": f"{name} (nl)"})


def waiting() -> list[PushMessage]:
    return list(database.session.scalars(select(PushMessage).where(PushMessage.due_at.is_not(None))))


def test_a_badge_is_told_in_words_that_only_the_browser_can_read(
    ada: Phone, museum: Museum, service: PushService, app: Flask
) -> None:
    browser = Browser()
    assert choose(ada, browser.chosen("award", lang="nl")).status_code == 204
    with writing() as session:
        giving.award_given(session, ada.learner, museum.achievement, Gift(NOON, museum.omar.id))
    tell_due(utc_now(), service.outside)
    [(path, headers, content)] = service.came
    assert path == "/send/1" and b"River" not in content
    said = browser.read(content)
    assert (said["kind"], said["body"], said["url"]) == ("award", "River explorer (nl)", "/nl/badges")
    assert said["learner"] == ada.learner
    assert (headers["Content-Encoding"], headers["Topic"]) == ("aes128gcm", "award")
    token, key = (part.partition("=")[2] for part in headers["Authorization"].split(" ")[1].split(","))
    assert key == public_key() == app.test_client().get("/api/push/key").get_json()["key"]
    assert Vapid02.verify(headers["Authorization"])
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == "https://push.example" and claims["sub"] == "mailto:no-reply@localhost"
    assert waiting() == []


def test_nothing_is_told_or_kept_that_nobody_switched_on(ada: Phone, service: PushService, db: Session) -> None:  # fmt: skip
    tell(ada, "award")
    choose(ada, Browser().chosen("review"))
    tell(ada, "award")
    assert db.scalars(select(PushMessage)).all() == []


def test_switched_off_is_off(ada: Phone, service: PushService) -> None:
    choose(ada, Browser().chosen("award"))
    tell(ada, "award")
    headers = {"Sync-Device": ada.device, "Sync-Signature": ada.sign(b"DELETE /api/push 0")}
    assert ada.app.test_client().delete("/api/push", headers=headers).status_code == 204
    tell_due(NOON, service.outside)
    assert service.came == [] and waiting() == []


def test_several_at_once_are_one_message_and_then_it_is_quiet_for_an_hour(
    ada: Phone, service: PushService
) -> None:
    browser = Browser()
    choose(ada, browser.chosen("award", "review"))
    tell(ada, "award", name="One")
    tell(ada, "award", name="Two")
    tell_due(NOON, service.outside)
    tell(ada, "award", NOON + HOUR / 2)
    tell(ada, "review", NOON + HOUR / 2)
    tell_due(NOON + HOUR / 2, service.outside)
    tell(ada, "award", NOON + HOUR, "Three")
    tell_due(NOON + HOUR, service.outside)
    said = [browser.read(content) for _, _, content in service.came]
    assert [one["kind"] for one in said] == ["award", "review", "award"]
    assert "2" in said[0]["title"] and said[2]["body"] == "Three"


def test_each_phone_that_asked_is_told(ada: Phone, service: PushService, app: Flask, db: Session) -> None:
    second = Phone(app, at=NOON)
    second.hello()
    second.sync()
    choose(ada, Browser("/send/1").chosen("award"))
    choose(second, Browser("/send/2").chosen("award"))
    db.get_one(PushSubscription, second.device).learner_id = ada.learner
    db.commit()
    service.answers["/send/1"] = 410
    tell(ada, "award")
    tell_due(NOON, service.outside)
    assert {path for path, _, _ in service.came} == {"/send/1", "/send/2"}
    assert [one.device_id for one in db.scalars(select(PushSubscription))] == [second.device], "gone is gone"


def test_what_the_push_service_does_not_take_is_tried_again_and_given_up(
    ada: Phone, service: PushService, db: Session
) -> None:
    choose(ada, Browser().chosen("award"))
    service.answers["/send/1"] = 503
    tell(ada, "award")
    at = NOON
    for _ in range(2 + len(push.AFTER)):
        tell_due(at, service.outside)
        tell_due(at, service.outside)
        at += 2 * HOUR
    assert len(service.came) == 1 + len(push.AFTER) and waiting() == []
    assert db.get_one(PushSubscription, ada.device).failures == 4


WRONG = (
    "http://push.example/x", "https://push.example:8443/x", "https://user@push.example/x", "file:///etc/passwd", "https:///x",
    "https://push.example/\r\nX: y", "", "x" * 2001,
)  # fmt: skip


@pytest.mark.parametrize("endpoint", WRONG)
def test_no_address_is_taken_that_no_push_service_has(ada: Phone, endpoint: str) -> None:
    assert choose(ada, {**Browser().chosen("award"), "endpoint": endpoint}).status_code == 422


@pytest.mark.parametrize("where", [["127.0.0.2"], ["127.0.0.1", "127.0.0.2"], []])
def test_no_address_inside_is_ever_reached(
    ada: Phone, service: PushService, where: list[str], db: Session
) -> None:
    choose(ada, Browser().chosen("award"))
    service.names[HOST] = where  # it answers there too, and only 127.0.0.1 stands for the internet
    tell(ada, "award")
    tell_due(NOON, service.outside)
    assert service.came == [] and db.get_one(PushSubscription, ada.device).failures == 1


@pytest.mark.parametrize("change", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "!"}, {"kinds": []}, {"kinds": ["ads"]}, {"lang": "xx"}, {"more": 1}])  # fmt: skip
def test_what_no_browser_sends_is_not_kept(ada: Phone, change: dict[str, Any], db: Session) -> None:
    assert choose(ada, {**Browser().chosen("award"), **change}).status_code == 422
    assert db.scalars(select(PushSubscription)).all() == []


def test_only_the_device_itself_chooses(ada: Phone, app: Flask, db: Session) -> None:
    eve = Phone(app, at=NOON)
    assert choose(eve, Browser().chosen("award")).status_code == 401
    assert choose(ada, Browser().chosen("award"), **{"Sync-Signature": "AA"}).status_code == 401
    assert db.scalars(select(PushSubscription)).all() == []


def test_a_review_is_told_when_somebody_decides(ada: Phone, museum: Museum, db: Session, service: PushService) -> None:  # fmt: skip
    browser, task = Browser(), museum.task(2, "text")
    task.review = "organiser"
    db.commit()
    choose(ada, browser.chosen("review"))
    work = ada.write(task, "I saw a boat.")
    ada.sync()
    assert ada.results[work]["why"] == WORK
    say(db, museum.omar, "improve", (ada, work))
    tell_due(utc_now(), service.outside)
    [(_, _, content)] = service.came
    assert browser.read(content)["body"] == "Stop 2" and "improve" not in str(browser.read(content))


def test_a_file_that_did_not_come_is_asked_for_once_a_day_and_not_for_ever(
    ada: Phone, museum: Museum, db: Session, service: PushService
) -> None:
    choose(ada, Browser().chosen("send"))
    content = picture()
    ada.photograph(museum.task(2, "photo"), content)
    ada.sync()
    for hours, told in ((1, 0), (4, 1), (5, 1), (29, 2), (30, 2), (100, 2)):
        ask_for_files(NOON + hours * HOUR)
        tell_due(NOON + hours * HOUR, service.outside)
        assert len(service.came) == told, hours
    ada.upload(content)
    ask_for_files(NOON + 60 * HOUR)
    assert waiting() == []


def test_it_is_forgotten_with_its_learner_and_moves_with_them(ada: Phone, museum: Museum, db: Session) -> None:  # fmt: skip
    choose(ada, Browser().chosen("award"))
    tell(ada, "award")
    other = Learner(id="0" * 36, city_id=museum.city.id, created_at=NOON)
    db.add(other)
    db.flush()
    for merge in [one for one in MERGES if one.__module__ == "server.post.merging"]:
        merge(db, ada.learner, other.id, NOON)
    assert push.phones_of(db, other.id, "award") and not push.phones_of(db, ada.learner, "award")
    for forget in [one for one in FORGETS if one.__module__ == "server.post.forgetting"]:
        forget(db, other.id, NOON)
    assert not db.scalars(select(PushSubscription)).all() and not db.scalars(select(PushMessage)).all()
