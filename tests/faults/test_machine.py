"""Without bugs nothing breaks: thousands of random steps, in memory."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Machine

CALM = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def test_nothing_breaks_in_memory() -> None:
    run_state_machine_as_test(Machine, settings=settings(CALM, max_examples=150, stateful_step_count=60))
