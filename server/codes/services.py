"""What a code says of itself, when it holds, and redeeming it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.codes import rotating, tokens
from server.codes.models import Code
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


COMMITTED = (1, 2)
"""Levels with one secret for all its time, by whose hash a phone knows the code."""


def revoke(code: Code, at: datetime) -> None:
    """Withdraw one code. What was earned with it stays."""
    code.revoked_at = code.revoked_at or at


def url_of(code: Code, base_url: str) -> str:
    """Return where the code leads, its proof included. A rotating one has no proof of its own: screens show it."""
    proof = tokens.write_proof(code.level, code.secret) if code.level in COMMITTED else ""
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
    if code.level not in COMMITTED:
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
    block = block_shown(code, use.shown, use.at)
    if block is None:
        raise WrongCode()
    return rotating.window_of_block(block)


def block_shown(code: Code, typed: str, at: int) -> int | None:
    return rotating.find_block(
        code.secret, code.point_id, tokens.fold_typed(typed), rotating.blocks_around(at)
    )


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
