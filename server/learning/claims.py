"""Claims: a code gives a badge, with no activity. Judged like a scan; each learner has each badge once."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from server.accounts.models import Learner
from server.badges import giving, holding
from server.badges.assurance import CLAIM
from server.badges.models import Achievement, Award
from server.codes import services as codes
from server.codes.models import Code
from server.codes.services import UnknownCode, Use, WrongCode
from server.core.errors import DomainError
from server.learning.further import unmet
from server.learning.ledger import Ledger
from server.learning.services import Deed
from server.organisers.models import Organiser

_WITH_CITY = joinedload(Achievement.organiser).joinedload(Organiser.city)


class NeedsBadges(DomainError):
    """One must hold other badges first; `badges` names their series."""

    status, code = 409, "needs_badges"


def claim(ledger: Ledger, deed: Deed, code: Code, use: Use) -> tuple[Award, bool]:
    """Give a learner the badge of a code. Returns the award, and whether they held it before.

    Who holds it, in whichever version, takes no place of the code. Raises UnknownCode for another city's,
    WrongCode when the code gives no badge, and what `codes.judge` and `codes.take_place` raise.
    """
    achievement = _find_achievement(ledger, deed, code)
    held = _held(ledger, deed, code, achievement)
    since = holding.renewable_from(held) if held else None
    if held and not (since and deed.at >= since):
        return held, True
    if missing := unmet(ledger.session, deed.learner, achievement, deed.now):
        raise NeedsBadges(badges=missing)
    moment = codes.judge(code, use, used_by_person=0)  # who used it before holds the badge
    if code.cap_total is not None:
        codes.take_place(ledger.session, code)
    assurance = {"level": code.level, "time": moment.state, "review": CLAIM}
    claimed = giving.Claim(code.id, deed.event, assurance, deed.at)
    given = giving.award_claimed(ledger.session, deed.learner, achievement, claimed, deed.now, before=held)
    return given, False


def _find_achievement(ledger: Ledger, deed: Deed, code: Code) -> Achievement:
    point = ledger.points.get(code.point_id)
    if point is None or not point.achievement_id:
        raise WrongCode()
    found = ledger.session.get_one(Achievement, point.achievement_id, options=[_WITH_CITY])
    if found.organiser.city_id != ledger.session.get_one(Learner, deed.learner).city_id:
        raise UnknownCode()
    return found


def _held(ledger: Ledger, deed: Deed, code: Code, achievement: Achievement) -> Award | None:
    """Find the learner's badge. What this point gave is the same one, though its words may have changed since."""
    given_here = select(Code.id).where(Code.point_id == code.point_id)
    query = (
        select(Award)
        .join(Award.achievement)
        .where(
            Award.learner_id == deed.learner,
            holding.HELD,
            (Achievement.series == achievement.series) | Award.code_id.in_(given_here),
        )
    )
    newest = query.order_by(Award.awarded_at.desc(), Award.id.desc()).limit(1)
    return ledger.session.scalars(newest).first()
