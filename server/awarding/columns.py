"""Which column of a list says what: found by its header, in whichever of our languages it is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from server.awarding.reading import Table
from server.badges.models import Achievement
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.text import fold

NAMES: Mapping[str, frozenset[str]] = {
    field: frozenset(fold(one) for one in words.split(","))
    for field, words in {
        "mail": "mail,e-mail,email,e-mail address,email address,mailadres,e-mailadres,emailadres,correo,correo electrónico,e-mail-adres,adresse e-mail",
        "number": "number,no,nr,id,student number,member number,nummer,leerlingnummer,studentnummer,lidnummer,número,num,número de alumno,matrícula",
        "name": "name,full name,naam,volledige naam,nombre,nombre completo,nombre y apellidos",
        "first": "first name,given name,voornaam,nombre de pila",
        "last": "last name,surname,family name,achternaam,apellido,apellidos",
        "date": "date,day,awarded on,datum,dag,fecha,día",
        "note": "note,remark,remarks,comment,opmerking,opmerkingen,toelichting,nota,comentario,observaciones",
    }.items()
}  # fmt: skip
"""Headers by what they mean, folded."""


class NoColumns(DomainError):
    status, code = 422, "no_columns"

    def explain(self) -> str:
        return gettext(
            "The first row must say what the columns are. One of them must be called “mail” or “number”."
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What one row of a list says, as it was written; `results` by key: a level's key, or what nobody understands."""

    number: int
    address: str = ""
    name: str = ""
    awarded_on: str = ""
    note: str = ""
    results: Mapping[str, str] = field(default_factory=dict)


def read_lines(table: Table, achievement: Achievement) -> list[Line]:
    """Read what each row says. Raises NoColumns when no column names people."""
    columns = find_columns(table[0], achievement)
    if not {"mail", "number"} & set(columns):
        raise NoColumns()
    return [_read(number, row, columns, achievement) for number, row in enumerate(table[1:], 2)]


def find_columns(header: Sequence[str], achievement: Achievement) -> dict[str, int]:
    """Say which column holds what: `mail`, `name`, …, and `result:{key}` for each result of the badge."""
    found: dict[str, int] = {}
    results = {f"result:{one['key']}": _words(one) for one in achievement.results or []}
    for place, cell in enumerate(header):
        said = fold(cell)
        meant = next((name for name, words in {**results, **NAMES}.items() if said in words), None)
        if meant and meant not in found:
            found[meant] = place
    return found


def _words(one: Mapping[str, Any]) -> set[str]:
    return {fold(one["key"]), *(fold(text) for text in one["name"].values())}


def _read(number: int, row: Sequence[str], columns: Mapping[str, int], achievement: Achievement) -> Line:
    def cell(name: str) -> str:
        place = columns.get(name, len(row))
        return row[place] if place < len(row) else ""

    return Line(
        number,
        address=tidy_address(cell("mail")) or cell("number"),
        name=(cell("name") or f"{cell('first')} {cell('last')}".strip())[:200],
        awarded_on=read_day(cell("date")),
        note=cell("note"),
        results={
            key: level
            for key in result_keys(achievement)
            if (level := read_level(achievement, key, cell(f"result:{key}")))
        },
    )


def result_keys(achievement: Achievement) -> Iterable[str]:
    return [one["key"] for one in achievement.results or []]


def tidy_address(written: str) -> str:
    """Write a mail address as we compare it, without what mail programs put around it."""
    if "<" in written and written.endswith(">"):
        written = written[written.index("<") + 1 : -1]
    written = written.strip().removeprefix("mailto:")
    return written.lower() if "@" in written else written


def read_day(written: str) -> str:
    """Write a day as ISO has it; what is none stays as it was written, to be mended."""
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(written, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return written[:40]


def as_day(written: str) -> date | None:
    """Read a day as it is kept; None when it is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def read_level(achievement: Achievement, key: str, written: str) -> str:
    """Find the level that is meant, by its key or its name in any language; else return what was written."""
    said = fold(written)
    for one in achievement.results or []:
        for level in one["levels"] if one["key"] == key and said else ():
            if said == fold(level["key"]) or said in {fold(text) for text in level["name"].values()}:
                return str(level["key"])
    return written[:100]


def is_level(achievement: Achievement, key: str, level: str) -> bool:
    return any(
        one["key"] == key and any(at["key"] == level for at in one["levels"])
        for one in achievement.results or []
    )
