"""What befalls all that is a learner's: two turn out to be one person, or one wants to be forgotten.

Each domain does its part and registers it here; nobody needs to know all of them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.accounts.models import Device, Learner
from server.core.db import Base

Told = tuple[str, dict[str, Any] | None]
"""A row of a learner's feed, by its key; None takes it away."""
Merge = Callable[[Session, str, str, datetime], list[Told]]
Forget = Callable[[Session, str, datetime], None]
MERGES: list[Merge] = []
FORGETS: list[Forget] = []


def when_merged(merge: Merge) -> Merge:
    """Register how rows go from one learner to another: `merge(session, old, new, at)`; returns what the feed of `new` tells.

    Where both have the same thing (a natural key), the stronger one counts and nothing doubles.
    """
    MERGES.append(merge)
    return merge


def when_forgotten(forget: Forget) -> Forget:
    """Register what goes with a learner who erases everything: `forget(session, learner, at)`. Safe to do twice."""
    FORGETS.append(forget)
    return forget


def forget_rows(session: Session, learner: str, *models: type[Base], by: str = "learner_id") -> None:
    """Delete what some tables have of a learner, by the column that names them."""
    for model in models:
        session.execute(
            delete(model).where(getattr(model, by) == learner),
            execution_options={"synchronize_session": False},
        )


def one_person(session: Session, learner: str) -> list[str]:
    """Name all ids of a learner: those who were merged into them, the earliest first, and at last who they are now."""
    found = session.get(Learner, learner)
    while found is not None and found.merged_into:
        found = session.get(Learner, found.merged_into)
    return _with_merged(session, found.id if found else learner)


def _with_merged(session: Session, learner: str) -> list[str]:
    merged = session.scalars(select(Learner.id).where(Learner.merged_into == learner)).all()
    return [*(id for one in merged for id in _with_merged(session, one)), learner]


def remove(session: Session, learner: str) -> None:
    """Remove a learner and their devices, once nothing else names them."""
    forget_rows(session, learner, Device)
    forget_rows(session, learner, Learner, by="id")
