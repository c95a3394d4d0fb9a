"""Messages are read strictly, as the vectors and the schema say."""

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from server.replicas import keys
from sync.messages import Batch, Event, Malformed, Signed, decode, digest, encode
from sync.signatures import Key, count_for, is_signed, read_events
from tests.cast import NOON, Museum
from tests.phone import Phone

SYNC = Path(__file__).parents[2] / "sync"
VECTORS: dict[str, Any] = json.loads((SYNC / "vectors/events.json").read_text())
SCHEMA: dict[str, Any] = json.loads((SYNC / "schema.json").read_text())
KEY = Key(VECTORS["key"]["x"], VECTORS["key"]["y"])


def fits(name: str, content: object) -> bool:
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
    return jsonschema.Draft202012Validator(schema).is_valid(content)


@pytest.mark.parametrize("step", VECTORS["chain"], ids=lambda step: json.loads(step["json"])["type"])
def test_events_of_the_chain_are_read_and_signed(step: dict[str, str]) -> None:
    signed = Signed(step["p"], step["s"])
    event = Event.read(signed)
    assert decode(step["p"]).decode() == step["json"]
    assert (event.id, event.type) == tuple(json.loads(step["json"])[name] for name in ("id", "type"))
    assert digest(step["p"]) == step["next_prev"]
    assert is_signed(signed, KEY, keys.verify)
    assert fits("event", json.loads(step["json"]))


def test_the_chain_holds_together() -> None:
    events = [Event.read(Signed(step["p"], step["s"])) for step in VECTORS["chain"]]
    assert [event.prev for event in events[1:]] == [step["next_prev"] for step in VECTORS["chain"][:-1]]
    assert events[0].prev == ""


@pytest.mark.parametrize("case", VECTORS["malformed"], ids=lambda case: str(case["where"]))
def test_what_is_no_event_says_where(case: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refusal:
        Event.read(Signed(case["p"], ""))
    if case["where"] is not None:
        assert refusal.value.where == case["where"]


@pytest.mark.parametrize("case", VECTORS["tampered"], ids=lambda case: case["why"])
def test_signatures_that_do_not_hold(case: dict[str, str]) -> None:
    assert not is_signed(Signed(case["p"], case["s"]), KEY, keys.verify)


def test_events_of_a_former_id_count_for_whom_it_turned_out_to_be() -> None:
    case = json.loads((SYNC / "vectors/merging.json").read_text())
    events = read_events([Signed(one["p"], one["s"]) for one in case["events"]])
    whose = count_for(events, case["formerly"])
    assert [event.learner for event in whose] == [one["counts_for"] for one in case["events"]]
    assert all(is_signed(event.signed, KEY, keys.verify) for event in whose)
    secret = events[0].body["invite"]
    assert encode(hashlib.sha256(secret.encode()).digest()) == case["invitation"]["invite"]
    assert all(fits("event", json.loads(decode(one["p"]))) for one in case["events"])


def test_a_key_off_the_curve_signs_nothing() -> None:
    step = VECTORS["chain"][0]
    for key in (Key("A" * 43, "A" * 43), Key("_" * 43, "_" * 43)):
        assert not is_signed(Signed(step["p"], step["s"]), key, keys.verify)


@given(st.binary(max_size=70))
def test_base64url_reads_back_and_has_one_spelling(content: bytes) -> None:
    text = encode(content)
    assert decode(text) == content
    for other in (text + "=", text + "\n", " " + text):
        with pytest.raises(Malformed):
            decode(other)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_any_json_is_a_batch_or_malformed(content: object) -> None:
    try:
        Batch.from_bytes(json.dumps(content).encode())
    except Malformed:
        assert not fits("request", content)


def test_real_requests_and_replies_fit_the_schema(app: Flask, museum: Museum) -> None:
    ada = Phone(app, at=NOON)
    ada.scan(museum.code(0))
    ada.scan(museum.code(1), prev="x")
    ada.photograph(museum.task(2, "photo"), b"x")
    for events in (ada.outbox[:2], ada.outbox[:1] + ada.outbox[2:]):
        request = {
            "device": ada.device,
            "learner": ada.learner,
            "epoch": None,
            "events": events,
            "cursors": {},
            "limit": 500,
        }
        assert fits("request", request)
        reply = ada.post(events).get_json()
        jsonschema.validate(reply, {"$ref": "#/$defs/reply", "$defs": SCHEMA["$defs"]})
