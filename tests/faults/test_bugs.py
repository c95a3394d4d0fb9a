"""The machine is itself tested: every seeded bug is caught, by the invariant that is there for it."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.bugs import BUGS, Bug
from tests.faults.invariants import INVARIANTS, Broken
from tests.faults.machine import Machine
from tests.faults.test_machine import CALM
from tests.faults.traces import TRACES, walk

TABLE = Path(__file__).parents[2] / "docs" / "sync-faults.md"


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_seeded_bug_is_caught(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    class Watching(Machine):
        watch = (bug.breaks,)

    bug.seed(monkeypatch)
    with pytest.raises(Broken) as caught:
        for trace in TRACES:
            walk(Watching, trace)
        run_state_machine_as_test(Watching, settings=settings(CALM, max_examples=100, stateful_step_count=40))
    assert list(caught.value.found) == [bug.breaks]


@pytest.mark.parametrize("number", range(1, 16))
def test_every_invariant_has_a_bug_that_breaks_it(number: int) -> None:
    assert number in INVARIANTS
    assert number in {bug.breaks for bug in BUGS.values()}


def test_the_table_names_every_bug_and_every_invariant() -> None:
    written = TABLE.read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (\d+) \|$", written, re.MULTILINE)
    assert rows == [(one.name, one.words, one.seen_in, str(one.breaks)) for one in BUGS.values()]
    for number, check in INVARIANTS.items():
        assert f"| {number} | `{check.__name__}` |" in written


def write_table() -> str:
    """Write both tables for the docs."""
    lines = ["| bug | what it does | seen in | breaks |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.words} | {one.seen_in} | {one.breaks} |" for one in BUGS.values()]
    lines += ["", "| invariant | its test | seen red with |", "|---|---|---|"]
    for number, check in sorted(INVARIANTS.items()):
        red = ", ".join(f"`{one.name}`" for one in BUGS.values() if one.breaks == number)
        lines.append(f"| {number} | `{check.__name__}` | {red} |")
    return "\n".join(lines)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        print(write_table())
