"""What a learner wants of their badges is kept, told to all their phones, and nobody else's business."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid_utils import uuid7

from server.portfolio.links import digest
from server.portfolio.models import AwardChoice
from tests.cast import Museum
from tests.phone import Phone
from tests.portfolio.conftest import make_link, path

SYNC = Path(__file__).parents[2] / "sync"
VECTORS: dict[str, Any] = json.loads((SYNC / "vectors/portfolio.json").read_text())
DEFINITIONS: dict[str, Any] = json.loads((SYNC / "schema.json").read_text())["$defs"]
AWARD = "0199f1a0-0000-7000-8000-0000000000a1"


def evidence(ada: Phone) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in ada.badges()[0]["choice"]["evidence"]}


def test_a_badge_is_by_link_and_its_work_private_until_the_learner_says_more(ada: Phone) -> None:
    assert ada.badges()[0]["choice"]["visibility"] == "link"
    assert {kind: one["visibility"] for kind, one in evidence(ada).items()} == {
        "text": "private",
        "photo": "private",
    }


def test_a_badge_of_only_me_closes_every_address_of_it(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    address = path(badge["url"])
    for visibility, status in (("private", 403), ("link", 200)):
        ada.record("award.show", {"award": badge["id"], "visibility": visibility})
        ada.sync()
        assert ada.badges()[0]["choice"]["visibility"] == visibility
        for ending in ("", ".json", ".png", "/preview.png", "/embed"):
            assert client.get(address + ending).status_code == status, ending
    assert client.get("/oembed", query_string={"url": badge["url"]}).status_code == 200


def test_public_work_is_on_the_badges_page_and_private_work_is_not(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    address = path(badge["url"])
    assert "The mill was loud." not in client.get(address).text
    said = [{"event": evidence(ada)["text"]["event"], "visibility": "public"}]
    ada.record("award.show", {"award": badge["id"], "visibility": "link", "evidence": said})
    ada.sync()
    assert evidence(ada)["text"]["visibility"] == "public"
    page = client.get(address).text
    assert "The mill was loud." in page and "/evidence/" not in page


def test_nobody_decides_about_a_badge_of_somebody_else(
    app: Flask, ada: Phone, badge: dict[str, Any], db: Session
) -> None:
    eve = Phone(app)
    link = make_link(ada, badge["id"])
    ada.sync()
    tried = [
        eve.record("award.show", {"award": badge["id"], "visibility": "public"}),
        eve.record("award.reflect", {"award": badge["id"], "text": "Mine!"}),
        eve.record("link.withdraw", {"link": link.id}),
    ]
    make_link(eve, badge["id"])
    eve.record("badges.arrange", {"order": [badge["id"]], "pinned": [badge["id"]], "hidden": []})
    eve.sync()
    assert [eve.results[one]["why"] for one in tried] == ["unknown_award", "unknown_award", "unknown_link"]
    assert eve.view["arrangement"] == {"order": [], "pinned": [], "hidden": []}
    assert not any(key.startswith("link:") for key in eve.view)
    assert db.get_one(AwardChoice, badge["id"]).pinned is False


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_only_work_of_this_badge_is_shown_with_it(ada: Phone, badge: dict[str, Any]) -> None:
    other = [{"event": str(uuid7()), "visibility": "public"}]
    event = ada.record("award.show", {"award": badge["id"], "visibility": "public", "evidence": other})
    ada.sync()
    assert ada.results[event]["why"] == "unknown_event"
    assert ada.badges()[0]["choice"]["visibility"] == "link"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_schema_and_server_take_the_same_bodies(ada: Phone, badge: dict[str, Any]) -> None:
    schema = jsonschema.Draft202012Validator({"$ref": "#/$defs/event", "$defs": DEFINITIONS})
    for case in VECTORS["bodies"]:
        event = ada.record(case["type"], json.loads(json.dumps(case["body"]).replace(AWARD, badge["id"])))
        assert schema.is_valid(ada.event(case["type"], case["body"])) == case["fits"], case
        ada.sync()
        assert (ada.results[event].get("why") != "malformed") == case["fits"], (case, ada.results[event])
        assert ada.results[event]["state"] == ("ok" if case["fits"] else "rejected"), case


@pytest.mark.parametrize("case", VECTORS["links"])
def test_of_a_secret_its_hash_is_kept(case: dict[str, str]) -> None:
    assert digest(case["secret"]) == case["digest"]


def test_order_pins_and_what_is_put_away_reach_the_other_phone(ada: Phone, badge: dict[str, Any]) -> None:
    ada.record(
        "badges.arrange", {"order": [badge["id"], str(uuid7())], "pinned": [badge["id"]], "hidden": []}
    )
    ada.sync()
    assert ada.view["arrangement"] == {"order": [badge["id"]], "pinned": [badge["id"]], "hidden": []}
    ada.record("badges.arrange", {"order": [], "pinned": [], "hidden": [badge["id"]]})
    ada.sync()
    assert ada.view["arrangement"] == {"order": [], "pinned": [], "hidden": [badge["id"]]}


def test_a_collection_is_kept_changed_removed_and_brought_back(ada: Phone, badge: dict[str, Any]) -> None:
    collection = str(uuid7())
    body = {"collection": collection, "name": "Applications", "awards": [badge["id"], str(uuid7())]}
    ada.record("collection.keep", body)
    ada.record("collection.keep", {**body, "name": "Jobs"})
    ada.sync()
    row = {"id": collection, "name": "Jobs", "awards": [badge["id"]]}
    assert ada.view[f"collection:{collection}"] == row
    ada.record("collection.drop", {"collection": collection})
    ada.sync()
    assert f"collection:{collection}" not in ada.view
    ada.record("collection.keep", {**body, "name": "Jobs"})
    ada.sync()
    assert ada.view[f"collection:{collection}"] == row


def test_a_reflection_is_dated_and_leaves_the_signed_badge_as_it_was(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    before = client.get(path(badge["json"])).data
    ada.record("award.reflect", {"award": badge["id"], "text": "I want to build <mills>."})
    ada.sync()
    choice = ada.badges()[0]["choice"]
    assert choice["reflection"] == "I want to build <mills>." and choice["reflected_at"]
    assert client.get(path(badge["json"])).data == before
    page = client.get(path(badge["url"])).text
    assert "I want to build &lt;mills&gt;." in page and "It is not part of the signed badge." in page


def test_a_portfolio_is_off_until_its_learner_shows_it(
    ada: Phone, museum: Museum, client: FlaskClient
) -> None:
    badge = ada.badges()[0]
    said = {"name": "Ada", "about": "I like rivers.", "parts": {"map": False}}
    ada.record("portfolio.show", {"visibility": "private", **said})
    ada.sync()
    address = path(ada.view["portfolio"]["url"])
    assert client.get(address).status_code == 403
    ada.record("portfolio.show", {"visibility": "public", **said})
    ada.record("award.show", {"award": badge["id"], "visibility": "public"})
    ada.sync()
    page = client.get(address)
    assert (
        "Badges of Ada" in page.text and "River explorer" in page.text and "think analytically" in page.text
    )
    assert "X-Robots-Tag" not in page.headers
    ada.record("award.show", {"award": badge["id"], "visibility": "link"})
    ada.sync()
    assert "River explorer" not in client.get(address).text
    ada.record("portfolio.show", {"visibility": "link", **said})
    ada.sync()
    page = client.get(address)
    assert "River explorer" in page.text and "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Cache-Control"] == "private, no-store"  # only who has its address may keep it
