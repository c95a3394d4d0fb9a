"""What an organiser decides: who came, and whether work is good. Until then such events wait on hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.activities.models import Activity, Task
from server.core.db import table
from server.core.errors import DomainError
from server.core.text import clean
from server.learning.ledger import Ledger, Spot, ledger_of
from server.learning.models import Answer, CheckIn, Decision, Evidence
from server.post import push
from server.post.telling import tell_by_mail
from server.replicas.effects import Work
from server.replicas.feeds import insert_into
from server.replicas.judging import wake
from server.replicas.models import HOLD
from server.replicas.models import Event as EventRow
from server.replicas.store import SqlStore
from sync.engine import Held
from sync.messages import Event, Verdict

PRESENCE, WORK = "organiser", "review"
"""The two reasons of a hold that an organiser ends."""
WORDS = {PRESENCE: ("accepted", "declined"), WORK: ("accepted", "improve", "declined")}
MOST_NOTE = 2_000

Key = tuple[str, str]
"""Learner and event: ids only count per learner."""
Done = TypeVar("Done", bound=Answer | Evidence)

_decisions, _events = table(Decision).c, table(EventRow).c
_SAID = select(_decisions.word, _decisions.note).where(
    _decisions.learner_id == bindparam("learner"), _decisions.event_id == bindparam("event")
)
_WAITING = select(
    _events.learner_id, _events.id, _events.why, _events.effect, _events.happened_at
).where(
    _events.learner_id.in_(bindparam("learners", expanding=True)),
    _events.state == HOLD,
    _events.why.in_((PRESENCE, WORK)),
)  # fmt: skip


class NotConfirmed(DomainError):
    """The organiser says that this person was not there."""

    status, code = 409, "not_confirmed"


class WrongWord(DomainError):
    status, code = 422, "wrong_word"


@dataclass(frozen=True, slots=True)
class Said:
    """What an organiser said: accepted, improve or declined, with a note for the learner."""

    word: str
    note: str = ""


def confirm(work: Work, check_in: CheckIn, before: CheckIn | None) -> tuple[CheckIn, bool]:
    """Let a check-in count where the organiser says who came; return it, and whether it is unconfirmed.

    Who was confirmed before, or never had to be, is not asked for again. Where nobody said anything for as
    long as one may wait, the check-in counts as the learner's own word. A code's place is taken only with the
    check-in that counts: a hold undoes it, so that those who were not there take none away.
    Raises Held until somebody decides, NotConfirmed when they say no.
    """
    ledger = ledger_of(work)
    activity = ledger.activities.get(check_in.activity_id)
    asks_now = activity is not None and activity.confirm
    if (before and before.level > 0) or not _asks(work, PRESENCE, asks_now):
        return check_in, False
    said = _read_said(work)
    if said and said.word == "declined":
        raise NotConfirmed(**_noted(said.note))
    if said:
        return check_in, False
    if work.overdue:
        spot = Spot(check_in.activity_id, check_in.occurrence)
        return ledger.keep_check_in(check_in.learner_id, spot, level=0), True
    raise Held(PRESENCE, activity=check_in.activity_id, level=check_in.level, time=check_in.time)


def review(work: Work, task: Task, done: Done) -> tuple[Done, str]:
    """Let open work count where the organiser looks at it; return it as it stands now, and their note.

    Work that nobody looked at for as long as one may wait stays as received. Raises Held until then.
    """
    if done.event_id != work.event.id or done.state not in ("received", "accepted"):
        return done, ""  # something else counts, or the answer was decided without anybody's help
    if not _asks(work, WORK, task.review == "organiser"):
        return done, ""
    said = _read_said(work)
    if said:
        return _shelf(ledger_of(work), done).put(
            learner_id=work.event.learner, task_id=task.id, state=said.word
        ), said.note
    if work.overdue:
        return done, ""
    raise Held(WORK, activity=task.activity_id, task=task.id)


def _shelf(ledger: Ledger, done: Answer | Evidence) -> Any:
    return ledger.answers if hasattr(done, "answer") else ledger.evidence


def _asks(work: Work, why: str, asks_now: bool) -> bool:
    """Say whether somebody must look: it is asked for now, or was when the event came."""
    known = work.store.known(work.event.learner, work.event.id)
    return asks_now or (known is not None and known.verdict.why == why)


def _read_said(work: Work) -> Said | None:
    row = work.store.reader.execute(_SAID, {"learner": work.event.learner, "event": work.event.id}).first()
    return Said(row.word, row.note) if row else None


def _noted(note: str) -> dict[str, str]:
    return {"note": note} if note else {}


def decide(session: Session, keys: Sequence[Key], said: Said, user: User, store: SqlStore) -> list[Verdict]:
    """Keep what an organiser said of events on hold, judge these again, and return what became of them.

    What is decided already is left out: a final verdict never changes. What the same learner handed in
    earlier for the same thing, and waits too, is decided with it. The caller has checked that the user may.
    Raises WrongWord.
    """
    chosen = _choose(session, keys)
    if any(said.word not in WORDS[row.why] for row in chosen):
        raise WrongWord()
    waiting = store.still_held([(row.learner_id, row.id) for row in chosen])
    for known in waiting:
        _keep(session, known.event, said, user, store)
    _tell(session, [row for row in chosen if (row.learner_id, row.id) in set(keys)], store.at)
    wake(store, waiting)
    decided = {(known.event.learner, known.event.id) for known in waiting} & set(keys)
    return [found.verdict for key in sorted(decided) if (found := store.known(*key))]


def _tell(session: Session, decided: Sequence[Any], at: datetime) -> None:
    """Tell learners, who may have chosen to hear it, that somebody looked at their work."""
    for row in decided:
        if row.why == WORK and (activity := session.get(Activity, row.effect.get("activity", ""))):
            push.tell(session, row.learner_id, "review", at=at, about=activity.title)
            tell_by_mail(session, row.learner_id, "review", activity.title, at)


def _choose(session: Session, keys: Sequence[Key]) -> list[Any]:
    """Find the events, and the earlier ones that they replace: newest first, so that the newest counts."""
    learners = sorted({learner for learner, _ in keys})
    rows = session.execute(_WAITING, {"learners": learners}).all()
    named = [row for row in rows if (row.learner_id, row.id) in set(keys)]
    newest = {
        thing_of(row): max(_age(one) for one in named if thing_of(one) == thing_of(row)) for row in named
    }
    chosen = [row for row in rows if thing_of(row) in newest and _age(row) <= newest[thing_of(row)]]
    return sorted(chosen, key=_age, reverse=True)


def thing_of(row: Any) -> tuple[str, str, str]:
    """Name what an event on hold is about: whose, and the activity they came to or the task they did."""
    return row.learner_id, row.why, row.effect.get("task") or row.effect.get("activity", "")


def _age(row: Any) -> tuple[Any, str]:
    return row.happened_at, row.id


def _keep(session: Session, event: Event, said: Said, user: User, store: SqlStore) -> None:
    new = {
        "word": said.word,
        "note": clean(said.note)[:MOST_NOTE],
        "user_id": user.id,
        "at": store.at,
    }
    statement = insert_into(session, Decision).values(learner_id=event.learner, event_id=event.id, **new)
    session.execute(statement.on_conflict_do_update(index_elements=["learner_id", "event_id"], set_=new))
