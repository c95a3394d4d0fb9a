"""What is printed of a badge, in one language: read from an award once, used by every kind of print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from flask import current_app
from sqlalchemy import select

from server.badges import assurance, drawing
from server.badges.assurance import Assurance
from server.badges.models import Award
from server.badges.services import design
from server.core.db import db
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, language, pick
from server.core.qr import Qr, draw_qr
from server.core.shell import absolute
from server.core.text import clean, plain

SHORT = 16
"""Characters of a badge's id in a printed address: 80 random bits, which nobody guesses on a server that counts."""
_ID = 26
PICTURE = 720
"""Pixels: 300 dots an inch at six centimetres."""


class NotPrinted(DomainError):
    """A badge that was withdrawn or erased is on no paper of ours."""

    status, code = 410, "badge_withdrawn"

    def explain(self) -> str:
        return gettext("This badge was withdrawn, so there is nothing to print.")


@dataclass(frozen=True)
class Printed:
    """One badge as it is printed. `short` is what its code says, `address` where its page is."""

    name: str
    description: str
    criteria: str
    issuer: str
    city: str
    colour: str
    awarded_at: datetime
    valid_until: datetime | None
    level: int
    level_name: str
    checked: str
    address: str
    short: str
    picture: bytes
    lang: str

    @property
    def qr(self) -> Qr:
        return draw_qr(self.short)

    @property
    def earned(self) -> str:
        return gettext("Earned on %(date)s", date=_day(self.awarded_at))

    @property
    def validity(self) -> str:
        if self.valid_until:
            return gettext("Valid until %(date)s", date=_day(self.valid_until))
        return gettext("Valid with no end")

    @property
    def alt(self) -> str:
        return gettext("The badge “%(name)s”", name=self.name)

    @property
    def code_alt(self) -> str:
        return gettext("QR code: %(address)s", address=self.short)


def printed(award: Award, lang: str = "") -> Printed:
    """Gather what is printed of an award. `lang`: of the badge's own words. Raises NotPrinted."""
    if award.revoked_at or award.erased:
        raise NotPrinted()
    achievement, sure = award.achievement, Assurance.read(award.assurance)
    organiser, lang = achievement.organiser, lang if lang in achievement.name else language()
    return Printed(
        name=clean(pick(achievement.name, lang)),
        description=plain(pick(achievement.description, lang)),
        criteria=plain(pick(achievement.criteria, lang)),
        issuer=clean(pick(organiser.name, lang)),
        city=clean(organiser.city.name),
        colour=organiser.city.colour,
        awarded_at=award.awarded_at,
        valid_until=award.valid_until,
        level=sure.level,
        level_name=assurance.title(sure),
        checked=assurance.words(sure),
        address=absolute(f"/credentials/{award.credential_id}"),
        short=short_address(award.credential_id),
        picture=drawing.badge_png(design(achievement), PICTURE),
        lang=_written_in(achievement.name, lang),
    )


def short_address(credential_id: str) -> str:
    """Return an address for a small code: in capitals, of which two fit into eleven bits."""
    return absolute(f"/C/{credential_id[:SHORT]}").upper()


def public_host() -> str:
    host: str = current_app.config["STREETWISE"].public_host
    return host


def find_short(start: str) -> Award:
    """Find an award by the beginning of its id, as printed codes say it. Raises NotFound."""
    start = start.lower()
    if not (start.isascii() and start.isalnum() and len(start) == SHORT):
        raise NotFound()
    last = start.ljust(_ID, "z")  # a range, which the index answers whatever the database's order of letters
    query = select(Award).where(Award.credential_id.between(start, last)).limit(2)
    found = db.session.scalars(query).all()
    if len(found) != 1:
        raise NotFound()
    return found[0]


def _written_in(texts: Mapping[str, str], lang: str) -> str:
    """Say in which language `pick` found the text."""
    return next((one for one in (lang, "en", *texts) if texts.get(one)), "en")


def _day(at: datetime) -> str:
    return format_date(at, "long", locale=language())
