"""Bundles: what the phone keeps is what the server serves, byte for byte."""

import hashlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.activities.services import store_media
from server.codes.services import commitment_of
from server.playlists.models import Playlist, PlaylistItem
from tests.activities.test_stop_page import SVG
from tests.cast import NOON, Museum


def fetch(client: FlaskClient, museum: Museum, lang: str = "en") -> dict[str, Any]:
    answer = client.get(f"/api/playlists/{museum.playlist.id}/bundle?lang={lang}")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def test_every_file_has_the_hash_and_size_that_the_bundle_says(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    museum.activities[0].picture_id = store_media(db, SVG, "svg").sha256
    db.commit()
    for lang in ("en", "nl"):
        bundle = fetch(client, museum, lang)
        assert len(bundle["pages"]) == 5
        assert len(bundle["media"]) == 2  # the picture and the badge
        for one in [*bundle["pages"], *bundle["media"]]:
            served = client.get(one["url"]).data
            assert hashlib.sha256(served).hexdigest() == one["sha256"], one["url"]
            assert len(served) == one["size"]
        assert bundle["size"] == sum(one["size"] for one in [*bundle["pages"], *bundle["media"]])


def test_the_version_is_a_strong_etag(client: FlaskClient, museum: Museum) -> None:
    url = f"/api/playlists/{museum.playlist.id}/bundle?lang=en"
    first = client.get(url)
    assert first.headers["ETag"] == f'"{first.get_json()["version"]}"'
    assert first.headers["Sync-Proto"] == "1"
    assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(url).data == first.data


def test_an_edit_makes_a_new_version_and_changes_only_its_page(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    before = fetch(client, museum)
    museum.activities[1].body = {"en": "All new."}
    museum.activities[1].updated_at = NOON.replace(hour=13)
    db.commit()
    after = fetch(client, museum)
    assert after["version"] != before["version"]
    old, new = ({p["url"]: p["sha256"] for p in b["pages"]} for b in (before, after))
    assert [url for url in new if new[url] != old[url]] == ["/en/activities/stop-1?part=1"]


def test_codes_are_committed_to_and_not_told(client: FlaskClient, db: Session, museum: Museum) -> None:
    answer = client.get(f"/api/playlists/{museum.playlist.id}/bundle?lang=en")
    codes = {one["point"]: one for one in answer.get_json()["codes"]}
    window = museum.code(1)
    assert codes[window.point_id]["commitment"] == commitment_of(window)
    assert window.opens_at
    assert window.closes_at
    assert codes[window.point_id]["window"] == [
        int(window.opens_at.timestamp()),
        int(window.closes_at.timestamp()),
    ]
    assert codes[museum.code(0).point_id]["window"] is None
    assert all(code.secret not in answer.text for code in museum.codes)


def test_a_revoked_code_leaves_the_bundle(client: FlaskClient, db: Session, museum: Museum) -> None:
    before = fetch(client, museum)
    museum.code(0).revoked_at = NOON
    db.commit()
    after = fetch(client, museum)
    assert museum.code(0).point_id not in {one["point"] for one in after["codes"]}
    assert after["version"] != before["version"]


def test_it_carries_issuer_key_badge_and_rules(client: FlaskClient, museum: Museum) -> None:
    bundle = fetch(client, museum, "es")
    assert bundle["keys"][0]["did"].startswith("did:web:localhost%3A8000:orgs:")
    assert bundle["achievement"]["name"] == "River explorer (es)"
    assert bundle["rules"] == {
        "order": "any",
        "required": [one.id for one in museum.activities[:3]],
        "choose": 1,
        "from": [museum.activities[3].id],
    }
    assert [one["signal"] for one in bundle["activities"]] == [True, True, False, True]


def test_an_unknown_playlist_is_a_problem_that_phones_understand(client: FlaskClient, museum: Museum) -> None:
    answer = client.get("/api/playlists/0190aaaa-0000-7000-8000-000000000000/bundle?lang=en")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.headers["Sync-Proto"] == "1"


@pytest.mark.parametrize("what", ["organiser", "task", "beside"])
def test_whatever_a_page_shows_changes_the_version(
    client: FlaskClient, db: Session, museum: Museum, what: str
) -> None:
    other = Playlist(
        organiser_id=museum.organiser.id, slug="other", title={"en": "Another walk"}, summary={}, body={},
        picture_alt={}, minutes=5, updated_at=NOON,
    )  # fmt: skip
    other.items.append(PlaylistItem(activity=museum.activities[0], position=0, required=True))
    db.add(other)
    db.commit()
    before = fetch(client, museum)
    if what == "organiser":
        museum.organiser.name = {"en": "City Museum"}
    elif what == "task":
        museum.task(0, "choice").hint = {"en": "Look at the walls."}
    else:
        other.title = {"en": "A longer walk"}
    db.commit()
    after = fetch(client, museum)
    assert after["version"] != before["version"]
    for page in after["pages"]:
        assert hashlib.sha256(client.get(page["url"]).data).hexdigest() == page["sha256"]
