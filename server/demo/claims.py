"""The demo city's badge that is given by code: a code for many people, cards that count once, and both as the
summary tells them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges.models import Achievement
from server.codes.history import By
from server.codes.making import Facts, make_claim_point, make_codes
from server.codes.models import Code, Point
from server.codes.services import url_of
from server.codes.tokens import show_typed
from server.demo import content
from server.demo.table import LANGUAGES

OPEN_FOR = timedelta(days=30)
RENEW_WITHIN = timedelta(days=7)
CARDS = "Festival cards"
"""The batch's name."""
MOST_CARDS = 50
"""Somebody who tries the desk may have made thousands."""


def add_badge(session: Session, achievement: Achievement, told: content.Badge, at: datetime) -> None:
    point = make_claim_point(session, achievement.id, told.place)
    languages = LANGUAGES[:3]
    _add_window(session, point, told.cap, at)
    cards = Facts(level=1, cap_total=1, languages=languages, batch=CARDS)
    make_codes(session, point, cards, By(None, at), told.cards)


def _add_window(session: Session, point: Point, cap: int | None, at: datetime) -> None:
    opens_at = (at - timedelta(days=1)).replace(microsecond=0)
    facts = Facts(
        level=2,
        opens_at=opens_at,
        closes_at=opens_at + OPEN_FOR,
        cap_total=cap,
        languages=LANGUAGES[:3],
        batch="demo",
    )
    make_codes(session, point, facts, By(None, at))


def renew(session: Session, point: Point, at: datetime) -> int:
    """Give a badge whose window ends soon a new code for many; return how many were made."""
    windows = [code for code in point.codes if code.closes_at and code.revoked_at is None]
    last = max(windows, key=lambda code: code.closes_at or at, default=None)
    if last is None or last.closes_at is None or last.closes_at >= at + RENEW_WITHIN:
        return 0
    _add_window(session, point, last.cap_total, at)
    return 1


def claims(session: Session, base: str) -> list[dict[str, Any]]:
    """List the badges that are given by code, each with the newest code for many, and cards that nobody used."""
    query = select(Point, Achievement).join(Achievement, Achievement.id == Point.achievement_id)
    return [_told(point, badge, base) for point, badge in session.execute(query.order_by(Point.id))]


def _told(point: Point, badge: Achievement, base: str) -> dict[str, Any]:
    codes = [code for code in point.codes if code.revoked_at is None]
    many = max((code for code in codes if code.cap_total != 1), key=lambda code: code.id, default=None)
    cards = [code for code in codes if code.cap_total == 1 and not code.claimed]
    return {
        "achievement": badge.id,
        "name": badge.name,
        "point": point.id,
        "page": f"{base}/s/{point.id}",
        "desk": f"/desk/achievements/{badge.id}/codes",
        "code": many and _code(many, base),
        "cards": [_code(code, base) for code in cards[:MOST_CARDS]],
    }


def _code(code: Code, base: str) -> dict[str, Any]:
    return {
        "url": url_of(code, base),
        "typed": show_typed(code.typed) if code.typed else None,
        "level": code.level,
        "cap": code.cap_total,
        "opens_at": _moment(code.opens_at),
        "closes_at": _moment(code.closes_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
