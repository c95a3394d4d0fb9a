"""Numbered Alembic migrations, and the one way to run them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from server.core.db import turn

HERE = Path(__file__).parent
_LOCK = 5_872_301  # PostgreSQL advisory lock: one process upgrades, the others wait


def current_head() -> str:
    """Return the newest revision, kept in a file so that two branches that both add one conflict in git."""
    return (HERE / "current-head").read_text().strip()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to date. Safe to call at every start: returns at once when nothing is to do."""
    with engine.connect() as connection:
        if (
            revision == "head"
            and MigrationContext.configure(connection).get_current_revision() == current_head()
        ):
            return
    _run(engine, "upgrade", revision)


def is_known(revision: str) -> bool:
    """Say whether this version of the code has that revision."""
    return any((HERE / "versions").glob(f"{revision}_*.py"))


def downgrade(engine: Engine, revision: str) -> None:
    _run(engine, "downgrade", revision)


def _run(engine: Engine, direction: str, revision: str) -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    with (
        turn(engine),
        engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection,
        _unbound(connection),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)
        _check_links(connection)
        connection.commit()


@contextmanager
def _unbound(connection: Connection) -> Iterator[None]:
    """Let SQLite make a table anew that others refer to: it drops the old one, which would break their links.

    It listens only outside of a transaction.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.cursor()
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")
        raw.close()


def _check_links(connection: Connection) -> None:
    """Raise IntegrityError when rows refer to what is not there; PostgreSQL has looked all the time."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise IntegrityError("PRAGMA foreign_key_check", broken, Exception("rows refer to nothing"))
