"""Multikey and multibase: how keys and signatures are written down (W3C Controlled Identifiers 1.0)."""

import base64
import binascii

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519 = b"\xed\x01"


def encode_key(key: Ed25519PublicKey) -> str:
    """Write a public key as Multikey: `z6Mk…`."""
    return encode_base58(_ED25519 + key.public_bytes_raw())


def decode_key(text: str) -> Ed25519PublicKey:
    """Read a public key; raises ValueError for any other kind of key."""
    raw = decode(text)
    if raw[:2] != _ED25519 or len(raw) != 34:
        raise ValueError("not an Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def encode_base58(raw: bytes) -> str:
    return "z" + base58.b58encode(raw).decode()


def encode_base64url(raw: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str, limit: int = 1024) -> bytes:
    """Read multibase: `z` (base58 bitcoin, at most `limit` characters: it costs quadratic time) or `u`."""
    if text.startswith("z") and len(text) <= limit:
        return base58.b58decode(text[1:])
    if text.startswith("u"):
        try:
            return base64.b64decode(text[1:] + "=" * (-(len(text) - 1) % 4), altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise ValueError("not base64url") from error
    raise ValueError("unknown multibase")
