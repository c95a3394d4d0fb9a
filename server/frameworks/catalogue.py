"""The frameworks that come with the program: small lists of competences, and a part of ESCO, from `data/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from server.core.db import Texts
from server.core.errors import NotFound

DATA = Path(__file__).parent / "data"
NAMES = ("esco", "lifecomp", "keycomp", "digcomp", "entrecomp", "greencomp")
"""In the order in which people are offered them; each is a file in `data/` and a part of addresses."""


@dataclass(frozen=True)
class Entry:
    """One term as its file tells it. `uri` is a path of ours where the framework has no address for it."""

    uri: str
    code: str
    kind: str
    broader: str
    labels: Texts
    description: Texts
    found_by: Texts  # words of ours that lead to it in a language it has no label in


@dataclass(frozen=True)
class Framework:
    """Who wrote down the terms. `url` leads to the whole of it."""

    key: str
    name: str
    version: str
    title: Texts
    url: str
    entries: tuple[Entry, ...] = field(repr=False)


@cache
def frameworks() -> Mapping[str, Framework]:
    """Read all frameworks, by the key that addresses name them by."""
    return {key: _read(key) for key in NAMES}


def find_framework(key: str) -> Framework:
    """Find a framework by how addresses name it; raises NotFound."""
    try:
        return frameworks()[key]
    except KeyError:
        raise NotFound() from None


def own_address(key: str, code: str) -> str:
    """Return the path of our page for a term: it stays the same, for it stands in credentials."""
    return f"/frameworks/{key}/{code}"


def _read(key: str) -> Framework:
    told = tomllib.loads((DATA / f"{key}.toml").read_text(encoding="utf-8"))
    return Framework(
        key=key,
        name=told["name"],
        version=told["version"],
        title=told["title"],
        url=told["url"],
        entries=tuple(_entry(key, one) for one in told["term"]),
    )


def _entry(key: str, told: dict[str, Any]) -> Entry:
    code, broader = told.get("code", ""), told.get("broader", "")
    return Entry(
        uri=told.get("uri") or own_address(key, code),
        code=code,
        kind=told["kind"],
        broader=own_address(key, broader) if code and broader else broader,
        labels=told["name"],
        description=told.get("description", {}),
        found_by=told.get("found_by", {}),
    )
