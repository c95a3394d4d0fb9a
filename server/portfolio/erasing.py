"""What goes with a badge that its holder erases for good: what they chose and said for it, and who was shown it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges import services as badges
from server.badges.models import Award
from server.badges.services import Told
from server.portfolio.choices import arrangement_row, find_choice
from server.portfolio.collections import collection_row, collections_of
from server.portfolio.errors import UnknownAward
from server.portfolio.links import links_of
from server.portfolio.models import AwardChoice


def erase(session: Session, learner: str, award_id: str, at: datetime) -> list[Told]:
    """Erase a learner's own award; return what changes in their feed. What is erased already is no fault.

    Raises UnknownAward for somebody else's.
    """
    found = session.get(Award, award_id)
    if found is not None and found.erased:
        return [(f"award:{award_id}", None)]
    if found is None or found.learner_id != learner:
        raise UnknownAward()
    return badges.erase(found, at)


@badges.when_erased
def forget(session: Session, award: Award, at: datetime) -> list[Told]:
    """Forget choices and later words, end the links, and take the badge out of order and collections."""
    choice = find_choice(session, award)
    told = [*_end_links(session, award, choice, at), *_leave_collections(session, award)]
    if choice is None:
        return told
    session.delete(choice)
    session.flush()
    return [*told, ("arrangement", arrangement_row(session, award.learner_id))]


def _end_links(session: Session, award: Award, choice: AwardChoice | None, at: datetime) -> Iterator[Told]:
    """End the links to it; what is kept of them is that they have ended. Other links show its work no more."""
    only = _only_of(session, award, choice)
    for link in links_of(session, award.learner_id):
        if link.kind == "award" and link.subject == award.id:
            link.subject, link.label, link.evidence = "", "", []
            link.withdrawn_at = link.withdrawn_at or at
            yield f"link:{link.id}", None
        elif only & set(link.evidence):
            link.evidence = [event for event in link.evidence if event not in only]


def _only_of(session: Session, award: Award, choice: AwardChoice | None) -> set[str]:
    """Name the pieces of work that were chosen for this badge and for no other."""
    if choice is None or not choice.evidence:
        return set()
    others = select(AwardChoice.evidence).where(
        AwardChoice.learner_id == award.learner_id, AwardChoice.award_id != award.id
    )
    return set(choice.evidence) - {event for chosen in session.scalars(others) for event in chosen}


def _leave_collections(session: Session, award: Award) -> Iterator[Told]:
    for one in collections_of(session, award.learner_id):
        if award.id in one.awards:
            one.awards = [id for id in one.awards if id != award.id]
            yield collection_row(one)
