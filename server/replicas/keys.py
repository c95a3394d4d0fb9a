"""Signatures of devices: ECDSA with P-256 and SHA-256, raw r ‖ s as WebCrypto writes them."""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from sync.messages import Malformed, decode
from sync.signatures import Key


@lru_cache(maxsize=4096)
def _load(key: Key) -> EllipticCurvePublicKey:
    x, y = (int.from_bytes(decode(one), "big") for one in (key.x, key.y))
    return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()


def verify(key: Key, signature: bytes, content: bytes) -> bool:
    """Say whether the signature over the content was made with this key. A key off the curve signs nothing."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        _load(key).verify(encode_dss_signature(r, s), content, ECDSA(SHA256()))
    except (InvalidSignature, Malformed, ValueError):
        return False
    return True


def verify_text(key: Key, signature: str, content: bytes) -> bool:
    """Verify a signature as it stands in a header, base64url."""
    try:
        raw = decode(signature)
    except Malformed:
        return False
    return len(raw) == 64 and verify(key, raw, content)
