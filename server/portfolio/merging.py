"""Two learners are one person: links, collections and words stay, and one page shows all badges."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.badges.holding import DOUBLE
from server.badges.models import Award
from server.portfolio import choices, profiles
from server.portfolio.collections import collection_row, collections_of
from server.portfolio.evidence import LINK, PRIVATE, PUBLIC
from server.portfolio.models import AwardChoice, Collection, ImportedBadge, Portfolio, ShareLink

_SHOWN = (PRIVATE, LINK, PUBLIC)


@when_merged
def move_portfolio(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move what was chosen. Of a badge that both hold the double is put away, and opens at its address as before."""
    told = [*_join_imports(session, old, new), *_join_pages(session, old, new)]
    move_rows(session, (AwardChoice, Collection, ShareLink, ImportedBadge, Portfolio), old, new)
    doubles = select(Award.id).where(Award.learner_id == new, Award.period.startswith(DOUBLE))
    for id in session.scalars(doubles).all():
        choices.choice_of(session, new, id).hidden = True
    session.flush()
    return [*told, ("arrangement", choices.arrangement_row(session, new))]


def _join_pages(session: Session, old: str, new: str) -> list[Told]:
    """Keep the page that more people see, of equals the one of the learner who stays; the other's address ends."""
    pages = [one for id in (new, old) if (one := session.get(Portfolio, id))]
    if len(pages) == 2:
        kept = max(pages, key=lambda one: _SHOWN.index(one.visibility))
        session.delete(pages[1 - pages.index(kept)])
        session.flush()
        return [profiles.portfolio_row(kept)]
    return []


def _join_imports(session: Session, old: str, new: str) -> list[Told]:
    """Keep a badge from elsewhere once, when both brought in the same file."""
    kept = {one.sha256: one.id for one in session.scalars(select(ImportedBadge).filter_by(learner_id=new))}
    told: list[Told] = []
    for one in session.scalars(select(ImportedBadge).where(ImportedBadge.learner_id == old)).all():
        if same := kept.get(one.sha256):
            told += [(f"imported:{one.id}", None), *_name_anew(session, old, one.id, same)]
            if choice := session.get(AwardChoice, one.id):
                session.delete(choice)
            session.delete(one)
    session.flush()
    return told


def _name_anew(session: Session, learner: str, before: str, now: str) -> list[Told]:
    """Let a learner's collections hold a badge under its other name."""
    changed = [one for one in collections_of(session, learner) if before in one.awards]
    for one in changed:
        one.awards = list(dict.fromkeys(now if id == before else id for id in one.awards))
    return [collection_row(one) for one in changed]
