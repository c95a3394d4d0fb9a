"""Writes a credential as a signed token, VC-JWT with RS256 (Open Badges 3.0, section 8.2)."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256


def make_token(document: Mapping[str, Any], key: RSAPrivateKey, kid: str) -> str:
    """Sign the whole credential, its proofs included; the same key always makes the same token.

    `kid` is an address that leads to the key. The key itself stays out: some readers take short headers only.
    """
    header = {"alg": "RS256", "typ": "JWT", "kid": kid}
    message = f"{_part(header)}.{_part({**document, **_claims(document)})}"
    return f"{message}.{_base64url(key.sign(message.encode(), PKCS1v15(), SHA256()))}"


def public_jwk(key: RSAPublicKey) -> dict[str, str]:
    """Write the public half of a key as a JWK (RFC 7518, section 6.3.1)."""
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e), "alg": "RS256", "use": "sig"}


def _claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """Repeat what the credential says in the registered claims (section 8.2.4.1)."""
    issuer = document["issuer"]
    claims = {
        "iss": issuer["id"] if isinstance(issuer, dict) else issuer,
        "jti": document["id"],
        "nbf": _seconds(document["validFrom"]),
        "sub": document["credentialSubject"]["id"],
    }
    if "validUntil" in document:
        claims["exp"] = _seconds(document["validUntil"])
    return claims


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _part(content: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
