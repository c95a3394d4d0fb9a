"""Data Integrity proofs: signs a document with `eddsa-rdfc-2022` and `eddsa-jcs-2022`, and checks either."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.badges import multikey, skeleton
from server.badges.canonical import Document, jcs_hash, rdfc_hash

RDFC, JCS = "eddsa-rdfc-2022", "eddsa-jcs-2022"
_HASHES = {RDFC: rdfc_hash, JCS: jcs_hash}
SUITES = tuple(_HASHES)


class Signer(Protocol):
    """Holds a private key somewhere (a file, a vault) and signs with it."""

    @property
    def method(self) -> str:
        """The key's address in the issuer's DID document: `did:web:…#key-1`."""

    def sign(self, message: bytes) -> bytes:
        """Make the 64 bytes of an Ed25519 signature."""


def sign(document: Document, signer: Signer, at: datetime) -> Document:
    """Return the document with a proof set: each proof signs the document without any proof.

    Raises DocumentUnclear when something in it has no defined meaning.
    """
    return {**document, "proof": [make_proof(document, suite, signer, at) for suite in SUITES]}


def make_proof(document: Document, suite: str, signer: Signer, at: datetime) -> Document:
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": timestamp(at),
        "verificationMethod": signer.method,
        "proofPurpose": "assertionMethod",
    }
    if suite == JCS:  # vc-di-eddsa, section 3.3.1, step 2
        options = {"@context": document["@context"], **options}
    return {**options, "proofValue": multikey.encode_base58(signer.sign(_own_message(document, options)))}


def _own_message(document: Document, options: Document) -> bytes:
    """Make the same bytes as `message` does, faster, because the document is one of ours."""
    if options["cryptosuite"] != RDFC:
        return message(document, options)
    written = json.dumps({**options, "@context": document["@context"]})
    return skeleton.options_hash(written) + skeleton.rdfc_hash(document)


def message(document: Document, options: Document) -> bytes:
    """Make the bytes that are signed: hash of the proof's options, then hash of the document.

    `document` has no `proof`, `options` no `proofValue` (vc-di-eddsa, sections 3.2.4 and 3.3.4).
    """
    hashed = _HASHES[options["cryptosuite"]]
    if options["cryptosuite"] == RDFC:
        options = {**options, "@context": document["@context"]}
    return hashed(options) + hashed(document)


def proof_holds(document: Document, proof: Document, key: Ed25519PublicKey) -> bool:
    """Check one proof over a document without `proof`. Raises DocumentUnclear, ContextUnknown."""
    options: dict[str, Any] = {name: value for name, value in proof.items() if name != "proofValue"}
    if "@context" in options:
        given, own = _as_list(options["@context"]), _as_list(document["@context"])
        if own[: len(given)] != given:
            return False
        document = {**document, "@context": options["@context"]}
    try:
        key.verify(multikey.decode(proof["proofValue"], limit=100), message(document, options))
    except (InvalidSignature, ValueError):
        return False
    return True


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def timestamp(at: datetime) -> str:
    """Write a time as XML Schema wants it, in UTC and whole seconds: `2026-11-23T10:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(signed: bytes) -> str:
    """A short name for stored bytes, fit for an ETag."""
    return sha256(signed).hexdigest()[:32]
