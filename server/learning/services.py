"""Check-ins, answers and evidence: what was done, merged so that everything counts once."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from server.activities.models import Task
from server.activities.solutions import MAX_TEXT, AnswerForm, canonical, is_right, read_text
from server.badges.models import Award
from server.codes import services as codes
from server.codes.finding import needs_proof
from server.codes.models import Code
from server.codes.services import CodeRefused, CodeRevoked, Use
from server.core.errors import DomainError
from server.learning.ledger import Ledger, Spot
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.learning.rows import check_in_key
from server.occurrences.places import SessionCancelled, give_back, is_cancelled, take_place
from server.replicas import blobs
from sync.times import Window, judge_time

M = TypeVar("M", Answer, Evidence, CheckIn)

FILE_KINDS = {"photo": blobs.PICTURES, "audio": blobs.SOUNDS}
"""Kinds of tasks in which files are handed in, and what these may be."""


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
    """Who did something, in which event, when as well as we know, and the server's clock now.

    No event when nothing was done and only a rule has changed.
    """

    learner: str
    event: str
    at: datetime
    now: datetime


def check_activity(ledger: Ledger, activity_id: str) -> None:
    """Raise UnknownActivity unless there is such an activity."""
    if not ledger.activities.get(activity_id):
        raise UnknownActivity()


def find_task(ledger: Ledger, task_id: str) -> Task:
    """Find a task; raises UnknownTask."""
    found = ledger.task(task_id)
    if found is None:
        raise UnknownTask()
    return found


def check_in(ledger: Ledger, deed: Deed, code: Code, use: Use, *, place: str = "") -> tuple[CheckIn, bool]:
    """Note a learner's presence by a code. Returns the check-in, and whether there was one as strong before.

    `place` is what the phone says of the code's place, see `CheckIn`. A second scan never fails and never counts again; a stronger code makes the check-in stronger.
    Raises what `codes.judge` and `codes.take_place` raise, and SessionCancelled where that is why a code was withdrawn.
    """
    spot = ledger.spot_of(code)
    before = ledger.check_in(deed.learner, spot)
    if before and before.level >= code.level:
        return before, True
    try:
        used = int(before is not None and before.code_id == code.id)
        moment = codes.judge(code, use, used_by_person=used)
        if code.cap_total is not None:
            codes.take_place(ledger.session, code)
    except CodeRefused as error:
        if before:
            return before, True
        if isinstance(error, CodeRevoked) and is_cancelled(ledger.session, spot.occurrence):
            raise SessionCancelled() from error
        raise
    over = before.over if before else not _take_place(ledger, deed, spot)
    kept = keep_check_in(ledger, deed, spot, code.level, moment.state, code.id, place=place, over=over)
    return kept, False


def _take_place(ledger: Ledger, deed: Deed, spot: Spot) -> bool:
    """Take a place at a session; False when it is beyond the capacity, which keeps nobody out."""
    return not spot.occurrence or take_place(ledger.session, spot.occurrence, deed.learner, at=deed.at)


def check_in_by_word(ledger: Ledger, deed: Deed, activity_id: str, use: Use) -> tuple[CheckIn, bool]:
    """Note a learner's own word that they were there (level 0).

    Raises UnknownActivity, and ProofNeeded where there are codes.
    """
    check_activity(ledger, activity_id)
    before = ledger.check_in(deed.learner, Spot(activity_id))
    if before:
        return before, True
    if needs_proof(ledger.reader, activity_id):
        raise ProofNeeded()
    moment = judge_time(
        Window(), anchor_at=use.anchor_at, received_at=use.received_at, wall=use.wall, max_offline=0
    )
    return keep_check_in(ledger, deed, Spot(activity_id), 0, moment.state), False


def keep_check_in(
    ledger: Ledger,
    deed: Deed,
    spot: Spot,
    level: int,
    time: str,
    code_id: str | None = None,
    *,
    place: str = "",
    over: bool = False,
) -> CheckIn:
    """Keep a check-in, or make the one there is as strong as this. For its values see `CheckIn`."""
    return ledger.keep_check_in(
        deed.learner,
        spot,
        code_id=code_id,
        event_id=deed.event,
        level=level,
        time=time,
        place=place,
        over=over,
        at=deed.at,
    )


def answer(ledger: Ledger, deed: Deed, task: Task, given: Mapping[str, Any]) -> Answer:
    """Decide an answer: right, wrong, or received when the task is open. A right one stays right.

    It is judged by the task as it was asked then and as it is asked now, and the better one counts.

    Raises AnswerForm.
    """
    task, right = _judge(ledger.versions(task, deed.at), given)
    before = ledger.answers.get((deed.learner, task.id))
    if before and _stays(ledger, deed, before):
        return before
    tries = before.tries + 1 if before else 1
    if before and before.state == "right":
        return ledger.answers.put(learner_id=deed.learner, task_id=task.id, tries=tries)
    return ledger.answers.put(
        learner_id=deed.learner,
        task_id=task.id,
        event_id=deed.event,
        answer=_as_stored(task, given),
        state={True: "right", False: "wrong", None: "received"}[right],
        tries=tries,
        at=deed.at,
    )


def _judge(versions: Sequence[Task], given: Mapping[str, Any]) -> tuple[Task, bool | None]:
    """Decide by each version of a task: right before received before wrong. Raises AnswerForm when it fits none."""
    found: dict[bool | None, Task] = {}
    for task in versions:
        with suppress(AnswerForm):
            found.setdefault(is_right(task, given), task)
    for right in (True, None, False):
        if right in found:
            return found[right], right
    raise AnswerForm()


def _as_stored(task: Task, given: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce an answer to what was read of it; anything else a phone sent is not kept."""
    if task.kind == "text":
        return {"text": read_text(given.get("text"), task.max_length)}
    spelt = canonical(task, given)
    return {"number": spelt} if task.kind == "number" else {"choices": spelt.split(",")}


