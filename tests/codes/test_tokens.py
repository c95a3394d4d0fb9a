"""Codes: what is printed and typed is found again, mistakes are noticed, and both languages agree."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.codes import tokens

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "sync/vectors/codes.json").read_text())
BODY = st.text(tokens.ALPHABET[:31], min_size=7, max_size=7)


@pytest.mark.parametrize("case", VECTORS["typed"], ids=lambda case: repr(case["text"]))
def test_typed_forms_are_read_as_the_phone_reads_them(case: dict[str, Any]) -> None:
    folded = tokens.fold_typed(case["text"])
    assert (folded if tokens.is_typed(folded) else None) == case["typed"]


@pytest.mark.parametrize("case", VECTORS["commitments"], ids=lambda case: case["text"])
def test_commitments_are_those_of_the_phone(case: dict[str, Any]) -> None:
    opens, closes = case["window"] or (None, None)
    window = tokens.write_window(opens, closes)
    assert window == case["text"]
    assert tokens.commitment(case["point"], window, case["secret"]) == case["commitment"]


@given(BODY, st.integers(0, 7), st.sampled_from(tokens.ALPHABET))
def test_one_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    typed = body + tokens.check_character(body)
    if typed[place] != other:
        assert not tokens.is_typed(typed[:place] + other + typed[place + 1 :])


@given(BODY, st.integers(0, 7), st.integers(0, 7))
def test_two_swapped_characters_are_noticed(body: str, one: int, other: int) -> None:
    typed = list(body + tokens.check_character(body))
    if typed[one] != typed[other]:
        typed[one], typed[other] = typed[other], typed[one]
        assert not tokens.is_typed("".join(typed))


def test_new_typed_forms_are_typed_forms_and_carry_their_hint() -> None:
    made = {tokens.new_typed("7Q") for _ in range(300)}
    assert len(made) == 300
    assert all(tokens.is_typed(one) and one.startswith("7Q") for one in made)


@pytest.mark.parametrize("level", [1, 2])
def test_a_proof_is_read_as_it_was_written(level: int) -> None:
    secret = tokens.new_secret()
    assert tokens.read_proof(tokens.write_proof(level, secret)) == tokens.Proof(level, secret)


@pytest.mark.parametrize(
    "fragment", ["", "1", "10123456789ABCDE", "30123456789ABCDEF", "1U123456789ABCDEF", "1" * 18]
)
def test_other_fragments_are_no_proof(fragment: str) -> None:
    assert tokens.read_proof(fragment) is None
