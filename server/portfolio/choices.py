"""What learners want of each badge: who sees it and its evidence, in which order, and what they say of it later."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges import services as badges
from server.badges.models import Award
from server.families.services import is_withdrawn
from server.learning.rows import write_time
from server.portfolio.errors import NotShown, UnknownAward, UnknownWork
from server.portfolio.evidence import LINK, PRIVATE, pieces_of
from server.portfolio.models import AwardChoice, ImportedBadge


def find_own(session: Session, learner: str, award_id: str) -> Award:
    """Find a learner's own award; raises UnknownAward."""
    found = session.get(Award, award_id)
    if found is None or found.learner_id != learner:
        raise UnknownAward()
    return found


def find_choice(session: Session, award: Award) -> AwardChoice | None:
    """Find what was chosen for a badge; None when nothing was."""
    return session.get(AwardChoice, award.id)


def choice_of(session: Session, learner: str, award_id: str) -> AwardChoice:
    """Find what was chosen for a badge, or begin with what holds when nothing was."""
    found = session.get(AwardChoice, award_id)
    if found is None:
        found = AwardChoice(
            award_id=award_id, learner_id=learner, visibility=LINK, evidence={},
            pinned=False, hidden=False, position=0, reflection="",
        )  # fmt: skip
        session.add(found)
    return found


def show(session: Session, award: Award, visibility: str, evidence: Mapping[str, str]) -> None:
    """Keep who may see a badge, and each piece of its evidence that is named (event → visibility).

    Raises UnknownWork for what was not handed in for it.
    """
    known = {one.event for one in pieces_of(session, award)} if evidence else set()
    if set(evidence) - known:
        raise UnknownWork()
    choice = choice_of(session, award.learner_id, award.id)
    choice.visibility = visibility
    choice.evidence = {**choice.evidence, **evidence}
    session.flush()


def share_evidence(session: Session, award: Award, events: Sequence[str]) -> None:
    """Let a new link show these pieces: private ones are shown by link from now on, public ones stay so."""
    known = {one.event for one in pieces_of(session, award)} if events else set()
    choice = choice_of(session, award.learner_id, award.id)
    hidden = {event for event in events if event in known and choice.evidence.get(event, PRIVATE) == PRIVATE}
    choice.evidence = {**choice.evidence, **dict.fromkeys(sorted(hidden), LINK)}
    if choice.visibility == PRIVATE:
        choice.visibility = LINK
    session.flush()


def reflect(session: Session, award: Award, text: str, at: datetime) -> None:
    """Keep what the learner says of a badge later; the badge itself stays as it was signed."""
    choice = choice_of(session, award.learner_id, award.id)
    choice.reflection, choice.reflected_at = text, at if text else None
    session.flush()


def own_ids(session: Session, learner: str) -> set[str]:
    """Return the ids of all that a learner may arrange: badges of ours and imported ones."""
    ours = session.scalars(select(Award.id).where(Award.learner_id == learner))
    return {*ours, *session.scalars(select(ImportedBadge.id).where(ImportedBadge.learner_id == learner))}


def arrange(session: Session, learner: str, order: Sequence[str], pinned: set[str], hidden: set[str]) -> None:
    """Keep the order, which badges come first, and which are put away. A badge that is in no list comes as it came."""
    places = {id: place for place, id in enumerate(order, 1)}
    mine = own_ids(session, learner)
    for choice in session.scalars(select(AwardChoice).where(AwardChoice.learner_id == learner)):
        choice.position, choice.pinned, choice.hidden = 0, False, False
    for id in sorted(mine & (set(places) | pinned | hidden)):
        choice = choice_of(session, learner, id)
        choice.position, choice.pinned, choice.hidden = places.get(id, 0), id in pinned, id in hidden
    session.flush()


def arrangement_row(session: Session, learner: str) -> dict[str, Any]:
    """Write the arrangement as the phone keeps it, under the key `arrangement`."""
    query = select(AwardChoice).where(AwardChoice.learner_id == learner).order_by(AwardChoice.position)
    chosen = list(session.scalars(query))
    return {
        "order": [one.award_id for one in chosen if one.position],
        "pinned": sorted(one.award_id for one in chosen if one.pinned),
        "hidden": sorted(one.award_id for one in chosen if one.hidden),
    }


@badges.tells
def choice_row(session: Session, award: Award) -> dict[str, Any]:
    """Add to a badge's row what its holder chose, and what they handed in for it."""
    choice = find_choice(session, award)
    chosen = choice.evidence if choice else {}
    pieces = [
        {
            "event": one.event,
            "title": one.title,
            "kind": one.kind,
            "visibility": chosen.get(one.event, PRIVATE),
        }
        for one in pieces_of(session, award)
    ]
    return {
        "choice": {
            "visibility": choice.visibility if choice else LINK,
            "evidence": pieces,
            "reflection": choice.reflection if choice else "",
            "reflected_at": write_time(choice.reflected_at) if choice and choice.reflected_at else None,
        }
    }


@badges.guards
def check_shown(session: Session, award: Award) -> None:
    """Close all addresses of a badge that its holder keeps to themselves, or may not show. Raises NotShown."""
    choice = find_choice(session, award)
    if choice and choice.visibility == PRIVATE:
        raise NotShown()
    check_may_show(session, award.learner_id)


def check_may_show(session: Session, learner: str) -> None:
    """Show nothing of a child whose guardians withdrew their consent, until there is a new one. Raises NotShown."""
    if is_withdrawn(session, learner):
        raise NotShown()