def hand_in(ledger: Ledger, deed: Deed, task: Task, *, text: str, files: list[str]) -> Evidence:
    """Take what a learner hands in for an open task. The newest counts. Raises AnswerForm."""
    task = max(ledger.versions(task, deed.at), key=lambda one: one.max_length or MAX_TEXT)
    if task.kind not in ("text", *FILE_KINDS) or (task.kind in FILE_KINDS) != bool(files):
        raise AnswerForm()
    before = ledger.evidence.get((deed.learner, task.id))
    if before and _stays(ledger, deed, before):
        return before
    return ledger.evidence.put(
        learner_id=deed.learner,
        task_id=task.id,
        event_id=deed.event,
        text=read_text(text, task.max_length) if task.kind == "text" or text else "",
        files=files,
        state="received",
        at=deed.at,
    )


def _stays(ledger: Ledger, deed: Deed, before: Answer | Evidence) -> bool:
    """Say whether what was handed in before stays: somebody looked at it and accepted it, or it is newer than
    this, which waited on hold meanwhile."""
    newer = (before.at, before.event_id) > (deed.at, deed.event)
    return before.state == "accepted" or (newer and ledger.waited(deed.learner, deed.event))


def withdraw(ledger: Ledger, learner: str, event_id: str) -> list[str]:
    """Take back what an event did, and return the feed keys that are gone. Raises Completed."""
    session = ledger.session
    all_proofs = session.scalars(select(Completion.proofs).where(Completion.learner_id == learner))
    claimed = select(Award.id).where(Award.learner_id == learner, Award.event_id == event_id)
    if any(event_id in proofs for proofs in all_proofs) or session.scalar(claimed):
        raise Completed()
    gone: list[str] = []

    def take(model: type[M], key: Callable[[M], str]) -> None:
        query = select(model).where(model.learner_id == learner, model.event_id == event_id)
        for row in session.scalars(query).all():
            gone.append(key(row))
            session.delete(row)

    take(Answer, lambda one: f"task:{one.task_id}")
    take(Evidence, lambda one: f"task:{one.task_id}")
    take(CheckIn, check_in_key)
    for key in gone:
        if key.startswith("checkin:") and (occurrence := key.partition(":")[2].partition(":")[2]):
            give_back(session, occurrence, learner)
    session.flush()
    ledger.forget()
    return gone
