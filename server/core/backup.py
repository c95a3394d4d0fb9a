"""Backups: one file with the whole instance, written while it runs and readable by either database."""

import base64
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    insert,
    select,
)

from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.secrets import make_private
from server.core.storage import Storage

FORM = 1
_MANIFEST = "manifest.json"
_OURS = ("secrets", "keys")
"""Folders of the instance that hold what cannot be made again."""
_ROWS = 1000
_VERSION_TABLE = "alembic_version"
_COMES_WITH_US = {"framework_terms"}
"""Tables that every start fills; an instance that holds nothing else is not in use."""


class NoBackup(DomainError):
    """The file is no backup of ours, or not whole."""

    status, code = 422, "no_backup"

    def explain(self) -> str:
        return gettext("This file is not a whole backup of Streetwise.")


class NotEmpty(DomainError):
    """A backup would overwrite what is there."""

    status, code = 409, "not_empty"


@dataclass(frozen=True)
class Instance:
    """What a backup holds: the database, the files, and the folder with secrets and signing keys."""

    engine: Engine
    files: Storage
    folder: Path


@dataclass(frozen=True)
class Manifest:
    """What stands in a backup: `revision` of the schema, and how many rows and files."""

    made_at: datetime
    revision: str
    rows: Mapping[str, int]
    files: int

    @classmethod
    def read(cls, archive: zipfile.ZipFile) -> "Manifest":
        content = json.loads(archive.read(_MANIFEST))
        if content["form"] != FORM:
            raise NoBackup(gettext("This backup was made by a newer Streetwise. Install that one first."))
        made_at = datetime.fromisoformat(content["made_at"])
        return cls(made_at, content["revision"], content["rows"], content["files"])

    def to_json(self) -> str:
        content = {"form": FORM, **self.__dict__, "made_at": self.made_at.isoformat()}
        return json.dumps(content, indent=1)


def write_backup(instance: Instance, target: Path, *, at: datetime) -> Manifest:
    """Write the instance into a new file, readable by us alone, which appears under its name when it is whole.

    The rows are those of one moment (one read transaction). Files are written before the rows that name them and
    never change after, so copying them later than the rows leaves none out.
    """
    draft = target.with_name(f".{target.name}.part")
    draft.unlink(missing_ok=True)  # of one that was broken off, or somebody else's: it must be ours alone
    with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                revision, rows = _write_tables(instance.engine, archive)
                manifest = Manifest(at, revision, rows, _write_files(instance, archive))
                archive.writestr(
                    _MANIFEST, manifest.to_json()
                )  # the last: without it the backup is not whole
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            draft.unlink()
            raise
    draft.replace(target)
    return manifest


def _write_tables(engine: Engine, archive: zipfile.ZipFile) -> tuple[str, dict[str, int]]:
    with _snapshot(engine) as connection:
        revision = MigrationContext.configure(connection).get_current_revision() or ""
        counts: dict[str, int] = {}
        for table in _tables(connection):
            with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
                counts[table.name] = 0
                out.write(_line([column.name for column in table.c]))
                for row in connection.execution_options(yield_per=_ROWS).execute(select(table)):
                    out.write(
                        _line(_spell(column, value) for column, value in zip(table.c, row, strict=True))
                    )
                    counts[table.name] += 1
    return revision, counts


def _snapshot(engine: Engine) -> Connection:
    """Open a transaction that sees one moment: on SQLite each does (WAL), PostgreSQL must be asked."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


def _tables(connection: Connection) -> list[Table]:
    """Read the tables as this database has them, whatever version of the code made them; referred ones first."""
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return [one for one in metadata.sorted_tables if one.name != _VERSION_TABLE]


def _line(values: Iterable[Any]) -> bytes:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _spell(column: Column[Any], value: Any) -> Any:
    """Write a value as JSON has it: moments in ISO 8601 and UTC, bytes in base64."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return (
        base64.b64encode(value).decode()
        if isinstance(column.type, LargeBinary) and value is not None
        else value
    )


def _read(column: Column[Any], value: Any, *, naive: bool) -> Any:
    """Read what `_spell` wrote; SQLite keeps moments without their zone."""
    if isinstance(column.type, DateTime) and value is not None:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=None) if naive else moment
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) and value is not None else value


def _write_files(instance: Instance, archive: zipfile.ZipFile) -> int:
    count = 0
    for key in instance.files.names():
        try:
            content = instance.files.get(key)
        except NotFound:
            continue  # a piece of an upload that is whole now
        archive.writestr(f"files/{key}", content)
        count += 1
    for path in _own_files(instance.folder):
        archive.write(path, f"instance/{path.relative_to(instance.folder).as_posix()}")
    return count


def _own_files(folder: Path) -> Iterator[Path]:
    for name in _OURS:
        yield from (path for path in sorted((folder / name).rglob("*")) if path.is_file())


def open_backup(source: Path) -> zipfile.ZipFile:
    """Open a backup and check every byte of it. Raises NoBackup."""
    try:
        archive = zipfile.ZipFile(source)
        if archive.testzip() is not None:
            raise NoBackup()
        Manifest.read(archive)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, OSError) as error:
        raise NoBackup() from error
    return archive


def is_used(engine: Engine) -> bool:
    """Say whether a database holds anything that did not come with the program."""
    with engine.connect() as connection:
        told = [one for one in _tables(connection) if one.name not in _COMES_WITH_US]
        return any(connection.execute(select(one).limit(1)).first() for one in told)


def drop_all(engine: Engine) -> None:
    """Remove every table, whatever made it."""
    with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
        connection.commit()


def read_backup(archive: zipfile.ZipFile, instance: Instance) -> Manifest:
    """Put a backup into an instance whose schema is of the backup's revision; what was there is gone.

    The database changes in one transaction, after the files: broken off, it is as before.
    """
    manifest = Manifest.read(archive)
    names = archive.namelist()
    for name in names:
        if name.startswith("files/"):
            instance.files.put(name.removeprefix("files/"), archive.read(name))
        elif name.startswith("instance/"):
            _put_own(instance.folder, name.removeprefix("instance/"), archive.read(name))
    with instance.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        tables = _tables(connection)
        for table in reversed(tables):
            connection.execute(table.delete())
        for table in tables:
            if f"tables/{table.name}.jsonl" in names:
                _read_table(connection, table, archive)
        connection.commit()
    return manifest


def _put_own(folder: Path, name: str, content: bytes) -> None:
    path = (folder / name).resolve()
    if not any(path.is_relative_to((folder / ours).resolve()) for ours in _OURS):
        raise NoBackup()
    make_private(path.parent)
    draft = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> None:
    naive = connection.dialect.name == "sqlite"
    with archive.open(f"tables/{table.name}.jsonl") as lines:
        columns = [table.c[name] for name in json.loads(next(lines))]
        rows = (
            {
                column.name: _read(column, value, naive=naive)
                for column, value in zip(columns, json.loads(line), strict=True)
            }
            for line in lines
        )
        while some := list(islice(rows, _ROWS)):
            connection.execute(insert(table), some)
