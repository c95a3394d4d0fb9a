"""The only JSON-LD contexts we ever read: pinned files, never the network."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from server.badges.contexts_build import PINS, digest
from server.core.errors import DomainError, SettingInvalid
from server.core.i18n import gettext

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
FOLDER = Path(__file__).parent / "contexts"
CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
_OB3 = "https://purl.imsglobal.org/spec/ob/v3p0"
FILES = {
    CREDENTIALS_V2: "credentials-v2.json",
    CREDENTIALS_V1: "credentials-v1.json",
    OPEN_BADGES: "open-badges-3.0.3.json",
    f"{_OB3}/context-3.0.2.json": "open-badges-3.0.2.json",
    f"{_OB3}/context-3.0.1.json": "open-badges-3.0.1.json",
    f"{_OB3}/extensions.json": "open-badges-extensions.json",
    "https://w3id.org/security/data-integrity/v1": "data-integrity-v1.json",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.json",
    ED25519_2020: "ed25519-2020.json",
    "https://w3id.org/vc/status-list/2021/v1": "status-list-2021.json",
    "https://w3id.org/vc-revocation-list-2020/v1": "revocation-list-2020.json",
}
"""We issue with the newest two; the others are read in badges from elsewhere."""


class ContextUnknown(DomainError):
    status, code = 422, "context_unknown"

    def explain(self) -> str:
        return gettext(
            "This badge uses a vocabulary we do not know (%(url)s), so we cannot say what its words mean.",
            url=self.details.get("url", "?"),
        )


@cache
def context(url: str) -> dict[str, Any]:
    """Read the pinned context of an address; raises ContextUnknown for every other address.

    Callers must not change what they get.
    """
    name = FILES.get(url)
    if name is None:
        raise ContextUnknown(url=str(url)[:200])
    content = _read(FOLDER / name)
    if digest(content) != PINS[name]:
        raise SettingInvalid(f"The file {name} is not the pinned one. Build again: make build.")
    loaded: dict[str, Any] = json.loads(content)
    return loaded


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SettingInvalid(f"The file {path.name} was not built. Build it: make build.") from error


def load(url: str, _options: object = None) -> dict[str, Any]:
    """Answer PyLD's loader: the pinned context or ContextUnknown."""
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": context(url),
    }
