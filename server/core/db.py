"""The database: declarative base, column types, SQLite's settings, and the one way to write."""

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any, cast
from weakref import WeakKeyDictionary

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Engine, ForeignKey, MetaData, String, Table, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry
from sqlalchemy.types import TypeDecorator
from uuid_utils import uuid7

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[datetime]):
    """A moment, always aware and in UTC, also where the database forgets the zone (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = Annotated[str, mapped_column(String(36))]
"""A UUIDv7 in lower case, made where the thing is made."""
Texts = dict[str, str]
"""One text in several languages: `{"en": …, "nl": …}`."""


class Base(DeclarativeBase):
    """What all tables share. JSON columns are `dict` or `list`; times are `datetime` in UTC."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: Utc(),
            dict[str, str]: JSON,
            dict[str, Any]: JSON,
            list[str]: JSON,
            list[int]: JSON,
            list[Any]: JSON,
            list[dict[str, Any]]: JSON,
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"autoflush": True})


def new_id() -> str:
    """Make a UUIDv7 (RFC 9562, section 5.7): sorts by time, so inserts stay at the end of the index."""
    return str(uuid7())


def utc_now() -> datetime:
    return datetime.now(UTC)


def table(model: type[Base]) -> Table:
    """Return a model's table, for statements that are written once and run often.

    Building a statement and loading objects costs several times what SQLite takes to answer, so what runs in
    every sync is a constant of its module, over tables, with `bindparam`s.
    """
    return cast(Table, model.__table__)


def own_id() -> Any:
    """A primary key that makes itself."""
    return mapped_column(String(36), primary_key=True, default=new_id)


def link(target: str, **options: Any) -> Any:
    """A column that refers to another table's id: `link("cities.id")`; `length` for keys that are longer."""
    kind = String(options.pop("length", 36))
    return mapped_column(kind, ForeignKey(target), index=options.pop("index", True), **options)


class WriteQueue:
    """Lets one writer at a time into SQLite, across threads and processes, in the order they come.

    SQLite's own busy handler sleeps and retries, which starves the unlucky; queueing cut a check-in's
    99th percentile from seconds to milliseconds. PostgreSQL needs none of it.
    """

    def __init__(self, path: Path | None) -> None:
        self._path, self._thread = path, threading.Lock()
        self._file: IO[bytes] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for our turn to write, and give it up at the end."""
        if self._path is None:
            yield
            return
        with self._thread:
            if self._file is None:
                self._file = self._path.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


_queues: WeakKeyDictionary[Engine, WriteQueue] = WeakKeyDictionary()


def turn(engine: Engine) -> AbstractContextManager[None]:
    """Wait for the turn to write without a session, as `writing` does."""
    return _queues.get(engine, _NO_QUEUE).turn()


@contextmanager
def writing(session: Session | None = None) -> Iterator[Session]:
    """Open a write transaction, commit at the end, roll back on any error.

    On SQLite it starts with BEGIN IMMEDIATE, so that it never has to upgrade a read lock half-way.
    """
    session = session or db.session()
    bind = session.get_bind()
    session.rollback()  # a read before us may have opened a transaction of the lesser kind
    with turn(bind.engine):
        try:
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


_NO_QUEUE = WriteQueue(None)


def prepare_engine(engine: Engine) -> None:
    """Give SQLite its settings; queue its writers. Does nothing for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    path = engine.url.database
    if path and path != ":memory:":
        for name in (path, path + ".write-lock"):  # ours alone; SQLite makes its own files like the first
            os.close(os.open(name, os.O_RDWR | os.O_CREAT, 0o600))
        _queues[engine] = WriteQueue(Path(path + ".write-lock"))
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000",
        "cache_size=-65536", "mmap_size=268435456",
        "recursive_triggers=ON",  # or REPLACE would go around what keeps entries of the log
        "secure_delete=ON",  # what somebody erases is overwritten in the file
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    kind = connection.get_execution_options().get("sqlite_begin", "")
    connection.exec_driver_sql(f"BEGIN {kind}".strip())


def init_app(app: Flask, url: str, threads: int) -> None:
    """Open the database of an application whose processes answer in so many threads each."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "json_serializer": json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode,
        "pool_pre_ping": not url.startswith("sqlite"),
        "pool_size": threads + 1,  # a thread never waits for another's connection
        "hide_parameters": True,  # or errors would carry codes, tokens and answers into the log
    }
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
