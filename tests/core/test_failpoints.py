"""Failpoints: silent in a server that runs, and deadly where a test asks for it."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core import failpoints
from server.learning.models import CheckIn
from server.replicas.models import Event
from tests.cast import NOON, Museum
from tests.phone import Phone

IN_A_BATCH = [
    "after_begin",
    "after_event_insert",
    "before_bump",
    "before_commit",
    "after_commit_before_reply",
]


class Crash(BaseException):
    """The process is gone: nothing catches this."""


@pytest.fixture
def calm() -> Iterator[None]:
    yield
    failpoints.hook = None


def test_a_batch_reaches_each_failpoint_in_its_order(app: Flask, museum: Museum, calm: None) -> None:
    reached: list[str] = []
    failpoints.hook = reached.append
    ada = Phone(app, at=NOON)
    ada.scan(museum.code(0))
    ada.sync()
    assert list(dict.fromkeys(reached)) == IN_A_BATCH


@pytest.mark.parametrize("name", IN_A_BATCH)
def test_a_crash_at_any_failpoint_loses_and_doubles_nothing(
    app: Flask, museum: Museum, db: Session, calm: None, name: str
) -> None:
    def crash(here: str) -> None:
        if here == name:
            raise Crash

    ada = Phone(app, at=NOON)
    scan = ada.scan(museum.code(0))
    failpoints.hook = crash
    with pytest.raises(Crash):
        ada.post(ada.outbox)
    failpoints.hook = None
    db.rollback()
    stored = db.scalar(select(func.count()).select_from(Event))
    assert stored == (2 if name == "after_commit_before_reply" else 0)
    ada.sync()
    assert ada.state(scan) == "ok"
    db.rollback()
    assert db.scalar(select(func.count(CheckIn.id))) == 1


@pytest.mark.parametrize(("wish", "survives"), [("here:2", 1), ("here", 0), ("elsewhere", 3), ("", 3)])
def test_an_armed_failpoint_kills_its_process_the_nth_time(wish: str, survives: int) -> None:
    program = (
        "from server.core.failpoints import reach\nfor n in range(3):\n reach('here'); print(n, flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"STREETWISE_FAILPOINT": wish},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert len(done.stdout.split()) == survives
    assert done.returncode == (0 if survives == 3 else -signal.SIGKILL)


def test_a_server_that_is_to_kill_itself_says_so_aloud(caplog: pytest.LogCaptureFixture) -> None:
    assert failpoints.arm("") is None
    assert caplog.records == []
    assert failpoints.arm("before_commit:3")
    assert "kills itself at before_commit:3" in caplog.text
