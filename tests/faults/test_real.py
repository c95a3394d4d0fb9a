"""The same machine against the real server, on both databases, with crashes at each failpoint."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import settings, strategies
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.faults.machine import Machine
from tests.faults.real import FAILPOINTS, RealWorld
from tests.faults.test_machine import CALM
from tests.faults.traces import ADA, TRACES, Trace, do, seat_of, sync, walk


def machine_of(app: Flask) -> type[Machine]:
    class RealMachine(Machine):
        world_class = lambda self, log, capacity: RealWorld(app, log, capacity)  # noqa: E731

        @rule(name=strategies.sampled_from(FAILPOINTS))
        def the_server_will_die(self, name: str) -> None:
            self.world.failpoint = name

    return RealMachine


def test_nothing_breaks_on_the_real_server(app: Flask) -> None:
    run_state_machine_as_test(
        machine_of(app), settings=settings(CALM, max_examples=12, stateful_step_count=25)
    )


SAME = [
    one for one in TRACES if one.__name__ not in ("two_want_the_last_place", "a_file_arrives_beside_a_batch")
]


@pytest.mark.parametrize("trace", SAME, ids=lambda trace: trace.__name__)
def test_nothing_breaks_where_rare_things_meet(app: Flask, trace: Trace) -> None:
    walk(machine_of(app), trace)


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_a_crash_at_a_failpoint_loses_and_doubles_nothing(app: Flask, failpoint: str) -> None:
    seen: dict[str, Any] = {}

    def die(machine: Machine) -> None:
        do(machine, ADA, "mill", "quay", "photo")
        machine.world.failpoint = failpoint
        sync(machine, ADA)
        seen["armed"] = machine.world.failpoint
        seen["kept"] = len(machine.world.facts().events)
        seen["waits"] = len(seat_of(machine, ADA).outbox())

    walk(machine_of(app), die)
    assert seen == {"armed": "", "kept": 6 if failpoint == "after_commit_before_reply" else 3, "waits": 3}
