"""What pages say of badges besides the badges themselves: the holder's later words, and the work they let others see."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.badges.assurance import Assurance, title
from server.badges.models import Award
from server.portfolio import profiles
from server.portfolio.choices import find_choice
from server.portfolio.evidence import visible
from server.portfolio.profiles import Group, Item
from server.portfolio.skills import chart, count_skills
from server.portfolio.whereabouts import draw, find_spots


def said_by_holder(
    session: Session, award: Award, files_at: str, shared: Iterable[str] = ()
) -> dict[str, Any]:
    """Gather what `portfolio/said.html` shows; `files_at` is the address below which the pieces' files are."""
    choice = find_choice(session, award)
    return {
        "reflection": choice.reflection if choice else "",
        "reflected_at": choice.reflected_at if choice else None,
        "pieces": visible(session, award, choice, shared),
        "files_at": files_at,
    }


def overview(
    session: Session, items: list[Item], groups: list[Group], parts: dict[str, bool], at: datetime
) -> dict[str, Any]:
    """Gather what `portfolio/badges.html` shows: badges, collections, skills and places."""
    awards = [one.award for one in items]
    skills = count_skills(awards) if parts.get("skills", True) else []
    spots = find_spots(session, awards) if parts.get("map", True) else []
    return {
        "items": items,
        "groups": groups if parts.get("collections", True) else [],
        "levels": {one.id: title(Assurance.read(one.assurance)) for one in awards},
        "expired": {one.id for one in awards if one.valid_until and one.valid_until <= at},
        "skills": skills,
        "skills_chart": chart(skills),
        "spots": spots,
        "spots_map": draw(spots),
    }


def whole(
    session: Session, learner: str, parts: dict[str, bool], at: datetime, *, by_link: bool
) -> dict[str, Any]:
    """Gather all that somebody's portfolio shows."""
    items = profiles.items_of(session, learner, by_link=by_link)
    return overview(session, items, profiles.groups_of(session, learner, items), parts, at)
