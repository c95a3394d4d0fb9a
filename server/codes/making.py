"""Making points, and codes at them: one or thousands with the same facts, and new ones in the place of old ones."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.codes import rotating, tokens
from server.codes.history import By, note, revoke
from server.codes.models import Code, Point
from server.codes.services import COMMITTED
from server.core.db import Texts

WITHOUT_TYPED = (0, 3)
"""Levels of codes that have no typed form of their own: open ones, and those that rotate."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What new codes have in common. Windows in UTC and whole seconds; the place in degrees and metres."""

    level: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    cap_total: int | None = None
    cap_person: int = 1
    latitude: float | None = None
    longitude: float | None = None
    radius_m: int | None = None
    languages: Sequence[str] = ()
    batch: str = ""


def make_point(session: Session, activity: Activity, place: Texts) -> Point:
    """Make a point of an activity, with a hint no other stop of the city has as long as there are any."""
    point = Point(id=tokens.new_point(), activity=activity, place=place, hint=_free_hint(session))
    session.add(point)
    session.flush()
    return point


def make_claim_point(session: Session, achievement_id: str, place: Texts) -> Point:
    """Make a point that gives a badge."""
    point = Point(id=tokens.new_point(), achievement_id=achievement_id, place=place, hint=_free_hint(session))
    session.add(point)
    session.flush()
    return point


def follow_version(session: Session, old: str, new: str) -> None:
    """Let the codes of a badge give its next version (ids of achievements)."""
    session.execute(update(Point).where(Point.achievement_id == old).values(achievement_id=new))


def _free_hint(session: Session) -> str:
    taken = set(session.scalars(select(Point.hint)))
    for _ in range(200):
        hint = tokens.new_hint()
        if hint not in taken:
            return hint
    return tokens.new_hint()  # a hint that two stops share only makes the phone ask the server


def make_code(
    session: Session,
    point: Point,
    *,
    level: int,
    at: datetime,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    cap_total: int | None = None,
    cap_person: int = 1,
    batch: str = "",
) -> Code:
    """Make a code of level 0 to 3. A window is kept to whole seconds, as commitments have it."""
    code = Code(
        point=point,
        level=level,
        secret=new_secret(level),
        typed=tokens.new_typed(point.hint) if level in COMMITTED else None,
        opens_at=opens_at and opens_at.replace(microsecond=0),
        closes_at=closes_at and closes_at.replace(microsecond=0),
        cap_total=cap_total,
        cap_person=cap_person,
        claimed=0,
        batch=batch,
        created_at=at,
    )
    session.add(code)
    session.flush()
    return code


def new_secret(level: int) -> str:
    """Make the secret of a code of that level; empty at level 0."""
    if level == rotating.LEVEL:
        return tokens.new_secret(tokens.ROTATING_SECRET_LENGTH)
    return tokens.new_secret() if level else ""


def make_codes(session: Session, point: Point, facts: Facts, by: By, count: int = 1) -> list[Code]:
    """Make so many codes at a point, and note it."""
    made = _add(session, point, [facts] * count, by.at)
    note(session, made, "made", by)
    return made


def reissue(session: Session, point: Point, codes: Sequence[Code], by: By) -> list[Code]:
    """Withdraw codes of a point, and make a new one with the same facts and an own secret for each.

    The places of the new ones are counted anew. Returns them.
    """
    revoke(session, codes, by)
    made = _add(session, point, [_facts_of(code) for code in codes], by.at)
    note(session, made, "reissued", by)
    return made


def _facts_of(code: Code) -> Facts:
    return Facts(**{name: getattr(code, name) for name in Facts.__dataclass_fields__})


def _add(session: Session, point: Point, facts: Sequence[Facts], at: datetime) -> list[Code]:
    session.get_one(Point, point.id, with_for_update=True)  # two who draw typed forms here take turns
    typed = iter(_draw_typed(session, point, sum(one.level not in WITHOUT_TYPED for one in facts)))
    rows = [
        {
            **asdict(one),
            "languages": list(one.languages),
            "point_id": point.id,
            "secret": new_secret(one.level),
            "typed": None if one.level in WITHOUT_TYPED else next(typed),
            "created_at": at,
        }
        for one in facts
    ]
    made = session.scalars(insert(Code).returning(Code, sort_by_parameter_order=True), rows)
    session.expire(point, ["codes"])
    return list(made)


def _draw_typed(session: Session, point: Point, count: int) -> list[str]:
    """Draw typed forms that nobody has.

    Those of a stop begin with its hint, so that a phone knows the stop. A badge's may be thousands: theirs begin
    with any hint that no point has, which makes each one as hard to guess as if it were alone.
    """
    taken = set(session.scalars(select(Point.hint))) if point.achievement_id else set()
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = {_draw_one(point, taken) for _ in range(count - len(found))}
        known = set(session.scalars(select(Code.typed).where(Code.typed.in_(drawn)))) if drawn else set()
        found.update(dict.fromkeys(drawn - known))
    return list(found)


def _draw_one(point: Point, taken: set[str]) -> str:
    if not point.achievement_id:
        return tokens.new_typed(point.hint)
    hints = (tokens.new_hint() for _ in range(200))
    return tokens.new_typed(next((hint for hint in hints if hint not in taken), point.hint))
