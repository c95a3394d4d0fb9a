"""What is brought to /verify may be made to hurt: it is refused in plain words, and never a fault of ours."""

import json
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import given as whatever
from hypothesis import strategies as st

from server.badges import baking
from server.core.limits import limiter
from tests.badges.conftest import Given
from tests.badges.making import badge
from tests.badges.test_pages import check
from tests.core.test_hostile import json_values


@pytest.fixture(autouse=True)
def no_limits(app: Flask) -> Any:
    limiter.enabled = False
    yield
    limiter.enabled = True


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    return baking.SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


def itxt(text: bytes, *, packed: bool = False) -> bytes:
    return chunk(b"iTXt", baking.KEYWORD + b"\0" + bytes([packed]) + b"\0\0\0" + text)


BOMB = zlib.compress(b"[" * (200 << 20), 9)
FILES = {
    "deep JSON": b"[" * 1_000_000,
    "deep and typed": b'{"type":["VerifiableCredential","OpenBadgeCredential"],"x":' * 60_000,
    "over 5 MB": b" " * ((5 << 20) + 1),
    "over all limits": b" " * (9 << 20),
    "cut PNG": baking.SIGNATURE + b"\0\0\0\x0dIHDR",
    "length lies": baking.SIGNATURE + b"\xff\xff\xff\xffIHDR",
    "packed bomb": png(chunk(b"IHDR", bytes(13)), itxt(BOMB, packed=True)),
    "two badges": png(itxt(b"{}"), itxt(b"{}")),
    "no UTF-8": png(itxt(b"\xff\xfe")),
    "gzip": b"\x1f\x8b" + BOMB[:100_000],
    "a long number": b'{"type":["VerifiableCredential","OpenBadgeCredential"],"n":' + b"9" * 4000 + b"}",
    "UTF-16": json.dumps({"type": "VerifiableCredential"}).encode("utf-16"),
    "half a character": b'{"type":["VerifiableCredential","OpenBadgeCredential"],"name":"\\ud800"}',
}


@pytest.mark.parametrize("name", FILES)
def test_no_file_makes_the_check_stumble(client: FlaskClient, given: Given, name: str) -> None:
    status, text = check(client, file=(BytesIO(FILES[name]), "badge.png"))
    assert status < 500
    assert 'data-verdict="ok"' not in text
    if name == "over 5 MB":
        assert status == 413


CHANGES: dict[str, dict[str, Any]] = {
    "a date before all dates": {"validFrom": "0001-01-01T00:00:00+23:59"},
    "a date after all dates": {"validUntil": "9999-12-31T23:59:59-23:59"},
    "an issuer's name with NUL": {"issuer": "did:web:localhost%3A8000:orgs:\0"},
    "an issuer with half a character": {"issuer": "did:web:localhost%3A8000:orgs:\ud800"},
    "a list's name with NUL": {"credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "1", "statusListCredential": "http://localhost:8000/status/\0"}},
    "a list that is no text": {"credentialStatus": {"type": "BitstringStatusListEntry", "statusListIndex": "1",
        "statusListCredential": {"a": 1}}},
    "a name with half a character": {"name": "\ud800"},
    "a context of numbers": {"@context": [1, None]},
    "no end of numbers": {"credentialSubject": {"n": 1e999}},
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_no_field_makes_the_check_stumble(client: FlaskClient, given: Given, name: str) -> None:
    document = {**badge(), **CHANGES[name]}
    for issued in (document, {**given.document, **CHANGES[name]}):
        status, text = check(client, badge=json.dumps(issued))
        assert status < 500
        assert 'data-verdict="ok"' not in text


@settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
@whatever(value=json_values, name=st.sampled_from((
    "@context", "type", "issuer", "validFrom", "validUntil", "credentialSubject", "credentialStatus", "proof", "name",
    "image", "proof.verificationMethod", "proof.proofValue", "proof.cryptosuite", "proof.created", "proof.expires",
    "credentialStatus.statusListCredential", "credentialStatus.statusListIndex", "issuer.id")))  # fmt: skip
def test_any_value_in_any_field_is_judged(client: FlaskClient, given: Given, name: str, value: Any) -> None:
    changed = json.loads(json.dumps(given.document))
    outer, _, inner = name.partition(".")
    if inner:
        target = changed[outer][0] if isinstance(changed[outer], list) else changed[outer]
        target[inner] = value
    else:
        changed[outer] = value
    status, text = check(client, badge=json.dumps(changed))
    assert status < 500
    assert 'data-verdict="ok"' not in text or changed == given.document


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8000/credentials/\0",
        "http://localhost:8000/credentials/../../etc/passwd",
        "http://localhost:8000/credentials/",
        "http://localhost:8000@evil.example/credentials/x",
        "http://127.0.0.1:9/credentials/x",
        "file:///etc/passwd",
        "http://[",
        "javascript:alert(1)",
    ],
)
def test_no_address_leads_anywhere_else(client: FlaskClient, given: Given, address: str) -> None:
    for status, text in (check(client, address=address), check(client, badge=address)):
        assert 400 <= status < 500
        assert "root:" not in text
    assert client.get("/verify", query_string={"address": address}).status_code < 500
