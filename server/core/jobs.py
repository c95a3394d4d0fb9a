"""The clock: does what is due, one job after another. Each domain registers its own in its `jobs.py`.

Any number of clocks may run. One leads, held by a lock that its death releases; the others wait for it. Should
two lead for a moment, nothing breaks: a job is safe to run twice, also at once.
"""

import fcntl
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Protocol

from flask import Flask
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from server.core.db import db, utc_now

_log = logging.getLogger(__name__)
PATIENCE_S = 0.5
"""How often a clock looks whether it still leads, may lead now, or is to end."""
_LOCK = -1  # an advisory lock of PostgreSQL; those of learners are not negative
_ONE_BY_ONE = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again; `work` gets the time and opens its own transactions."""

    name: str
    every: timedelta
    work: Callable[[datetime], None]


JOBS: list[Job] = []


def every(**interval: float) -> Callable[[Callable[[datetime], None]], Callable[[datetime], None]]:
    """Register a job: `@every(minutes=10)`. It also runs when a clock begins to lead."""

    def register(work: Callable[[datetime], None]) -> Callable[[datetime], None]:
        JOBS.append(Job(work.__name__, timedelta(**interval), work))
        return work

    return register


class Lead(Protocol):
    """What only one clock can hold."""

    def take(self) -> bool:
        """Take it, unless another clock has it."""

    def holds(self) -> bool:
        """Say whether it is still ours."""

    def give_up(self) -> None:
        """Let another clock have it."""


class FileLead:
    """Leads the clocks that share an instance folder, as those of one SQLite file do."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def holds(self) -> bool:
        return self._file is not None

    def give_up(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


class DatabaseLead:
    """Leads the clocks that share a PostgreSQL database, on whatever machines; ends with its connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(select(func.pg_try_advisory_lock(_LOCK))):
            connection.close()
            return False
        self._connection = connection
        return True

    def holds(self) -> bool:
        try:
            return self._connection is not None and self._connection.scalar(select(1)) == 1
        except DBAPIError:
            return False

    def give_up(self) -> None:
        if self._connection:
            self._connection.invalidate()  # not back into the pool, which would keep the lock
            self._connection.close()
            self._connection = None


def run_clock(app: Flask, ended: Callable[[], bool]) -> None:
    """Do what is due whenever this clock leads, until `ended` says so."""
    with app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"
        folder = Path(app.config["STREETWISE"].instance)
        lead: Lead = FileLead(folder / "clock.lock") if sqlite else DatabaseLead(db.engine)
    while _wait_for(lead, ended):
        _log.info("This clock leads.")
        try:
            run_jobs(app, lead, JOBS, ended)
        finally:
            lead.give_up()


def _wait_for(lead: Lead, ended: Callable[[], bool]) -> bool:
    """Wait until the lead is ours; False when this clock ends before."""
    told = False
    while not ended():
        if _can_take(lead):
            return True
        if not told:
            _log.info("Another clock leads; this one waits.")
            told = True
        time.sleep(PATIENCE_S)
    return False


def _can_take(lead: Lead) -> bool:
    try:
        return lead.take()
    except DBAPIError as error:
        _log.warning("The database cannot be asked which clock leads: %s", error)
        return False


def run_jobs(app: Flask, lead: Lead, jobs: list[Job], ended: Callable[[], bool]) -> None:
    """Run jobs at their times, one at a time, until this clock ends or the lead is lost."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(
        timezone=UTC, executors={"default": ThreadPoolExecutor(1)}, job_defaults=_ONE_BY_ONE
    )
    for job in jobs:
        when = {"seconds": job.every.total_seconds(), "next_run_time": utc_now()}
        scheduler.add_job(do, "interval", args=[app, job], **when)
    scheduler.start()
    while lead.holds() and not ended():
        time.sleep(PATIENCE_S)
    scheduler.shutdown()  # the job in hand comes to its end


def do(app: Flask, job: Job) -> None:
    """Do a job once. Its failure is told and ends nothing: it is done again at its next time."""
    with app.app_context():
        try:
            job.work(utc_now())
        except Exception:
            _log.exception("The job %s failed; it is tried again in %s.", job.name, job.every)
