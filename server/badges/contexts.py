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
FILES = {CREDENTIALS_V2: "credentials-v2.json", OPEN_BADGES: "open-badges-3.0.3.json"}


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
