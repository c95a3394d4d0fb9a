"""Two learners are one person: what both did counts once, as the stronger of the two."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.activities.models import Task
from server.badges.models import Award
from server.codes.models import Code
from server.learning.models import Answer, CheckIn, Completion, Decision, Evidence, Flag
from server.learning.rows import check_in_row, completion_row, task_row
from server.replicas.models import Event

M = TypeVar("M", CheckIn, Answer, Evidence, Completion)
_ANSWERS, _WORK = ("wrong", "received", "right"), ("declined", "improve", "received", "accepted")
_REVIEWS = ("none", "automatic", "organiser")


@when_merged
def move_learning(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move check-ins, work, completions and what was said of them."""
    came = _join(
        session, CheckIn, lambda one: (one.activity_id, one.occurrence), _presence(session), old, new
    )
    answers = _join(session, Answer, lambda one: one.task_id, lambda one: _ANSWERS.index(one.state), old, new)
    work = _join(session, Evidence, lambda one: one.task_id, lambda one: _WORK.index(one.state), old, new)
    done = _join(session, Completion, lambda one: (one.activity_id, one.playlist_id), _surety, old, new)
    move_rows(session, (CheckIn, Answer, Evidence, Completion, Decision, Flag), old, new)
    handed_in: list[Answer | Evidence] = [*answers, *work]
    tasks = {one.task_id: session.get_one(Task, one.task_id) for one in handed_in}
    return [
        *(check_in_row(one, _point(session, one)) for one in came),
        *(task_row(tasks[one.task_id], one, _note(session, one)) for one in handed_in),
        *(completion_row(one) for one in done),
    ]


def _join(
    session: Session,
    model: type[M],
    thing: Callable[[M], object],
    strength: Callable[[M], Any],
    old: str,
    new: str,
) -> list[M]:
    """Where both have a thing keep the stronger, of equals the newer; return those that are kept."""
    theirs = {thing(one): one for one in session.scalars(select(model).where(model.learner_id == old))}
    kept: list[M] = []
    for one in session.scalars(select(model).where(model.learner_id == new)).all():
        if other := theirs.get(thing(one)):
            weaker, stronger = sorted((one, other), key=lambda row: (strength(row), row.at, row.event_id))
            _take_over(session, stronger, weaker)
            kept.append(stronger)
    session.flush()
    return kept


def _take_over(session: Session, stronger: Any, weaker: Any) -> None:
    """Forget the weaker of two, but for what both say together."""
    if isinstance(stronger, CheckIn):
        stronger.over = stronger.over and weaker.over  # one of them had a place
    if isinstance(stronger, Completion):
        stronger.first_at = min(stronger.first_at, weaker.first_at)
        stronger.at = max(stronger.at, weaker.at)
        resting = update(Award).where(Award.completion_id == weaker.id)
        session.execute(resting.values(completion_id=stronger.id))
    session.delete(weaker)


def _presence(session: Session) -> Callable[[CheckIn], tuple[Any, ...]]:
    """Say how sure a check-in is. Of two that are as sure a door's word counts: its entry rests on it."""

    def strength(one: CheckIn) -> tuple[Any, ...]:
        own = session.get(Event, (one.learner_id, one.event_id)) is not None
        return one.level, not own, one.time == "proven"

    return strength


def _surety(one: Completion) -> tuple[Any, ...]:
    sure = one.assurance
    level = -1 if sure["level"] is None else sure["level"]
    return level, sure["time"] == "proven", _REVIEWS.index(sure["review"])


def _point(session: Session, check_in: CheckIn) -> str | None:
    return session.get_one(Code, check_in.code_id).point_id if check_in.code_id else None


def _note(session: Session, done: Answer | Evidence) -> str:
    """Return what the organiser said of work."""
    said = session.get(Decision, (done.learner_id, done.event_id))
    return said.note if said else ""
