"""Completions: the server's word that an activity or a playlist is done, with its proofs, and the awards it brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from server.activities.models import Task
from server.badges import services as badges
from server.badges.models import Achievement
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.learning.rows import Keyed, award_row, completion_row
from server.learning.services import Deed, find_check_in
from server.playlists.models import Playlist, PlaylistItem
from server.playlists.rules import counting, is_complete, rule_of

Done = CheckIn | Answer | Evidence


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that something is done. `level` is None where no check-in matters."""

    events: tuple[str, ...]
    first_at: datetime  # of a playlist: when its first stop was done
    at: datetime
    level: int | None
    time: str
    review: str

    @property
    def assurance(self) -> dict[str, Any]:
        return {"level": self.level, "time": self.time, "review": self.review}


def settle(session: Session, deed: Deed, activity_id: str) -> list[Keyed]:
    """Look whether an activity, and then its playlists, are done now; return the feed rows of what is new.

    Awards are made here, in the same transaction as the deed that earned them.
    """
    completion = _find(session, deed.learner, Completion.activity_id == activity_id)
    if completion is not None:
        return _do_again(session, deed, completion)
    proof = _prove_activity(session, deed.learner, activity_id)
    if proof is None:
        return []
    completion = _complete(session, deed, proof, activity_id=activity_id)
    rows = _told(session, deed, completion, Achievement.activity_id == activity_id)
    return rows + _settle_playlists(session, deed, activity_id)


def do_again(session: Session, deed: Deed, activity_id: str) -> list[Keyed]:
    """Note that something was done that counted before; return the feed rows of what is new by that."""
    completion = _find(session, deed.learner, Completion.activity_id == activity_id)
    return _do_again(session, deed, completion) if completion else []


def _do_again(session: Session, deed: Deed, completion: Completion) -> list[Keyed]:
    """Keep the later time too: in a playlist of fixed order it may be the one that counts."""
    if deed.at <= completion.at:
        return []
    completion.at = deed.at
    return _settle_playlists(session, deed, str(completion.activity_id))


def _find(session: Session, learner: str, which: ColumnElement[bool]) -> Completion | None:
    return session.scalars(select(Completion).where(Completion.learner_id == learner, which)).first()


def _complete(session: Session, deed: Deed, proof: Proof, **what: str) -> Completion:
    completion = Completion(
        learner_id=deed.learner,
        event_id=deed.event,
        proofs=list(proof.events),
        assurance=proof.assurance,
        first_at=proof.first_at,
        at=proof.at,
        **what,
    )
    session.add(completion)
    session.flush()
    return completion


def _told(session: Session, deed: Deed, completion: Completion, earns: ColumnElement[bool]) -> list[Keyed]:
    """Award what a completion earns; return its row and the awards' rows."""
    rows = [completion_row(completion)]
    for achievement in session.scalars(select(Achievement).where(earns, Achievement.replaced_at.is_(None))):
        row = badges.award(
            session, learner_id=deed.learner, achievement=achievement, completion=completion, at=deed.now
        )
        rows.append(award_row(row))
    return rows


def _prove_activity(session: Session, learner: str, activity_id: str) -> Proof | None:
    """Gather what satisfies an activity's tasks; None while a required one is open. No tasks: a check-in will do."""
    tasks = session.scalars(select(Task).where(Task.activity_id == activity_id)).all()
    check_in = find_check_in(session, learner, activity_id)
    done = _done_tasks(session, learner, tasks)
    found: list[Done] = [check_in] if check_in else []
    for task in tasks:
        one = check_in if task.kind == "checkin" else done.get(task.id)
        if one is None and task.required:
            return None
        if isinstance(one, Answer | Evidence):
            found.append(one)
    return _weigh(found) if found else None


def _done_tasks(session: Session, learner: str, tasks: Sequence[Task]) -> dict[str, Answer | Evidence]:
    """Return what satisfies tasks: right answers, and open work that nobody sent back."""
    found: dict[str, Answer | Evidence] = {}
    if answered := [task.id for task in tasks if task.kind in ("choice", "choices", "number", "text")]:
        answers = select(Answer).where(
            Answer.learner_id == learner,
            Answer.task_id.in_(answered),
            Answer.state.in_(("right", "received")),
        )
        found.update({one.task_id: one for one in session.scalars(answers)})
    if handed_in := [task.id for task in tasks if task.kind in ("text", "photo")]:
        evidence = select(Evidence).where(
            Evidence.learner_id == learner,
            Evidence.task_id.in_(handed_in),
            Evidence.state.in_(("received", "accepted")),
        )
        found.update({one.task_id: one for one in session.scalars(evidence)})
    return found


def _weigh(found: Sequence[Done]) -> Proof:
    check_ins = [one for one in found if isinstance(one, CheckIn)]
    unjudged = any(not isinstance(one, CheckIn) and one.state == "received" for one in found)
    return Proof(
        events=tuple(one.event_id for one in found),
        first_at=max(one.at for one in found),
        at=max(one.at for one in found),
        level=min((one.level for one in check_ins), default=None),
        time="claimed" if any(one.time != "proven" for one in check_ins) else "proven",
        review="none" if unjudged else "automatic",
    )


def _settle_playlists(session: Session, deed: Deed, activity_id: str) -> list[Keyed]:
    return [
        row for one in _playlists_with(session, activity_id) for row in _settle_playlist(session, deed, one)
    ]


def _playlists_with(session: Session, activity_id: str) -> Sequence[Playlist]:
    query = (
        select(Playlist)
        .join(PlaylistItem)
        .where(PlaylistItem.activity_id == activity_id)
        .options(selectinload(Playlist.items))
        .order_by(Playlist.id)
    )
    return session.scalars(query).all()


def _settle_playlist(session: Session, deed: Deed, playlist: Playlist) -> list[Keyed]:
    if _find(session, deed.learner, Completion.playlist_id == playlist.id):
        return []
    ids = [item.activity_id for item in playlist.items]
    query = select(Completion).where(Completion.learner_id == deed.learner, Completion.activity_id.in_(ids))
    done = {str(one.activity_id): one for one in session.scalars(query)}
    rule, moments = rule_of(playlist), {id: sorted({one.first_at, one.at}) for id, one in done.items()}
    if not is_complete(rule, moments):
        return []
    proof = _join([done[id] for id in counting(rule, moments)])
    completion = _complete(session, deed, proof, playlist_id=playlist.id)
    return _told(session, deed, completion, Achievement.playlist_id == playlist.id)


def _join(parts: Sequence[Completion]) -> Proof:
    """A whole is as sure as its weakest part; parts without a check-in say nothing about presence."""
    levels = [one.assurance["level"] for one in parts if one.assurance["level"] is not None]
    return Proof(
        events=tuple(dict.fromkeys(event for one in parts for event in one.proofs)),
        first_at=min(one.first_at for one in parts),
        at=max(one.at for one in parts),
        level=min(levels, default=None),
        time="claimed" if any(one.assurance["time"] != "proven" for one in parts) else "proven",
        review="none" if any(one.assurance["review"] == "none" for one in parts) else "automatic",
    )
