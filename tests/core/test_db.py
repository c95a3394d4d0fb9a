"""The database keeps its promises on both kinds."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.accounts.models import Device, User
from server.core.db import db as database
from server.core.db import new_id, writing
from server.migrations import downgrade, upgrade


def add_user(session: Session, email: str) -> None:
    session.add(User(name="Ada", email=email, created_at=datetime(2026, 6, 1, tzinfo=UTC)))


def test_times_come_back_in_utc(db: Session) -> None:
    add_user(db, "ada@example.org")
    db.commit()
    db.expire_all()
    assert db.query(User).one().created_at == datetime(2026, 6, 1, tzinfo=UTC)


def test_a_failed_write_leaves_nothing(app: Flask) -> None:
    with pytest.raises(RuntimeError), writing() as session:
        add_user(session, "ada@example.org")
        session.flush()
        raise RuntimeError
    assert database.session.query(User).count() == 0


def test_a_reference_to_nobody_is_refused(app: Flask) -> None:
    now = datetime.now(UTC)
    with pytest.raises(IntegrityError), writing() as session:
        session.add(Device(learner_id=new_id(), key_x="x", key_y="y", created_at=now, seen_at=now))


def test_sqlite_is_set_up_for_many_writers(app: Flask) -> None:
    if database.engine.dialect.name != "sqlite":
        return
    with database.engine.connect() as connection:
        read = {p: connection.execute(text(f"PRAGMA {p}")).scalar() for p in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")}  # fmt: skip
    assert read == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "synchronous": 2}


def test_many_writers_all_get_their_turn(app: Flask) -> None:
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with app.app_context(), writing() as session:
                count = session.query(User).count()  # read, then write: the pattern that breaks lesser locks
                add_user(session, f"{number}-{count}@example.org")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert database.session.query(User).count() == 16


def test_the_schema_goes_down_and_up_again(app: Flask) -> None:
    engine = database.engine
    database.session.remove()
    downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)
    assert "events" in inspect(engine).get_table_names()
