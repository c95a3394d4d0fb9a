"""The machine is itself tested: every seeded bug is caught, by the invariant that is there for it."""

import re
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.bugs import BUGS, Bug
from tests.faults.invariants import INVARIANTS, Broken
from tests.faults.machine import Machine
from tests.faults.test_machine import CALM

TABLE = Path(__file__).parents[2] / "docs" / "sync-faults.md"


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_seeded_bug_is_caught(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    class Watching(Machine):
        watch = (bug.breaks,)

    bug.seed(monkeypatch)
    with pytest.raises(Broken) as caught:
        run_state_machine_as_test(Watching, settings=settings(CALM, max_examples=100, stateful_step_count=40))
    assert list(caught.value.found) == [bug.breaks]
