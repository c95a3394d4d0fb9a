"""The four results of a check, and what stands in them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date

from server.badges.canonical import Document
from server.core.i18n import gettext, language

OK, FAILED, UNCHECKED = "ok", "failed", "unchecked"


@dataclass(frozen=True)
class Check:
    """One of the four results: `state` is ok, failed or unchecked, `words` say it plainly.

    `domain`: all that stands behind this issuer is a web site; nobody here knows whose it is.
    """

    name: str
    state: str
    words: str
    domain: str = ""


@dataclass(frozen=True)
class Report:
    """The four results, and the badge they are about."""

    signature: Check
    issuer: Check
    status: Check
    dates: Check
    document: Document

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.signature, self.issuer, self.status, self.dates

    @property
    def state(self) -> str:
        """The weakest of the four: one failure fails all, one open question leaves all open."""
        return weakest(check.state for check in self.checks)


def weakest(states: Any) -> str:
    """Join states: one failure fails all, one open question leaves all open; none at all is open too."""
    found = set(states)
    return FAILED if FAILED in found else OK if found == {OK} else UNCHECKED


def not_looked_at(name: str) -> Check:
    return Check(name, UNCHECKED, gettext("Not looked at, because the signature does not hold."))


def read_moment(value: Any) -> datetime | None:
    """Read a date-time; one without a zone is none, because nobody can say when it is."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the latter before the year 1 and after 9999
        return None


def show_date(moment: datetime) -> str:
    return format_date(moment, "long", locale=language())


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
