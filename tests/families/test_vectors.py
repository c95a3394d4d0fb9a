"""What the contract says of guardians and classes is what the server reads."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask

from server.replicas.keys import verify_text
from sync.signatures import Key
from tests.cast import NOON, Museum
from tests.phone import Phone

SYNC = Path(__file__).parents[2] / "sync"
VECTORS: dict[str, Any] = json.loads((SYNC / "vectors/families.json").read_text())
DEFS = json.loads((SYNC / "schema.json").read_text())["$defs"]
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def test_a_childs_word_is_what_its_device_signed(app: Flask) -> None:
    word = VECTORS["word"]
    assert word["said"] == f"streetwise child\n{word['guardian']}\n{word['child']}"
    assert verify_text(Key(word["key"]["x"], word["key"]["y"]), word["word"], word["said"].encode())


def test_the_schema_takes_what_the_server_reads(app: Flask, museum: Museum) -> None:
    schema = jsonschema.Draft202012Validator({"$ref": "#/$defs/event", "$defs": DEFS})
    for case in VECTORS["bodies"]:
        ada = Phone(app, at=NOON)
        event = ada.record(case["type"], case["body"])
        ada.sync()
        assert schema.is_valid(ada.event(case["type"], case["body"])) == case["fits"], case
        assert (ada.results[event].get("why") != "malformed") == case["fits"], (case, ada.results[event])
