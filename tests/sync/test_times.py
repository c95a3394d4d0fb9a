"""Offline time is an interval: proven, claimed or rejected, and always inside what we know."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.times import Moment, Window, judge_time

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "sync/vectors/times.json").read_text())
MOMENT = st.integers(0, 10**7)


@pytest.mark.parametrize("case", VECTORS["times"], ids=lambda case: f"{case['state']}-{case['at']}")
def test_moments_are_judged_as_the_vectors_say(case: dict[str, Any]) -> None:
    judged = judge_time(
        Window(*case["window"]),
        anchor_at=case["anchor_at"], received_at=case["received_at"], wall=case["wall"],
        max_offline=VECTORS["max_offline"],
    )  # fmt: skip
    assert judged == Moment(case["state"], case["at"])


@given(MOMENT, MOMENT, st.none() | MOMENT, MOMENT, MOMENT, MOMENT)
def test_claimed_time_lies_in_its_interval(
    opens: int, long: int, anchor: int | None, received: int, wall: int, max_offline: int
) -> None:
    window = Window(opens, opens + long)
    judged = judge_time(window, anchor_at=anchor, received_at=received, wall=wall, max_offline=max_offline)
    assert judged.at <= received
    assert anchor is None or anchor > received or judged.at >= anchor
    if judged.state != "rejected":
        assert window.holds(judged.at)
    if judged.state == "proven":
        assert anchor is not None
        assert window.holds(anchor)
        assert window.holds(received)
