"""What becomes of a flagged check-in: it is kept, or voided with all that rests on it; and a learner's word against that.

A void is taken back by keeping: the check-in is put back as it was, and what it completes is completed anew. A badge
that was withdrawn stays withdrawn, because its status can be cached anywhere: a new one is given in its place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.badges import giving, holding
from server.badges import services as badges
from server.badges.holding import DOUBLE
from server.badges.models import Award
from server.codes.models import Code
from server.core.errors import DomainError
from server.core.text import clean
from server.learning import completions
from server.learning.decisions import WrongWord
from server.learning.flag_rows import KEPT, VOIDED, flag_row, is_appealed
from server.learning.following import Thing
from server.learning.further import progress
from server.learning.leaks import ALARM
from server.learning.ledger import Ledger, Spot
from server.learning.models import CheckIn, Completion, Flag
from server.learning.rows import Keyed, award_row, check_in_key, check_in_row, completion_row, write_time
from server.learning.services import Deed
from server.occurrences import places
from server.replicas.store import SqlStore
from sync.engine import learner_feed
from sync.messages import Row

MOST_REASON, MOST_APPEAL = 500, 1_000
WORDS = (KEPT, VOIDED)
Key = tuple[str, str]
"""Learner and event."""
Told = tuple[str, dict[str, Any] | None]
"""A key of the feed and its row; None: it is gone."""


class NotVoided(DomainError):
    """There is nothing to appeal against."""

    status, code = 404, "unknown_event"


class Appealed(DomainError):
    """The learner has said what they say to this."""

    status, code = 409, "appealed"


@dataclass(frozen=True, slots=True)
class Said:
    """What a reviewer says of flagged check-ins: kept or voided, and why, for the learner."""

    word: str
    reason: str
    user: User


def decide(session: Session, store: SqlStore, keys: Iterable[Key], said: Said) -> int:
    """Keep or void flagged check-ins; return of how many something was changed by it.

    All flags of a check-in are decided together. The caller has checked that the user may. Raises WrongWord.
    """
    if said.word not in WORDS:
        raise WrongWord()
    wanted = sorted(set(keys))
    store.lock({learner for learner, _ in wanted})
    rows: dict[str, list[Row]] = {}
    for key in wanted:
        with store.savepoint():
            told = _decide(store.part(Ledger), _flags_of(store.session, key), said, store.at)
        if told:
            rows.setdefault(learner_feed(key[0]), []).extend(Row(learner_feed(key[0]), *one) for one in told)
    store.bump(rows)
    return sum(len({row.key for row in some if row.key.startswith("flag:")}) for some in rows.values())


def _flags_of(session: Session, key: Key) -> Sequence[Flag]:
    query = select(Flag).where(Flag.learner_id == key[0], Flag.event_id == key[1], Flag.kind != ALARM)
    return session.scalars(query.order_by(Flag.id).execution_options(populate_existing=True)).all()


def _decide(ledger: Ledger, flags: Sequence[Flag], said: Said, at: datetime) -> list[Told]:
    """Do what was said, unless that is how it stands; an appeal is answered also by saying the same again."""
    if not flags or (all(one.word == said.word for one in flags) and not is_appealed(flags[0])):
        return []
    was = next((one.word for one in flags if one.word), "")
    deed = Deed(flags[0].learner_id, flags[0].event_id, at, at)
    told: list[Told] = []
    if said.word == VOIDED and was != VOIDED:
        kept, told = _void(ledger, deed, flags[0].activity_id, clean(said.reason)[:MOST_REASON])
        told = [*told, *_steps_back(ledger, deed, told)]
        for one in flags:
            one.facts = {**one.facts, "was": kept}
    elif said.word == KEPT and was == VOIDED:
        told = _restore(ledger, deed, flags[0].facts.get("was") or {})
    for one in flags:
        if was == KEPT:
            one.appeal, one.appealed_at = "", None
        one.word, one.reason = said.word, clean(said.reason)[:MOST_REASON]
        one.user_id, one.decided_at = said.user.id, at
    ledger.session.flush()
    return [*told, flag_row(flags[0])]


# Voiding


def _steps_back(ledger: Ledger, deed: Deed, told: Iterable[Told]) -> list[Keyed]:
    """Say how far the learner is now with milestones that counted what was taken away."""
    ledger.session.flush()
    things = {thing for key, _ in told if (thing := _thing_of(ledger.session, key))}
    return progress(ledger.session, ledger.following, deed.learner, things, deed.now)


def _thing_of(session: Session, key: str) -> Thing | None:
    what, _, rest = key.partition(":")
    if what == "award":
        return "series", session.get_one(Award, rest).achievement.series
    kind, _, id = rest.partition(":")
    return (kind, id) if what == "completion" else None


def _void(ledger: Ledger, deed: Deed, activity: str | None, reason: str) -> tuple[dict[str, Any], list[Told]]:
    """Take a check-in or a claimed badge away with all that rests on it. Returns what was there, and the feed's rows.

    What has counted by another event since, such as a door's confirmation, stays.
    """
    session = ledger.session
    check_in = session.scalars(
        select(CheckIn).where(CheckIn.learner_id == deed.learner, CheckIn.event_id == deed.event)
    ).first()
    if check_in is not None:
        return _void_check_in(ledger, deed, check_in, reason)
    if activity is not None:
        return {}, take_completions_back(ledger, deed, activity, reason)
    claimed = session.scalars(
        select(Award).where(
            Award.learner_id == deed.learner,
            Award.event_id == deed.event,
            (Award.period == "") | Award.period.startswith(DOUBLE),
        )
    ).first()
    if claimed is None:
        return {}, []
    return {"award": claimed.id}, [_withdraw(claimed, reason, deed.now)]


def _void_check_in(
    ledger: Ledger, deed: Deed, check_in: CheckIn, reason: str
) -> tuple[dict[str, Any], list[Told]]:
    session, activity = ledger.session, check_in.activity_id
    was = {
        name: getattr(check_in, name)
        for name in ("activity_id", "occurrence", "code_id", "level", "time", "place", "over")
    }
    told: list[Told] = [(check_in_key(check_in), None)]
    session.delete(check_in)
    if was["occurrence"] and not was["over"]:
        places.give_back(session, was["occurrence"], deed.learner)
    session.flush()
    ledger.forget()
    told += take_completions_back(ledger, deed, activity, reason)
    return {**was, "at": write_time(check_in.at)}, told


def take_completions_back(ledger: Ledger, deed: Deed, activity: str, reason: str) -> list[Told]:
    """Take back what was completed with an event, unless it is as sure without; complete anew what is less sure."""
    resting = _resting(ledger.session, deed)
    told: list[Told] = []
    still = completions.prove(ledger, deed.learner, activity) if resting else None
    for one in resting:
        if still and still.level is not None and still.level >= (one.assurance["level"] or 0):
            proofs = [event for event in one.proofs if event != deed.event]
            one.proofs = list(dict.fromkeys((*proofs, *still.events)))
            one.event_id = one.proofs[-1] if one.event_id == deed.event else one.event_id
        else:
            told += _take_back(ledger.session, one, reason, deed.now)
    ledger.session.flush()
    ledger.forget()
    if still and told:
        told += completions.settle(ledger, Deed(deed.learner, "", deed.at, deed.now), activity)
    return told


def _resting(session: Session, deed: Deed) -> list[Completion]:
    """List the learner's completions that an event proves."""
    query = select(Completion).where(Completion.learner_id == deed.learner).order_by(Completion.id)
    return [one for one in session.scalars(query) if deed.event in one.proofs]


