"""Checks assertions of Open Badges 2.0: hosted ones against the issuer's site, signed ones by the issuer's key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.badges.canonical import Document
from server.badges.verification.dates import check_dates
from server.badges.verification.issuers import is_same_site, judge_issuer
from server.badges.verification.keys import read_key
from server.badges.verification.report import FAILED, OK, UNCHECKED, Check, Report, as_list, not_looked_at
from server.badges.verification.resolving import Resolver
from server.badges.verification.signatures import signature_check
from server.badges.verification.statuses import bad_list, status_check
from server.badges.verification.strict_json import parse
from server.badges.verification.tokens import ALGORITHMS, Token, token_holds
from server.core.i18n import gettext

_HOSTED = ("HostedBadge", "hosted")
_SIGNED = ("SignedBadge", "signed")
_GONE = 410


class _Unknown(Exception):
    """Something that the check needs stands on a site that we did not ask, or that did not answer."""


@dataclass(frozen=True)
class _Whole:
    """An assertion with what it points to, each read from its own address."""

    assertion: Document
    badge: Document
    issuer: Document

    @property
    def document(self) -> Document:
        return {**self.assertion, "badge": self.badge, "issuer": self.issuer}


def check_version_2(given: Document, token: Token | None, resolver: Resolver, at: datetime) -> Report:
    """Return the four results for an assertion."""
    issuer = _address(_inner(_inner(given, "badge"), "issuer"))
    try:
        if _fits(given, token):
            gone = _is_withdrawn(given, token, resolver)
            if gone:
                return _gone(given, gone, at)
            whole = _gather(given, token, resolver)
            state = _signed_state(whole, token, resolver) if token else OK
            issuer = _address(whole.issuer)
            bit = _status(whole, token, resolver, at)
            return _report(_signature(state, token), issuer, bit, whole.document, resolver, at)
    except _Unknown:
        return _report(_unknown(token), issuer, _no_status(), given, resolver, at)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _forged(given)
    return _forged(given)


def _report(
    signature: Check, issuer: str, bit: Check, document: Document, resolver: Resolver, at: datetime
) -> Report:
    if signature.state == FAILED:
        return _forged(document)
    return Report(signature, _judged(issuer, signature, resolver), bit, check_dates(document, at), document)


def _judged(issuer: str, signature: Check, resolver: Resolver) -> Check:
    if resolver.is_ours(issuer) and signature.state == OK:
        words = gettext(
            "It stands on this site, where its issuer keeps it: %(address)s", address=issuer[:120]
        )
        return Check("issuer", OK, words)
    if resolver.is_ours(issuer):
        return not_looked_at("issuer")
    return judge_issuer(issuer, signature, resolver)


def _forged(document: Document) -> Report:
    issuer, bit, dates = (not_looked_at(name) for name in ("issuer", "status", "dates"))
    return Report(signature_check(FAILED), issuer, bit, dates, document)


def _gone(given: Document, bit: Check, at: datetime) -> Report:
    words = gettext("Not looked at, because the issuer has withdrawn it.")
    signature, issuer = (Check(name, UNCHECKED, words) for name in ("signature", "issuer"))
    return Report(signature, issuer, bit, check_dates(given, at), given)


def _fits(given: Document, token: Token | None) -> bool:
    """Say whether an assertion names the way of checking that it came with, or says itself that it was withdrawn."""
    kind = _inner(given, "verification").get("type")
    return kind in (_SIGNED if token else _HOSTED) or (token is None and given.get("revoked") is True)


def _is_withdrawn(given: Document, token: Token | None, resolver: Resolver) -> Check | None:
    """Ask a hosted assertion's address: what the issuer withdrew is gone from there (410)."""
    if token or not isinstance(given.get("id"), str):
        return None
    fetched = resolver.fetch(given["id"])
    if fetched is None:
        raise _Unknown()
    if fetched.status == _GONE or _parse(fetched.content).get("revoked") is True:
        return status_check([FAILED], [])
    return None


def _gather(given: Document, token: Token | None, resolver: Resolver) -> _Whole:
    """Read assertion, badge and issuer from their own addresses; what came along must be the same."""
    assertion = given if token else _fetch(given["id"], resolver)
    badge = _part(assertion["badge"], resolver)
    issuer = _part(badge["issuer"], resolver, anew=True)
    for address in (badge.get("id"), issuer.get("id"), None if token else assertion.get("id")):
        if address is not None and not _same_site(address, _address(issuer), resolver):
            raise ValueError("parts of different sites")
    if not token and not _same(given, assertion):
        raise ValueError("another assertion stands at its address")
    return _Whole(assertion, badge, issuer)


