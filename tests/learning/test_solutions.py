"""Answers are read and compared as the phone does it."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.activities.models import Task
from server.activities.solutions import AnswerForm, accepted_hashes, canonical_number, is_right
from server.core.text import fold

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "sync/vectors/answers.json").read_text())


def make_task(**fields: Any) -> Task:
    return Task(**{"options": [{"id": one} for one in "abc"], "accepted": [], "salt": "n4Qk", **fields})


@pytest.mark.parametrize("case", VECTORS["fold"], ids=lambda case: repr(case["text"]))
def test_texts_fold_as_on_the_phone(case: dict[str, str]) -> None:
    assert fold(case["text"]) == case["folded"]


@pytest.mark.parametrize("case", VECTORS["numbers"], ids=lambda case: f"{case['text']}/{case['step']}")
def test_numbers_are_spelt_as_on_the_phone(case: dict[str, str]) -> None:
    if case["canonical"] is None:
        with pytest.raises(AnswerForm):
            canonical_number(case["text"], case["step"])
    else:
        assert canonical_number(case["text"], case["step"]) == case["canonical"]


@pytest.mark.parametrize(
    ("fields", "answer", "right"),
    [
        ({"kind": "choice", "accepted": ["b"]}, {"choices": ["b"]}, True),
        ({"kind": "choices", "accepted": ["c,a"]}, {"choices": ["a", "c"]}, True),
        ({"kind": "choices", "accepted": ["c,a"]}, {"choices": ["a"]}, False),
        (
            {"kind": "number", "accepted": ["12.5"], "tolerance": "0.5", "step": "0.1"},
            {"number": "12,04"},
            True,
        ),
        (
            {"kind": "number", "accepted": ["12.5"], "tolerance": "0.5", "step": "0.1"},
            {"number": "11.94"},
            False,
        ),
        ({"kind": "number", "accepted": ["12.5"]}, {"number": "12.50"}, True),
        ({"kind": "text", "accepted": ["Mühle", "mill"]}, {"text": "muhle!"}, True),
        ({"kind": "text", "accepted": ["Mühle"]}, {"text": "windmill"}, False),
        ({"kind": "text"}, {"text": "anything"}, None),
    ],
)
def test_answers_are_decided(fields: dict[str, Any], answer: dict[str, Any], right: bool | None) -> None:
    assert is_right(make_task(**fields), answer) is right


@pytest.mark.parametrize("case", VECTORS["checks"], ids=lambda case: f"{case['answer']}")
def test_the_hashes_are_those_the_phone_knows(case: dict[str, Any]) -> None:
    accepted = {"choice": ["b"], "choices": ["a,c"], "number": ["1856"], "text": ["Mühle"]}[
        case["task"]["kind"]
    ]
    task = make_task(kind=case["task"]["kind"], accepted=accepted if case["task"]["accept"] else [], step="1")
    hashes = accepted_hashes(task)
    assert (hashes is None) == (case["verdict"] == "open")
    assert hashes is None or set(hashes) <= set(case["task"]["accept"]) or case["verdict"] == "wrong"


def test_a_tolerance_lists_every_number_it_holds() -> None:
    task = make_task(kind="number", accepted=["1856"], tolerance="2", step="1")
    assert len(accepted_hashes(task) or []) == 5
    assert accepted_hashes(make_task(kind="number", accepted=["1"], tolerance="9000", step="1")) is None
