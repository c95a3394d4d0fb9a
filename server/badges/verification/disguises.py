"""Refuses spellings that mean the same to RDF and something else to whoever reads the JSON.

A proof over meaning (RDFC) still holds when a date is renamed to its full address, or told at another place under
the same id. Who reads the JSON would no longer see that the badge has ended.
"""

from collections.abc import Iterator
from typing import Any

from server.badges.canonical import Document


class Disguised(ValueError):
    """What the badge says and what we would read in it may differ."""


def refuse_disguises(document: Document) -> None:
    """Raise Disguised unless every name is a plain word and the badge speaks of itself in one place."""
    nodes = list(_nodes(document))
    names = {name for node in nodes for name in node}
    odd = {name for name in names if ":" in name or (name.startswith("@") and name != "@context")}
    own = document.get("id")
    if odd or (own is not None and sum(node.get("id") == own for node in nodes) > 1):
        raise Disguised(", ".join(sorted(odd))[:80])


def _nodes(value: Any) -> Iterator[Document]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(child)
