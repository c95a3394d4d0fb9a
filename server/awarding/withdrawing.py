"""What an organiser does to a badge that was given: withdraws or corrects it, with a reason, and the history of that."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding.models import AwardChange
from server.badges import giving
from server.badges import services as badges
from server.badges.giving import Correction
from server.badges.models import Award
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.text import clean
from server.learning.following import Thing, all_following
from server.learning.further import progress
from server.learning.rows import award_row
from server.replicas import feeds
from server.replicas.locks import lock_learners
from sync.engine import learner_feed
from sync.messages import Row

MOST_REASON = 500


class ReasonMissing(DomainError):
    status, code = 422, "reason_missing"

    def explain(self) -> str:
        return gettext("Say why. The learner and whoever checks the badge can read it.")


@dataclass(frozen=True, slots=True)
class Said:
    """Why something is done to a badge, and by whom."""

    reason: str
    user_id: str | None


def take_back(session: Session, awards: Sequence[Award], said: Said, at: datetime) -> None:
    """Withdraw badges for good; the list, the pages and the phones say so. Who earns it later can get another one.

    What is withdrawn already stays as it is. Raises ReasonMissing.
    """
    reason = _reason(said)
    lock_learners(session.connection(), {one.learner_id for one in awards})
    told: dict[str, list[Row]] = defaultdict(list)
    for award in awards:
        if award.revoked_at:
            continue
        row = badges.revoke(award, reason, at)
        award.period = f"voided {award.id}"
        _note(session, award, "revoked", Said(reason, said.user_id), {}, at)
        told[learner_feed(award.learner_id)].append(Row(learner_feed(award.learner_id), *award_row(row)))
    session.flush()
    _step_back(session, awards, told, at)
    feeds.bump(session, told, at)


def _step_back(session: Session, awards: Sequence[Award], told: dict[str, list[Row]], at: datetime) -> None:
    """Say of milestones that counted these badges how far their holders are now."""
    following = all_following(session)
    counted: dict[str, set[Thing]] = defaultdict(set)
    for award in awards:
        counted[award.learner_id].add(("series", award.achievement.series))
    for learner, things in counted.items():
        feed = learner_feed(learner)
        told[feed] += [Row(feed, *row) for row in progress(session, following, learner, things, at)]


def correct(session: Session, award: Award, correction: Correction, said: Said, at: datetime) -> None:
    """Sign a badge anew under the same address, and keep what it said before. Raises ReasonMissing, AwardWithdrawn."""
    reason = _reason(said)
    lock_learners(session.connection(), {award.learner_id})
    before: dict[str, object] = {
        "note": award.note,
        "results": award.results,
        "awarded_on": award.awarded_at.date().isoformat(),
        "signed_at": (award.corrected_at or award.awarded_at).isoformat(),
    }
    row = giving.correct(award, correction, at)
    _note(session, award, "corrected", Said(reason, said.user_id), before, at)
    session.flush()
    feed = learner_feed(award.learner_id)
    feeds.bump(session, {feed: [Row(feed, *award_row(row))]}, at)


def changes(session: Session, award: Award) -> Sequence[AwardChange]:
    """List what was done to an award, the latest first."""
    query = select(AwardChange).where(AwardChange.award_id == award.id).order_by(AwardChange.id.desc())
    return session.scalars(query).all()


def _reason(said: Said) -> str:
    reason = clean(said.reason).strip()[:MOST_REASON]
    if not reason:
        raise ReasonMissing()
    return reason


def _note(
    session: Session, award: Award, kind: str, said: Said, before: dict[str, object], at: datetime
) -> None:
    session.add(
        AwardChange(
            award_id=award.id, kind=kind, user_id=said.user_id, reason=said.reason, before=before, at=at
        )
    )
