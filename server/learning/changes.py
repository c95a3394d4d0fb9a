"""After a rule has changed: finish for those who have done enough by it, and would wait for ever otherwise.

Completions are made when work arrives. Whoever had done all that the new rule asks for has nothing left to send.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from server.activities.models import Task
from server.core.db import writing
from server.learning import completions
from server.learning.ledger import Ledger
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.learning.rows import Keyed
from server.learning.services import Deed
from server.playlists.models import PlaylistItem
from server.replicas.store import SqlStore
from server.replicas.terms import Terms
from sync.engine import learner_feed
from sync.messages import Row

AT_ONCE = 100
"""How many learners one transaction finishes for: others want to write too."""
NO_TERMS = Terms(host="", max_offline_ms=0, max_blob_bytes=0, anchor_secrets=())
"""No event is judged here."""


def finish_playlist(session: Session, playlist_id: str, at: datetime) -> None:
    """Complete a playlist for those who satisfy its rule of today. Opens its own transactions."""
    stops = session.scalars(
        select(PlaylistItem.activity_id).where(PlaylistItem.playlist_id == playlist_id)
    ).all()

    def settle(ledger: Ledger, deed: Deed) -> list[Keyed]:
        return completions.settle_playlist(ledger, deed, stops[0], playlist_id)

    if stops:
        _finish(session, _waiting_in_playlist(session, playlist_id, stops), settle, at)


def finish_activity(session: Session, activity_id: str, at: datetime) -> None:
    """Complete an activity, and with it its playlists, for those who satisfy its tasks of today.

    Opens its own transactions.
    """

    def settle(ledger: Ledger, deed: Deed) -> list[Keyed]:
        done = ledger.done.get((deed.learner, activity_id))
        return [] if done else completions.settle(ledger, deed, activity_id)

    _finish(session, _waiting_in_activity(session, activity_id), settle, at)


def _waiting_in_playlist(session: Session, playlist_id: str, stops: Sequence[str]) -> list[str]:
    """List the learners who did a stop of a playlist and have not completed it."""
    finished = select(Completion.learner_id).where(Completion.playlist_id == playlist_id)
    query = select(Completion.learner_id).where(Completion.activity_id.in_(stops))
    return list(session.scalars(query.where(Completion.learner_id.not_in(finished)).distinct()))


def _waiting_in_activity(session: Session, activity_id: str) -> list[str]:
    """List the learners who did something in an activity and have not completed it."""
    tasks = select(Task.id).where(Task.activity_id == activity_id)
    worked = union(
        select(CheckIn.learner_id).where(CheckIn.activity_id == activity_id),
        select(Answer.learner_id).where(Answer.task_id.in_(tasks)),
        select(Evidence.learner_id).where(Evidence.task_id.in_(tasks)),
    )
    done = set(session.scalars(select(Completion.learner_id).where(Completion.activity_id == activity_id)))
    return [learner for learner in session.scalars(worked) if learner not in done]


def _finish(
    session: Session, learners: Sequence[str], settle: Callable[[Ledger, Deed], list[Keyed]], at: datetime
) -> None:
    for first in range(0, len(learners), AT_ONCE):
        some = learners[first : first + AT_ONCE]
        with writing(session):
            store = SqlStore(session, NO_TERMS, at)
            store.lock(set(some))
            ledger = store.part(Ledger)
            rows: dict[str, list[Row]] = {}
            for one in some:
                with store.savepoint():
                    rows[learner_feed(one)] = _rows(one, settle(ledger, Deed(one, "", at, at)))
            store.bump(rows)


def _rows(learner: str, new: Sequence[Keyed]) -> list[Row]:
    return [Row(learner_feed(learner), key, row) for key, row in new]
