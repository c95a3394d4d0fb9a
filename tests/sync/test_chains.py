"""Chains as the vectors have them: the engine alone and the whole server say the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sync.engine import Engine
from sync.messages import Event, Signed
from tests.cast import NOON, Museum
from tests.phone import Phone
from tests.sync.memory import MemoryStore
from tests.sync.test_messages import fits
from tests.sync.write_vectors import DEVICE, KEY, LEARNER

VECTORS = Path(__file__).parents[2] / "sync" / "vectors" / "chains.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text())["chains"]
chains = pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])


def said(event: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    why = event.get("why", "") if event["state"] == "rejected" else ""
    return event["state"], why, event.get("effect", {})


@chains
@pytest.mark.parametrize("at_once", [True, False])
def test_the_engine_keeps_a_chain_as_the_vectors_say(case: dict[str, Any], at_once: bool) -> None:
    engine = Engine[MemoryStore]({"device.hello": lambda work: {}, "playlist.save": lambda work: {}})
    known = [one for one in case["events"] if one["state"] != "later"]
    events = [Event.read(Signed(one["p"], one["s"])) for one in known]
    store = MemoryStore()
    batches = [events] if at_once else [[one] for one in events]
    results = [one for batch in batches for one in engine.apply(batch, store, 5)]
    assert [(one.state, one.why, one.effect) for one in results] == [said(one) for one in known]


@chains
@pytest.mark.parametrize("at_once", [True, False])
def test_the_server_keeps_a_chain_as_the_vectors_say(
    app: Flask, museum: Museum, case: dict[str, Any], at_once: bool
) -> None:
    phone = Phone(app, at=NOON, learner=LEARNER, device=DEVICE, key=KEY)
    signed = [{"p": one["p"], "s": one["s"]} for one in case["events"]]
    hello = next(one for one in signed if Event.read(Signed(**one)).type == "device.hello")
    batches = [signed] if at_once or signed[0] != hello else [[one] for one in signed]
    replies = [phone.post(batch).get_json() for batch in batches]
    results = [one for reply in replies for one in reply["results"]]
    assert [said(one) for one in results] == [said(one) for one in case["events"]]
    assert all(fits("result", one) for one in results)
    assert [hole["seq"] for hole in replies[-1]["missing"]] == case["missing"]
