"""Finding codes: by what was scanned or typed, and what a point stands for. Many at once, where sync asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from server.codes import rotating, tokens
from server.codes.models import Code, Point
from server.codes.services import UnknownCode, UnknownKind, WrongCode, block_shown
from server.core.db import table

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


@dataclass(frozen=True, slots=True)
class AtPoint:
    """What a point stands for (ids; empty for what it does not), and its codes; to be read only.

    The codes of a badge are left out, as they may be thousands: see `find_claim_code`.
    """

    activity_id: str
    occurrence_id: str
    achievement_id: str
    codes: Sequence[Code]


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
        if block_shown(code, typed, at) is not None:
            return code
    raise UnknownCode()


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
