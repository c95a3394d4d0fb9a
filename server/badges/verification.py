"""Checks a badge, ours or anybody's, in four separate results: signature, issuer, status, dates.

Nothing here uses the network: a `Resolver` knows our own issuers and lists, and what it does not know
"could not be checked", which must never look like "ok". What is read may be hostile.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from babel.dates import format_date
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.badges import baking, multikey, status
from server.badges.canonical import Document, DocumentUnclear
from server.badges.contexts import ContextUnknown
from server.badges.signing import SUITES, proof_holds
from server.core.errors import DomainError, TooLarge
from server.core.i18n import gettext, language

LIMIT = 5 * 1024 * 1024
DEPTH = 64
_MOST_PROOFS = 8
_SKEW = timedelta(minutes=5)

OK, FAILED, UNCHECKED = "ok", "failed", "unchecked"


class BadgeUnreadable(DomainError):
    status, code = 422, "badge_unreadable"

    def explain(self) -> str:
        return gettext(
            "This is no badge we can read. Expected is a badge file: JSON, or a PNG with a badge inside."
        )


@dataclass(frozen=True)
class Check:
    """One of the four results: `state` is ok, failed or unchecked, `words` say it plainly."""

    name: str
    state: str
    words: str


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
        states = {check.state for check in self.checks}
        return FAILED if FAILED in states else UNCHECKED if UNCHECKED in states else OK


@dataclass(frozen=True)
class KnownIssuer:
    """An issuer whose DID document we hold, and the name under which we know it."""

    document: Document
    name: str


class Resolver(Protocol):
    """Answers from what we hold ourselves."""

    def is_ours(self, address: str) -> bool:
        """Say whether a DID or URL belongs to this site."""

    def issuer(self, did: str) -> KnownIssuer | None: ...

    def status_list(self, url: str) -> Document | None: ...


def verify(content: bytes, resolver: Resolver, at: datetime) -> Report:
    """Check a badge given as JSON or as PNG.

    Raises BadgeUnreadable, TooLarge, PictureUnreadable, PictureEmpty.
    """
    document = read(content)
    signature = check_signature(document, resolver, at)
    if signature.state == FAILED:
        issuer, bit, dates = (_not_looked_at(name) for name in ("issuer", "status", "dates"))
    else:
        issuer = check_issuer(document, resolver)
        bit = check_status(document, resolver, at)
        dates = check_dates(document, at)
    return Report(signature, issuer, bit, dates, document)


def read(content: bytes) -> Document:
    """Read a badge file from anywhere, within limits of size and depth."""
    if len(content) > LIMIT:
        raise TooLarge()
    if content.startswith(baking.SIGNATURE):
        content = baking.unbake(content).encode()
    try:
        document = json.loads(content, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_number)
        json.dumps(document, ensure_ascii=False).encode()  # half a character can be neither signed nor shown
    except (ValueError, RecursionError) as error:
        raise BadgeUnreadable() from error
    if not isinstance(document, dict) or _is_deeper(document, DEPTH) or not _is_badge(document):
        raise BadgeUnreadable()
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that comes twice: readers differ on which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _refuse(_constant: str) -> None:
    raise ValueError("not a JSON number")


def _number(text: str) -> float | int:
    """Read 1.0 as 1: JSON has one kind of number, and canonical forms follow JavaScript."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [child for one in level for child in _children(one)]
    return bool(level)


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _is_badge(document: Document) -> bool:
    kinds = _as_list(document.get("type"))
    return "VerifiableCredential" in kinds and (
        "OpenBadgeCredential" in kinds or "AchievementCredential" in kinds or "EndorsementCredential" in kinds
    )


def check_signature(document: Document, resolver: Resolver, at: datetime) -> Check:
    """Check every proof: all must hold, and each must come from the issuer."""
    proofs = _as_list(document.get("proof"))
    if not proofs or len(proofs) > _MOST_PROOFS:
        return Check("signature", FAILED, gettext("It is not signed, so anybody could have written it."))
    body = {name: value for name, value in document.items() if name != "proof"}
    states = [_proof_state(body, proof, resolver, at) for proof in proofs]
    if FAILED in states:
        words = gettext("The signature does not fit: something was changed, or somebody else signed.")
        return Check("signature", FAILED, words)
    if UNCHECKED in states:
        words = gettext(
            "The signature could not be checked, because we do not hold this issuer's key or vocabulary."
        )
        return Check("signature", UNCHECKED, words)
    return Check("signature", OK, gettext("Nothing was changed since the issuer signed it."))


def _proof_state(body: Document, proof: Any, resolver: Resolver, at: datetime) -> str:
    if not isinstance(proof, dict) or proof.get("proofPurpose") != "assertionMethod":
        return FAILED
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") not in SUITES:
        return UNCHECKED
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or method.partition("#")[0] != issuer_id(body):
        return FAILED
    if "expires" in proof and (_moment(proof["expires"]) or at) <= at:
        return FAILED
    try:
        key = _key(method, resolver)
        return UNCHECKED if key is None else OK if _holds(body, proof, key) else FAILED
    except (ContextUnknown, TooLarge):
        return UNCHECKED
    except (DocumentUnclear, ValueError):
        return FAILED


def _holds(body: Document, proof: Document, key: Ed25519PublicKey) -> bool:
    return "@context" in body and isinstance(proof.get("proofValue"), str) and proof_holds(body, proof, key)


