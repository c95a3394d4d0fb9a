"""Addresses of terms as people paste them, and the one form in which they are kept."""

import re
from urllib.parse import parse_qs, urlsplit

from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.shell import absolute
from server.core.text import clean

ESCO = "http://data.europa.eu/esco/skill/"
"""ESCO's own form is `http:`; another spelling would be another concept to a machine."""
LONGEST = 200
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CONCEPT = re.compile(
    rf"https?://data\.europa\.eu/esco/skill/({_UUID}|[a-z]\d+(?:\.\d+)*)/*\Z", re.IGNORECASE
)
_ALONE = re.compile(rf"(?:urn:uuid:)?({_UUID})\Z", re.IGNORECASE)
_PORTALS = {"esco.ec.europa.eu", "ec.europa.eu", "data.europa.eu"}


class AddressUnclear(DomainError):
    status, code = 422, "address_unclear"

    def explain(self) -> str:
        return gettext(
            "“%(address)s” is no address of a skill. Paste one that begins with https://, or an ESCO link.",
            address=str(self.details.get("address", ""))[:80],
        )


class NameNeeded(DomainError):
    status, code = 422, "name_needed"

    def explain(self) -> str:
        return gettext("We do not know the skill at this address. Write its name beside it.")


def normalise(text: str) -> str:
    """Return the address by which a term is kept: ESCO's concept URI, our own path, or an https address.

    Raises AddressUnclear.
    """
    text = clean(text).strip().strip("<>")
    concept = _esco(text)
    if concept:
        return concept
    path = _own_path(text)
    if path:
        return path
    if not _is_address(text):
        raise AddressUnclear(address=text)
    return text


def is_esco(uri: str) -> bool:
    return uri.startswith(ESCO)


def whole(uri: str) -> str:
    """Return the full address: a credential is read far from here."""
    return absolute(uri) if uri.startswith("/") else uri


def _esco(text: str) -> str:
    """Read any of ESCO's forms: the URI, with https or a slash, the bare uuid, or a link of its portal."""
    found = _CONCEPT.match(text)
    if found:
        return ESCO + (found[1].lower() if "-" in found[1] else found[1].upper())
    if _ALONE.match(text):
        return ESCO + _ALONE.sub(r"\1", text).lower()
    return _in_portal(text)


def _in_portal(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.hostname not in _PORTALS:
        return ""
    named = parse_qs(parts.query).get("uri") or parse_qs(urlsplit(parts.fragment).query).get("uri") or [""]
    return _esco(named[0]) if named[0] and "uri=" not in named[0] else ""


def _own_path(text: str) -> str:
    path = text.removeprefix(absolute(""))
    return path if re.fullmatch(r"/frameworks/[a-z]+/[\w.-]+", path) else ""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - a wrong one raises
    except ValueError:
        return False
    told = bool(parts.scheme == "https" and parts.hostname and "." in parts.hostname)
    return told and not parts.username and len(text) <= LONGEST and not re.search(r'[\s<>"\\^`{|}]', text)
