"""A link shows what its learner chose to whoever has it, until it ends, and keeps nothing of who opens it."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from uuid_utils import uuid7

from server.core.db import utc_now
from tests.learning.walk import picture
from tests.phone import Phone, milliseconds
from tests.portfolio.conftest import make_link, path

DOCUMENT = {"Sec-Fetch-Dest": "document"}


def pieces(ada: Phone) -> dict[str, str]:
    return {one["kind"]: one["event"] for one in ada.badges()[0]["choice"]["evidence"]}


def test_a_link_shows_the_badge_and_the_work_that_was_chosen_for_it(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    events = pieces(ada)
    plain = make_link(ada, badge["id"])
    rich = make_link(ada, badge["id"], evidence=[events["photo"]], label="Workshop")
    ada.sync()
    page = client.get(plain.path)
    assert (
        page.status_code == 200
        and "River explorer" in page.text
        and "Genuine, and it still holds" in page.text
    )
    assert "/evidence/" not in page.text and "The mill was loud." not in page.text
    page = client.get(rich.path).text
    assert "/evidence/" in page and "The mill was loud." not in page
    file = page.split(f"{rich.path}/evidence/")[1].split('"')[0]
    assert client.get(f"{rich.path}/evidence/{file}").data.startswith(picture()[:3])
    assert client.get(f"{plain.path}/evidence/{file}").status_code == 404
    assert client.get(f"{path(badge['url'])}/evidence/{file}").status_code == 404


def test_a_link_is_a_secret_that_leaves_no_trace(
    ada: Phone, badge: dict[str, Any], client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    link = make_link(ada, badge["id"])
    ada.sync()
    with caplog.at_level(logging.DEBUG):
        page = client.get(link.path, headers=DOCUMENT)
    assert page.headers["Referrer-Policy"] == "no-referrer" and "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Cache-Control"] == "private, no-store"
    assert link.secret not in caplog.text
    assert link.secret not in str(ada.view)
    assert client.get(f"{link.path[:-1]}{'A' if link.path[-1] != 'A' else 'B'}").status_code == 404
    assert client.get(f"/l/{uuid7()}.{link.secret}").status_code == 404


def test_an_end_ends_a_link_and_a_withdrawal_does_at_once(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    over = make_link(ada, badge["id"], expires=milliseconds(utc_now() - timedelta(minutes=1)))
    holds = make_link(ada, badge["id"], expires=milliseconds(utc_now() + timedelta(days=1)))
    ada.sync()
    page = client.get(over.path)
    assert (
        page.status_code == 410 and "This link has ended" in page.text and "River explorer" not in page.text
    )
    assert client.get(holds.path).status_code == 200
    ada.record("link.withdraw", {"link": holds.id})
    ada.sync()
    assert ada.view[f"link:{holds.id}"]["withdrawn_at"]
    assert client.get(holds.path).status_code == 410


def test_a_persons_look_counts_and_a_preview_or_prefetch_does_not(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    link = make_link(ada, badge["id"])
    ada.sync()
    client.get(link.path)
    client.get(link.path, headers={**DOCUMENT, "Sec-Purpose": "prefetch"})
    ada.sync()
    assert ada.view[f"link:{link.id}"]["views"] == 0
    for _ in range(2):
        client.get(link.path, headers=DOCUMENT)
    ada.sync()
    row = ada.view[f"link:{link.id}"]
    assert row["views"] == 2 and row["viewed_at"]


def test_only_me_beats_every_link(ada: Phone, badge: dict[str, Any], client: FlaskClient) -> None:
    events = pieces(ada)
    link = make_link(ada, badge["id"], evidence=[events["text"]])
    ada.sync()
    assert "The mill was loud." in client.get(link.path).text
    mine = [{"event": events["text"], "visibility": "private"}]
    ada.record("award.show", {"award": badge["id"], "visibility": "link", "evidence": mine})
    ada.sync()
    assert "The mill was loud." not in client.get(link.path).text
    ada.record("award.show", {"award": badge["id"], "visibility": "private"})
    ada.sync()
    assert client.get(link.path).status_code == 403
    again = make_link(ada, badge["id"])
    ada.sync()
    assert client.get(again.path).status_code == 200, "a new link is the learner's newer word"


def test_a_link_to_a_collection_shows_its_badges_only(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    collection = str(uuid7())
    ada.record("collection.keep", {"collection": collection, "name": "Jobs", "awards": [badge["id"]]})
    link = make_link(ada, collection, kind="collection")
    ada.sync()
    page = client.get(link.path).text
    assert "Jobs" in page and "River explorer" in page
    ada.record("collection.keep", {"collection": collection, "name": "Jobs", "awards": []})
    ada.sync()
    assert "River explorer" not in client.get(link.path).text
    ada.record("collection.drop", {"collection": collection})
    ada.sync()
    assert client.get(link.path).status_code == 410
