"""Check-ins, answers and evidence: what was done, merged so that everything counts once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.activities.models import Activity, Task
from server.activities.solutions import AnswerForm, canonical, is_right, read_text
from server.codes import services as codes
from server.codes.models import Code
from server.codes.services import CodeRefused, Use
from server.core.errors import DomainError
from server.learning.models import Answer, CheckIn, Completion, Evidence
from sync.times import Moment, Window, judge_time


class UnknownActivity(DomainError):
    status, code = 404, "unknown_activity"


class UnknownTask(DomainError):
    status, code = 404, "unknown_task"


class ProofNeeded(DomainError):
    """A place that has codes does not take somebody's own word."""

    status, code = 422, "wrong_code"


class Completed(DomainError):
    """Something cannot be taken back: a completion rests on it."""

    status, code = 409, "completed"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did something, in which event, when as well as we know, and the server's clock now."""

    learner: str
    event: str
    at: datetime
    now: datetime


def find_activity(session: Session, activity_id: str) -> Activity:
    """Find an activity; raises UnknownActivity."""
    found = session.get(Activity, activity_id)
    if found is None:
        raise UnknownActivity()
    return found


def find_task(session: Session, task_id: str) -> Task:
    """Find a task; raises UnknownTask."""
    found = session.get(Task, task_id)
    if found is None:
        raise UnknownTask()
    return found


def find_check_in(session: Session, learner: str, activity_id: str) -> CheckIn | None:
    query = select(CheckIn).where(
        CheckIn.learner_id == learner, CheckIn.activity_id == activity_id, CheckIn.occurrence == ""
    )
    return session.scalars(query).first()


def check_in(session: Session, deed: Deed, code: Code, use: Use) -> tuple[CheckIn, bool]:
    """Note a learner's presence by a code. Returns the check-in, and whether there was one as strong before.

    A second scan never fails and never counts again; a stronger code makes the check-in stronger.
    Raises what `codes.redeem` raises.
    """
    activity_id = code.point.activity_id
    before = find_check_in(session, deed.learner, activity_id)
    if before and before.level >= code.level:
        return before, True
    try:
        moment = codes.redeem(session, code, use, used_by_person=_count_uses(session, deed.learner, code))
    except CodeRefused:
        if before:
            return before, True
        raise
    return _keep(session, deed, before or _new_check_in(deed, activity_id), code, moment), False


def check_in_by_word(session: Session, deed: Deed, activity: Activity, use: Use) -> tuple[CheckIn, bool]:
    """Note a learner's own word that they were there (level 0). Raises ProofNeeded where there are codes."""
    before = find_check_in(session, deed.learner, activity.id)
    if before:
        return before, True
    if codes.needs_proof(session, activity.id):
        raise ProofNeeded()
    moment = judge_time(
        Window(), anchor_at=use.anchor_at, received_at=use.received_at, wall=use.wall, max_offline=0
    )
    return _keep(session, deed, _new_check_in(deed, activity.id), None, moment), False


def _count_uses(session: Session, learner: str, code: Code) -> int:
    query = select(func.count()).where(CheckIn.learner_id == learner, CheckIn.code_id == code.id)
    return session.scalar(query) or 0


def _new_check_in(deed: Deed, activity_id: str) -> CheckIn:
    return CheckIn(learner_id=deed.learner, activity_id=activity_id, occurrence="")


def _keep(session: Session, deed: Deed, check_in: CheckIn, code: Code | None, moment: Moment) -> CheckIn:
    check_in.code_id, check_in.level = (code.id, code.level) if code else (None, 0)
    check_in.event_id, check_in.time, check_in.at = deed.event, moment.state, deed.at
    session.add(check_in)
    session.flush()
    return check_in


def answer(session: Session, deed: Deed, task: Task, given: Mapping[str, Any]) -> Answer:
    """Decide an answer: right, wrong, or received when the task is open. A right one stays right.

    Raises AnswerForm.
    """
    right = is_right(task, given)
    found = _find_answer(session, deed.learner, task.id) or Answer(
        learner_id=deed.learner, task_id=task.id, tries=0, state=""
    )
    found.tries += 1
    if found.state != "right":
        found.state = {True: "right", False: "wrong", None: "received"}[right]
        found.answer, found.event_id, found.at = _as_stored(task, given), deed.event, deed.at
    session.add(found)
    session.flush()
    return found


def _find_answer(session: Session, learner: str, task_id: str) -> Answer | None:
    return session.scalars(
        select(Answer).where(Answer.learner_id == learner, Answer.task_id == task_id)
    ).first()


def _as_stored(task: Task, given: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce an answer to what was read of it; anything else a phone sent is not kept."""
    if task.kind == "text":
        return {"text": read_text(given.get("text"), task.max_length)}
    spelt = canonical(task, given)
    return {"number": spelt} if task.kind == "number" else {"choices": spelt.split(",")}


def hand_in(session: Session, deed: Deed, task: Task, *, text: str, blob: str | None) -> Evidence:
    """Take what a learner hands in for an open task. The newest counts. Raises AnswerForm."""
    if task.kind not in ("text", "photo") or (task.kind == "photo") != (blob is not None):
        raise AnswerForm()
    found = find_evidence(session, deed.learner, task.id) or Evidence(
        learner_id=deed.learner, task_id=task.id
    )
    found.text = read_text(text, task.max_length) if task.kind == "text" or text else ""
    found.blob, found.event_id, found.at = blob, deed.event, deed.at
    if found.state != "accepted":
        found.state = "received"
    session.add(found)
    session.flush()
    return found


def find_evidence(session: Session, learner: str, task_id: str) -> Evidence | None:
    query = select(Evidence).where(Evidence.learner_id == learner, Evidence.task_id == task_id)
    return session.scalars(query).first()


def withdraw(session: Session, learner: str, event_id: str) -> list[str]:
    """Take back what an event did, and return the feed keys that are gone. Raises Completed."""
    _check_unused(session, learner, event_id)
    gone: list[str] = []
    for model, key in (
        (Answer, "task:{0.task_id}"),
        (Evidence, "task:{0.task_id}"),
        (CheckIn, "checkin:{0.activity_id}"),
    ):
        query = select(model).where(model.learner_id == learner, model.event_id == event_id)
        for row in session.scalars(query).all():
            gone.append(key.format(row))
            session.delete(row)
    session.flush()
    return gone


def _check_unused(session: Session, learner: str, event_id: str) -> None:
    all_proofs = session.scalars(select(Completion.proofs).where(Completion.learner_id == learner))
    if any(event_id in proofs for proofs in all_proofs):
        raise Completed()
