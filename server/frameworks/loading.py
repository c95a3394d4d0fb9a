"""Brings the frameworks that come with the program into the database, whenever their files have changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.orm import Session

from server.core.db import Texts, table
from server.core.text import fold
from server.frameworks.catalogue import Entry, frameworks
from server.frameworks.models import Term

_TERMS = table(Term)
_BATCH = 500
_LOCK = 5_872_302  # PostgreSQL advisory lock, until the transaction ends
_UPDATE = update(_TERMS).where(_TERMS.c.uri == bindparam("at")).values(
    {one.name: bindparam(one.name) for one in _TERMS.c if one.name != "uri"}
)  # fmt: skip
Row = dict[str, Any]


def load_built_in(session: Session) -> int:
    """Write what differs from the files, and return how many terms that were: none at most starts.

    What ESCO's own files said (`streetwise frameworks import`) is more than our part of it, so it stays.
    """
    changed = 0
    for key, framework in frameworks().items():
        rows = [_row(key, one) for one in framework.entries]
        changed += store(session, rows, ours=key != "esco")
        if key != "esco":
            known = [row["uri"] for row in rows]
            session.execute(delete(Term).where(Term.framework == key, Term.uri.not_in(known)))
    return changed


def store(session: Session, rows: Iterable[Row], *, ours: bool = False, newer: bool = False) -> int:
    """Add rows that are new and change those that differ; return how many those were.

    `ours`: the row is all there is to say. Otherwise what is known in other languages stays, and of one language
    what is `newer` counts. A new row without a name only tells of a term that is not here, and is left out.
    """
    _wait_our_turn(session)
    found = {row["uri"]: row for row in rows}
    known = _known(session, list(found))
    fresh, changed = [], []
    for uri, row in found.items():
        before = known.get(uri)
        merged = row if ours or before is None else _merge(before, row, newer=newer)
        if before is None:
            fresh += [row] if row["labels"] else []
        elif merged != before:
            changed.append({**{name: value for name, value in merged.items() if name != "uri"}, "at": uri})
    if fresh:
        session.execute(insert(_TERMS), fresh)
    if changed:
        session.connection().execute(_UPDATE, changed)
    return len(fresh) + len(changed)


def _wait_our_turn(session: Session) -> None:
    """Let two that start at once add their terms one after the other; SQLite's writers queue anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def searchable(names: Iterable[str]) -> str:
    """Fold names into the lines that a search looks through, each between two line ends."""
    return _lines(fold(one) for one in names)


def _lines(lines: Iterable[str]) -> str:
    return "\n" + "".join(f"{line}\n" for line in dict.fromkeys(lines) if line)


def _known(session: Session, uris: list[str]) -> dict[str, Row]:
    known = {}
    for start in range(0, len(uris), _BATCH):
        some = select(_TERMS).where(_TERMS.c.uri.in_(uris[start : start + _BATCH]))
        known.update({row.uri: dict(row._mapping) for row in session.execute(some)})
    return known


def _row(key: str, entry: Entry) -> Row:
    return {
        "uri": entry.uri,
        "framework": key,
        "code": entry.code,
        "kind": entry.kind,
        "broader": entry.broader,
        "labels": entry.labels,
        "description": entry.description,
        "search_text": searchable([*entry.labels.values(), entry.code, *_words(entry.found_by)]),
    }


def _words(found_by: Texts) -> list[str]:
    return [one for words in found_by.values() for one in words.split(", ")]


def _merge(before: Mapping[str, Any], row: Row, *, newer: bool) -> Row:
    first, second = (before, row) if newer else (row, before)
    merged = {**before}
    for name in ("labels", "description"):
        merged[name] = {**first[name], **second[name]}
    for name in ("code", "broader"):
        merged[name] = second[name] or first[name]
    merged["kind"] = _kind(first["kind"], second["kind"])
    merged["search_text"] = _lines(f"{before['search_text']}{row['search_text']}".split("\n"))
    return merged


def _kind(first: str, second: str) -> str:
    """ESCO tells the transversal skills in a list of their own, and as any others beside it."""
    return "transversal" if "transversal" in (first, second) else second or first
