"""Old bodies are read as new ones, and the bytes that were signed stay what they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.upcast import newest, upcast
from tests.sync.test_engine import make

VECTORS = Path(__file__).parents[2] / "sync" / "vectors" / "upcasts.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text())["upcasts"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['type']}-{case['tv']}")
def test_an_old_body_becomes_the_newest_one(case: dict[str, Any]) -> None:
    event = make(1, case["type"], tv=case["tv"], body=case["body"])
    found = upcast(event)
    assert (found.tv, found.body) == (case["newest"], case["becomes"])
    assert newest(case["type"]) == case["newest"]
    assert found.signed is event.signed
    assert upcast(found) == found
