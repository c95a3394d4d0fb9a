"""The clock: one leads, another takes over, a failing job ends nothing, and what is due is done."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from server.config import Config
from server.core import jobs
from server.core.db import db as database
from server.core.jobs import DatabaseLead, FileLead, Job, Lead
from tests.cast import Museum
from tests.learning.walk import picture
from tests.phone import Phone
from tests.test_cli import command, environment

PATIENCE_S = 60.0


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)


@contextmanager
def a_clock(config: Config, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    settings = {"instance": config.instance, "database_url": config.database_url}
    with log.open("wb") as out:
        clock = subprocess.Popen(command("clock"), env=environment(settings), stdout=out, stderr=out)
        try:
            yield clock
        finally:
            clock.kill()
            clock.wait()


def test_one_clock_leads_and_the_other_goes_on_when_it_is_killed(
    config: Config, app: Flask, museum: Museum, tmp_path: Path
) -> None:
    ada = Phone(app, at=datetime.now(UTC) - timedelta(days=6))
    event = ada.photograph(museum.task(2, "photo"), picture())
    ada.sync()
    database.session.remove()
    first, second = tmp_path / "first", tmp_path / "second"
    with a_clock(config, first) as leader:
        wait_until(lambda: "This clock leads" in first.read_text())
        with a_clock(config, second) as other:
            wait_until(lambda: "this one waits" in second.read_text())
            assert "This clock leads" not in second.read_text()
            os.kill(leader.pid, signal.SIGKILL)
            wait_until(lambda: "This clock leads" in second.read_text())
            other.terminate()
            assert other.wait(20) == 0
    assert "Traceback" not in first.read_text() + second.read_text()
    ada.sync()
    assert ada.view[f"verdict:{event}"]["why"] == "blob_late"


def test_a_clock_beside_a_server_ends_with_it_however_it_ends(config: Config, tmp_path: Path) -> None:
    settings = {"instance": config.instance, "database_url": config.database_url}
    log = tmp_path / "log"
    program = command("clock", "--beside")
    parent = (
        "import os, subprocess, sys, time\n"
        "clock = subprocess.Popen([*sys.argv[1:], str(os.getpid())])\n"
        "print(clock.pid, flush=True)\ntime.sleep(600)"
    )
    with log.open("wb") as out:
        server = subprocess.Popen(
            [program[0], "-c", parent, *program],
            env=environment(settings),
            stdout=subprocess.PIPE,
            stderr=out,
        )
        assert server.stdout
        clock = int(server.stdout.readline())
        wait_until(lambda: "This clock leads" in log.read_text())
        server.kill()
        server.wait()
        server.stdout.close()
    wait_until(lambda: not _runs(clock))


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


class Here:
    """A lead that nobody else wants."""

    def take(self) -> bool:
        return True

    def holds(self) -> bool:
        return True

    def give_up(self) -> None: ...


def test_a_job_that_fails_is_told_and_does_not_end_the_clock(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail(at: datetime) -> None:
        done.append("failed")
        raise ZeroDivisionError

    def work(at: datetime) -> None:
        done.append("worked")

    soon = timedelta(seconds=0.1)
    with caplog.at_level(logging.ERROR):
        two = [Job("fail", soon, fail), Job("work", soon, work)]
        jobs.run_jobs(app, Here(), two, lambda: min(done.count("failed"), done.count("worked")) > 1)
    assert "The job fail failed" in caplog.text


def leads(app: Flask, tmp_path: Path) -> tuple[Lead, Lead]:
    if database.engine.dialect.name == "sqlite":
        return FileLead(tmp_path / "clock.lock"), FileLead(tmp_path / "clock.lock")
    return DatabaseLead(database.engine), DatabaseLead(database.engine)


def break_off(lead: DatabaseLead) -> None:
    """End a lead's connection, as a database that starts again does."""
    assert lead._connection
    pid = lead._connection.scalar(text("SELECT pg_backend_pid()"))
    with database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_only_one_holds_the_lead_and_gives_it_up_whole(app: Flask, tmp_path: Path) -> None:
    one, other = leads(app, tmp_path)
    assert (one.take(), other.take()) == (True, False)
    assert (one.holds(), other.holds()) == (True, False)
    if isinstance(one, DatabaseLead):
        break_off(one)
        assert (one.holds(), other.take()) == (False, True)
        other.give_up()
        assert one.take()
    one.give_up()
    assert (one.holds(), other.take()) == (False, True)
    other.give_up()


def test_every_job_runs_twice_on_an_empty_city(app: Flask, db: Session, museum: Museum) -> None:
    assert {"end_holds", "forget_old_rows"} <= {job.name for job in jobs.JOBS}
    for job in [*jobs.JOBS, *jobs.JOBS]:
        job.work(datetime.now(UTC))
    assert len({job.name for job in jobs.JOBS}) == len(jobs.JOBS)
