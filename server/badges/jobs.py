"""What is due for badges: lists are signed each day, and what waits for a signature gets it."""

import time
from collections.abc import Callable
from datetime import datetime

from server.badges import lists, resigning
from server.core.db import db, writing
from server.core.jobs import every

WORK_S = 20
"""So long at a time: other jobs wait meanwhile."""


@every(hours=1)
def renew_lists(at: datetime) -> None:
    """Sign each list before it is a day old, so that a request finds it fresh."""
    for list_id in lists.due(db.session(), at):
        with writing() as session:
            lists.renew(session, list_id, at)


@every(minutes=1)
def sign_waiting(at: datetime) -> None:
    """Sign what was issued while the signer did not answer."""
    if resigning.are_waiting(db.session()):
        _go_on(lambda: _write_waiting(at))


@every(minutes=1)
def sign_again(at: datetime) -> None:
    """Go on signing what compromised keys have signed."""
    for task in resigning.unfinished(db.session()):
        _go_on(lambda task=task: _write_again(task, at))  # type: ignore[misc]


def _write_waiting(at: datetime) -> bool:
    with writing() as session:
        return resigning.sign_waiting(session, at) > 0


def _write_again(task: str, at: datetime) -> bool:
    with writing() as session:
        return resigning.sign_some(session, task, at)


def _go_on(work: Callable[[], bool]) -> None:
    """Do one piece after another, each in its own transaction, for as long as there is more and time."""
    until = time.monotonic() + WORK_S
    while work() and time.monotonic() < until:
        pass
