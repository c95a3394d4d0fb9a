"""Points and codes: making them, finding them by what was scanned or typed, and redeeming them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.codes import rotating, tokens
from server.codes.models import Code, Point
from server.core.db import Texts, table
from server.core.errors import DomainError
from server.core.i18n import gettext
from sync.times import Moment, Window, judge_time


class CodeRefused(DomainError):
    """A code does not count; `code` says why."""

    status = 422


class UnknownCode(CodeRefused):
    status, code = 404, "unknown_code"

    def explain(self) -> str:
        return gettext("We do not know this code.")


class UnknownKind(CodeRefused):
    code = "unknown_kind"

    def explain(self) -> str:
        return gettext("This code is newer than this app. Please update.")


class WrongCode(CodeRefused):
    code = "wrong_code"

    def explain(self) -> str:
        return gettext("This code is not right for this place.")


class CodeRevoked(CodeRefused):
    status, code = 410, "code_revoked"

    def explain(self) -> str:
        return gettext("The organiser has withdrawn this code.")


class WindowClosed(CodeRefused):
    code = "window_closed"

    def explain(self) -> str:
        return gettext("This code did not count at that time.")


class UsedUp(CodeRefused):
    status, code = 409, "used_up"

    def explain(self) -> str:
        return gettext("This code has been used as often as it may.")


@dataclass(frozen=True, slots=True)
class Use:
    """A code as somebody used it: the phone's clock, its last anchor and the first arrival, in milliseconds.

    `shown` is what they scanned (the fragment) or typed: a rotating code says by it when it was on the screen.
    """

    wall: int
    anchor_at: int | None
    received_at: int
    max_offline: int
    shown: str = ""

    @property
    def at(self) -> int:
        """The phone's clock, corrected by what we know."""
        return judge_time(
            Window(), anchor_at=self.anchor_at, received_at=self.received_at, wall=self.wall, max_offline=0
        ).at


@dataclass(frozen=True, slots=True)
class AtPoint:
    """What a point stands for (ids; empty for what it does not), and its codes; to be read only.

    The codes of a badge are left out, as they may be thousands: see `find_claim_code`.
    """

    activity_id: str
    occurrence_id: str
    achievement_id: str
    codes: Sequence[Code]


_COMMITTED = (1, 2)
"""Levels with one secret for all its time, by whose hash a phone knows the code."""
_AT_POINTS = (
    select(
        table(Point).c.id.label("point"),
        table(Point).c.activity_id,
        table(Point).c.occurrence_id,
        table(Point).c.achievement_id,
        table(Code),
    )
    .outerjoin_from(
        table(Point),
        table(Code),
        (table(Code).c.point_id == table(Point).c.id) & table(Point).c.achievement_id.is_(None),
    )
    .where(table(Point).c.id.in_(bindparam("points", expanding=True)))
)
_START = 4
"""Characters of a secret (20 of 80 bits) by which the database finds it among thousands; we compare the rest."""
_CLAIM_CODE = select(table(Code)).where(
    table(Code).c.point_id == bindparam("point"),
    table(Code).c.level == bindparam("level"),
    func.substr(table(Code).c.secret, 1, _START) == bindparam("start"),
)


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
        typed=tokens.new_typed(point.hint) if level in _COMMITTED else None,
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


def revoke(code: Code, at: datetime) -> None:
    """Withdraw one code. What was earned with it stays."""
    code.revoked_at = code.revoked_at or at


def url_of(code: Code, base_url: str) -> str:
    """Return where the code leads, its proof included. A rotating one has no proof of its own: screens show it."""
    proof = tokens.write_proof(code.level, code.secret) if code.level in _COMMITTED else ""
    return f"{base_url.rstrip('/')}/s/{code.point_id}" + (f"#{proof}" if proof else "")


def window_of(code: Code) -> Window:
    """Return when the code holds, in milliseconds."""
    return Window(_milliseconds(code.opens_at), _milliseconds(code.closes_at))


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)


