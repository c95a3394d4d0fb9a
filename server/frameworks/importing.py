"""Reads ESCO's own CSV files: skills, collections, groups, the hierarchy; in any number of languages."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from server.core.db import writing
from server.core.errors import DomainError
from server.core.text import clean
from server.frameworks.addresses import AddressUnclear, is_esco, normalise
from server.frameworks.loading import Row, searchable, store

_BATCH = 1000
_LANGUAGE = re.compile(r"_([a-z]{2,3}(?:-[A-Za-z]{2,4})?)\.csv\Z")
_WORDS = {"conceptUri", "preferredLabel"}
_LEVELS = {f"Level {number} {part}" for number in range(4) for part in ("URI", "preferred term", "code")}
_PLACES = {"conceptUri", "broaderUri"}
_SKILLS = {"KnowledgeSkillCompetence": "skill", "SkillGroup": "area"}
csv.field_size_limit(1_000_000)


class FileUnclear(DomainError):
    """The file is none of ESCO's; the message says why."""


class Refused(Exception):
    """A row is left out, and why."""


@dataclass
class Report:
    """What became of one file. `refused`: line number and why, of the first of them."""

    rows: int = 0
    changed: int = 0
    left_out: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> None:
        self.left_out += 1
        if len(self.refused) < 100:
            self.refused.append((line, why))


def import_file(path: Path, on_bytes: Callable[[int], None] = lambda size: None) -> Report:
    """Bring one of ESCO's files into the database; the same file twice changes nothing the second time.

    It is read row by row and written by the thousand, so it may be of any size, and what was written stays when it
    breaks off. `on_bytes` hears how far it is. Raises FileUnclear.
    """
    report = Report()
    with path.open("rb") as raw:
        rows = _read(path, (_decode(path, line) for line in raw), report)
        while batch := list(islice(rows, _BATCH)):
            with writing() as session:
                report.changed += store(session, _joined(batch), newer=True)
            report.rows += len(batch)
            on_bytes(raw.tell() if raw.seekable() else 0)
    return report


def _decode(path: Path, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnclear(f"{path.name}: it is not in UTF-8.") from error


def _read(path: Path, lines: Iterable[str], report: Report) -> Iterator[Row]:
    reader = csv.DictReader(lines)
    try:
        read = _reader(path, set(reader.fieldnames or ()))
        for told in reader:
            try:
                yield from read(told)
            except Refused as error:
                report.refuse(reader.line_num, str(error))
    except csv.Error as error:
        raise FileUnclear(f"{path.name}: line {reader.line_num}: {error}.") from error


def _reader(path: Path, columns: set[str]) -> Callable[[Mapping[str, Any]], Iterable[Row]]:
    """Choose how rows are read, by the columns there are. Raises FileUnclear."""
    lang = _LANGUAGE.search(path.name)
    if columns >= _PLACES:
        return _place
    if not (columns >= _LEVELS or columns >= _WORDS):
        raise FileUnclear(
            f"{path.name}: it has none of the columns of ESCO's files of skills (conceptUri, preferredLabel)."
        )
    if lang is None:
        raise FileUnclear(f"{path.name}: its name must end with the language, as in skills_en.csv.")
    read = _path if columns >= _LEVELS else _skill
    whole = path.name.startswith("transversal")
    return lambda told: read(told, lang[1], whole)


def _skill(told: Mapping[str, Any], lang: str, transversal: bool) -> Iterable[Row]:
    """Read a row of skills_*, skillGroups_*, or one of the collections."""
    name = clean(told["preferredLabel"] or "").strip()
    if not name:
        raise Refused("it has no name (preferredLabel).")
    if (told.get("status") or "released") not in ("released", ""):
        raise Refused(f"its status is “{told['status']}”.")
    kind = _kind(told)
    yield _row(
        _concept(told["conceptUri"]),
        kind="transversal"
        if kind != "area" and (transversal or told.get("reuseLevel") == "transversal")
        else kind,
        broader=_first_concept(told.get("broaderConceptUri") or ""),
        code=told.get("code") or "",
        labels={lang: name},
        description={lang: clean(told.get("description") or "").strip()},
        names=[name, *re.split(r"\n| \| ", told.get("altLabels") or "")],
    )


def _kind(told: Mapping[str, Any]) -> str:
    concept = told.get("conceptType") or "KnowledgeSkillCompetence"
    if concept not in _SKILLS:
        raise Refused(f"it is no skill but “{concept}”.")
    return "knowledge" if told.get("skillType") == "knowledge" else _SKILLS[concept]


def _path(told: Mapping[str, Any], lang: str, _: bool) -> Iterable[Row]:
    """Read a row of skillsHierarchy_*: the last of its levels is a group, which stands in the level before."""
    depth = max((number for number in range(4) if told[f"Level {number} URI"]), default=-1)
    if depth < 0:
        raise Refused("it names no level.")
    name = clean(told[f"Level {depth} preferred term"] or "").strip()
    if not name:
        raise Refused("it has no name (preferred term).")
    above = told[f"Level {depth - 1} URI"] if depth else ""
    yield _row(
        _concept(told[f"Level {depth} URI"]),
        kind="area",
        broader=_concept(above) if above else "",
        code=told[f"Level {depth} code"] or "",
        labels={lang: name},
        description={lang: clean(told.get("Description") or "").strip()},
        names=[name],
    )


def _place(told: Mapping[str, Any]) -> Iterable[Row]:
    """Read a row of broaderRelationsSkillPillar_*: where a skill stands."""
    area = told.get("conceptType") == "SkillGroup"
    yield _row(
        _concept(told["conceptUri"]), kind="area" if area else "", broader=_concept(told["broaderUri"])
    )


def _row(uri: str, *, kind: str, broader: str, **told: Any) -> Row:
    labels: dict[str, str] = told.get("labels", {})
    description = {lang: text for lang, text in told.get("description", {}).items() if text}
    return {
        "uri": uri,
        "framework": "esco",
        "code": told.get("code", ""),
        "kind": kind,
        "broader": broader,
        "labels": labels,
        "description": description,
        "search_text": searchable(told.get("names", [])),
    }


def _joined(batch: list[Row]) -> list[Row]:
    """Keep one row a concept: the last of a file counts, as it does between batches."""
    return list({row["uri"]: row for row in batch}.values())


def _concept(text: str | None) -> str:
    with suppress(AddressUnclear):
        uri = normalise(text or "")
        if is_esco(uri):
            return uri
    raise Refused(f"“{(text or '')[:80]}” is no address of an ESCO skill (conceptUri).")


def _first_concept(text: str) -> str:
    """Read where a collection says that a skill stands; of several places the first."""
    return _concept(text.split(" | ")[0]) if text else ""
