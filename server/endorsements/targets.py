"""What can be endorsed: a badge in all its versions, an organiser, or the badge that one person holds."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges.issuers import did
from server.badges.models import Achievement, Award
from server.core.db import Texts
from server.core.errors import NotFound
from server.core.shell import absolute
from server.organisers.models import Organiser

BADGE, ORGANISER, AWARD = "achievement", "organiser", "award"
KINDS = (BADGE, ORGANISER, AWARD)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that is endorsed.

    `id` is of a badge its series; `subject` is what the signed words are about, an address or a DID; `organiser`
    offers or gave it; `holder` is the learner of an award, who alone says whether others see the endorsement.
    """

    kind: str
    id: str
    name: Texts
    subject: str
    page: str
    organiser: Organiser
    achievement: Achievement | None = None
    holder: str | None = None


def find_target(session: Session, kind: str, id: str) -> Target:
    """Find what is to be endorsed, as it is now. Raises NotFound."""
    found = _FINDERS[kind](session, id) if kind in _FINDERS else None
    if found is None:
        raise NotFound()
    return found


def _find_badge(session: Session, series: str) -> Target | None:
    query = select(Achievement).where(Achievement.series == series, Achievement.state == "published")
    newest = session.scalars(query.order_by(Achievement.version.desc()).limit(1)).first()
    if newest is None:
        return None
    page = f"/achievements/{newest.id}"
    return Target(BADGE, series, newest.name, absolute(page), page, newest.organiser, newest)


def _find_organiser(session: Session, id: str) -> Target | None:
    found = session.get(Organiser, id)
    if found is None:
        return None
    return Target(ORGANISER, id, found.name, did(id), f"/organisers/{found.slug}", found)


def _find_award(session: Session, id: str) -> Target | None:
    found = session.get(Award, id)
    if found is None or found.erased or found.revoked_at:
        return None
    page, badge = f"/credentials/{found.credential_id}", found.achievement
    return Target(AWARD, id, badge.name, absolute(page), page, badge.organiser, badge, found.learner_id)


_FINDERS = {BADGE: _find_badge, ORGANISER: _find_organiser, AWARD: _find_award}
