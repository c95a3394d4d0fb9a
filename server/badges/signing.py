"""Data Integrity proofs: signs a document with `eddsa-rdfc-2022` and `eddsa-jcs-2022`, and checks either."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.badges import multikey, skeleton
from server.badges.canonical import Document, jcs_hash, rdfc_hash
from server.badges.credential import Definition, Profile, build, is_target_type, sample
from server.core.errors import DomainError
from server.core.i18n import gettext

RDFC, JCS = "eddsa-rdfc-2022", "eddsa-jcs-2022"
_HASHES = {RDFC: rdfc_hash, JCS: jcs_hash}
SUITES = tuple(_HASHES)
_WHOLE = re.compile(r"""https?://[^\x00-\x20<>"{}|\\^`]+\Z""")


class Signer(Protocol):
    """Holds a private key somewhere (a file, a vault) and signs with it. Raises SignerUnavailable."""

    @property
    def method(self) -> str:
        """The key's address in the issuer's DID document: `did:web:…#key-1`."""

    @property
    def multibase(self) -> str:
        """The public half, as Multikey."""

    def sign(self, message: bytes) -> bytes:
        """Make the 64 bytes of an Ed25519 signature."""

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        """Make a signature for each message, in one go where that is faster."""


def key_number(signer: Signer) -> int:
    """Return which of the issuer's keys it is: 2 for `…#key-2`."""
    return int(signer.method.rpartition("#key-")[2])


def sign(document: Document, signer: Signer, at: datetime) -> Document:
    """Return the document with a proof set: each proof signs the document without any proof.

    Raises DocumentUnclear when something in it has no defined meaning, and SignerUnavailable.
    """
    return sign_all([document], signer, at)[0]


def sign_all(documents: Sequence[Document], signer: Signer, at: datetime) -> list[Document]:
    """Sign each document like `sign`, all of them in one request to what holds the key."""
    options = [[_options(one, suite, signer, at) for suite in SUITES] for one in documents]
    messages = [
        _own_message(one, each) for one, pair in zip(documents, options, strict=True) for each in pair
    ]
    signatures = iter(signer.sign_many(messages))
    return [
        {**one, "proof": [{**each, "proofValue": multikey.encode_base58(next(signatures))} for each in pair]}
        for one, pair in zip(documents, options, strict=True)
    ]


def make_proof(document: Document, suite: str, signer: Signer, at: datetime) -> Document:
    options = _options(document, suite, signer, at)
    return {**options, "proofValue": multikey.encode_base58(signer.sign(_own_message(document, options)))}


def check_clear(document: Document) -> None:
    """Raise DocumentUnclear when a document of ours could not be signed. Needs no key."""
    skeleton.rdfc_hash(document)
    jcs_hash(document)


def check_definition(definition: Definition, issuer: Profile) -> None:
    """Refuse a badge that could not be signed as it says, before anybody earns it.

    Raises DocumentUnclear for words without a meaning, AddressNotWhole, and KindUnknown for an alignment of a kind
    that is neither of the closed list nor our own (`ext:…`).
    """
    for one in definition.alignments:
        if one.get("url") and not _WHOLE.match(one["url"]):
            raise AddressNotWhole(address=one["url"][:80])
        if one.get("type") and not is_target_type(one["type"]):
            raise KindUnknown(kind=one["type"][:80])
    for address in (definition.url, definition.image, *definition.translations.values()):
        if not _WHOLE.match(address):
            raise AddressNotWhole(address=address[:80])
    check_clear(build(sample(definition, issuer)))


class AddressNotWhole(DomainError):
    status, code = 422, "address_not_whole"

    def explain(self) -> str:
        return gettext(
            "“%(address)s” is not a whole address. It must begin with https://.",
            address=self.details.get("address", "?"),
        )


class KindUnknown(DomainError):
    status, code = 422, "kind_unknown"

    def explain(self) -> str:
        return gettext(
            "“%(kind)s” is no kind of skill that other badge apps know. Our own kinds begin with “ext:”.",
            kind=self.details.get("kind", "?"),
        )


def write(signed: Document) -> bytes:
    """Write a document as it is stored and served, for ever."""
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()


def _options(document: Document, suite: str, signer: Signer, at: datetime) -> Document:
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": timestamp(at),
        "verificationMethod": signer.method,
        "proofPurpose": "assertionMethod",
    }
    if suite == JCS:  # vc-di-eddsa, section 3.3.1, step 2
        options = {"@context": document["@context"], **options}
    return options


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
