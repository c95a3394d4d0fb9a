"""What a completion or a badge brings further: milestones, and badges that waited for this one. Across organisers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges import giving, holding
from server.badges.giving import Sum
from server.badges.models import Achievement, Award
from server.learning.erased import has_erased
from server.learning.following import Following, Thing
from server.learning.models import Completion
from server.learning.parts import Part, name_parts
from server.learning.rows import Keyed

_WEAKEST = ("none", "claim", "given", "peer", "organiser", "automatic")
"""How parts were judged, from the weakest word to the strongest: a whole says the weakest of its parts."""


def unmet(session: Session, learner: str, achievement: Achievement, at: datetime) -> list[str]:
    """List the badges (series) that one must hold before this one, and does not."""
    held = holding.holds(session, learner, achievement.needs or [], at)
    return [one for one in achievement.needs or [] if one not in held]


def follow(
    session: Session, following: Sequence[Following], learner: str, things: Iterable[Thing], at: datetime
) -> list[Award]:
    """Give a learner all that follows from what they just got, step by step. Safe to do twice."""
    given: list[Award] = []
    queue = list(things)
    while queue:
        thing = queue.pop(0)
        for one in following:
            if one.depends_on([thing]) and (award := _give(session, one, learner, at)):
                given.append(award)
                queue.append(("series", one.series))
    return given


def catch_up(
    session: Session, one: Following, following: Sequence[Following], learner: str, at: datetime
) -> list[Award]:
    """Give one badge to a learner who has all that it asks for, and what follows from it."""
    award = _give(session, one, learner, at)
    return [award, *follow(session, following, learner, [("series", one.series)], at)] if award else []


def _give(session: Session, one: Following, learner: str, at: datetime) -> Award | None:
    """Give one badge, if the learner has all that it asks for and not the badge."""
    if holding.find_held(session, learner, one.series):
        return None
    if one.needs - holding.holds(session, learner, sorted(one.needs), at):
        return None
    achievement = session.get_one(Achievement, one.id)
    if one.count:
        parts = reached(session, learner, one.of, at)
        if len(parts) < one.count or has_erased(session, learner, one.series):
            return None
        return giving.award_sum(session, learner, achievement, add(list(parts.values())), at)
    completion = _completion(session, learner, one.gives) if one.gives else None
    if completion is None or has_erased(session, learner, one.series):
        return None
    return giving.award_completed(session, learner, achievement, completion, at)


def _completion(session: Session, learner: str, thing: Thing) -> Completion | None:
    column = Completion.activity_id if thing[0] == "activity" else Completion.playlist_id
    return session.scalars(
        select(Completion).where(Completion.learner_id == learner, column == thing[1])
    ).first()


def reached(session: Session, learner: str, of: Iterable[Thing], at: datetime) -> dict[Thing, Sum]:
    """Find which of these things a learner has, each with how surely and when."""
    ids: dict[str, list[str]] = {"activity": [], "playlist": [], "series": []}
    for kind, id in of:
        ids.setdefault(kind, []).append(id)
    found: dict[Thing, Sum] = {}
    done = select(Completion).where(
        Completion.learner_id == learner,
        Completion.activity_id.in_(ids["activity"]) | Completion.playlist_id.in_(ids["playlist"]),
    )
    for one in session.scalars(done) if ids["activity"] or ids["playlist"] else ():
        thing = ("activity", one.activity_id) if one.activity_id else ("playlist", str(one.playlist_id))
        found[thing] = Sum(one.assurance, one.first_at, one.at)
    held = select(Award).join(Award.achievement).where(
        Award.learner_id == learner, Achievement.series.in_(ids["series"]), holding.HELD, holding.in_force(at)
    )  # fmt: skip
    for award in session.scalars(held) if ids["series"] else ():
        found[("series", award.achievement.series)] = Sum(award.assurance, award.awarded_at, award.awarded_at)
    return found


def progress(
    session: Session, following: Sequence[Following], learner: str, things: Iterable[Thing], at: datetime
) -> list[Keyed]:
    """Say how far the learner is with the milestones that these things count for: "4 of 6", which, and what is missing."""
    things = list(things)
    counting = [one for one in following if one.count and one.depends_on(things)]
    return [_progress_row(session, one, learner, at) for one in counting]


def _progress_row(session: Session, one: Following, learner: str, at: datetime) -> Keyed:
    achievement = session.get_one(Achievement, one.id)
    done = reached(session, learner, one.of, at)
    short = one.needs - holding.holds(session, learner, sorted(one.needs), at)
    missing = {thing for thing in one.of if thing not in done}
    named = name_parts(session, missing | {("series", need) for need in short})
    return f"milestone:{one.series}", {
        "achievement": one.id,
        "series": one.series,
        "name": achievement.name,
        "image": f"/achievements/{one.id}/image.svg",
        "issuer": {"id": achievement.organiser_id, "name": achievement.organiser.name},
        "count": one.count,
        "of": sorted([kind, id] for kind, id in one.of),
        "done": sorted([kind, id] for kind, id in done),
        "missing": [_missing(named[thing]) for thing in sorted(missing) if thing in named],
        "needs": [_missing(part) for (_, id), part in named.items() if id in short],
        "held": holding.find_held(session, learner, one.series) is not None,
    }


def _missing(part: Part) -> dict[str, Any]:
    return {"name": part.name, "by": part.by, "path": part.path}


def add(parts: Sequence[Sum]) -> Sum:
    """A whole is as sure as its weakest part; parts without a check-in say nothing about presence."""
    levels = [one.assurance["level"] for one in parts if one.assurance.get("level") is not None]
    reviews = {one.assurance.get("review", "none") for one in parts}
    assurance: dict[str, Any] = {
        "level": min(levels, default=None),
        "time": "claimed" if any(one.assurance.get("time") != "proven" for one in parts) else "proven",
        "review": next((word for word in _WEAKEST if word in reviews), "none"),
        "parts": len(parts),
    }
    return Sum(assurance, min(one.first_at for one in parts), max(one.at for one in parts))
