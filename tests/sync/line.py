"""The line between a stranger's client and the server: it breaks as told, and checks each message by the schema."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
from flask import Flask

from tests.cast import NOON
from tests.sync.stranger import Answer

SCHEMA = json.loads((Path(__file__).parents[2] / "sync/schema.json").read_text())
Fault = Callable[[Callable[[], Answer]], Answer]


def check(name: str, message: object) -> None:
    """Raise jsonschema.ValidationError when a message is not of the form that the contract names."""
    jsonschema.validate(message, {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def no_way(ask: Callable[[], Answer]) -> Answer:
    raise ConnectionError("no network")


def lost_reply(ask: Callable[[], Answer]) -> Answer:
    ask()
    raise ConnectionError("the reply was lost")


def portal(ask: Callable[[], Answer]) -> Answer:
    return 200, {"content-type": "text/html"}, b"<h1>Buy some WiFi</h1>"


def problem(status: int, code: str, **headers: str) -> Fault:
    return lambda ask: (status, {"sync-proto": "1", **headers}, json.dumps({"code": code}).encode())


class Line:
    """Carries requests to the application. `now` is the clock of both ends, in seconds."""

    def __init__(self, app: Flask) -> None:
        self.app, self.now = app, NOON.timestamp()
        self.faults: list[tuple[str, Fault | None]] = []  # for the next requests of a method
        self.sent: list[dict[str, Any]] = []
        self.calls: list[tuple[str, int]] = []  # method and status

    def clock(self) -> float:
        return self.now

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        found = next((one for one in self.faults if one[0] == method), None)
        if found:
            self.faults.remove(found)
        ask = lambda: self._ask(method, path, headers, body)  # noqa: E731
        return found[1](ask) if found and found[1] else ask()

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.app.extensions["streetwise_clock"] = lambda: datetime.fromtimestamp(self.now, UTC)
        answer = self.app.test_client().open(path, method=method, headers=headers, data=body)
        self.calls.append((method, answer.status_code))
        if answer.mimetype == "application/problem+json" and method != "HEAD":
            check("problem", answer.get_json())
        elif path == "/api/sync":
            self._check_exchange(json.loads(body), answer.get_json())
        return answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.get_data()

    def _check_exchange(self, request: dict[str, Any], reply: dict[str, Any]) -> None:
        check("request", request)
        for signed in request["events"]:
            check("event", read_payload(signed["p"]))
        check("reply", reply)
        self.sent.append(request)


def read_payload(p: str) -> dict[str, Any]:
    """Read an event. Raises ValueError when a reader could understand it in two ways."""
    raw = urlsafe_b64decode(p + "=" * (-len(p) % 4))
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != p:
        raise ValueError("not the canonical base64url of its bytes")
    event: dict[str, Any] = json.loads(raw, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    return event


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a field twice")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(name)
