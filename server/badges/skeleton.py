"""Hashes our own badges fast: one expansion for all that differ in a few values only.

Expanding JSON-LD is over 90 % of the cost of a signature, and the same for every award of an achievement. So a
badge with marks in place of those values is expanded once, and each badge fills in its own. Badges of others
are never hashed here; and what cannot be filled in safely is expanded as a whole.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from server.badges import canonical
from server.badges.canonical import Document, DocumentUnclear

VARYING = (
    ("id",),
    ("awardedDate",),
    ("validFrom",),
    ("validUntil",),
    ("credentialSubject", "id"),
    ("credentialSubject", "activityStartDate"),
    ("credentialSubject", "activityEndDate"),
    ("credentialStatus", "id"),
    ("credentialStatus", "statusListIndex"),
    ("credentialStatus", "statusListCredential"),
)
"""Where badges of one achievement differ. All other differences only make another skeleton."""
_BRANCHES = {path[:1] for path in VARYING if len(path) > 1}
_ADDRESS = re.compile(r"""(https?://|urn:uuid:)[^\x00-\x20<>"{}|\\^`]+\Z""")
_MARK = "mark-of-what-varies-"


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The statements that a badge with marks makes, and which of them hold a mark."""

    quads: Sequence[Quad]
    varying: Sequence[int]

    def fill(self, values: Mapping[str, str]) -> list[Quad]:
        """Return the statements of the badge that has these values in place of the marks."""
        quads = list(self.quads)
        for index in self.varying:
            one = quads[index]
            subject, object = _fill(one.subject, values), _fill(one.object, values)
            quads[index] = Quad(subject, one.predicate, object, one.graph_name)
        return quads


def rdfc_hash(document: Document) -> bytes:
    """Hash the meaning of a badge of ours, exactly as `canonical.rdfc_hash` does. Raises DocumentUnclear."""
    written = json.dumps(document)
    marked, values = _mark(document)
    skeleton = _skeleton(json.dumps(marked)) if values and _MARK not in written else None
    if skeleton is not None:
        with suppress(ValueError):  # an address that is none after all
            return canonical.hash_quads(skeleton.fill(values))
    return canonical.rdfc_hash(document)


@lru_cache(maxsize=256)
def options_hash(written: str) -> bytes:
    """Hash a proof's options, written as JSON; they are the same for all that an issuer signs in a day."""
    return canonical.rdfc_hash(json.loads(written))


@lru_cache(maxsize=256)
def _skeleton(marked: str) -> Skeleton | None:
    """Expand a badge with marks; None when one of them does not come out whole, as a subject or an object."""
    try:
        quads = list(canonical.statements(json.loads(marked)))
    except DocumentUnclear:
        return None  # the true values may be clear
    varying = [index for index, one in enumerate(quads) if _MARK in str(one)]
    if not all(_is_whole(term) for index in varying for term in _terms(quads[index])):
        return None
    return Skeleton(quads, varying)


def _mark(document: Document) -> tuple[Document, dict[str, str]]:
    """Copy a badge with marks for what varies; return it with the values by mark."""
    values: dict[str, str] = {}
    marked = _marked(document, (), values)
    return marked, values


def _marked(node: Document, path: tuple[str, ...], values: dict[str, str]) -> Document:
    copy = dict(node)
    for name, value in node.items():
        here = (*path, name)
        if isinstance(value, dict) and here in _BRANCHES:
            copy[name] = _marked(value, here, values)
        elif isinstance(value, str) and here in VARYING:
            copy[name] = _name_mark(VARYING.index(here), value)
            values[copy[name]] = value
    return copy


def _name_mark(number: int, value: str) -> str:
    """Name a mark like what it stands for: an address, or anything else."""
    scheme = _ADDRESS.match(value)
    return f"{scheme[1]}{_MARK}{number}." if scheme else f"{_MARK}{number}."


def _terms(quad: Quad) -> Iterator[Any]:
    yield from (quad.subject, quad.predicate, quad.object, quad.graph_name)


def _is_whole(term: Any) -> bool:
    """Say whether a term is a mark and nothing else, or none at all."""
    if _MARK not in str(term):
        return True
    if isinstance(term, Literal) and (term.language or _MARK in term.datatype.value):
        return False
    return re.fullmatch(rf"(https?://|urn:uuid:)?{_MARK}\d+\.", term.value) is not None


def _fill(term: Any, values: Mapping[str, str]) -> Any:
    value = values.get(term.value) if isinstance(term, NamedNode | Literal) else None
    if value is None:
        return term
    return Literal(value, datatype=term.datatype) if isinstance(term, Literal) else NamedNode(value)
