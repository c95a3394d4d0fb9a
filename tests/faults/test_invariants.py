"""Each invariant of sync has its test here, seen red with every bug that is seeded for it, and green without.

`pytest tests/faults/test_invariants.py -k invariant_04` runs the fourth. Running this file as a program prints
the tables of docs/sync-faults.md.
"""

import re
from collections.abc import Callable
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


def bugs_of(number: int) -> list[Bug]:
    return [bug for bug in BUGS.values() if bug.breaks == number]


def name_of(number: int) -> str:
    return f"test_invariant_{number:02}_{INVARIANTS[number].__name__}"


def watching(number: int) -> type[Machine]:
    class Watching(Machine):
        watch = (number,)

    return Watching


def demand_red(bug: Bug) -> None:
    """Demand that traces, or else chance, see the seeded bug by its invariant alone."""
    machine = watching(bug.breaks)
    with pytest.raises(Broken) as caught:
        for trace in TRACES:
            walk(machine, trace)
        run_state_machine_as_test(machine, settings=settings(CALM, max_examples=100, stateful_step_count=40))
    assert list(caught.value.found) == [bug.breaks]


def make_test(number: int) -> Callable[..., None]:
    @pytest.mark.parametrize("bug", [None, *bugs_of(number)], ids=lambda bug: bug.name if bug else "green")
    def test(bug: Bug | None, monkeypatch: pytest.MonkeyPatch) -> None:
        if bug is None:
            for trace in TRACES:
                walk(watching(number), trace)
        else:
            bug.seed(monkeypatch)
            demand_red(bug)

    test.__doc__ = INVARIANTS[number].__name__.replace("_", " ")
    return test


globals().update({name_of(number): make_test(number) for number in sorted(INVARIANTS)})


def test_all_fifteen_have_a_test_and_a_bug_that_turns_it_red() -> None:
    assert sorted(INVARIANTS) == list(range(1, 16))
    for number in INVARIANTS:
        assert callable(globals()[name_of(number)]) and bugs_of(number)


def test_the_tables_name_every_bug_and_every_invariant() -> None:
    written = TABLE.read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (\d+) \|$", written, re.MULTILINE)
    assert rows == [(one.name, one.words, one.seen_in, str(one.breaks)) for one in BUGS.values()]
    for line in invariant_rows():
        assert line in written


def invariant_rows() -> list[str]:
    return [
        f"| {number} | `{name_of(number)}` | {', '.join(f'`{one.name}`' for one in bugs_of(number))} |"
        for number in sorted(INVARIANTS)
    ]


def write_tables() -> str:
    """Write both tables for the docs."""
    lines = ["| bug | what it does | seen in | breaks |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.words} | {one.seen_in} | {one.breaks} |" for one in BUGS.values()]
    return "\n".join(
        [*lines, "", "| invariant | its test | seen red with |", "|---|---|---|", *invariant_rows()]
    )


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        print(write_tables())
