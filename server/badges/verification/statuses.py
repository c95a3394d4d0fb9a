"""Was a badge withdrawn? Reads the issuer's list, of whichever kind."""

import gzip
import zlib
from datetime import datetime
from typing import Any

from server.badges import status
from server.badges.canonical import Document
from server.badges.verification.dates import SKEW
from server.badges.verification.issuers import is_same_site, issuer_id
from server.badges.verification.jwt import check_token
from server.badges.verification.report import (
    FAILED,
    OK,
    UNCHECKED,
    Check,
    as_list,
    read_moment,
    show_date,
    weakest,
)
from server.badges.verification.resolving import Resolver
from server.badges.verification.signatures import check_proofs
from server.badges.verification.strict_json import parse
from server.badges.verification.tokens import Token, decode_part, is_token, read_token
from server.core.errors import DomainError
from server.core.i18n import gettext

_MOST_ENTRIES = 8
_KINDS = {
    "BitstringStatusListEntry": ("statusList", "BitstringStatusList"),
    "StatusList2021Entry": ("statusList", "StatusList2021"),
    "RevocationList2020Status": ("revocationList", "RevocationList2020"),
}
"""Kind of entry → how its fields begin, and the kind of list it points into."""
_BAD = ("revocation", "suspension")
_HOSTED = "1EdTechRevocationList"
_PLAIN_BYTES = 4 * 1024 * 1024  # of a list, unpacked
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
    entries = as_list(document.get("credentialStatus"))
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


def _entry_state(entry: Any, document: Document, resolver: Resolver, at: datetime) -> State:
    """Read what one list says. Raises when the list is not what it says it is."""
    if entry.get("type") == _HOSTED:
        return _hosted_state(entry["id"], document, resolver, at)
    if entry.get("type") not in _KINDS or entry.get("statusSize", 1) != 1:
        return UNCHECKED, None
    start, kind = _KINDS[entry["type"]]
    url, index = entry[f"{start}Credential"], _index(entry[f"{start}Index"])
    listing, token = _find_list(url, resolver)
    if listing is None:
        return UNCHECKED, None
    _check_list(listing, token, kind, url, entry, document, resolver, at)
    begun = read_moment(listing.get("validFrom") or listing.get("issuanceDate"))
    if entry.get("statusPurpose", "revocation") not in _BAD:
        return OK, begun  # it tells of something else, such as a newer edition
    if status.is_set(_bits(listing["credentialSubject"], kind), index):
        return FAILED, begun
    ends = [read_moment(listing[name]) for name in ("validUntil", "expirationDate") if name in listing]
    if any(end is None or end < at for end in ends) or begun is None or begun > at + SKEW:
        return UNCHECKED, None
    return OK, begun


def _index(value: Any) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise status.ListMalformed()
    return int(text)


def _find_list(url: Any, resolver: Resolver) -> tuple[Document | None, Token | None]:
    if not isinstance(url, str):
        raise status.ListMalformed()
    own = resolver.status_list(url)
    if own is not None:
        return own, None
    if resolver.is_ours(url):
        raise status.ListMalformed()
    fetched = resolver.fetch(url)
    if fetched is None or fetched.status != 200:
        return None, None
    text = fetched.content.decode().strip()
    if not is_token(text):
        return parse(text), None
    token = read_token(text)
    inner = token.payload.get("vc", token.payload)
    if not isinstance(inner, dict):
        raise status.ListMalformed()
    return inner, token


def _check_list(
    listing: Document,
    token: Token | None,
    kind: str,
    url: str,
    entry: Document,
    document: Document,
    resolver: Resolver,
    at: datetime,
) -> None:
    """Check that a list is the one that is meant, of the same issuer, signed by them. Raises ListMalformed."""
    subject = listing["credentialSubject"]
    purposes = as_list(subject.get("statusPurpose", "revocation"))
    same = (
        listing["id"] == url
        and subject["type"] == kind
        and entry.get("statusPurpose", "revocation") in purposes
        and issuer_id(listing) == issuer_id(document) != ""
    )
    if not same:
        raise status.ListMalformed()
    signature = check_token(listing, token, resolver) if token else check_proofs(listing, resolver, at)
    if signature.state != OK:
        raise status.ListMalformed()


def _bits(subject: Any, kind: str) -> bytes:
    """Unpack a list; the older kinds are written without the letter that names their spelling."""
    if kind == "BitstringStatusList":
        return status.decode(subject)
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    bits = unpacker.decompress(decode_part(subject["encodedList"].rstrip("=")), _PLAIN_BYTES)
    if not unpacker.eof:
        raise status.ListMalformed()
    return bits


def _hosted_state(url: Any, document: Document, resolver: Resolver, at: datetime) -> State:
    """Read a list that is not signed (1EdTech): it counts from the issuer's own site only."""
    issuer = issuer_id(document)
    fetched = resolver.fetch(url) if isinstance(url, str) else None
    if fetched is None or fetched.status != 200:
        return UNCHECKED, None
    listing = parse(fetched.content)
    if issuer_id(listing) != issuer or not is_issuers_site(url, issuer):
        raise status.ListMalformed()
    for one in as_list(listing.get("revokedCredential")):
        if one.get("id") == document.get("id") and one.get("revoked", True) is not False:
            return FAILED, at
    return OK, at


def is_issuers_site(url: str, issuer: str) -> bool:
    """Say whether an address is on the site of an issuer, who may be a did:web."""
    if issuer.startswith("did:web:"):
        issuer = "https://" + issuer.removeprefix("did:web:").split(":")[0].replace("%3A", ":") + "/"
    return is_same_site(url, issuer)