def _take_back(session: Session, completion: Completion, reason: str, at: datetime) -> list[Told]:
    """Delete a completion, and withdraw the badges it brought."""
    told: list[Told] = [(completion_row(completion)[0], None)]
    for award in session.scalars(select(Award).where(Award.completion_id == completion.id)).all():
        told.append(_withdraw(award, reason, at))
        award.completion_id = None
    session.flush()
    session.delete(completion)
    return told


def _withdraw(award: Award, reason: str, at: datetime) -> Told:
    """Revoke a badge and make room for another one of its kind: who earns it rightly shall get it."""
    row = badges.revoke(award, reason, at)
    award.period = f"voided {award.id}"
    return award_row(row)


# Keeping what was voided


def _restore(ledger: Ledger, deed: Deed, was: dict[str, Any]) -> list[Told]:
    """Put back what a void took away, as far as nothing as good has come since."""
    if "award" in was:
        return _give_again(ledger.session, deed, was["award"])
    if not was:
        return []
    spot = Spot(was["activity_id"], was["occurrence"])
    now = ledger.check_in(deed.learner, spot)
    if now and now.level >= was["level"]:
        return []
    over = was["over"]
    if spot.occurrence and not now and not over:
        over = not places.take_place(ledger.session, spot.occurrence, deed.learner, at=deed.now)
    values = {name: was[name] for name in ("code_id", "level", "time", "place")}
    at = datetime.fromisoformat(was["at"])
    back = ledger.keep_check_in(deed.learner, spot, event_id=deed.event, over=over, at=at, **values)
    point = ledger.session.get(Code, was["code_id"]).point_id if was["code_id"] else None  # type: ignore[union-attr]
    done = completions.settle(ledger, Deed(deed.learner, deed.event, at, deed.now), spot.activity)
    return [check_in_row(back, point), *done]


def _give_again(session: Session, deed: Deed, award_id: str) -> list[Told]:
    old = session.get_one(Award, award_id)
    if holding.find_held(session, deed.learner, old.achievement.series):
        return []
    claim = giving.Claim(str(old.code_id), deed.event, dict(old.assurance), old.awarded_at)
    given = giving.award_claimed(session, deed.learner, old.achievement, claim, deed.now)
    return [award_row(badges.feed_row(given))]


# Appeals


def appeal(session: Session, key: Key, text: str, at: datetime) -> Flag:
    """Note what a learner says to a void, once; it stands on top of the list then. Raises NotVoided or Appealed."""
    flags = [one for one in _flags_of(session, key) if one.word == VOIDED]
    if not flags:
        raise NotVoided()
    if flags[0].appealed_at:
        raise Appealed()
    for one in flags:
        one.appeal, one.appealed_at = clean(text), at
    session.flush()
    return flags[0]
