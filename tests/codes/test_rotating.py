"""Rotating codes: both languages agree, nothing but what a screen showed is genuine, and each step has its time."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.codes import rotating, tokens
from sync.messages import decode

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "sync/vectors/codes.json").read_text())
POINT, SECRET, HINT = "7QAB3CDE", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", "7Q"
DAY_STEPS = 24 * 60 * 60 // rotating.STEP_S
STEPS = st.integers(0, 32**6 - 1)
BLOCKS = st.integers(0, 2**28)


def shown(step: int, *, secret: str = SECRET, point: str = POINT) -> str:
    return rotating.write(rotating.day_key(secret, point, rotating.day_of_step(step)), point, step)


def typed(block: int) -> str:
    key = rotating.day_key(SECRET, POINT, rotating.day_of_block(block))
    return rotating.typed_at(key, POINT, HINT, block)


def is_genuine(fragment: str, *, secret: str = SECRET, point: str = POINT) -> bool:
    read = rotating.read(fragment)
    return read is not None and rotating.is_genuine(secret, point, read)


@pytest.mark.parametrize("case", VECTORS["rotating"], ids=lambda case: str(case["step"]))
def test_steps_are_those_of_the_phone(case: dict[str, Any]) -> None:
    assert rotating.day_of_step(case["step"]) == case["day"]
    key = rotating.day_key(case["secret"], case["point"], case["day"])
    assert key == decode(case["key"])
    assert rotating.write(key, case["point"], case["step"]) == case["fragment"]
    window = rotating.window_of_step(case["step"])
    assert [window.opens, window.closes] == case["window"]


@pytest.mark.parametrize("case", VECTORS["rotating_typed"], ids=lambda case: str(case["block"]))
def test_typed_forms_are_those_of_the_phone(case: dict[str, Any]) -> None:
    key = rotating.day_key(case["secret"], case["point"], rotating.day_of_block(case["block"]))
    assert key == decode(case["key"])
    assert rotating.typed_at(key, case["point"], case["hint"], case["block"]) == case["typed"]
    window = rotating.window_of_block(case["block"])
    assert [window.opens, window.closes] == case["window"]


@pytest.mark.parametrize("case", VECTORS["rotating_read"], ids=lambda case: case["fragment"])
def test_fragments_are_read_as_the_phone_reads_them(case: dict[str, Any]) -> None:
    read = rotating.read(case["fragment"])
    assert (read and read.step) == case["step"]


@given(STEPS)
def test_what_a_screen_shows_is_genuine_and_says_its_step(step: int) -> None:
    fragment = shown(step)
    read = rotating.read(fragment)
    assert len(fragment) == 20
    assert read and read.step == step
    assert is_genuine(fragment)


@given(STEPS, st.data())
def test_lookalikes_and_case_do_not_matter(step: int, data: st.DataObject) -> None:
    spellings = {"0": "0Oo", "1": "1IiLl"}
    written = "".join(data.draw(st.sampled_from(spellings.get(c, c + c.lower()))) for c in shown(step)[1:])
    assert is_genuine("3" + written)


@given(STEPS, st.integers(0, 19))
def test_a_truncated_fragment_is_none(step: int, length: int) -> None:
    assert rotating.read(shown(step)[:length]) is None


@given(STEPS, st.integers(0, 6 * 5 + 13 * 5 - 1))
def test_any_flipped_bit_is_refused(step: int, bit: int) -> None:
    place, bit = 1 + bit // 5, bit % 5
    fragment = shown(step)
    other = tokens.ALPHABET[tokens.ALPHABET.index(fragment[place]) ^ 1 << bit]
    assert not is_genuine(fragment[:place] + other + fragment[place + 1 :])


@given(STEPS, st.sampled_from([c for c in tokens.ALPHABET if c != "3"]))
def test_another_kind_is_none(step: int, kind: str) -> None:
    assert rotating.read(kind + shown(step)[1:]) is None


@given(STEPS)
def test_another_point_or_another_code_is_refused(step: int) -> None:
    assert not is_genuine(shown(step), point="00000000")
    assert not is_genuine(shown(step), secret=SECRET[::-1])


@given(STEPS, STEPS)
def test_the_key_of_a_day_makes_no_code_of_another(step: int, stolen: int) -> None:
    assume(rotating.day_of_step(step) != rotating.day_of_step(stolen))
    key = rotating.day_key(SECRET, POINT, rotating.day_of_step(stolen))
    assert not is_genuine(rotating.write(key, POINT, step))


def test_the_day_changes_at_midnight_utc() -> None:
    midnight = 20_784 * DAY_STEPS
    assert [rotating.day_of_step(midnight + n) for n in (-1, 0)] == ["2026-11-26", "2026-11-27"]
    assert is_genuine(shown(midnight - 1))
    assert is_genuine(shown(midnight))


@given(STEPS, st.integers(0, rotating.STEP_S * 1000 - 1))
def test_a_step_counts_two_steps_before_and_after(step: int, within: int) -> None:
    window = rotating.window_of_step(step)
    at = step * rotating.STEP_S * 1000
    assert rotating.step_at(at + within) == step
    assert (window.opens, window.closes) == (at - 60_000, at + 30_000 + 60_000)


@given(BLOCKS)
def test_a_typed_form_is_one_and_carries_the_hint(block: int) -> None:
    assert tokens.is_typed(typed(block))
    assert typed(block).startswith(HINT)


@given(BLOCKS, st.integers(0, rotating.BLOCK_S * 1000 - 1))
def test_a_typed_form_is_found_while_it_counts_and_a_while_after(block: int, within: int) -> None:
    start = block * rotating.BLOCK_S * 1000
    window = rotating.window_of_block(block)
    assert (window.opens, window.closes) == (start - 120_000, start + 240_000)
    for late in (-1, 0, 1, rotating.LATE_BLOCKS):
        blocks = rotating.blocks_around(start + late * rotating.BLOCK_S * 1000 + within)
        assert rotating.find_block(SECRET, POINT, typed(block), blocks) == block
    for away in (-2, rotating.LATE_BLOCKS + 1):
        assert block not in rotating.blocks_around(start + away * rotating.BLOCK_S * 1000 + within)


def test_another_code_does_not_know_a_typed_form() -> None:
    assert rotating.find_block(SECRET[::-1], POINT, typed(9), range(20)) is None
