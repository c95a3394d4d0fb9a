"""Bitstring Status Lists (W3C): one signed list of bits tells which of an issuer's badges no longer hold."""

import gzip
import secrets
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from server.badges import multikey
from server.badges.canonical import Document
from server.badges.contexts import CREDENTIALS_V2
from server.badges.signing import timestamp
from server.core.errors import DomainError
from server.core.i18n import gettext

SIZE = 131_072
"""Bits in a list: the least the standard allows, so that one bit hides among many."""
VALID_FOR = timedelta(days=7)
RENEW_AFTER = timedelta(days=1)


class ListFull(DomainError):
    status, code = 503, "status_list_full"


class ListMalformed(DomainError):
    status, code = 422, "status_list_malformed"

    def explain(self) -> str:
        return gettext("The issuer's list of withdrawn badges cannot be read.")


def empty_bits() -> bytes:
    return bytes(SIZE // 8)


def is_set(bits: bytes, index: int) -> bool:
    """Read a bit; index 0 is the leftmost bit of the first byte."""
    if not 0 <= index < len(bits) * 8:
        raise ListMalformed()
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


def with_bit(bits: bytes, index: int) -> bytes:
    """Return the bits with one more set."""
    changed = bytearray(bits)
    changed[index // 8] |= 1 << (7 - index % 8)
    return bytes(changed)


def random_index(is_taken: Callable[[int], bool], tries: int = 64) -> int:
    """Choose an index nobody had, at random, so that it tells nothing about order. Raises ListFull."""
    for _ in range(tries):
        index = secrets.randbelow(SIZE)
        if not is_taken(index):
            return index
    raise ListFull()


def build(url: str, issuer: str, bits: bytes, at: datetime) -> Document:
    """Write the list as a credential, without proofs; valid for a week."""
    return {
        "@context": [CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": timestamp(at),
        "validUntil": timestamp(at + VALID_FOR),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode(bits),
        },
    }


def encode(bits: bytes) -> str:
    return multikey.encode_base64url(gzip.compress(bits, mtime=0))


def decode(subject: Any, limit: int = 8 * SIZE) -> bytes:
    """Unpack a list's bits, never more than `limit` bytes of them. Raises ListMalformed."""
    try:
        packed = multikey.decode(subject["encodedList"])
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        bits = unpacker.decompress(packed, limit)
    except (KeyError, TypeError, AttributeError, ValueError, zlib.error) as error:
        raise ListMalformed() from error
    if not unpacker.eof or len(bits) * 8 < SIZE:
        raise ListMalformed()
    return bits
