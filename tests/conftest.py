"""Fixtures: both databases, built by migrating; the application; the cast."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import Engine, TextClause, create_engine, text
from sqlalchemy.orm import Session

from server.app import create_app
from server.config import Config
from server.core.db import Base, prepare_engine
from server.core.db import db as database
from server.frameworks.catalogue import frameworks
from server.frameworks.loading import load_built_in
from server.frameworks.models import Term
from server.migrations import upgrade
from tests.cast import Museum, make_museum
from tests.databases import postgresql
from tests.once import work_out_once

DATABASES = ("sqlite", "postgresql")
pytest_plugins = ["tests.e2e.fixtures"]
settings.register_profile("calm", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("calm")
work_out_once()


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """One PostgreSQL server for all test processes: the first one starts it, the last one stops it."""
    if worker_id == "master":
        with postgresql() as address:
            yield address
        return
    shared = tmp_path_factory.getbasetemp().parent / "postgresql.json"
    with ExitStack() as ours:
        with _locked(shared):
            known = json.loads(shared.read_text()) if shared.exists() else {"users": 0}
            if known["users"] == 0:
                known["address"] = ours.enter_context(postgresql())
            known["users"] += 1
            shared.write_text(json.dumps(known))
        keeper = bool(ours._exit_callbacks)  # type: ignore[attr-defined]
        yield known["address"]
        with _locked(shared):
            state = json.loads(shared.read_text())
            shared.write_text(json.dumps({**state, "users": state["users"] - 1}))
        if keeper:
            _wait_until_unused(shared)


def _wait_until_unused(shared: Path, seconds: float = 600) -> None:
    import time

    until = time.monotonic() + seconds
    while json.loads(shared.read_text())["users"] > 0 and time.monotonic() < until:
        time.sleep(0.2)


class _locked:
    def __init__(self, path: Path) -> None:
        self._file = path.with_suffix(".lock").open("w")

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database, built by migrating, to be copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "empty.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    _prepare(engine)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str, worker_id: str) -> Iterator[Engine]:
    """This test process's own PostgreSQL database, built by migrating."""
    name = f"test_{worker_id}_{os.getpid()}"
    admin = create_engine(postgresql_server.replace("postgresql", "postgresql+psycopg", 1) + "/postgres", isolation_level="AUTOCOMMIT")  # fmt: skip
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    address = f"{postgresql_server}/{name}".replace("postgresql", "postgresql+psycopg", 1)
    engine = create_engine(address, pool_pre_ping=True)
    _prepare(engine)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _prepare(engine: Engine) -> None:
    """Bring an empty database to where a start brings it."""
    upgrade(engine)
    with Session(engine) as session:
        load_built_in(session)
        session.commit()


@pytest.fixture(params=DATABASES)
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """Settings of an empty instance, once for each database."""
    instance = tmp_path / "instance"
    instance.mkdir()
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), instance / "streetwise.sqlite3")
        (instance / "streetwise.sqlite3").chmod(0o600)
        return Config(instance=instance, second_factor="offered")
    engine = request.getfixturevalue("migrated_postgresql")
    _empty(engine)
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Config(instance=instance, database_url=address, second_factor="offered")


def _empty(engine: Engine) -> None:
    """Delete the rows there are: a test fills few tables, and to truncate them all takes ten times as long."""
    tables = {one.name: one for one in Base.metadata.sorted_tables if one.name != "framework_terms"}
    with Session(engine) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # no order among the tables
        for name in session.scalars(_filled()).all():
            session.execute(tables[name].delete())
        if session.query(Term).count() != sum(len(one.entries) for one in frameworks().values()):
            session.execute(text("TRUNCATE framework_terms"))  # a test imported some, or restored a backup
            load_built_in(session)
        session.commit()


@cache
def _filled() -> TextClause:
    """Ask which tables have rows."""
    names = [one.name for one in Base.metadata.sorted_tables if one.name != "framework_terms"]
    return text(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names))  # noqa: S608


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    app.testing = True
    app.config["RATELIMIT_ENABLED"] = True
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()


@pytest.fixture
def db(app: Flask) -> Session:
    """The session of the running application. Commit what the client should see."""
    return database.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def museum(db: Session) -> Museum:
    """Omar's museum, committed."""
    museum = make_museum(db)
    db.commit()
    return museum
