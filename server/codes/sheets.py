"""Sheets: codes as they are printed and hung up, one card a point, with QR, typed form and what to do."""

from dataclasses import dataclass
from datetime import datetime

import qrcode
from babel.dates import format_datetime, get_timezone
from flask_babel import force_locale
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from server.activities.models import Activity
from server.codes.models import Code, Point
from server.codes.services import url_of
from server.codes.tokens import show_typed
from server.core.i18n import gettext, language

QUIET = 4
"""Light modules around a code (ISO/IEC 18004, 9.1)."""
_CHUNKS = (0, 4, 6, 8, 12, 16)


@dataclass(frozen=True)
class Qr:
    """A QR code as one SVG path on a square of `size` modules, quiet zone included."""

    size: int
    path: str


@dataclass(frozen=True)
class Card:
    """What hangs at one point."""

    number: int
    activity: Activity
    code: Code
    url: str
    typed: str
    qr: Qr
    window: str


@dataclass(frozen=True)
class Sheet:
    """What all cards of a sheet share: the public address, the city's time zone, and when it is printed."""

    base_url: str
    timezone: str
    at: datetime


def draw_qr(text: str) -> Qr:
    """Draw the smallest code for a text: error correction M, segments cut so that it has the fewest modules."""
    codes = [_code(text, chunk) for chunk in _CHUNKS]
    rows = min(codes, key=lambda one: int(one.version)).get_matrix()
    return Qr(len(rows), "".join(_runs(rows)))


def _code(text: str, chunk: int) -> "qrcode.QRCode[PilImage]":
    code: qrcode.QRCode[PilImage] = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=QUIET, image_factory=PilImage
    )
    code.add_data(text, optimize=chunk)
    code.make(fit=True)
    return code


def _runs(rows: list[list[bool]]) -> list[str]:
    """Write each row's dark runs as bars one module high."""
    bars = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            end = next((n for n in range(x, len(row)) if not row[n]), len(row))
            bars.append(f"M{x} {y}h{end - x}v1h{x - end}z")
            x = end
    return bars


def cards(session: Session, activities: list[Activity], sheet: Sheet) -> list[Card]:
    """List a card for each code that still holds, in the order of the activities. Sessions have their own sheets."""
    order = {activity.id: number for number, activity in enumerate(activities, 1)}
    query = select(Code, Activity).join(Code.point).join(Point.activity)
    query = query.where(
        Activity.id.in_(order), Point.occurrence_id.is_(None), Code.revoked_at.is_(None)
    ).options(contains_eager(Code.point))
    found = [
        (order[activity.id], activity, code)
        for code, activity in session.execute(query.order_by(Code.id))
        if code.level != 3  # it is shown on a screen
        and (not code.closes_at or code.closes_at > sheet.at)
        and (code.cap_total is None or code.claimed < code.cap_total)
    ]
    return [
        card_of(code, activity, number, sheet)
        for number, activity, code in sorted(found, key=lambda one: one[0])
    ]


def card_of(code: Code, activity: Activity, number: int, sheet: Sheet) -> Card:
    """Draw one code as a sheet shows it."""
    url = url_of(code, sheet.base_url)
    typed = show_typed(code.typed) if code.typed else ""
    return Card(number, activity, code, url, typed, draw_qr(url), window_words(code, sheet.timezone))


def window_words(code: Code, timezone: str) -> str:
    """Say when a code holds, in the city's time; empty when it always does."""
    if not code.opens_at and not code.closes_at:
        return ""
    zone, lang = get_timezone(timezone), language()
    opens, closes = (
        format_datetime(at.astimezone(zone), "short", tzinfo=zone, locale=lang) if at else "…"
        for at in (code.opens_at, code.closes_at)
    )
    return f"{opens} – {closes}"


def what_to_do(lang: str) -> tuple[str, str]:
    """Return the two lines below every code, in the language of the card rather than of the reader."""
    with force_locale(lang):
        return (
            gettext("Scan with your phone's camera."),
            gettext("No app, no account. No camera? Open the address below and type the code."),
        )