def _same(given: Document, hosted: Document) -> bool:
    """Compare a copy with what stands at its address; a part may be written out in one of them only."""
    one, other = given.get("badge"), hosted.get("badge")
    short = [{**all_of, "badge": _address(all_of.get("badge"))} for all_of in (given, hosted)]
    return short[0] == short[1] and (one == other or not isinstance(one, dict))


def _same_site(one: str, other: str, resolver: Resolver) -> bool:
    return is_same_site(one, other) or (resolver.is_ours(one) and resolver.is_ours(other))


def _part(part: Any, resolver: Resolver, *, anew: bool = False) -> Document:
    """Read a part that is written out or stands at an address; `anew` asks its address in any case."""
    if isinstance(part, dict) and not anew:
        return part
    return _fetch(_address(part), resolver)


def _fetch(url: str, resolver: Resolver) -> Document:
    fetched = resolver.fetch(url) if url else None
    if fetched is None or fetched.status != 200:
        raise _Unknown()
    document = _parse(fetched.content)
    if document.get("id") != url:
        raise ValueError("another thing stands at its address")
    return document


def _parse(content: bytes) -> Document:
    """Read what a site answered; nonsense tells us nothing."""
    try:
        return parse(content)
    except ValueError as error:
        raise _Unknown() from error


def _signed_state(whole: _Whole, token: Token, resolver: Resolver) -> str:
    """Check the token by a key that the issuer's own profile names as theirs."""
    if token.algorithm not in ALGORITHMS or "crit" in token.header:
        return FAILED
    profile = whole.issuer
    creator = _inner(whole.assertion, "verification").get("creator") or _address(profile.get("publicKey"))
    named = [_address(one) for one in as_list(profile.get("publicKey"))]
    if (
        not isinstance(creator, str)
        or creator not in named
        or not _same_site(creator, profile["id"], resolver)
    ):
        return FAILED
    key = _fetch(creator, resolver)
    if key.get("owner") != profile["id"]:
        return FAILED
    return OK if token_holds(token, read_key(key)) else FAILED


def _status(whole: _Whole, token: Token | None, resolver: Resolver, at: datetime) -> Check:
    """Say whether it still stands: a hosted one does where we just read it, a signed one by the issuer's list."""
    if not token:
        return status_check([OK], [at])
    url = whole.issuer.get("revocationList")
    if not url:
        words = gettext("The issuer keeps no list of withdrawn badges for it.")
        return Check("status", UNCHECKED, words)
    try:
        listing = _fetch(url, resolver)
    except _Unknown:
        return _no_status()
    if _address(listing.get("issuer")) != whole.issuer["id"] or not _same_site(
        url, whole.issuer["id"], resolver
    ):
        return bad_list()
    return _listed(whole.assertion, as_list(listing.get("revokedAssertions")), at)


def _listed(assertion: Document, revoked: list[Any], at: datetime) -> Check:
    names = [name for name in (assertion.get("id"), assertion.get("uid")) if isinstance(name, str)]
    for one in revoked:
        given = one if isinstance(one, dict) else {"id": one}
        if given.get("id") in names or given.get("uid") in names:
            return status_check([FAILED], [at], str(given.get("revocationReason", "")))
    return status_check([OK], [at])


def _signature(state: str, token: Token | None) -> Check:
    if state != OK or token:
        return signature_check(state)
    return Check("signature", OK, gettext("The very same badge stands on its issuer's web site."))


def _unknown(token: Token | None) -> Check:
    if token:
        return signature_check(UNCHECKED)
    words = gettext(
        "A badge of this older kind carries no signature: only its issuer's web site can say that it is real, "
        "and we did not ask there. Open the address in the badge yourself."
    )
    return Check("signature", UNCHECKED, words)


def _no_status() -> Check:
    return status_check([UNCHECKED], [])


def _inner(document: Any, name: str) -> Document:
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {"id": found} if isinstance(found, str) else {}


def _address(part: Any) -> str:
    """Read the address of a part that may be written out."""
    found = part.get("id") if isinstance(part, dict) else part
    return found if isinstance(found, str) else ""
