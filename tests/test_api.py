"""The API is what `/api/openapi.json` says: valid, whole, and true of what is really answered."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session

from server.codes.making import make_code
from tests.cast import NOON, Museum
from tests.door.at_the_door import hold_session, new_phone, open_door, show_pass
from tests.phone import Phone

OPERATIONS = {
    ("post", "/api/sync"): {200, 401, 413, 415, 422, 426, 429, 503},
    ("get", "/api/blobs/{sha256}"): {200, 401, 404, 422, 429},
    ("put", "/api/blobs/{sha256}"): {204, 401, 413, 415, 422, 429, 507},
    ("patch", "/api/blobs/{sha256}"): {204, 401, 409, 413, 415, 422, 429, 507},
    ("get", "/api/playlists/{playlist_id}/bundle"): {200, 304, 404, 422},
    ("post", "/api/typed"): {200, 404, 422, 429},
    ("post", "/api/class"): {200, 404, 422, 429},
    ("get", "/api/frameworks/terms"): {200, 422, 429},
    ("post", "/api/imports"): {200, 401, 413, 415, 422, 429},
    ("post", "/api/imports/{id}/check"): {200, 401, 404, 422, 429},
    ("delete", "/api/imports/{id}"): {204, 401, 404, 422, 429},
    ("get", "/api/wallets"): {200, 401, 422, 429},
    ("post", "/api/wallets/answer"): {200, 400, 401, 413, 415, 422, 429},
    ("delete", "/api/wallets/{wallet}"): {204, 401, 404, 422, 429},
    ("post", "/api/enter/passkey/options"): {200, 422, 429},
    ("post", "/api/enter/passkey"): {200, 403, 413, 422, 429},
    ("post", "/api/enter/kit"): {200, 403, 413, 422, 429},
    ("post", "/api/enter/mail"): {204, 413, 422, 429},
    ("post", "/api/enter/mail/open"): {200, 410, 413, 422, 429},
    ("get", "/api/mails"): {200, 401, 422, 429},
    ("post", "/api/mails"): {200, 401, 409, 413, 422, 429},
    ("delete", "/api/mails/{id}"): {204, 401, 404, 422, 429},
    ("post", "/api/mails/{id}/tells"): {200, 401, 404, 413, 422, 429},
    ("post", "/api/mails/confirm"): {200, 410, 413, 422, 429},
    ("get", "/api/my-data"): {200, 401, 422, 429},
    ("post", "/api/export"): {200, 401, 413, 415, 422, 429},
    ("get", "/api/export/{child}"): {200, 401, 422, 429},
    ("get", "/api/push/key"): {200, 422},
    ("post", "/api/push"): {204, 401, 413, 415, 422, 429},
    ("delete", "/api/push"): {204, 401, 422, 429},
    ("get", "/api/door/{occurrence}"): {200, 304, 401, 403, 422, 429},
}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").get_json()
    return found


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def holds(document: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    """Validate a value against a schema of the document."""
    Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_every_operation_says_what_it_takes_and_answers(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    described = {(method, path) for path, all in document["paths"].items() for method in all}
    assert described == set(OPERATIONS)
    names = set()
    for (method, path), statuses in OPERATIONS.items():
        found = operation(document, method, path)
        names.add(found["operationId"])
        assert set(map(int, found["responses"])) == statuses, path
        inside = {one["name"] for one in found.get("parameters", ()) if one["in"] == "path"}
        assert inside == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert ("requestBody" in found) == (
            method not in ("get", "delete") and not path.endswith(("/check", "/options"))
        )
        for status, response in found["responses"].items():
            kinds = set(response.get("content", {}))
            assert kinds == ({"application/problem+json"} if int(status) >= 400 else {"application/json"} if status == "200" and "blobs" not in path else set())  # fmt: skip
    assert len(names) == len(OPERATIONS)


def test_every_schema_is_one_and_every_reference_leads_to_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert {one.rpartition("/")[2] for one in references(document)} == set(schemas)


def reply_schema(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = operation(document, method, path)["responses"]["200"]["content"]["application/json"]["schema"]  # fmt: skip
    return found


def test_what_is_answered_is_what_is_described(
    app: Flask, client: FlaskClient, museum: Museum, db: Session, document: dict[str, Any]
) -> None:
    ada = Phone(app, at=NOON)
    ada.scan(museum.code(0))
    ada.type_in("ABCDEFGH")
    request = operation(document, "post", "/api/sync")["requestBody"]["content"]["application/json"]["schema"]
    answer = ada.post(ada.outbox)
    holds(document, reply_schema(document, "post", "/api/sync"), answer.get_json())
    holds(document, request, json.loads(ada.pack(ada.outbox)[0]))
    for lang in ("en", "nl"):
        bundle = client.get(f"/api/playlists/{museum.playlist.id}/bundle", query_string={"lang": lang})
        holds(
            document, reply_schema(document, "get", "/api/playlists/{playlist_id}/bundle"), bundle.get_json()
        )
    code = make_code(db, museum.code(0).point, level=1, at=NOON)
    db.commit()
    typed = client.post("/api/typed", json={"typed": code.typed})
    holds(document, reply_schema(document, "post", "/api/typed"), typed.get_json())
    held = hold_session(db, museum)
    door = open_door(app, db, held, "organiser")
    door.let_in(pass_=show_pass(new_phone(app), "Ada"))
    door.let_in(guest="Gran")
    door.phone.sync()
    holds(document, reply_schema(document, "get", "/api/door/{occurrence}"), door.ask().get_json())
    for refused in (
        client.get(f"/api/door/{held.id}"),
        client.post("/api/typed", json={"typed": "x"}),
        client.get("/api/blobs/x"),
        client.post("/api/sync"),
    ):
        assert refused.mimetype == "application/problem+json"
        holds(document, {"$ref": "#/components/schemas/Problem"}, refused.get_json())


def test_a_file_of_another_kind_is_refused(app: Flask, museum: Museum) -> None:
    ada = Phone(app, at=NOON)
    ada.hello()
    ada.sync()
    for method in ("PUT", "PATCH"):
        path = f"/api/blobs/{'a' * 64}"
        answer = app.test_client().open(path, method=method, data=b"<html>", content_type="text/html")
        assert (answer.status_code, answer.get_json()["code"]) == (415, "wrong_media_type")
