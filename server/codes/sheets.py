"""Sheets: which codes are printed together, and what stands on the card of each one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from babel.dates import format_date, format_time, get_timezone
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager

from server.codes.models import Code, Point
from server.codes.services import url_of
from server.codes.tokens import show_typed
from server.core.i18n import pick
from server.core.qr import Qr, draw_qr, in_capitals

Times = tuple[datetime | None, datetime | None]
Layout = Literal["poster-a4", "poster-a3", "cards", "stickers"]
A_PAGE: Mapping[Layout, int] = {"poster-a4": 1, "poster-a3": 1, "cards": 10, "stickers": 24}
"""How many codes a page of each layout has."""
MOST: Mapping[Layout, int] = {"poster-a4": 100, "poster-a3": 100, "cards": 500, "stickers": 504}
"""Codes in one file: more are printed in parts, so that no request takes longer than some seconds."""


@dataclass(frozen=True)
class Card:
    """What is printed for one code, whatever it opens: a stop, a session, a badge.

    `address` is what the QR says. `starts_at` and `ends_at` are printed as date and time, in `timezone`.
    """

    code: str
    point: str
    address: str
    typed: str
    title: Mapping[str, str]
    place: Mapping[str, str]
    number: int = 0
    batch: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    timezone: str = "UTC"

    @property
    def qr(self) -> Qr:
        return draw_qr(self.address)


@dataclass(frozen=True)
class Sheet:
    """What all cards of a sheet share. `languages`: up to three, the first one is the largest."""

    title: str
    city: str
    organiser: Mapping[str, str]
    host: str
    languages: Sequence[str]
    layout: Layout = "poster-a4"
    colour: str = "#14506b"


def holding_codes(session: Session, which: ColumnElement[bool], at: datetime) -> list[Code]:
    """List the codes that a condition picks, that still hold, and that can be printed: rotating ones cannot."""
    query = select(Code).join(Code.point).where(which, Code.revoked_at.is_(None), Code.level < 3)
    query = query.options(contains_eager(Code.point).joinedload(Point.activity)).order_by(Code.id)
    return [
        code
        for code in session.scalars(query)
        if (not code.closes_at or code.closes_at > at)
        and (code.cap_total is None or code.claimed < code.cap_total)
    ]


def card_of(
    code: Code, title: Mapping[str, str], base_url: str, timezone: str, times: Times | None = None
) -> Card:
    """Make the card of a code. `title`: what stands on top; `times`: of the session, else the code's own window."""
    starts_at, ends_at = times or (code.opens_at, code.closes_at)
    return Card(
        code=code.id,
        point=code.point_id,
        address=in_capitals(url_of(code, base_url)),
        typed=show_typed(code.typed) if code.typed else "",
        title=title,
        place=code.point.place,
        batch=code.batch,
        starts_at=starts_at,
        ends_at=ends_at,
        timezone=timezone,
    )


def pages(cards: Sequence[Card], layout: Layout) -> list[list[Card]]:
    """Say which cards are on which page."""
    each = A_PAGE[layout]
    return [list(cards[start : start + each]) for start in range(0, len(cards), each)]


def in_languages(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Return a text in each language that has one of its own; always at least one."""
    found: dict[str, str] = {}
    for lang in languages:
        said = pick(texts, lang)
        if said and said not in found.values():
            found[lang] = said
    return found


def when(card: Card, lang: str) -> str:
    """Say from when to when, in the city's time; empty when a code always holds."""
    if not card.starts_at and not card.ends_at:
        return ""
    start, end = _local(card.starts_at, card), _local(card.ends_at, card)
    if start and end and start.date() == end.date():
        return f"{_day(start, lang)}, {_time(start, lang)} – {_time(end, lang)}"
    return " – ".join(f"{_day(at, lang)}, {_time(at, lang)}" if at else "…" for at in (start, end))


def _local(at: datetime | None, card: Card) -> datetime | None:
    return at and at.astimezone(get_timezone(card.timezone))


def _day(at: datetime, lang: str) -> str:
    return format_date(at, "medium", locale=lang)


def _time(at: datetime, lang: str) -> str:
    return format_time(at, "HH:mm", locale=lang)
