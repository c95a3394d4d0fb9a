"""The versions of one badge: which is given now, who holds any of them, and finding badges to ask for."""

from collections.abc import Iterable
from datetime import datetime

from babel.dates import format_date
from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, joinedload

from server.badges.models import Achievement, Award
from server.core.i18n import language, pick
from server.core.text import fold

MOST_FOUND = 12


def given_now() -> Select[Achievement]:
    """Select the badges as they are given now: published, and not replaced by a newer version."""
    return select(Achievement).where(Achievement.state == "published", Achievement.replaced_at.is_(None))


def current(session: Session, series: str) -> Achievement | None:
    """Find the version of a badge that is given now; None while it is a draft."""
    return session.scalars(given_now().where(Achievement.series == series)).first()


def currents(session: Session, series: Iterable[str]) -> dict[str, Achievement]:
    """Find the versions that are given now, by series, in the order of `series`; drafts are left out."""
    wanted = list(series)
    if not wanted:
        return {}
    found = {one.series: one for one in session.scalars(given_now().where(Achievement.series.in_(wanted)))}
    return {one: found[one] for one in wanted if one in found}


def draft_of(session: Session, series: str) -> Achievement | None:
    """Find the draft of a badge's next version."""
    query = select(Achievement).where(Achievement.series == series, Achievement.state == "draft")
    return session.scalars(query).first()


def versions(session: Session, series: str) -> list[Achievement]:
    """List what was published of a badge, the newest first."""
    query = select(Achievement).where(Achievement.series == series, Achievement.state == "published")
    return list(session.scalars(query.order_by(Achievement.version.desc())))


def find_circle(session: Session, draft: Achievement) -> list[Achievement]:
    """Find the badges that would all ask for each other if this draft were given: itself first; none when all is well."""
    chains, seen = [[draft]], {draft.series}
    while chains:
        chain = chains.pop(0)
        asked = _asked_by(chain[-1])
        if draft.series in asked:
            return chain
        further = [one for one in currents(session, asked).values() if one.series not in seen]
        seen.update(one.series for one in further)
        chains += [[*chain, one] for one in further]
    return []


def _asked_by(one: Achievement) -> list[str]:
    """List the badges that one cannot do without: those it needs, and those of a milestone that counts them all."""
    wanted = one.milestone or {}
    parts = wanted.get("of", [])
    counted = parts if wanted.get("count") == len(parts) else []
    return [*(one.needs or []), *(part["id"] for part in counted if part["kind"] == "series")]


def ids_of(series: str) -> ScalarSelect[str]:
    """Select the ids of all versions, for `Award.achievement_id.in_(…)`."""
    return select(Achievement.id).where(Achievement.series == series).scalar_subquery()


def count_holders(session: Session, series: str) -> int:
    """Count who holds a badge, in whichever version."""
    query = select(func.count(func.distinct(Award.learner_id)))
    query = query.where(Award.achievement_id.in_(ids_of(series)), Award.revoked_at.is_(None))
    return session.scalar(query) or 0


def search_badges(session: Session, words: str) -> list[Achievement]:
    """Find badges that are given now, of all organisers, by words of their name or their organiser's."""
    wanted = fold(words).split()
    if not wanted:
        return []
    found = session.scalars(given_now().options(joinedload(Achievement.organiser)).order_by(Achievement.id))
    return [one for one in found if _is_meant(one, wanted)][:MOST_FOUND]


def _is_meant(one: Achievement, wanted: list[str]) -> bool:
    said = fold(" ".join([*one.name.values(), *one.organiser.name.values(), *one.tags]))
    return all(word in said for word in wanted)


def day_of(at: datetime) -> str:
    return format_date(at, "long", locale=language())


def named(one: Achievement) -> str:
    """Name a badge with its organiser, as others refer to it."""
    return f"{pick(one.name)} · {pick(one.organiser.name)}"
