"""Completions: the server's word that an activity or a playlist is done, with its proofs, and the awards it brings."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.activities.models import Task
from server.badges import giving, holding
from server.badges import services as badges
from server.badges.models import Achievement
from server.learning.following import Thing
from server.learning.further import follow, progress, unmet
from server.learning.ledger import Ledger, Walk
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.learning.rows import Keyed, award_row, completion_row
from server.learning.services import Deed
from server.playlists.rules import Moments, counting, is_complete


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


@dataclass(frozen=True, slots=True)
class Sure:
    """How surely somebody came once more."""

    level: int
    time: str

    def assurance(self, completion: Completion) -> dict[str, Any]:
        """Say how sure a renewal is: of this visit, and of the work that was done the first time."""
        return {**completion.assurance, "level": self.level, "time": self.time}


@dataclass(frozen=True, slots=True)
class _Again:
    """A completion as it was done once more."""

    id: str
    assurance: dict[str, Any]
    first_at: datetime
    at: datetime


def settle(ledger: Ledger, deed: Deed, activity_id: str) -> list[Keyed]:
    """Look whether an activity, and then its playlists, are done now; return the feed rows of what is new.

    Awards are made here, in the same transaction as the deed that earned them.
    """
    completion = ledger.done.get((deed.learner, activity_id))
    if completion is not None:
        sure = _sure_of(ledger, deed, activity_id) if may_renew(ledger, activity_id) else None
        return _do_again(ledger, deed, completion, sure)
    proof = prove(ledger, deed.learner, activity_id)
    if proof is None:
        return []
    completion = ledger.done.put(activity_id=activity_id, playlist_id=None, **_proved(deed, proof))
    return _told(ledger, deed, completion) + _settle_playlists(ledger, deed, activity_id)


def do_again(ledger: Ledger, deed: Deed, activity_id: str, sure: Sure | None = None) -> list[Keyed]:
    """Note that something was done that counted before; return the feed rows of what is new by that.

    `sure`: how surely, when that was judged; it may renew a badge that runs out.
    """
    completion = ledger.done.get((deed.learner, activity_id))
    return _do_again(ledger, deed, completion, sure) if completion else []


def _do_again(ledger: Ledger, deed: Deed, completion: Completion, sure: Sure | None) -> list[Keyed]:
    """Keep the later time too: in a playlist of fixed order it may be the one that counts."""
    if deed.at <= completion.at:
        return []
    activity_id = str(completion.activity_id)
    ledger.done.put(learner_id=deed.learner, activity_id=activity_id, at=deed.at)
    renewed = _renew(ledger, deed, completion, sure) if sure else []
    return renewed + _settle_playlists(ledger, deed, activity_id)


def may_renew(ledger: Ledger, activity_id: str) -> bool:
    """Say whether an activity brings a badge that runs out."""
    return any(id in ledger.expiring for id in ledger.badges.get(activity_id))


def _renew(ledger: Ledger, deed: Deed, completion: Completion, sure: Sure) -> list[Keyed]:
    """Give the badges of an activity for another period, if they run out soon or have, and it was done once more."""
    rows: list[Keyed] = []
    for id in ledger.badges.get(str(completion.activity_id)):
        if id not in ledger.expiring:
            continue
        achievement = ledger.session.get_one(Achievement, id)
        before = holding.find_held(ledger.session, deed.learner, achievement.series)
        since = holding.renewable_from(before) if before else None
        if since and deed.at >= since:
            again = _Again(completion.id, sure.assurance(completion), deed.at, deed.at)
            given = giving.award_completed(
                ledger.session, deed.learner, achievement, again, deed.now, before=before
            )
            rows.append(award_row(badges.feed_row(given)))
    return rows


def _sure_of(ledger: Ledger, deed: Deed, activity_id: str) -> Sure | None:
    """Say how surely somebody came with this very deed; None when they did something else."""
    came = [one for one in ledger.check_ins(deed.learner, activity_id) if one.event_id == deed.event]
    return Sure(came[0].level, came[0].time) if came else None


def _proved(deed: Deed, proof: Proof) -> dict[str, Any]:
    return {
        "learner_id": deed.learner,
        "event_id": deed.event or proof.events[-1],
        "proofs": list(proof.events),
        "assurance": proof.assurance,
        "first_at": proof.first_at,
        "at": proof.at,
    }


def _told(ledger: Ledger, deed: Deed, completion: Completion) -> list[Keyed]:
    """Award what a completion earns; return its row and the awards' rows."""
    rows = [completion_row(completion)]
    things = [_thing(completion)]
    for id in ledger.badges.get(things[0][1]):
        achievement = ledger.session.get_one(Achievement, id)
        if unmet(ledger.session, deed.learner, achievement, deed.now):
            continue  # it comes by itself with the last badge that it needs
        row = giving.award(ledger.session, deed.learner, achievement, completion, at=deed.now)
        rows.append(award_row(row))
        things.append(("series", achievement.series))
    return rows + follow_on(ledger, deed, things)


def _thing(completion: Completion) -> Thing:
    if completion.activity_id:
        return "activity", completion.activity_id
    return "playlist", str(completion.playlist_id)


def follow_on(ledger: Ledger, deed: Deed, things: Sequence[Thing]) -> list[Keyed]:
    """Give all that follows from what a learner just got; costs nothing where nothing follows from anything."""
    if not any(one.depends_on(things) for one in ledger.following):
        return []
    given = follow(ledger.session, ledger.following, deed.learner, things, deed.now)
    got = [*things, *(("series", one.achievement.series) for one in given)]
    rows: list[Keyed] = [award_row(badges.feed_row(one)) for one in given]
    return rows + progress(ledger.session, ledger.following, deed.learner, got, deed.now)


