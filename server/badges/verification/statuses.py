"""Was a badge withdrawn? Reads the issuer's list, of whichever kind."""

import gzip
import zlib
from datetime import datetime
from typing import Any

from server.badges.canonical import Document
from server.badges.status import ListMalformed
from server.badges.verification import lists
from server.badges.verification.issuers import is_same_site, issuer_id
from server.badges.verification.report import (
    FAILED,
    OK,
    UNCHECKED,
    Check,
    as_list,
    show_date,
    weakest,
)
from server.badges.verification.resolving import Resolver
from server.badges.verification.strict_json import parse
from server.core.errors import DomainError
from server.core.i18n import gettext

_MOST_ENTRIES = 8
_BAD = ("revocation", "suspension")
_HOSTED = "1EdTechRevocationList"
_UNREADABLE = (
    DomainError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    zlib.error,
    EOFError,
    gzip.BadGzipFile,
)
State = tuple[str, datetime | None]


def check_status(document: Document, resolver: Resolver, at: datetime) -> Check:
    """Look into the issuer's lists of withdrawn badges."""
    entries = [one for one in as_list(document.get("credentialStatus")) if not _is_other_news(one)]
    if not entries:
        words = gettext("The issuer keeps no list of withdrawn badges for it.")
        return Check("status", UNCHECKED, words)
    if len(entries) > _MOST_ENTRIES:
        return bad_list()
    try:
        found = [_entry_state(entry, document, resolver, at) for entry in entries]
    except _UNREADABLE:
        return bad_list()
    return status_check([state for state, _ in found], [moment for _, moment in found])


def _is_other_news(entry: Any) -> bool:
    """Say whether an entry tells of something else, such as a newer edition."""
    return isinstance(entry, dict) and entry.get("statusPurpose", _BAD[0]) not in _BAD


def bad_list() -> Check:
    words = gettext("The issuer's list of withdrawn badges is wrong or not signed by them.")
    return Check("status", FAILED, words)


def status_check(states: list[str], moments: list[datetime | None], reason: str = "") -> Check:
    """Say in words what the lists say together; the oldest of them dates the answer."""
    state, date = weakest(states), min((one for one in moments if one), default=None)
    if state == FAILED:
        words = gettext("The issuer has withdrawn it.")
        return Check("status", FAILED, f"{words} “{reason[:200]}”" if reason else words)
    if state == UNCHECKED or date is None:
        words = gettext("Whether it was withdrawn could not be checked: we do not hold the issuer's list.")
        return Check("status", UNCHECKED, words)
    words = gettext("It has not been withdrawn, says the issuer's list of %(date)s.", date=show_date(date))
    return Check("status", OK, words)


def _entry_state(entry: Document, document: Document, resolver: Resolver, at: datetime) -> State:
    """Read what one list says. Raises when the list is not what it says it is."""
    if entry.get("type") == _HOSTED:
        return _hosted_state(entry["id"], document, resolver, at)
    if entry.get("type") not in lists.KINDS or entry.get("statusSize", 1) != 1:
        return UNCHECKED, None
    found = lists.find(entry, resolver)
    state = found.judge(issuer_id(document), resolver, at) if found else UNCHECKED
    if found is None or state != OK:
        return state, None
    return (FAILED if found.is_set() else OK if found.is_fresh(at) else UNCHECKED), found.begun


def _hosted_state(url: Any, document: Document, resolver: Resolver, at: datetime) -> State:
    """Read a list that is not signed (1EdTech): it counts from the issuer's own site only."""
    issuer = issuer_id(document)
    fetched = resolver.fetch(url) if isinstance(url, str) else None
    if fetched is None or fetched.status != 200:
        return UNCHECKED, None
    listing = parse(fetched.content)
    if issuer_id(listing) != issuer or not is_issuers_site(url, issuer):
        raise ListMalformed()
    for one in as_list(listing.get("revokedCredential")):
        if one.get("id") == document.get("id") and one.get("revoked", True) is not False:
            return FAILED, at
    return OK, at


def is_issuers_site(url: str, issuer: str) -> bool:
    """Say whether an address is on the site of an issuer, who may be a did:web."""
    if issuer.startswith("did:web:"):
        issuer = "https://" + issuer.removeprefix("did:web:").split(":")[0].replace("%3A", ":") + "/"
    return is_same_site(url, issuer)
