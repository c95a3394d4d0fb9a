"""What befalls all that is a learner's: two turn out to be one person, or one wants to be forgotten.

Each domain does its part and registers it here; nobody needs to know all of them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.orm import Session

from server.accounts.models import Device, Learner
from server.core.db import Base, table

_learners = table(Learner).c
_MERGED = select(_learners.id, _learners.merged_into).where(
    _learners.id.in_(bindparam("ids", expanding=True)), _learners.merged_into.is_not(None)
)
Told = tuple[str, dict[str, Any] | None]
"""A row of a learner's feed, by its key; None takes it away."""
Merge = Callable[[Session, str, str, datetime], list[Told]]
Forget = Callable[[Session, str, datetime], None]
MERGES: list[Merge] = []
FOLLOWS: list[Merge] = []
FORGETS: list[Forget] = []


def when_merged(merge: Merge) -> Merge:
    """Register how rows go from one learner to another: `merge(session, old, new, at)`; returns what the feed of `new` tells.

    Where both have the same thing (a natural key), the stronger one counts and nothing doubles.
    """
    MERGES.append(merge)
    return merge


def after_merged(follow: Merge) -> Merge:
    """Register what follows once all has moved, like `when_merged`."""
    FOLLOWS.append(follow)
    return follow


def move_rows(session: Session, models: Iterable[type[Base]], old: str, new: str) -> None:
    """Give all rows of these tables that are one learner's (`learner_id`) to another."""
    session.flush()
    for model in models:
        column = table(model).c.learner_id
        session.execute(update(table(model)).where(column == old).values(learner_id=new))
    session.expire_all()


def when_forgotten(forget: Forget) -> Forget:
    """Register what goes with a learner who erases everything: `forget(session, learner, at)`. Safe to do twice."""
    FORGETS.append(forget)
    return forget


def find_merged(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Find those of these learners' ids that stand for another learner by now, and for which one."""
    wanted = sorted(set(ids))
    rows = connection.execute(_MERGED, {"ids": wanted}) if wanted else ()
    return {row.id: row.merged_into for row in rows}


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