def prove(ledger: Ledger, learner: str, activity_id: str) -> Proof | None:
    """Find by which rules an activity is done, None when it is not: those in force at a time of its work, or those of today."""
    asked = ledger.asked(activity_id)
    moments = _moments_of_work(ledger, learner, activity_id) if asked.before else []
    proofs = (
        _gather(ledger, (learner, activity_id), tasks, until) for tasks, until in asked.chances(moments)
    )
    return next((proof for proof in proofs if proof), None)


def _moments_of_work(ledger: Ledger, learner: str, activity_id: str) -> list[datetime]:
    work = [_done_task(ledger, learner, task) for task in ledger.tasks.get(activity_id)]
    return [one.at for one in (*ledger.check_ins(learner, activity_id), *work) if one]


def _gather(
    ledger: Ledger, place: tuple[str, str], tasks: Sequence[Task], until: datetime | None
) -> Proof | None:
    """Gather what satisfies tasks; None while a required one is open. No tasks: a check-in will do."""
    there = [one for one in ledger.check_ins(*place) if until is None or one.at <= until]
    check_in = max(there, key=lambda one: one.level, default=None)
    work: list[Answer | Evidence] = []
    for task in tasks:
        done = _done_task(ledger, place[0], task) if task.kind != "checkin" else None
        if done and (until is None or done.at <= until):
            work.append(done)
        elif task.required and not (check_in and task.kind == "checkin"):
            return None
    return _weigh(check_in, work) if check_in or work else None


def _done_task(ledger: Ledger, learner: str, task: Task) -> Answer | Evidence | None:
    """Return what satisfies a task: a right answer, or open work that nobody sent back."""
    if task.kind in ("text", "photo", "audio"):
        handed_in = ledger.evidence.get((learner, task.id))
        if handed_in and handed_in.state in ("received", "accepted"):
            return handed_in
    if task.kind in ("choice", "choices", "number", "text"):
        answered = ledger.answers.get((learner, task.id))
        if answered and answered.state in ("right", "received", "accepted"):
            return answered
    return None


def _weigh(check_in: CheckIn | None, work: Sequence[Answer | Evidence]) -> Proof:
    found: list[CheckIn | Answer | Evidence] = [check_in, *work] if check_in else [*work]
    at = max(one.at for one in found)
    return Proof(
        events=tuple(one.event_id for one in found),
        first_at=at,
        at=at,
        level=check_in.level if check_in else None,
        time=check_in.time if check_in else "proven",
        review=_weakest({_REVIEWS.get(one.state, "automatic") for one in work}),
    )


def settle_playlist(ledger: Ledger, deed: Deed, activity_id: str, playlist_id: str) -> list[Keyed]:
    """Look whether one playlist, that an activity is a stop of, is done now; return the feed rows of what is new."""
    walks = [walk for walk in ledger.walks.get(activity_id) if walk.playlist == playlist_id]
    return [row for walk in walks for row in _settle_playlist(ledger, deed, walk)]


def _settle_playlists(ledger: Ledger, deed: Deed, activity_id: str) -> list[Keyed]:
    return [row for walk in ledger.walks.get(activity_id) for row in _settle_playlist(ledger, deed, walk)]


def _settle_playlist(ledger: Ledger, deed: Deed, walk: Walk) -> list[Keyed]:
    stops = [(deed.learner, activity) for activity in walk.stops]
    ledger.done.expect(stops)
    done = {id: one for learner, id in stops if (one := ledger.done.get((learner, id)))}
    moments = {id: sorted({one.first_at, one.at}) for id, one in done.items()}
    counted = _count(walk, moments)
    if not counted or ledger.walked.get((deed.learner, walk.playlist)):
        return []
    proof = _join([done[id] for id in counted])
    completion = ledger.walked.put(playlist_id=walk.playlist, activity_id=None, **_proved(deed, proof))
    return _told(ledger, deed, completion)


def _count(walk: Walk, moments: Moments) -> list[str]:
    """Return the stops that make a playlist done, by the rule in force at a time of theirs or by today's; else none."""
    for rule, until in walk.rules.chances([at for row in moments.values() for at in row]):
        of_then = {id: [at for at in row if until is None or at <= until] for id, row in moments.items()}
        if is_complete(rule, of_then):
            return counting(rule, of_then)
    return []


def _join(parts: Sequence[Completion]) -> Proof:
    """A whole is as sure as its weakest part; parts without a check-in say nothing about presence."""
    levels = [one.assurance["level"] for one in parts if one.assurance["level"] is not None]
    return Proof(
        events=tuple(dict.fromkeys(event for one in parts for event in one.proofs)),
        first_at=min(one.first_at for one in parts),
        at=max(one.at for one in parts),
        level=min(levels, default=None),
        time="claimed" if any(one.assurance["time"] != "proven" for one in parts) else "proven",
        review=_weakest({one.assurance["review"] for one in parts}),
    )


_REVIEWS = {"received": "none", "accepted": "organiser"}
"""How work was judged, by its state; answers with a key are judged automatically."""


def _weakest(reviews: Set[str]) -> str:
    """Say how a whole was judged. Nobody's judgement of one part outweighs all; what a machine can check needs
    nobody, so the organiser's word on the rest is the word on all."""
    return next((one for one in ("none", "organiser") if one in reviews), "automatic")
