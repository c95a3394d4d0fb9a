"""Claims: a code gives a badge, with no activity. Judged like a scan; each learner has each badge once."""

from sqlalchemy import select

from server.accounts.models import Learner
from server.badges import services as badges
from server.badges.assurance import CLAIM
from server.badges.models import Achievement, Award
from server.badges.series import ids_of
from server.codes import services as codes
from server.codes.models import Code
from server.codes.services import UnknownCode, Use, WrongCode
from server.learning.ledger import Ledger
from server.learning.services import Deed


def claim(ledger: Ledger, deed: Deed, code: Code, use: Use) -> tuple[Award, bool]:
    """Give a learner the badge of a code. Returns the award, and whether they held it before.

    Who holds it, in whichever version, takes no place of the code. Raises UnknownCode for another city's,
    WrongCode when the code gives no badge, and what `codes.judge` and `codes.take_place` raise.
    """
    achievement = _find_achievement(ledger, deed, code)
    held = _held(ledger, deed, code, achievement)
    if held:
        return held, True
    moment = codes.judge(code, use, used_by_person=0)  # who used it before holds the badge
    if code.cap_total is not None:
        codes.take_place(ledger.session, code)
    assurance = {"level": code.level, "time": moment.state, "review": CLAIM}
    claimed = badges.Claim(code.id, deed.event, assurance, deed.at)
    return badges.award_claimed(ledger.session, deed.learner, achievement, claimed, deed.now), False


def _find_achievement(ledger: Ledger, deed: Deed, code: Code) -> Achievement:
    point = ledger.points.get(code.point_id)
    if point is None or not point.achievement_id:
        raise WrongCode()
    found = ledger.session.get_one(Achievement, point.achievement_id)
    if found.organiser.city_id != ledger.session.get_one(Learner, deed.learner).city_id:
        raise UnknownCode()
    return found


def _held(ledger: Ledger, deed: Deed, code: Code, achievement: Achievement) -> Award | None:
    """Find the learner's badge. What this point gave is the same one, though its words may have changed since."""
    given_here = select(Code.id).where(Code.point_id == code.point_id)
    query = select(Award).where(
        Award.learner_id == deed.learner,
        Award.period == "",  # a voided one leaves room
        Award.achievement_id.in_(ids_of(achievement.series)) | Award.code_id.in_(given_here),
    )
    return ledger.session.scalars(query.order_by(Award.id).limit(1)).first()
