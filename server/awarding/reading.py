"""Reads a list of people from a file as spreadsheets write them: CSV in any of their dialects, or XLSX."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.text import clean

MOST_ROWS = 20_000
MOST_BYTES = 8 * 1024 * 1024
MOST_COLUMNS = 40
MOST_CELL = 2_000
_MOST_UNREAD = 100_000
_MOST_UNPACKED = 40 * 1024 * 1024
_DELIMITERS = ";,\t|"

Table = list[list[str]]


class ListUnreadable(DomainError):
    """`why` says in which way."""

    status, code = 422, "list_unreadable"

    def explain(self) -> str:
        return gettext(
            "This file cannot be read as a list. Save it as CSV or as an Excel workbook (.xlsx) and choose it again."
        )


class ListTooLong(DomainError):
    status, code = 413, "list_too_long"

    def explain(self) -> str:
        return gettext("A list has 20,000 rows at most. Please cut it into several files.")


def read_table(content: bytes) -> Table:
    """Read the cells of a list, the header first, without empty rows. What stands in a cell is text, never a formula.

    Raises ListUnreadable, ListTooLong.
    """
    if len(content) > MOST_BYTES:
        raise ListTooLong()
    rows = _read_xlsx(content) if content[:4] == b"PK\x03\x04" else _read_csv(content)
    table = [row for row in islice(_cut(rows), MOST_ROWS + 2) if any(row)]
    if len(table) > MOST_ROWS + 1:
        raise ListTooLong()
    if len(table) < 2:
        raise ListUnreadable()
    return table


def _cut(rows: Iterator[Sequence[Any]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows):
        if number > 2 * MOST_ROWS:
            raise ListTooLong()
        cells = [_text(cell) for cell in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(clean(str(cell)[:MOST_CELL]).split(" ")).strip()


# CSV


def _read_csv(content: bytes) -> Iterator[Sequence[str]]:
    text = _decode(content)
    if "\0" in text:
        raise ListUnreadable()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    try:
        for row in reader:
            if any(len(cell) > _MOST_UNREAD for cell in row):
                raise ListUnreadable()  # a quote that is never closed
            if not _names_delimiter("".join(row[:1])):
                yield row
    except csv.Error as error:
        raise ListUnreadable() from error


def _decode(content: bytes) -> str:
    """Decode what Excel and its like write: UTF-16 and UTF-8 with their marks, UTF-8 without, else Windows' own."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """Choose what stands most often in the first line; Excel may name it itself, as `sep=;`."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if _names_delimiter(first) and len(first) > 4:
        return first[4]
    return max(_DELIMITERS, key=lambda one: (first.count(one), -_DELIMITERS.index(one)))


def _names_delimiter(line: str) -> bool:
    return line.lower().startswith("sep=")


# XLSX


def _read_xlsx(content: bytes) -> Iterator[Sequence[Any]]:
    _check_zip(content)
    from openpyxl import load_workbook  # takes a quarter of a second

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a workbook may claim a million empty columns
        yield from sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
    except DomainError:
        raise
    except Exception as error:  # openpyxl has no error of its own for what is no workbook
        raise ListUnreadable() from error


def _check_zip(content: bytes) -> None:
    """Refuse what unpacks to far more than it is, before anything is unpacked, and what declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > 1_000 or sum(one.file_size for one in parts) > _MOST_UNPACKED:
                raise ListTooLong()
            for one in parts:
                if one.filename.endswith((".xml", ".rels")) and not _is_plain(_head(packed, one)):
                    raise ListUnreadable()
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise ListUnreadable() from error


def _is_plain(head: bytes) -> bool:
    """Say whether the first element comes soon, in one byte a letter, and with no declaration before it."""
    return b"<!" not in head and re.search(rb"<[A-Za-z]", head) is not None


def _head(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with packed.open(part) as file:
        return file.read(4_096)
