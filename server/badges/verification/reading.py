"""Reads a badge from whatever carries it: JSON, a token, a picture, a drawing, a printed code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.badges.canonical import Document
from server.badges.contexts import CREDENTIALS_V1, CREDENTIALS_V2
from server.badges.verification import packed, pictures
from server.badges.verification.report import as_list
from server.badges.verification.strict_json import parse
from server.badges.verification.tokens import Token, is_token, read_token
from server.core.errors import DomainError, TooLarge
from server.core.i18n import gettext

LIMIT = 5 * 1024 * 1024
_ADDRESSES = ("https://", "http://")
_CLAIMS = ("iss", "sub", "jti", "nbf", "exp", "iat", "aud", "vc")
_OPEN_BADGES_2 = "https://w3id.org/openbadges/v2"
_FROM_CLAIMS = {"jti": "id", "iss": "issuer"}


class BadgeUnreadable(DomainError):
    status, code = 422, "badge_unreadable"

    def explain(self) -> str:
        return gettext(
            "This is no badge we can read. Expected is a badge file: JSON, a token, or a PNG or SVG picture "
            "with a badge inside."
        )


@dataclass(frozen=True)
class Badge:
    """A badge as it was read. `token` is the signature around all of it, if there is one."""

    document: Document
    token: Token | None = None

    @property
    def is_version_2(self) -> bool:
        """Say whether it is an assertion of Open Badges 2.0."""
        return "Assertion" in as_list(self.document.get("type"))


def read(content: bytes, follow: Callable[[str], bytes] | None = None) -> Badge:
    """Read a badge file from anywhere, within limits of size and depth.

    `follow` opens an address, when that is all that a picture or a text holds.
    Raises BadgeUnreadable, TooLarge, PictureUnreadable, PictureEmpty, and what `follow` raises.
    """
    text = _text(content)
    if follow and text.startswith(_ADDRESSES):
        text = _text(follow(text))
    try:
        if packed.is_packed(text):
            text = packed.unpack(text).decode()
        return _read_token(text) if is_token(text) else _checked(Badge(parse(text)))
    except (ValueError, RecursionError) as error:
        raise BadgeUnreadable() from error


def _text(content: bytes) -> str:
    """Find the text in a file, which may be a picture."""
    if len(content) > LIMIT:
        raise TooLarge()
    if pictures.is_picture(content):
        return pictures.read_picture(content).strip()
    if pictures.is_drawing(content):
        return pictures.read_drawing(content)
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode().strip()
    except UnicodeDecodeError as error:
        raise BadgeUnreadable() from error


def _read_token(text: str) -> Badge:
    token = read_token(text)
    if "Assertion" in as_list(token.payload.get("type")):
        return _checked(Badge(token.payload, token))
    inner = token.payload.get("vc")
    if inner is not None and not isinstance(inner, dict):
        raise ValueError("no credential")
    plain = {name: value for name, value in token.payload.items() if name not in _CLAIMS}
    document = plain if inner is None else inner
    return _checked(Badge({**_claimed(token.payload, document), **document}, token))


def _claimed(payload: Document, document: Document) -> Document:
    """Return what the claims around a credential say for it, where it does not say so itself."""
    old = CREDENTIALS_V1 in as_list(document.get("@context"))
    dates = (
        {"nbf": "issuanceDate", "exp": "expirationDate"} if old else {"nbf": "validFrom", "exp": "validUntil"}
    )
    found = {name: payload[claim] for claim, name in _FROM_CLAIMS.items() if claim in payload}
    return found | {name: _date(payload[claim]) for claim, name in dates.items() if claim in payload}


def _date(seconds: object) -> str:
    """Write a claim's time as a credential does. Raises ValueError."""
    if (
        not isinstance(seconds, int | float)
        or isinstance(seconds, bool)
        or not 0 <= seconds < 253_000_000_000
    ):
        raise ValueError("no time")
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _checked(badge: Badge) -> Badge:
    """Refuse what is no badge: its first context and its types say what it is."""
    document = badge.document
    contexts, kinds = as_list(document.get("@context")), as_list(document.get("type"))
    if badge.is_version_2 and _OPEN_BADGES_2 in contexts[:1]:
        return badge
    if not _is_credential(contexts, kinds) or badge.is_version_2:
        raise BadgeUnreadable()
    return badge


def _is_credential(contexts: list[Any], kinds: list[Any]) -> bool:
    return (
        contexts[:1] in ([CREDENTIALS_V2], [CREDENTIALS_V1])
        and "VerifiableCredential" in kinds
        and any(
            kind in kinds
            for kind in (
                "OpenBadgeCredential",
                "AchievementCredential",
                "EndorsementCredential",
                "ClrCredential",
            )
        )
    )
