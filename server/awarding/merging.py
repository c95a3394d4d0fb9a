"""Two learners are one person: what they have done together may complete something, and give a badge."""

from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from server.accounts.learners import Told, after_merged, move_rows, when_merged
from server.activities.models import Task
from server.awarding.models import AwardRow, Recipient
from server.badges.models import Achievement, Award
from server.learning import completions
from server.learning.changes import NO_TERMS
from server.learning.following import Thing
from server.learning.ledger import Ledger
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.learning.services import Deed
from server.replicas.store import SqlStore


@when_merged
def move_recipients(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move whom organisers know by an address."""
    move_rows(session, (Recipient, AwardRow), old, new)
    return []


@after_merged
def finish_together(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Complete and give what both together have done enough for."""
    store = SqlStore(session, NO_TERMS, at)
    with store.savepoint():
        told = _finish(store.part(Ledger), Deed(new, "", at, at))
        store.write_all()
    session.expire_all()
    return told


def _finish(ledger: Ledger, deed: Deed) -> list[Told]:
    told: list[Told] = []
    for activity in sorted(_worked_in(ledger.session, deed.learner)):
        if ledger.done.get((deed.learner, activity)) is None:
            told += completions.settle(ledger, deed, activity)
        else:
            for walk in ledger.walks.get(activity):
                told += completions.settle_playlist(ledger, deed, activity, walk.playlist)
    return told + completions.follow_on(ledger, deed, _things_of(ledger.session, deed.learner))


def _worked_in(session: Session, learner: str) -> set[str]:
    """Name the activities in which a learner did something."""
    done = (
        select(Task.activity_id).join(model, model.task_id == Task.id).where(model.learner_id == learner)
        for model in (Answer, Evidence)
    )
    came = select(CheckIn.activity_id).where(CheckIn.learner_id == learner)
    return set(session.scalars(union(came, *done)))


def _things_of(session: Session, learner: str) -> list[Thing]:
    """Name all that a learner has completed or holds, from which a badge may follow."""
    completed = session.scalars(select(Completion).where(Completion.learner_id == learner)).all()
    held = select(Achievement.series).join(Award, Award.achievement_id == Achievement.id)
    things: list[Thing] = [
        ("activity", one.activity_id) if one.activity_id else ("playlist", str(one.playlist_id))
        for one in completed
    ]
    return things + [
        ("series", one) for one in session.scalars(held.where(Award.learner_id == learner).distinct())
    ]
