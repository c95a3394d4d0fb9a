"""The four results: what is sound passes, what was touched fails, what is unknown is never a yes."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as some

from server.badges import baking, credential, drawing, signing, verification
from server.badges.credential import Profile
from server.badges.keys import FileSigner
from server.badges.verification import BadgeUnreadable, Report
from server.core.errors import DomainError, TooLarge
from tests.badges.making import (
    AT,
    DID,
    LIST,
    SIGNER,
    STATEMENT,
    STRANGER,
    Records,
    badge,
    changed,
    raw,
    status_list,
)  # fmt: skip

BADGE = badge()


def verify(document: dict[str, Any], records: Records | None = None, days: float = 1) -> Report:
    return verification.verify(raw(document), records or Records(), AT + timedelta(days=days))


def states(report: Report) -> list[str]:
    return [check.state for check in report.checks]


def test_a_sound_badge_passes_all_four() -> None:
    report = verify(BADGE)
    assert states(report) == ["ok"] * 4
    assert "June 1, 2026" in report.status.words
    assert "Town Museum" in report.issuer.words


def test_a_baked_picture_is_checked_like_its_file() -> None:
    picture = baking.bake(drawing.badge_png(drawing.Design(), 64), raw(BADGE))
    assert verification.verify(picture, Records(), AT).state == "ok"


@pytest.mark.parametrize(
    "touched",
    [
        changed(BADGE, name="Master of the river"),
        changed(BADGE, issuer={**BADGE["issuer"], "name": "Royal Museum"}),
        changed(BADGE, validFrom="2020-01-01T00:00:00Z"),
        changed(BADGE, credentialStatus={**BADGE["credentialStatus"], "statusListIndex": "18"}),
        changed(
            BADGE,
            proof=[BADGE["proof"][0], {**BADGE["proof"][1], "proofValue": BADGE["proof"][0]["proofValue"]}],
        ),
        changed(BADGE, proof=[{**BADGE["proof"][0], "proofValue": "z1"}, BADGE["proof"][1]]),
        changed(BADGE, proof=[{**BADGE["proof"][0], "proofValue": None}]),
        changed(BADGE, proof=[{**BADGE["proof"][0], "proofPurpose": "authentication"}]),
        changed(BADGE, proof=[{**BADGE["proof"][0], "verificationMethod": f"{DID}#key-9"}]),
        changed(BADGE, proof=["proof"]),
        changed(BADGE, proof=[]),
        {name: value for name, value in BADGE.items() if name != "proof"},
        {**BADGE, "mood": "happy"},
    ],
)
def test_whatever_was_touched_fails(touched: dict[str, Any]) -> None:
    report = verify(touched)
    assert report.state == "failed"
    assert report.signature.state == "failed"
    assert report.issuer.state == "unchecked"  # we must not vouch for a name in a forged badge


def test_another_key_fails() -> None:
    assert verify(signing.sign(credential.build(STATEMENT), STRANGER, AT)).signature.state == "failed"


def test_one_issuer_cannot_sign_for_another() -> None:
    key = Ed25519PrivateKey.generate()
    did = f"did:key:{FileSigner('', key).multibase}"
    forged = signing.sign(credential.build(STATEMENT), FileSigner(f"{did}#{did[8:]}", key), AT)
    assert verify(forged).signature.state == "failed"


def test_a_foreign_issuer_could_not_be_checked() -> None:
    report = verify(BADGE, Records(knows=False))
    assert states(report) == ["unchecked", "unchecked", "unchecked", "ok"]
    assert report.state == "unchecked"


def test_a_key_that_names_itself_proves_integrity_and_nobody() -> None:
    key = Ed25519PrivateKey.generate()
    did = f"did:key:{FileSigner('', key).multibase}"
    statement = replace(STATEMENT, issuer=Profile(did, "Anybody"))
    report = verify(signing.sign(credential.build(statement), FileSigner(f"{did}#{did[8:]}", key), AT))
    assert (report.signature.state, report.issuer.state) == ("ok", "unchecked")
    assert report.state != "ok"


def test_an_issuer_of_this_site_that_does_not_exist_fails() -> None:
    statement = replace(STATEMENT, issuer=Profile(f"{DID}x", "Nobody"))
    forged = signing.sign(credential.build(statement), FileSigner(f"{DID}x#key-1", SIGNER.key), AT)
    assert verify(forged).state == "failed"


def test_a_withdrawn_badge_fails_and_says_so() -> None:
    report = verify(BADGE, Records(status_list(17)))
    assert states(report) == ["ok", "ok", "failed", "ok"]


@pytest.mark.parametrize(
    "listing",
    [
        status_list(signer=STRANGER),
        changed(
            status_list(),
            credentialSubject={**status_list()["credentialSubject"], "statusPurpose": "refresh"},
        ),
        changed(status_list(), id=f"{LIST}2"),
        status_list(issuer="did:web:other.example"),
        {**status_list(), "proof": []},
    ],
)
def test_a_list_that_is_not_the_issuers_fails(listing: dict[str, Any]) -> None:
    assert verify(BADGE, Records(listing)).status.state == "failed"


def test_an_old_list_is_no_answer() -> None:
    assert verify(BADGE, days=30).status.state == "unchecked"


def test_dates_are_judged() -> None:
    assert verify(BADGE, days=-3).dates.state == "failed"
    expired = signing.sign({**credential.build(STATEMENT), "validUntil": "2026-06-02T00:00:00Z"}, SIGNER, AT)
    assert verify(expired, days=0.1).dates.state == "ok"
    assert verify(expired).dates.state == "failed"
    zoneless = signing.sign({**credential.build(STATEMENT), "validFrom": "2026-06-01T00:00:00"}, SIGNER, AT)
    assert verify(zoneless).dates.state == "failed"


def test_an_unknown_kind_of_signature_is_not_a_failure_and_not_a_yes() -> None:
    other = changed(BADGE, proof=[*BADGE["proof"], {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023", "proofPurpose": "assertionMethod", "verificationMethod": f"{DID}#key-1"}])  # fmt: skip
    assert verify(other).signature.state == "unchecked"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b'{"type":["VerifiableCredential"]}',
        b'{"type":[],"type":["VerifiableCredential","OpenBadgeCredential"]}',
        b'{"type":["VerifiableCredential","OpenBadgeCredential"],"n":NaN}',
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        json.dumps({**BADGE, "deep": json.loads("[" * 80 + "]" * 80)}).encode(),
    ],
)
def test_what_is_no_badge_is_refused(content: bytes) -> None:
    with pytest.raises(BadgeUnreadable):
        verification.verify(content, Records(), AT)


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        verification.verify(b" " * (verification.LIMIT + 1), Records(), AT)


_json = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.text(max_size=20)
    | some.sampled_from([DID, LIST, "@id"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(some.sampled_from([*BADGE, "@graph", "@id"]), _json)
def test_no_content_whatever_makes_a_yes_or_a_crash(name: str, value: Any) -> None:
    document = {**BADGE, name: value}
    if document == BADGE:
        return
    with suppress(DomainError):
        assert verify(document).state != "ok"
