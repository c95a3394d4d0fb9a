"""The effects of events, by type. A domain registers its own in its `events.py`."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from sqlalchemy.orm import Session

from server.core.errors import DomainError
from server.core.text import clean
from server.replicas.store import SqlStore
from sync.engine import Effect, Held, Later, Refused
from sync.engine import Work as AnyWork
from sync.messages import Event
from sync.upcast import newest, upcast

Work = AnyWork[SqlStore]
About = Callable[[Session, Sequence[Event]], Iterable[str]]
EFFECTS: dict[str, Effect[SqlStore]] = {}
ABOUT: dict[str, About] = {}
Afterwards = Callable[[set[str], datetime], None]
AFTERWARDS: dict[str, Afterwards] = {}
UNMET, TURN = "pass_unknown", "turn"
"""Two reasons of a hold: a device (`effect.device`) that has not said hello, and another learner's lock."""


def on(type: str) -> Callable[[Effect[SqlStore]], Effect[SqlStore]]:
    """Register the effect of an event type, which gets the body in its newest version.

    A DomainError it raises refuses the event, with its code as reason.
    """

    def register(effect: Effect[SqlStore]) -> Effect[SqlStore]:
        @wraps(effect)
        def refusing(work: Work) -> Mapping[str, Any]:
            if work.event.tv > newest(type):
                raise Later("unknown_version", 3600)  # of a newer app: our next version will know it
            work.event = upcast(work.event)
            try:
                return effect(work)
            except DomainError as error:
                raise Refused(error.code, **error.details) from error

        EFFECTS[type] = refusing
        return refusing

    return register


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def about(type: str) -> Callable[[About], About]:
    """Register who else events of a type are about: their ids are locked with the senders', in one order.

    Effects write to other learners' feeds (`work.put_for`) and rows only if they are named here.
    """

    def register(find: About) -> About:
        ABOUT[type] = find
        return find

    return register


def afterwards(type: str) -> Callable[[Afterwards], Afterwards]:
    """Register what follows accepted events of a type, in transactions of its own: `work(learners, at)`.

    The reply waits for it, but does not depend on it: what fails here is logged, and a job does it.
    """

    def register(work: Afterwards) -> Afterwards:
        AFTERWARDS[type] = work
        return work

    return register


def others(session: Session, events: Sequence[Event]) -> set[str]:
    """Return the learners whom events are about without having sent them. They may not exist."""
    found: set[str] = set()
    for type, find in ABOUT.items():
        if named := [event for event in events if event.type == type]:
            found.update(find(session, named))
    return found


def check_locked(work: Work, learner: str, **details: Any) -> None:
    """Check that an effect may write for another learner. Raises Held, with these details, for the minute until it may.

    What was on hold for something else may be judged in the batch of somebody who was not asked whom it is about.
    """
    if learner not in work.store.locked:
        raise Held(TURN, **details)


def read_id(work: Work, name: str) -> str:
    """Read an id from the event's body. Refuses what is none."""
    value = work.event.body.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Refused("malformed", where=f"body.{name}")
    return value


def read_text(work: Work, name: str, most: int) -> str:
    """Read a text from the event's body, cleaned; empty when it is null or missing."""
    value = work.event.body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise Refused("malformed", where=f"body.{name}")
    return clean(value)
