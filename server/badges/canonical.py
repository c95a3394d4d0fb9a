"""One exact byte form of a JSON document, in the two ways the proofs of a badge use: RDFC-1.0 and JCS."""

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import rfc8785
from pyld import jsonld
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from server.badges import contexts
from server.core.errors import DomainError, TooLarge
from server.core.i18n import gettext

Document = dict[str, Any]
MOST_VALUES = 10_000
"""Expansion takes about 0.1 ms a value; more than this is no badge but an attempt to keep us busy."""
_ABSOLUTE = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]*\Z')


class DocumentUnclear(DomainError):
    """JSON-LD would silently leave something out, so a signature would not cover all that is shown."""

    status, code = 422, "document_unclear"

    def explain(self) -> str:
        return gettext("“%(term)s” has no defined meaning in this badge.", term=self.details.get("term", "?"))


def rdfc_hash(document: Document) -> bytes:
    """Hash the document's meaning: SHA-256 of its canonical N-Quads (RDFC-1.0). Raises DocumentUnclear."""
    return hash_quads(statements(document))


def jcs_hash(document: Document) -> bytes:
    """Hash the document's spelling: SHA-256 of its canonical JSON (RFC 8785). Raises DocumentUnclear."""
    try:
        return sha256(rfc8785.dumps(document)).digest()
    except rfc8785.CanonicalizationError as error:
        raise DocumentUnclear(term=str(error)[:80]) from error


def n_quads(document: Document) -> str:
    """Write the document as canonical N-Quads. Raises DocumentUnclear."""
    return _write(statements(document))


def statements(document: Document) -> list[Quad]:
    """Read the document's meaning as RDF. Raises DocumentUnclear."""
    expanded = json.dumps(expand(document)).encode()
    try:
        return list(parse(expanded, format=RdfFormat.JSON_LD))
    except (SyntaxError, ValueError) as error:
        raise DocumentUnclear(term=str(error)[:80]) from error


def hash_quads(quads: Iterable[Quad]) -> bytes:
    """Hash RDF: SHA-256 of its canonical N-Quads (RDFC-1.0)."""
    return sha256(_write(quads).encode()).digest()


def _write(quads: Iterable[Quad]) -> str:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset))


def expand(document: Document) -> list[Any]:
    """Expand JSON-LD in safe mode: what the contexts do not define is an error, not an omission.

    Raises DocumentUnclear with the term, or ContextUnknown. PyLD is used for nothing after this step:
    its N-Quads are escaped wrongly.
    """
    refuse_size(document)
    _refuse_own_contexts(document)
    dropped: list[Any] = []
    try:
        expanded: list[Any] = jsonld.expand(
            document, {"documentLoader": contexts.load, "base": None}, on_property_dropped=dropped.append
        )
    except (jsonld.JsonLdError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _plainly(error) from error
    if dropped:
        raise DocumentUnclear(term=str(dropped[0])[:80])
    for name in _names(expanded):
        if not _ABSOLUTE.match(name):
            raise DocumentUnclear(term=name[:80])
    return expanded


def _refuse_own_contexts(node: Any) -> None:
    """Allow contexts by address only: one written into the document could give any word any meaning."""
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _refuse_own_contexts(child)
    if isinstance(node, dict) and "@context" in node:
        given = node["@context"]
        for one in given if isinstance(given, list) else [given]:
            if not isinstance(one, str):
                raise contexts.ContextUnknown(url="@context")


def refuse_size(document: Document) -> None:
    """Raise TooLarge for a document of too many values, without counting the rest of them."""
    waiting: list[Any] = [document]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        node = waiting.pop()
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if waiting:
        raise TooLarge()


def _plainly(error: BaseException) -> DomainError:
    cause: Any = error
    while cause is not None:
        if isinstance(cause, DomainError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    return DocumentUnclear(term=str(error).split("\n")[0][:80])


def _names(node: Any) -> Iterator[str]:
    """Walk all identifiers and types; ids of blank nodes (`_:`) are among what must not be there.

    Nobody needs them in a badge, and graphs that take for ever to canonicalise are built from them.
    """
    if isinstance(node, list):
        for one in node:
            yield from _names(one)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("@id", "@type"):
                yield from (
                    str(one) for one in (value if isinstance(value, list) else [value]) if one != "@json"
                )
            elif key != "@value":
                yield from [] if key.startswith("@") else [key]
                yield from _names(value)
