"""Finds an issuer's list of withdrawn badges, checks that it is theirs, and reads one bit of it."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.badges import status
from server.badges.canonical import Document
from server.badges.verification.dates import SKEW
from server.badges.verification.issuers import issuer_id
from server.badges.verification.jwt import check_token
from server.badges.verification.report import FAILED, as_list, read_moment
from server.badges.verification.resolving import Resolver
from server.badges.verification.signatures import check_proofs
from server.badges.verification.strict_json import parse
from server.badges.verification.tokens import Token, decode_part, is_token, read_token

KINDS = {
    "BitstringStatusListEntry": ("statusList", "BitstringStatusList"),
    "StatusList2021Entry": ("statusList", "StatusList2021"),
    "RevocationList2020Status": ("revocationList", "RevocationList2020"),
}
"""Kind of entry → how its fields begin, and the kind of list it points into."""
_MOST_BYTES = 4 * 1024 * 1024  # of a list, unpacked


@dataclass(frozen=True)
class Listing:
    """A list as it was found, and the entry that points into it."""

    entry: Document
    document: Document
    token: Token | None

    @property
    def begun(self) -> datetime | None:
        return read_moment(self.document.get("validFrom") or self.document.get("issuanceDate"))

    def judge(self, issuer: str, resolver: Resolver, at: datetime) -> str:
        """Return the state of its signature. Raises ListMalformed when it is not the list that is meant."""
        subject, (start, kind) = self.document["credentialSubject"], KINDS[self.entry["type"]]
        same = (
            self.document["id"] == self.entry[f"{start}Credential"]
            and subject["type"] == kind
            and self.entry.get("statusPurpose", "revocation")
            in as_list(subject.get("statusPurpose", "revocation"))
            and issuer_id(self.document) == issuer
        )
        if not same:
            raise status.ListMalformed()
        if self.token:
            state = check_token(self.document, self.token, resolver).state
        else:
            state = check_proofs(self.document, resolver, at).state
        if state == FAILED:
            raise status.ListMalformed()
        return state

    def is_set(self) -> bool:
        """Say whether the badge's bit is set. Raises ListMalformed."""
        start, kind = KINDS[self.entry["type"]]
        subject = self.document["credentialSubject"]
        bits = status.decode(subject) if kind == "BitstringStatusList" else _unpack(subject["encodedList"])
        return status.is_set(bits, _read_index(self.entry[f"{start}Index"]))

    def is_fresh(self, at: datetime) -> bool:
        """Say whether the list speaks for now."""
        ends = [
            read_moment(self.document[name])
            for name in ("validUntil", "expirationDate")
            if name in self.document
        ]
        begun = self.begun
        return begun is not None and begun <= at + SKEW and all(end and end >= at for end in ends)


def find(entry: Document, resolver: Resolver) -> Listing | None:
    """Find the list of an entry; None when it is not to be had. Raises ListMalformed, ValueError."""
    start, _ = KINDS[entry["type"]]
    url = entry[f"{start}Credential"]
    if not isinstance(url, str):
        raise status.ListMalformed()
    own = resolver.status_list(url)
    if own is not None:
        return Listing(entry, own, None)
    if resolver.is_ours(url):
        raise status.ListMalformed()
    fetched = resolver.fetch(url)
    return _read(entry, fetched.content) if fetched and fetched.status == 200 else None


def _read(entry: Document, content: bytes) -> Listing:
    text = content.decode().strip()
    if not is_token(text):
        return Listing(entry, parse(text), None)
    token = read_token(text)
    inner = token.payload.get("vc", token.payload)
    if not isinstance(inner, dict):
        raise status.ListMalformed()
    return Listing(entry, {name: one for name, one in inner.items() if name not in _CLAIMS}, token)


_CLAIMS = ("iss", "sub", "jti", "nbf", "exp", "iat")


def _read_index(value: Any) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise status.ListMalformed()
    return int(text)


def _unpack(encoded: str) -> bytes:
    """Unpack a list of the older kinds, which are written without the letter that names their spelling."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    bits = unpacker.decompress(decode_part(encoded.rstrip("=")), _MOST_BYTES)
    if not unpacker.eof:
        raise status.ListMalformed()
    return bits
