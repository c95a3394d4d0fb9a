"""Checks the signatures of a badge: proofs inside it (Data Integrity), or a token around it (VC-JWT)."""

from datetime import datetime
from hashlib import sha256, sha384
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.badges import multikey
from server.badges.canonical import Document, DocumentUnclear, expand, n_quads, refuse_size
from server.badges.contexts import ED25519_2020, ContextUnknown
from server.badges.verification.disguises import Disguised, refuse_disguises
from server.badges.verification.issuers import find_key, issuer_id
from server.badges.verification.keys import Key
from server.badges.verification.records import without_badges
from server.badges.verification.report import FAILED, OK, UNCHECKED, Check, as_list, read_moment, weakest
from server.badges.verification.resolving import Resolver
from server.badges.verification.tokens import verify_ecdsa
from server.core.errors import TooLarge
from server.core.i18n import gettext

_MOST_PROOFS = 8
_RDFC = ("eddsa-rdfc-2022", "ecdsa-rdfc-2019", "Ed25519Signature2020")
_JCS = ("eddsa-jcs-2022", "ecdsa-jcs-2019")
_ECDSA = ("ecdsa-rdfc-2019", "ecdsa-jcs-2019")


def check_proofs(document: Document, resolver: Resolver, at: datetime) -> Check:
    """Check every proof: all must hold, and each must come from the issuer."""
    proofs = as_list(document.get("proof"))
    if not proofs or len(proofs) > _MOST_PROOFS:
        return not_signed()
    body = {name: value for name, value in document.items() if name != "proof"}
    return signature_check(weakest([_proof_state(body, proof, resolver, at) for proof in proofs]))


def not_signed() -> Check:
    return Check("signature", FAILED, gettext("It is not signed, so anybody could have written it."))


def signature_check(state: str) -> Check:
    """Say in words what became of a signature."""
    words = {
        OK: gettext("Nothing was changed since the issuer signed it."),
        FAILED: gettext("The signature does not fit: something was changed, or somebody else signed."),
        UNCHECKED: gettext(
            "The signature could not be checked, because we do not hold this issuer's key or vocabulary."
        ),
    }
    return Check("signature", state, words[state])


def _proof_state(body: Document, proof: Any, resolver: Resolver, at: datetime) -> str:
    if not isinstance(proof, dict) or proof.get("proofPurpose") != "assertionMethod":
        return FAILED
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or not _is_of_its_time(proof, at):
        return FAILED
    if _suite(proof) is None or "previousProof" in proof:
        return UNCHECKED
    try:
        key = find_key(method, issuer_id(body), resolver)
        return UNCHECKED if key is None else OK if _holds(body, proof, key) else FAILED
    except (ContextUnknown, Disguised, TooLarge):
        return UNCHECKED
    except (DocumentUnclear, ValueError):
        return FAILED


def _is_of_its_time(proof: Document, at: datetime) -> bool:
    """Refuse a proof whose own time is over, or cannot be read; one of the future is a matter of dates."""
    times = [read_moment(proof[name]) for name in ("created", "expires") if name in proof]
    expires = read_moment(proof.get("expires"))
    return None not in times and (expires is None or expires > at)


def _suite(proof: Document) -> str | None:
    """Name the way of signing, if it is one that we know."""
    kind = proof.get("type")
    found = proof.get("cryptosuite") if kind == "DataIntegrityProof" else kind
    return found if found in (*_RDFC, *_JCS) else None


def _holds(body: Document, proof: Document, key: Key) -> bool:
    """Check one proof over a document without `proof`. Raises DocumentUnclear, ContextUnknown."""
    own = without_badges(body)
    refuse_size(own)
    refuse_disguises(own)
    suite, value = str(_suite(proof)), proof.get("proofValue")
    if not isinstance(value, str) or not value.startswith("z"):
        return False
    if suite == "Ed25519Signature2020" and ED25519_2020 not in as_list(body["@context"]):
        return False
    options = {name: given for name, given in proof.items() if name != "proofValue"}
    if "@context" in options and not _begins(as_list(body["@context"]), as_list(options["@context"])):
        return False
    hashed = sha384 if isinstance(key, EllipticCurvePublicKey) and key.key_size == 384 else sha256
    message = b"".join(hashed(part).digest() for part in _parts(body, options, suite))
    return _verifies(key, multikey.decode(value, limit=150), message, suite)


def _begins(whole: list[Any], start: list[Any]) -> bool:
    return whole[: len(start)] == start


def _parts(body: Document, options: Document, suite: str) -> tuple[bytes, bytes]:
    """Write options and document in the one form that was signed. All words must have a meaning in any case."""
    if suite in _RDFC:
        options = {**options, "@context": body["@context"]}
        return n_quads(options).encode(), n_quads(body).encode()
    expand(without_badges(body))
    context = {"@context": options["@context"]} if "@context" in options else {}
    try:
        return rfc8785.dumps(options), rfc8785.dumps({**body, **context})
    except rfc8785.CanonicalizationError as error:
        raise DocumentUnclear(term=str(error)[:80]) from error


def _verifies(key: Key, signature: bytes, message: bytes, suite: str) -> bool:
    try:
        if isinstance(key, Ed25519PublicKey) and suite not in _ECDSA:
            key.verify(signature, message)
        elif isinstance(key, EllipticCurvePublicKey) and suite in _ECDSA:
            verify_ecdsa(key, signature, message, key.key_size)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