def _key(method: str, resolver: Resolver) -> Ed25519PublicKey | None:
    """Find a key: in a `did:key` itself, or among those an issuer of ours may sign with, old ones too.

    None when we cannot know; ValueError when we know that there is no such key.
    """
    did, _, fragment = method.partition("#")
    if did.startswith("did:key:"):
        if fragment != did.removeprefix("did:key:"):
            raise ValueError("not that key's own name")
        return multikey.decode_key(fragment)
    known = resolver.issuer(did)
    if known is None:
        if resolver.is_ours(did):
            raise ValueError("no such issuer")
        return None
    if method not in known.document["assertionMethod"]:
        raise ValueError("no such key")
    found = next(one for one in known.document["verificationMethod"] if one["id"] == method)
    return multikey.decode_key(found["publicKeyMultibase"])


def check_issuer(document: Document, resolver: Resolver) -> Check:
    """Say who the issuer is, and whether we vouch for it."""
    did = issuer_id(document)
    known = resolver.issuer(did)
    if known:
        words = gettext("%(name)s issued it. We know this organiser and its keys.", name=known.name)
        return Check("issuer", OK, words)
    if resolver.is_ours(did):
        return Check("issuer", FAILED, gettext("It names an organiser of this site that does not exist."))
    words = gettext(
        "We do not know this issuer, so we cannot say who stands behind it: %(did)s", did=did[:120] or "–"
    )
    return Check("issuer", UNCHECKED, words)


def check_status(document: Document, resolver: Resolver, at: datetime) -> Check:
    """Look into the issuer's list of withdrawn badges."""
    entries = _as_list(document.get("credentialStatus"))
    if not entries:
        words = gettext("The issuer keeps no list of withdrawn badges for it.")
        return Check("status", UNCHECKED, words)
    try:
        found = [_entry_state(entry, document, resolver, at) for entry in entries[:_MOST_PROOFS]]
    except (DomainError, AttributeError, KeyError, TypeError, ValueError):
        return Check(
            "status", FAILED, gettext("The issuer's list of withdrawn badges is wrong or not signed by them.")
        )
    date = min((moment for _, moment in found if moment), default=None)
    states = [state for state, _ in found]
    if FAILED in states:
        return Check("status", FAILED, gettext("The issuer has withdrawn it."))
    if UNCHECKED in states or date is None:
        words = gettext("Whether it was withdrawn could not be checked: we do not hold the issuer's list.")
        return Check("status", UNCHECKED, words)
    words = gettext("It has not been withdrawn, says the issuer's list of %(date)s.", date=_date(date))
    return Check("status", OK, words)


def _entry_state(
    entry: Any, document: Document, resolver: Resolver, at: datetime
) -> tuple[str, datetime | None]:
    """Read one bit: its state, and the date of the list. Raises when the list is not what it says it is."""
    if entry.get("type") != "BitstringStatusListEntry":
        return UNCHECKED, None
    url, index = entry["statusListCredential"], entry["statusListIndex"]
    if not isinstance(index, str) or not index.isascii() or not index.isdigit() or len(index) > 9:
        raise status.ListMalformed()
    listing = resolver.status_list(url)
    if listing is None:
        if resolver.is_ours(url):
            raise status.ListMalformed()
        return UNCHECKED, None
    subject = listing["credentialSubject"]
    same = listing["id"] == url and subject["statusPurpose"] == entry["statusPurpose"]
    if not same or issuer_id(listing) != issuer_id(document):
        raise status.ListMalformed()
    if check_signature(listing, resolver, at).state != OK:
        raise status.ListMalformed()
    if status.is_set(status.decode(subject), int(index)):
        return FAILED, _moment(listing["validFrom"])
    if (_moment(listing.get("validUntil")) or at) < at:
        return UNCHECKED, None
    return OK, _moment(listing["validFrom"])


def check_dates(document: Document, at: datetime) -> Check:
    """Check that it is valid already and still."""
    start = _moment(document.get("validFrom") or document.get("issuanceDate"))
    given = document.get("validUntil") or document.get("expirationDate")
    end = _moment(given)
    if start is None or (given is not None and end is None):
        return Check("dates", FAILED, gettext("Its dates are missing or wrong."))
    if start > at + _SKEW:
        return Check("dates", FAILED, gettext("It is not valid before %(date)s.", date=_date(start)))
    if end and end < at:
        return Check("dates", FAILED, gettext("It expired on %(date)s.", date=_date(end)))
    if end:
        words = gettext("Valid from %(start)s until %(end)s.", start=_date(start), end=_date(end))
        return Check("dates", OK, words)
    return Check("dates", OK, gettext("Valid since %(date)s, with no end.", date=_date(start)))


def issuer_id(document: Document) -> str:
    """Read the issuer's DID or address, which may stand alone or in a profile."""
    issuer = document.get("issuer")
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    return found if isinstance(found, str) else ""


def _not_looked_at(name: str) -> Check:
    return Check(name, UNCHECKED, gettext("Not looked at, because the signature does not hold."))


def _moment(value: Any) -> datetime | None:
    """Read a date-time; one without a zone is none, because nobody can say when it is."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the latter before the year 1 and after 9999
        return None


def _date(moment: datetime) -> str:
    return format_date(moment, "long", locale=language())


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
