"""Is a badge valid already, and still?"""

from datetime import datetime, timedelta
from typing import Any

from server.badges.canonical import Document
from server.badges.verification.report import FAILED, OK, Check, as_list, read_moment, show_date
from server.core.i18n import gettext

SKEW = timedelta(minutes=5)
_STARTS = ("validFrom", "issuanceDate", "issuedOn")
_ENDS = ("validUntil", "expirationDate", "expires")


def check_dates(document: Document, at: datetime) -> Check:
    """Check that it is valid already and still. Where it says so twice, both must be true."""
    starts, ends = _moments(document, _STARTS), _moments(document, _ENDS)
    signed = [
        read_moment(one.get("created")) for one in as_list(document.get("proof")) if isinstance(one, dict)
    ]
    if not starts or None in (*starts, *ends):
        return Check("dates", FAILED, gettext("Its dates are missing or wrong."))
    start, end = max(filter(None, (*starts, *signed))), min(filter(None, ends), default=None)
    if start > at + SKEW:
        return Check("dates", FAILED, gettext("It is not valid before %(date)s.", date=show_date(start)))
    if end and end < at:
        return Check("dates", FAILED, gettext("It expired on %(date)s.", date=show_date(end)))
    if end:
        words = gettext("Valid from %(start)s until %(end)s.", start=show_date(start), end=show_date(end))
        return Check("dates", OK, words)
    return Check("dates", OK, gettext("Valid since %(date)s, with no end.", date=show_date(start)))


def _moments(document: Document, names: tuple[str, ...]) -> list[Any]:
    return [read_moment(document[name]) for name in names if name in document]