def commitment_of(code: Code) -> str | None:
    """Return the hash by which a phone knows the code with no network; None when it cannot know it.

    Of a rotating code nothing is committed: any form in which a phone could test a step would let it make steps.
    """
    if code.level not in _COMMITTED:
        return None
    opens, closes = (None if at is None else int(at.timestamp()) for at in (code.opens_at, code.closes_at))
    return tokens.commitment(code.point_id, tokens.write_window(opens, closes), code.secret)


def code_view(code: Code) -> dict[str, Any]:
    """Write what a phone may know of a code: enough to say "genuine", not enough to make one.

    `place` is there only when the code asks whether one is at its place.
    """
    place = place_of(code)
    return {
        "point": code.point_id,
        "activity": code.point.activity_id,
        "occurrence": code.point.occurrence_id,
        "level": code.level,
        "window": _seconds(code),
        "commitment": commitment_of(code),
        "hint": code.point.hint,
        **({"place": place} if place else {}),
    }


def _seconds(code: Code) -> list[int | None] | None:
    """Return opening and closing in Unix seconds; null when the code always holds."""
    ends = [None if at is None else int(at.timestamp()) for at in (code.opens_at, code.closes_at)]
    return ends if any(end is not None for end in ends) else None


def place_of(code: Code) -> dict[str, float] | None:
    """Return where a code counts: degrees, and metres around; None when it counts anywhere."""
    if code.latitude is None or code.longitude is None or not code.radius_m:
        return None
    return {"lat": code.latitude, "lon": code.longitude, "radius": code.radius_m}


def find_by_typed(session: Session, typed: str, at: int) -> Code:
    """Find a code by what somebody typed, and when, in milliseconds (`Use.at`). Raises UnknownCode."""
    folded = tokens.fold_typed(typed)
    if not tokens.is_typed(folded):
        raise UnknownCode()
    found = session.scalars(select(Code).where(Code.typed == folded)).first()
    if found and tokens.same(found.typed or "", folded):
        return found
    return _find_rotating(session, folded, at)


def _find_rotating(session: Session, typed: str, at: int) -> Code:
    """Find the code whose screen showed a typed form at about that time. Raises UnknownCode."""
    query = select(Code).join(Point).where(Point.hint == typed[:2], Code.level == rotating.LEVEL)
    for code in session.scalars(query.order_by(Code.id)):
        if _block_shown(code, typed, at) is not None:
            return code
    raise UnknownCode()


def _block_shown(code: Code, typed: str, at: int) -> int | None:
    return rotating.find_block(
        code.secret, code.point_id, tokens.fold_typed(typed), rotating.blocks_around(at)
    )


def read_points(session: Session | Connection, point_ids: Iterable[str]) -> dict[str, AtPoint]:
    """Read points with their codes; those that do not exist are left out."""
    found: dict[str, tuple[Any, list[Code]]] = {}
    for row in session.execute(_AT_POINTS, {"points": list(point_ids)}):
        _, codes = found.setdefault(row.point, (row, []))
        if row.id:
            codes.append(cast(Code, row))
    return {
        id: AtPoint(row.activity_id or "", row.occurrence_id or "", row.achievement_id or "", codes)
        for id, (row, codes) in found.items()
    }


def find_by_proof(session: Session, point_id: str, fragment: str) -> Code:
    """Find the code of a point that a fragment proves. Raises UnknownCode, UnknownKind or WrongCode."""
    return by_proof(read_points(session, [point_id]).get(point_id), fragment)


def by_proof(point: AtPoint | None, fragment: str) -> Code:
    """Choose the code of a point that a fragment proves. Raises UnknownCode, UnknownKind or WrongCode."""
    codes = _codes_of(point)
    if fragment[:1] not in (*tokens.KINDS, rotating.KIND):
        raise UnknownKind()
    matching = [code for code in codes if _proves(fragment, code)]
    if not matching:
        raise WrongCode()
    return matching[0]


