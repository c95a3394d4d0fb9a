"""Compact tokens (JWS): reads them and checks their signatures. `none` and shared secrets never count."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from server.badges.canonical import Document
from server.badges.verification.keys import Key
from server.badges.verification.strict_json import parse

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")


@dataclass(frozen=True)
class Token:
    """A signed text, taken apart but not believed yet."""

    header: Document
    payload: Document
    signed: bytes
    signature: bytes

    @property
    def algorithm(self) -> Any:
        return self.header.get("alg")


def is_token(text: str) -> bool:
    """Say whether a text looks like a compact token: three parts, the first a JSON object in base64url."""
    return text.startswith("eyJ") and text.count(".") == 2 and "{" not in text


def read_token(text: str) -> Token:
    """Take a token apart. Raises ValueError."""
    head, payload, signature = text.split(".")
    return Token(
        parse(decode_part(head)),
        parse(decode_part(payload)),
        f"{head}.{payload}".encode("ascii"),
        decode_part(signature),
    )


def decode_part(text: str) -> bytes:
    """Read base64url without padding, in its one right spelling. Raises ValueError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not base64url as it is written")
    return raw


def token_holds(token: Token, key: Key) -> bool:
    """Check a token's signature; the kind of the key must be that of the algorithm."""
    try:
        _verify(token, key)
    except (InvalidSignature, ValueError):
        return False
    return True


def _verify(token: Token, key: Key) -> None:
    alg, signature, signed = token.algorithm, token.signature, token.signed
    if alg in ("EdDSA", "Ed25519") and isinstance(key, Ed25519PublicKey):
        key.verify(signature, signed)
    elif alg == "RS256" and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), SHA256())
    elif alg == "PS256" and isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
        key.verify(signature, signed, pss, SHA256())
    elif alg in ("ES256", "ES384") and isinstance(key, ec.EllipticCurvePublicKey):
        verify_ecdsa(key, signature, signed, {"ES256": 256, "ES384": 384}[alg])
    else:
        raise ValueError("no such signature with such a key")


def verify_ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes, size: int) -> None:
    """Check an ECDSA signature written as r and s side by side. Raises InvalidSignature, ValueError."""
    half = size // 8
    if key.key_size != size or len(signature) != 2 * half:
        raise ValueError("another curve")
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256() if size == 256 else SHA384()))
