"""Public keys as issuers write them: Multikey, JWK and PEM."""

import base64
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from server.badges import multikey

Key = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_CURVES: dict[bytes, type[ec.EllipticCurve]] = {b"\x80\x24": ec.SECP256R1, b"\x81\x24": ec.SECP384R1}
_JWK_CURVES: dict[str, type[ec.EllipticCurve]] = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1}
_RSA_BITS = range(2048, 8193)
_SECRETS = ("d", "p", "q", "k", "privateKeyMultibase", "secretKeyMultibase")


def read_key(written: Any) -> Key:
    """Read a key from a verification method, a JWK, or a CryptographicKey of 2.0. Raises ValueError."""
    if not isinstance(written, dict) or any(name in written for name in _SECRETS):
        raise ValueError("no public key")
    try:
        if "publicKeyMultibase" in written:
            return read_multikey(_text(written, "publicKeyMultibase"))
        if "publicKeyPem" in written:
            return _checked(load_pem_public_key(_text(written, "publicKeyPem").encode()))
        return _read_jwk(written.get("publicKeyJwk", written))
    except (KeyError, TypeError, UnsupportedAlgorithm, OverflowError) as error:
        raise ValueError("no public key") from error


def read_multikey(text: str) -> Key:
    """Read a Multikey: Ed25519, P-256 or P-384. Raises ValueError."""
    raw = multikey.decode(text, limit=200)
    if curve := _CURVES.get(raw[:2]):
        return ec.EllipticCurvePublicKey.from_encoded_point(curve(), raw[2:])
    return multikey.decode_key(text)


def same_key(one: Key, other: Key) -> bool:
    return _bytes(one) == _bytes(other)


def _bytes(key: Key) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _read_jwk(jwk: Any) -> Key:
    if any(name in jwk for name in _SECRETS):
        raise ValueError("a private key")
    if jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(_part(jwk, "x"))
    if jwk["kty"] == "EC":
        curve = _JWK_CURVES[jwk["crv"]]()
        return ec.EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), curve).public_key()
    if jwk["kty"] == "RSA":
        return _checked(rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key())
    raise ValueError("another kind of key")


def _checked(key: Any) -> Key:
    """Refuse keys that are too weak to prove anything, or so large that checking takes for ever."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in _RSA_BITS or key.public_numbers().e > 2**32:
            raise ValueError("an RSA key of an odd size")
        return key
    if isinstance(key, Ed25519PublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, tuple(_CURVES.values()))
    ):
        return key
    raise ValueError("another kind of key")


def _text(written: dict[str, Any], name: str) -> str:
    value = written[name]
    if not isinstance(value, str) or len(value) > 10_000:
        raise ValueError("no text")
    return value


def _part(jwk: dict[str, Any], name: str) -> bytes:
    text = _text(jwk, name)
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _number(jwk: dict[str, Any], name: str) -> int:
    return int.from_bytes(_part(jwk, name), "big")
