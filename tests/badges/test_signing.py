"""Proofs: the W3C's own test vectors, bit for bit, and what a signature must not survive."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.badges import contexts, multikey, signing
from server.badges.canonical import DocumentUnclear
from server.badges.credential import Profile
from server.badges.keys import FileSigner
from server.badges.signing import JCS, RDFC
from server.core.errors import DomainError
from tests.badges.making import AT, BASE, DEFINITION, SIGNER, STATEMENT, STRANGER, badge

# W3C "Data Integrity EdDSA Cryptosuites v1.0", appendix B: key pair, document and signatures.
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
PRIVATE = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
SIGNED_AT = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
ALUMNI = {
    "@context": ["https://www.w3.org/ns/credentials/v2", EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
VECTORS = {
    RDFC: "z21EVs3eXERqTn4acNHT9viboqgzUaQ3kTmhPT3eA8qrVPE7CrQq78WkzctnMX5W4CrzcKnHw8V6dvy5pgWYCU5e9",
    JCS: "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4",
}


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loader know the context that only the vectors use."""
    known = contexts.context

    def with_examples(url: str) -> dict[str, Any]:
        if url == EXAMPLES:
            return {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
        return known(url)

    monkeypatch.setattr(contexts, "context", with_examples)


@pytest.mark.parametrize("suite", VECTORS)
@pytest.mark.usefixtures("examples")
def test_the_w3c_vector_comes_out_bit_for_bit(suite: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(base58.b58decode(PRIVATE[1:])[2:])
    signer = FileSigner(f"https://vc.example/issuers/5678#{PUBLIC}", key)
    proof = signing.make_proof(ALUMNI, suite, signer, SIGNED_AT)
    assert signer.multibase == PUBLIC
    assert proof["proofValue"] == VECTORS[suite]
    assert signing.proof_holds(ALUMNI, proof, multikey.decode_key(PUBLIC))
    together = signing.sign_all([ALUMNI, ALUMNI], signer, SIGNED_AT)
    assert {one["proofValue"] for each in together for one in each["proof"]} == set(VECTORS.values())


def split(document: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    body = deepcopy(document)
    return body, body.pop("proof")


def test_a_badge_carries_both_kinds_of_proof() -> None:
    body, proofs = split(badge())
    assert [proof["cryptosuite"] for proof in proofs] == [RDFC, JCS]
    assert all(signing.proof_holds(body, proof, SIGNER.key.public_key()) for proof in proofs)


@pytest.mark.parametrize("number", [0, 1])
def test_no_proof_survives_a_changed_word(number: int) -> None:
    body, proofs = split(badge())
    body["credentialSubject"]["achievement"]["name"] = "Master of the river"
    assert not signing.proof_holds(body, proofs[number], SIGNER.key.public_key())


@pytest.mark.parametrize("number", [0, 1])
def test_no_proof_survives_another_date_or_another_key(number: int) -> None:
    body, proofs = split(badge())
    later = {**proofs[number], "created": "2027-01-01T00:00:00Z"}
    assert not signing.proof_holds(body, later, SIGNER.key.public_key())
    assert not signing.proof_holds(body, proofs[number], STRANGER.key.public_key())


def test_a_proof_does_not_hold_when_words_were_given_other_meanings() -> None:
    body, proofs = split(badge())
    body["@context"] = list(reversed(body["@context"]))
    assert not signing.proof_holds(body, proofs[1], SIGNER.key.public_key())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"url": "skills/7"}, "address_not_whole"),
        ({"url": "/frameworks/esco/7"}, "address_not_whole"),
        ({"url": "javascript:alert(1)"}, "address_not_whole"),
        ({"url": "https://learn.example/a b"}, "address_not_whole"),
        ({"type": "esco:Skill"}, "kind_unknown"),
        ({"type": "Skill"}, "kind_unknown"),
    ],
)
def test_a_badge_that_could_not_be_signed_is_stopped_before_it_is_published(
    change: dict[str, str], error: str
) -> None:
    issuer = STATEMENT.issuer
    signing.check_definition(DEFINITION, issuer)
    with pytest.raises(DomainError) as told:
        signing.check_definition(
            replace(DEFINITION, alignments=[{**DEFINITION.alignments[0], **change}]), issuer
        )
    assert told.value.code == error
    assert next(iter(change.values()))[:80] in str(told.value)


@pytest.mark.parametrize(
    "change", [{"url": "achievements/7"}, {"image": "7.png"}, {"translations": {"nl": "nl"}}]
)
def test_relative_addresses_of_our_own_stop_a_badge_too(change: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        signing.check_definition(replace(DEFINITION, **change), STATEMENT.issuer)


def test_an_issuer_without_an_absolute_id_signs_nothing() -> None:
    with pytest.raises(DocumentUnclear):
        signing.check_definition(DEFINITION, Profile("orgs/7", "Town Museum", BASE))


def test_times_are_whole_seconds_in_utc() -> None:
    assert signing.timestamp(AT) == "2026-06-01T12:34:56Z"
