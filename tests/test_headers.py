"""Every kind of answer carries the headers that a scanner gives its best grade for, and the browser may do no more than we use."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from server.accounts.services import make_sign_in_link
from server.app import create_app
from server.config import Config
from server.core.db import utc_now
from server.core.limits import limiter
from tests.badges.conftest import Given, ada, given
from tests.cast import Museum
from tests.observatory import grade, parse_policy

__all__ = ["ada", "given"]
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
RIGHTS = "camera clipboard-write fullscreen geolocation microphone publickey-credentials-create publickey-credentials-get screen-wake-lock"


@pytest.fixture
def config(config: Config) -> Config:
    """As a city runs it: behind TLS."""
    return replace(config, base_url="https://localhost")


@pytest.fixture(autouse=True)
def no_limits(app: Flask) -> Iterator[None]:
    limiter.enabled = False
    yield
    limiter.enabled = True


@pytest.fixture
def addresses(app: Flask, museum: Museum, given: Given) -> list[str]:
    """Every address that needs nothing named, and one of each kind that does."""
    plain = [
        one.rule for one in app.url_map.iter_rules() if not one.arguments and "GET" in (one.methods or ())
    ]
    badge = f"/credentials/{given.award.credential_id}"
    kinds = ("", ".json", ".png", ".svg", ".jwt", ".pdf", "/card.pdf", ".html", "/embed", "/preview.png")
    named = [
        "/en/", "/en/learning", "/en/badges", "/en/activities/stop-0", "/en/playlists/museum-visit", "/en/people", "/en/repair",
        f"/orgs/{museum.organiser.id}/did.json", f"/oembed?url=https://localhost{badge}", "/nowhere", "/api/nowhere", "/frameworks/lifecomp/L2",
    ]  # fmt: skip
    return [*plain, *named, *(badge + kind for kind in kinds)]


@pytest.fixture
def answers(client: FlaskClient, addresses: list[str]) -> dict[str, Headers]:
    return {one: client.get(one, headers={"Accept": "text/html"}).headers for one in addresses}


def test_every_answer_is_graded_a_plus(answers: dict[str, Headers]) -> None:
    grades = {path: grade(headers) for path, headers in answers.items()}
    assert len(grades) > 45
    assert {path: verdicts for path, (mark, verdicts) in grades.items() if mark != "A+"} == {}


def test_signing_in_keeps_the_grade(client: FlaskClient, db: Session, museum: Museum) -> None:
    token = make_sign_in_link(db, museum.omar, at=utc_now()).split("#")[1]
    db.commit()
    answer = client.post("/desk/sign-in", data={"token": token})
    assert answer.status_code == 303 and answer.headers.getlist("Set-Cookie")
    assert grade(answer.headers)[0] == "A+"


def test_no_policy_has_a_word_that_is_unsafe(answers: dict[str, Headers]) -> None:
    for path, headers in answers.items():
        words = headers["Content-Security-Policy"]
        assert not re.search(r"'unsafe-|'strict-dynamic'|\bhttps?:", words), path
        assert parse_policy(words)["default-src"] == ["'none'"], path


def test_no_string_becomes_markup_on_a_page(answers: dict[str, Headers]) -> None:
    """What runs scripts asks for Trusted Types, with the one policy of `pwa/app/sync/worker-address.js`."""
    for path, headers in answers.items():
        policy = parse_policy(headers["Content-Security-Policy"])
        if "script-src" in policy:
            assert policy["require-trusted-types-for"] == ["'script'"], path
            assert policy["trusted-types"] == ["streetwise"], path


def test_only_the_frame_may_be_framed(answers: dict[str, Headers]) -> None:
    for path, headers in answers.items():
        framed = parse_policy(headers["Content-Security-Policy"])["frame-ancestors"]
        assert framed == (["*"] if path.endswith("/embed") else ["'none'"]), path
        assert headers.get("X-Frame-Options") == (None if path.endswith("/embed") else "DENY"), path


def test_a_page_may_use_what_it_needs_and_nothing_else(client: FlaskClient, museum: Museum) -> None:
    headers = client.get("/en/").headers
    said = dict(one.split("=") for one in headers["Permissions-Policy"].split(", "))
    assert {name for name, who in said.items() if who == "(self)"} == set(RIGHTS.split())
    assert set(said.values()) == {"(self)", "()"}
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Origin-Agent-Cluster"] == "?1"


def test_files_of_the_app_say_what_they_are_and_whose(client: FlaskClient) -> None:
    for path in ("/static/icons/icon.svg", "/service-worker.js"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "max-age" in headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("spoilt", "by"),
    [
        ({"Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-inline'"}, "policy"),
        ({"Content-Security-Policy": "default-src *"}, "policy"),
        ({"Strict-Transport-Security": ""}, "hsts"),
        ({"Set-Cookie": "session=x; Path=/"}, "cookies"),
        ({"Access-Control-Allow-Credentials": "true"}, "sharing"),
    ],
)
def test_the_grading_sees_what_is_wrong(
    client: FlaskClient, museum: Museum, spoilt: dict[str, Any], by: str
) -> None:
    headers = Headers(client.get("/en/").headers)
    headers.update(spoilt)
    mark, verdicts = grade(headers)
    assert mark != "A+" and [one.rule for one in verdicts if one.worth < 0] == [by]


def test_without_tls_nobody_is_told_to_use_it(config: Config) -> None:
    """A page on localhost must stay reachable."""
    plain = create_app(replace(config, base_url="http://localhost:8000")).test_client()
    assert "Strict-Transport-Security" not in plain.get("/nowhere").headers
