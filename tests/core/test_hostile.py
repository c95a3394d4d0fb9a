"""What strangers send on purpose: nothing of it may make the server stumble (a 5xx) or answer in riddles."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from server.core.limits import limiter
from tests.cast import NOON, Museum
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

ADDRESSES = (
    "/s/{}", "/media/{}.svg", "/credentials/{}", "/credentials/{}.json", "/credentials/{}.png", "/orgs/{}/did.json",
    "/status/{}", "/achievements/{}", "/en/achievements/{}", "/en/playlists/{}", "/en/activities/{}",
    "/frameworks/lifecomp/{}", "/api/playlists/{}/bundle", "/static/{}", "/desk/playlists/{}/sheet",
    "/desk/activities/{}/codes", "/desk/sessions/{}/codes", "/desk/achievements/{}/codes", "/desk/codes/{}",
    "/en/?lang={}", "/desk/sign-in?next=/desk/{}",
    "/credentials/{}.svg", "/credentials/{}.jwt", "/credentials/{}.pdf", "/credentials/{}/card.pdf", "/credentials/{}/embed",
    "/credentials/{}.html", "/C/{}", "/ob2/assertions/{}", "/ob2/badges/{}", "/ob2/issuers/{}", "/clr/playlists/{}",
    "/clr/portfolio/{}", "/clr/portfolio/{}.x", "/l/{}", "/cv/{}/resume.json", "/portfolio/{}", "/oembed?url={}",
    "/endorse/{}", "/endorsements/{}", "/en/organisers/{}", "/frameworks/{}", "/frameworks?q={}", "/verify?address={}",
    "/oauth/authorize?client_id={}", "/ims/ob/v3p0/credentials?since={}", "/desk/{}/badges", "/desk/{}/endorsements",
    "/api/frameworks/terms?q={}&framework={}", "/credentials/x?in={}", "/achievements/{}/image.png?lang={}",
)  # fmt: skip
fuzz = settings(
    max_examples=25,
    database=None,
    suppress_health_check=list(HealthCheck),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def no_limits(app: Flask) -> Any:
    limiter.enabled = False
    yield
    limiter.enabled = True


@pytest.mark.parametrize(
    "part", ["%00", "a%00b", "..%2f..%2fsecrets%2fanchor", "%ff%fe", "x" * 3000, "%F0%9F%A6%86", "[", "%5C"]
)
def test_no_address_makes_the_server_stumble(client: FlaskClient, museum: Museum, part: str) -> None:
    answers = {address: client.get(address.replace("{}", part)).status_code for address in ADDRESSES}
    assert {a: s for a, s in answers.items() if s >= 500} == {}
    assert {answers[a] for a in ADDRESSES[:9]} <= {404}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://["},
        {"Origin": "null"},
        {"Accept-Language": "\xff;q=x,,nl;q=9e999"},
        {"If-None-Match": '"' * 99},
        {"Range": "bytes=99999999999999999999-1"},
        {"Content-Length": "-5"},
        {"Accept": "/;q=z"},
        {"Cookie": "streetwise_session=\x01; =;;"},
    ],
)
def test_no_header_makes_the_server_stumble(
    client: FlaskClient, museum: Museum, headers: dict[str, str]
) -> None:
    for path in ("/en/", "/desk/", "/credentials/x", f"/api/playlists/{museum.playlist.id}/bundle"):
        assert client.get(path, headers=headers).status_code < 500
        assert client.post(path, headers=headers).status_code < 500


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 50_000, "1" * 200_000, '"\\ud800"', "", "{", "nul"]
)
def test_no_json_makes_sync_stumble(client: FlaskClient, museum: Museum, body: str) -> None:
    answer = client.post("/api/sync", data=body, content_type="application/json", headers={"Sync-Proto": "1"})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


@fuzz
@given(value=json_values)
def test_any_json_at_sync_is_answered_with_a_problem(client: FlaskClient, museum: Museum, value: Any) -> None:
    body = json.dumps(value)
    answer = client.post("/api/sync", data=body, content_type="application/json", headers={"Sync-Proto": "1"})
    assert answer.status_code in (401, 422)
    assert answer.mimetype == "application/problem+json"


@fuzz
@given(type=st.sampled_from(("device.hello", "checkin.scan", "task.answer", "evidence.submit", "playlist.save",
       "feedback.give", "event.withdraw", "event.lost", "award.show", "award.take", "badges.arrange", "collection.keep",
       "collection.drop", "award.reflect", "link.make", "link.withdraw", "portfolio.show", "endorsement.invite",
       "endorsement.uninvite", "endorsement.show")), body=st.dictionaries(
       st.sampled_from(("point", "proof", "typed", "activity", "task", "answer", "text", "blob", "playlist", "version",
       "stars", "event", "award", "visibility", "device", "seq", "key", "evidence", "order", "pinned", "hidden", "collection",
       "name", "awards", "link", "kind", "subject", "digest", "expires", "label", "about", "parts", "cv", "endorsement",
       "shown")), json_values | st.sampled_from(("public", "award", "collection", "0" * 43, "019" + "0" * 5 + "-0000-7000-8000-" + "0" * 12)),
       max_size=8))  # fmt: skip
def test_any_signed_body_gets_a_verdict_and_no_fault(
    app: Flask, museum: Museum, type: str, body: dict[str, Any]
) -> None:
    ada = Phone(app, at=NOON)
    ada.hello()
    ada.record(type, {**body, "task": museum.task(0, "choice").id} if type == "task.answer" else body)
    answer = ada.post(ada.outbox)
    assert answer.status_code == 200
    assert answer.get_json()["results"][1].get("why") != "fault"


@fuzz
@given(headers=st.dictionaries(st.sampled_from(("Sync-Device", "Sync-Signature", "Upload-Offset", "Upload-Length")),
       st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=60), max_size=4),
       sha256=st.text(max_size=70), body=st.binary(max_size=50),
       method=st.sampled_from(("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE")))  # fmt: skip
def test_any_call_about_a_file_is_answered_with_a_problem(
    client: FlaskClient, museum: Museum, headers: dict[str, str], sha256: str, body: bytes, method: str
) -> None:
    for name in (sha256, "a" * 64):
        answer = client.open(
            f"/api/blobs/{name}", method=method, data=body, headers=headers, content_type="image/png"
        )
        assert 300 <= answer.status_code < 500
        assert answer.status_code < 400 or answer.mimetype == "application/problem+json"


@fuzz
@given(part=st.text(max_size=40), lang=st.text(max_size=8))
def test_any_name_of_a_bundle_or_typed_code_is_answered(
    client: FlaskClient, museum: Museum, part: str, lang: str
) -> None:
    asked = client.get(f"/api/playlists/{quote(part, safe='')}/bundle", query_string={"lang": lang})
    for answer in (asked, client.post("/api/typed", json={"typed": part})):
        assert 300 <= answer.status_code < 500
        assert answer.status_code < 400 or answer.mimetype == "application/problem+json"
    found = client.get(f"/api/playlists/{museum.playlist.id}/bundle", query_string={"lang": lang})
    assert found.status_code == (404 if "\0" in lang else 200)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nowhere", 404),
        ("/orgs/nobody/did.json", 404),
        ("/status/none", 404),
        ("/credentials/none.json", 404),
        ("/api/blobs/" + "a" * 64, 401),
    ],
)
def test_programs_get_problem_details_wherever_json_lives(
    client: FlaskClient, museum: Museum, path: str, status: int
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail", "code"} <= set(answer.get_json())
    assert json.loads(answer.data)["status"] == status


def test_a_body_of_another_kind_is_refused(client: FlaskClient, museum: Museum) -> None:
    for path in ("/verify", "/desk/sign-in", "/desk/sign-out"):
        assert client.post(path, data="{}", content_type="application/json").status_code == 415
    for path in ("/api/sync",):
        assert client.post(path, data="x", content_type="text/plain").get_json()["code"] == "wrong_media_type"


FORMS = {
    "/desk/sign-in": "token", "/desk/waiting": "event", "/desk/flags": "learner", "/desk/flags/alarm": "code",
    "/desk/activities/new": "title", "/desk/town-museum/endorsements/invitations": "name",
    "/desk/activities/stop-0/sessions/new": "starts", "/desk/playlists/museum-visit/rule": "choose",
    "/desk/activities/stop-0/codes/batch": "code", "/desk/activities/stop-0/codes/search": "q",
    "/verify": "badge", "/endorse/x": "text", "/oauth/token": "code", "/oauth/revoke": "token",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_no_database_can_keep_is_no_form(
    client: FlaskClient, db: Session, museum: Museum, kind: str
) -> None:
    """In a name of a field or in what it holds, at whatever address: it is refused before anybody asks the database."""
    sign_in(client, db, museum.omar)
    for path, field in FORMS.items():
        for form in ({field: "a\0b"}, {f"{field}\0": "x"}):
            answer = client.post(path, data=form, content_type=kind)
            assert answer.status_code in (404, 422), (path, answer.status_code)
    assert client.post("/desk/waiting", data={"event": "ab"}, content_type=kind).status_code == 303


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "a\\udfffb"])
def test_what_no_database_can_keep_is_no_json(app: Flask, client: FlaskClient, text: str) -> None:
    for body in (f'{{"{text}": 1}}', f'[["{text}"]]', f'"{text}"'):
        with pytest.raises(ValueError, match="NUL"):
            app.json.loads(body)
    answer = client.post("/api/typed", data=f'{{"typed": "{text}"}}', content_type="application/json")
    assert 400 <= answer.status_code < 500 and answer.mimetype == "application/problem+json"
    assert app.json.loads('{"a": ["\\\\u0000", 1, null]}') == {"a": ["\\u0000", 1, None]}


def test_a_small_form_may_not_be_large(client: FlaskClient, museum: Museum) -> None:
    answer = client.post("/desk/sign-in", data={"token": "x" * 200_000})
    assert answer.status_code == 413


def test_errors_speak_the_readers_words(client: FlaskClient, museum: Museum, db: Session) -> None:
    """Not werkzeug's English."""
    answer = client.post("/verify", data={"badge": "x" * (8 << 20)}, headers={"Accept-Language": "nl"})
    assert answer.status_code == 413
    assert "data value" not in answer.text


def test_a_fault_of_ours_leaves_no_typed_code_in_the_log(
    app: Flask,
    client: FlaskClient,
    museum: Museum,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("server.codes.routes.find_by_typed", stumble)
    app.testing = False
    answer = client.post("/api/typed", json={"typed": "HUSHHUSH"})
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "/api/typed" in caplog.text
    assert "HUSHHUSH" not in caplog.text