def _proves(fragment: str, code: Code) -> bool:
    """Say whether a fragment is one of the code's, at whatever time it was shown."""
    if code.level == rotating.LEVEL:
        shown = rotating.read(fragment)
        return shown is not None and rotating.is_genuine(code.secret, code.point_id, shown)
    proof = tokens.read_proof(fragment)
    return proof is not None and proof.level == code.level and tokens.same(code.secret, proof.secret)


def find_claim_code(reader: Connection, point_id: str, fragment: str) -> Code:
    """Find the code of a badge's point that a fragment proves; an empty one proves the open code, if there is one.

    Raises UnknownKind or WrongCode.
    """
    if fragment[:1] and fragment[:1] not in tokens.KINDS:
        raise UnknownKind()
    proof = tokens.read_proof(fragment) if fragment else tokens.Proof(0, "")
    if proof is None:
        raise WrongCode()
    wanted = {"point": point_id, "level": proof.level, "start": proof.secret[:_START]}
    for found in reader.execute(_CLAIM_CODE, wanted).all():
        if tokens.same(found.secret, proof.secret):
            return cast(Code, found)
    raise WrongCode()


def without_proof(point: AtPoint | None) -> Code:
    """Choose the open code (level 0) of a point. Raises UnknownCode, or WrongCode when it asks for proof."""
    for code in _codes_of(point):
        if code.level == 0:
            return code
    raise WrongCode()


def _codes_of(point: AtPoint | None) -> Sequence[Code]:
    if point is None:
        raise UnknownCode()
    return point.codes


def needs_proof(reader: Connection, activity_id: str) -> bool:
    """Say whether an activity has codes that prove more than somebody's own word."""
    query = (
        select(Code.id)
        .join(Point)
        .where(Point.activity_id == activity_id, Code.level > 0, Code.revoked_at.is_(None))
        .limit(1)
    )
    return reader.scalar(query) is not None


def judge(code: Code, use: Use, *, used_by_person: int) -> Moment:
    """Say when a code was used, proven or claimed.

    `used_by_person` is how often the same person used it before. Raises CodeRevoked, WindowClosed or UsedUp,
    and WrongCode when a rotating code is none of what was shown.
    A code with a cap must give one of its places too: `take_place`.
    """
    moment = judge_time(
        _holding(code).narrow(_window_shown(code, use)),
        anchor_at=use.anchor_at,
        received_at=use.received_at,
        wall=use.wall,
        max_offline=use.max_offline,
    )
    if moment.state == "rejected":
        raise CodeRevoked() if code.revoked_at else WindowClosed()
    if used_by_person >= code.cap_person:
        raise UsedUp()
    return moment


def _window_shown(code: Code, use: Use) -> Window:
    """Return when what was scanned or typed counts: always, unless the code rotates."""
    if code.level != rotating.LEVEL:
        return Window()
    if scanned := rotating.read(use.shown):
        return rotating.window_of_step(scanned.step)
    block = _block_shown(code, use.shown, use.at)
    if block is None:
        raise WrongCode()
    return rotating.window_of_block(block)


def _holding(code: Code) -> Window:
    """Return when the code may be used: its window, ended early when it was withdrawn.

    So a scan made offline before the code was withdrawn still counts, marked as claimed.
    """
    window, revoked = window_of(code), _milliseconds(code.revoked_at)
    if revoked is None:
        return window
    return Window(window.opens, revoked - 1 if window.closes is None else min(window.closes, revoked - 1))


def take_place(session: Session, code: Code) -> None:
    """Take one of the places of a code with a cap. Raises UsedUp. Other codes are counted by their check-ins,
    so that a busy door has no hot row. A conditional update: counting first would let too many in.
    """
    taken = session.execute(
        update(Code)
        .where(Code.id == code.id, Code.claimed < Code.cap_total)
        .values(claimed=Code.claimed + 1)
        .returning(Code.claimed),
        execution_options={"synchronize_session": False},
    ).first()
    if taken is None:
        raise UsedUp()
