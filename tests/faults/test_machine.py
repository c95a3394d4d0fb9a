"""Without bugs nothing breaks: thousands of random steps, in memory."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Machine
from tests.faults.traces import TRACES, Trace, walk

CALM = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def test_nothing_breaks_in_memory() -> None:
    run_state_machine_as_test(Machine, settings=settings(CALM, max_examples=200, stateful_step_count=40))


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.__name__)
def test_nothing_breaks_where_rare_things_meet(trace: Trace) -> None:
    log = walk(Machine, trace)
    assert log.recorded and log.durable
