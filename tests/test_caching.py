"""What caches may keep, and for whom: read from the answers' headers."""

import json
from contextvars import Context
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.activities.services import store_media
from tests.badges.conftest import Given, ada, given
from tests.cast import Museum
from tests.organisers.test_desk import sign_in

__all__ = ["ada", "given"]


def fetch(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """Ask as a stranger: outside the test's own application context, which would remember the language."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Context().run(client.get, path, headers=named)


@pytest.fixture
def public(db: Session, museum: Museum, given: Given) -> list[str]:
    """An address of every kind that anyone may open."""
    picture = store_media(db, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg")
    db.commit()
    return [
        "/", "/en/", "/en/playlists/museum-visit", "/en/playlists/museum-visit?part=1", "/en/activities/stop-0",
        f"/s/{museum.code(0).point_id}", "/s/NOSVCH00", "/p", "/en/scan", "/en/learning", "/en/badges", "/en/people", "/en/join", "/en/account", "/en/enter", "/en/door", "/en/offline", "/en/shell", "/en/repair", "/repair",
        "/en/manifest.webmanifest", f"/en/achievements/{museum.achievement.id}", f"/achievements/{museum.achievement.id}",
        f"/credentials/{given.award.credential_id}", f"/credentials/{given.award.credential_id}.json",
        f"/credentials/{given.award.credential_id}.png", f"/credentials/{given.award.credential_id}/preview.png",
        "/verify", f"/orgs/{museum.organiser.id}/did.json", f"/status/{given.award.status_list_id}", picture.url,
        f"/media/{picture.sha256}.png", "/frameworks/lifecomp/L2", "/robots.txt", "/nowhere",
        f"/api/playlists/{museum.playlist.id}/bundle", "/api/openapi.json",
    ]  # fmt: skip


def test_public_answers_are_the_same_for_everyone(
    client: FlaskClient, public: list[str], db: Session, museum: Museum
) -> None:
    strangers = {path: client.get(path) for path in public}
    sign_in(client, db, museum.omar)
    client.set_cookie("streetwise_session", "anything", path="/")
    for path, first in strangers.items():
        again = client.get(path)
        assert first.status_code < 500, path
        assert "Set-Cookie" not in first.headers, path
        assert "cookie" not in first.headers.get("Vary", "").lower(), path
        assert first.headers["Content-Security-Policy"], path
        assert first.headers["X-Content-Type-Options"] == "nosniff", path
        if "json" not in path or "openapi" in path:
            assert again.data == first.data, path


def test_what_depends_on_the_language_says_so(client: FlaskClient, public: list[str]) -> None:
    for path in public:
        first, other = (fetch(client, path, Accept_Language=lang) for lang in ("en", "nl"))
        if first.data != other.data or first.headers.get("Location") != other.headers.get("Location"):
            private = "no-store" in first.headers.get("Cache-Control", "")
            assert private or "Accept-Language" in first.headers.get("Vary", ""), path


def test_answers_with_a_tag_are_not_sent_twice(client: FlaskClient, public: list[str]) -> None:
    tagged = {path: tag for path in public if (tag := client.get(path).headers.get("ETag"))}
    assert len(tagged) > 15
    for encoding in ("identity", "br", "gzip"):
        for path in tagged:
            headers = {"Accept-Encoding": encoding}
            tag = client.get(path, headers=headers).headers["ETag"]
            again = client.get(path, headers={**headers, "If-None-Match": tag})
            assert (again.status_code, again.data) == (304, b""), (path, encoding)


def test_a_bundles_tag_is_its_version_however_it_is_packed(client: FlaskClient, museum: Museum) -> None:
    path = f"/api/playlists/{museum.playlist.id}/bundle"
    for encoding in ("identity", "br", "gzip"):
        answer = client.get(path, headers={"Accept-Encoding": encoding})
        assert not answer.headers["ETag"].startswith("W/")
    version = json.loads(client.get(path).data)["version"]
    assert client.get(path).headers["ETag"] == f'"{version}"'


def test_verifiers_everywhere_may_read_keys_and_lists(client: FlaskClient, public: list[str]) -> None:
    for path in public:
        if path.startswith(("/orgs/", "/status/")):
            headers = client.get(path).headers
            assert headers["Access-Control-Allow-Origin"] == "*"
            assert headers["Cache-Control"] == "public, max-age=300"


def test_a_badge_is_found_by_its_address_alone(client: FlaskClient, given: Given) -> None:
    for ending in ("", ".json", ".png", "/preview.png"):
        answer = client.get(f"/credentials/{given.award.credential_id}{ending}")
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_desks_are_kept_by_nobody(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    paths: list[Any] = ["/desk/", "/desk/sign-in", "/desk/playlists/museum-visit/sheet"]
    for path in paths:
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in headers
