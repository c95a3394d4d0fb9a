"""Every operation of the API, as its own document describes it, with what fits and what does not: none makes the server
stumble, also when the device has signed it."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.core.limits import limiter
from tests.cast import Museum
from tests.door.at_the_door import hold_session
from tests.phone import Phone

LEAST_OPERATIONS = 14
fuzz = settings(
    max_examples=60,
    database=None,
    derandomize=True,  # the same calls on each machine: who wants others takes this out
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Caller:
    """A phone that knows how to sign any call, and what there is in the city to call about."""

    def __init__(self, app: Flask, known: dict[str, str]) -> None:
        self._phone, self._client, self._known = Phone(app), app.test_client(), known
        self._phone.hello()
        self._phone.sync()
        self._ways: dict[str, int] = {}

    def call(self, case: Case, *, signed: bool, known: bool) -> TestResponse:
        """Make the call that was drawn up; signed, and about what there is, if so wished."""
        path = self._path(case, known)
        body, kind = self._body(case)
        headers = {name: str(value) for name, value in (case.headers or {}).items() if _fits(str(value))}
        if not signed:
            return self._send(case, path, body, kind, headers)
        label = f"{case.method} {case.path}"
        for way in range(self._ways.get(label, 0), len(self._signed(case, path, b""))):
            proof = {"Sync-Proto": "1", "Sync-Device": self._phone.device}
            proof["Sync-Signature"] = self._phone.sign(self._signed(case, path, body)[way])
            answer = self._send(case, path, body, kind, {**headers, **proof})
            if answer.status_code != 401:
                self._ways[label] = way
                break
        return answer

    def _signed(self, case: Case, path: str, body: bytes) -> list[bytes]:
        """List what a device signs at one or another address (sync/README.md): the body, or the call and more."""
        return [body, *(f"{case.method} {path} {more}".encode() for more in ("0", sha256(body).hexdigest()))]

    def _path(self, case: Case, known: bool) -> str:
        given = dict(case.path_parameters or {})
        named = {name: self._known[name] if known and name in self._known else given[name] for name in given}
        return case.path.format(
            **{name: quote(str(value), safe="", errors="replace") for name, value in named.items()}
        )

    def _body(self, case: Case) -> tuple[bytes, str]:
        """Write the body as the operation wants it. What syncs is this phone's, or there is nothing to look at."""
        if not isinstance(case.body, dict | list | str | int | float | bool | bytes | None):
            return b"", ""
        if isinstance(case.body, bytes):
            return case.body, case.media_type or ""
        body: Any = case.body
        if case.path == "/api/sync" and isinstance(body, dict):
            body = {**body, "device": self._phone.device, "learner": self._phone.learner}
        return json.dumps(body).encode(), case.media_type or "application/json"

    def _send(self, case: Case, path: str, body: bytes, kind: str, headers: dict[str, str]) -> TestResponse:
        query = {name: str(value) for name, value in (case.query or {}).items()}
        return self._client.open(
            path,
            method=case.method,
            data=body,
            content_type=kind or None,
            headers=headers,
            query_string=query,
        )


def _fits(value: str) -> bool:
    """Say whether a header can be sent at all."""
    return value.isprintable() and value.isascii()


@pytest.fixture
def caller(app: Flask, db: Session, museum: Museum) -> Iterator[Caller]:
    session = hold_session(db, museum)
    limiter.enabled = False
    yield Caller(app, {"playlist_id": museum.playlist.id, "occurrence": session.id, "sha256": "a" * 64})
    limiter.enabled = True


def test_no_call_that_the_document_describes_makes_the_server_stumble(app: Flask, caller: Caller) -> None:
    app.testing = False  # a fault is answered, as in earnest
    document = app.test_client().get("/api/openapi.json").get_json()
    operations = [one.ok() for one in schemathesis.openapi.from_dict(document).get_all_operations()]
    assert len(operations) >= LEAST_OPERATIONS
    answered: dict[str, set[int]] = {}
    for one in operations:
        answered[one.label] = statuses(one, caller)
    assert {label: found for label, found in answered.items() if any(status >= 500 for status in found)} == {}
    described = {one.label: {int(status) for status in one.definition.raw["responses"]} for one in operations}
    odd = {
        label: found - described[label] - {404} for label, found in answered.items()
    }  # 404: no such address
    assert {label: found for label, found in odd.items() if found} == {}, (
        "answers that the document does not name"
    )
    unsigned = {label for label, found in answered.items() if found == {401}}
    assert unsigned == set(), "the signatures made here are none"


def statuses(operation: Any, caller: Caller) -> set[int]:
    """Call an operation many times, with what fits its description and what does not; return how it answered."""
    found: set[int] = set()

    @fuzz
    @given(case=cases(operation), signed=st.booleans(), known=st.booleans())
    def try_it(case: Case, signed: bool, known: bool) -> None:
        found.add(caller.call(case, signed=signed, known=known).status_code)

    try_it()
    return found


def cases(operation: Any) -> st.SearchStrategy[Case]:
    fitting: st.SearchStrategy[Case] = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    return fitting | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
