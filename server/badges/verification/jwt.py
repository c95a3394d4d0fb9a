"""Checks a badge in a token (VC-JWT, Open Badges 3.0, section 8.2): signature, key, and that both halves agree."""

from typing import Any

from server.badges.canonical import Document, DocumentUnclear, expand
from server.badges.contexts import ContextUnknown
from server.badges.verification.issuers import find_key, find_keys, issuer_id
from server.badges.verification.keys import Key, read_key, same_key
from server.badges.verification.records import without_badges
from server.badges.verification.report import FAILED, OK, UNCHECKED, Check, as_list, read_moment
from server.badges.verification.resolving import Resolver
from server.badges.verification.signatures import signature_check
from server.badges.verification.tokens import ALGORITHMS, Token, token_holds
from server.core.errors import TooLarge

_DATES = (("nbf", ("validFrom", "issuanceDate")), ("exp", ("validUntil", "expirationDate")))


def check_token(document: Document, token: Token, resolver: Resolver) -> Check:
    """Check the token around a credential."""
    if token.algorithm not in ALGORITHMS or "crit" in token.header or not _agree(document, token.payload):
        return signature_check(FAILED)
    try:
        keys = find_token_keys(token, issuer_id(document), resolver)
        if keys is None:
            return signature_check(UNCHECKED)
        if not any(token_holds(token, key) for key in keys):
            return signature_check(FAILED)
        expand(without_badges(document))
        return signature_check(OK)
    except (ContextUnknown, TooLarge):
        return signature_check(UNCHECKED)
    except (DocumentUnclear, ValueError):
        return signature_check(FAILED)


def find_token_keys(token: Token, issuer: str, resolver: Resolver) -> list[Key] | None:
    """Find the issuer's keys that may have signed; a key that the token brings along must be one of them.

    A key that a DID's token names by an address of its own need not be read from there: the DID lists it too.
    None when we cannot know; ValueError when it is not the issuer's.
    """
    kid = token.header.get("kid")
    if isinstance(kid, str) and kid and not (issuer.startswith("did:") and "://" in kid):
        method = kid if ":" in kid else f"{issuer}#{kid.removeprefix('#')}"
        key = find_key(method, issuer, resolver)
        return None if key is None else [key]
    keys = find_keys(issuer, resolver) if issuer.startswith("did:") else None
    if keys is None:
        return None
    brought = read_key(token.header["jwk"]) if "jwk" in token.header else None
    found = [key for key in keys.values() if brought is None or same_key(key, brought)]
    if not found:
        raise ValueError("no key of theirs")
    return found


def _agree(document: Document, payload: Document) -> bool:
    """Check that claims and credential tell the same, so that no reader is shown another badge."""
    subject = next(iter(as_list(document.get("credentialSubject"))), None)
    pairs: list[tuple[Any, Any]] = [
        (payload.get("iss"), issuer_id(document)),
        (payload.get("jti"), document.get("id")),
        (payload.get("sub"), subject.get("id") if isinstance(subject, dict) else None),
    ]
    if any(claim is not None and claim != said for claim, said in pairs):
        return False
    return all(_dates_agree(payload.get(claim), document, names) for claim, names in _DATES)


def _dates_agree(claim: Any, document: Document, names: tuple[str, ...]) -> bool:
    said = [read_moment(document[name]) for name in names if name in document]
    if claim is None or not said:
        return claim is None or _seconds(claim) is not None
    seconds = _seconds(claim)
    return seconds is not None and all(one and abs(one.timestamp() - seconds) < 1 for one in said)


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
