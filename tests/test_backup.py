"""Backups: one moment of a running instance, whole, for either database; and phones that fill what came after."""

import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, text

from server.app import create_app
from server.config import Config
from server.core.backup import Instance, write_backup
from server.core.db import db as database
from server.core.secrets import secret
from server.core.storage import files
from tests.cast import NOON, Museum
from tests.databases import free_port, new_database
from tests.learning.walk import visit
from tests.phone import Phone
from tests.test_cli import refusal, streetwise

Settings = dict[str, object]
SAME = pytest.mark.parametrize(("config", "elsewhere"), [("sqlite", "sqlite"), ("postgresql", "postgresql")], indirect=True)  # fmt: skip
ACROSS = pytest.mark.parametrize(("config", "elsewhere"), [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True)  # fmt: skip


@pytest.fixture
def here(config: Config) -> Settings:
    """Where the museum's instance is, as the command line is told."""
    return {"instance": config.instance, "database_url": config.database_url}


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An instance in which nothing was ever started."""
    address = ""
    if request.param == "postgresql":
        address = new_database(request.getfixturevalue("postgresql_server"), f"restored_{free_port()}")
    return {"instance": tmp_path / "elsewhere", "database_url": address}


def open_app(settings: Settings) -> Flask:
    app = create_app(
        Config(instance=Path(str(settings["instance"])), database_url=str(settings["database_url"]))
    )
    app.testing = True
    return app


@pytest.fixture
def reopened(elsewhere: Settings) -> Iterator[Callable[[], Flask]]:
    """Serve what was restored."""
    apps: list[Flask] = []

    def serve() -> Flask:
        apps.append(open_app(elsewhere))
        return apps[-1]

    yield serve
    for app in apps:
        with app.app_context():
            database.session.remove()
            database.engine.dispose()


def rows(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a database but the epoch, in an order of their own."""
    engine = create_engine(Config(instance=Path(str(settings["instance"])), database_url=str(settings["database_url"])).sqlalchemy_url)  # fmt: skip
    found = {}
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            columns = sorted(one["name"] for one in inspect(connection).get_columns(name))
            listed = ", ".join('"' + column + '"' for column in columns)
            query = text(f"SELECT {listed} FROM {name}")  # noqa: S608 - names of our own tables
            found[name] = sorted((tuple(map(_plain, row)) for row in connection.execute(query)), key=repr)
    engine.dispose()
    return found


def _plain(value: object) -> object:
    """Spell a value alike from either database."""
    if isinstance(value, memoryview):
        return bytes(value)
    return str(value) if not isinstance(value, bytes) else value


@ACROSS
def test_a_restored_city_has_all_there_was(
    app: Flask,
    museum: Museum,
    here: Settings,
    elsewhere: Settings,
    tmp_path: Path,
    reopened: Callable[[], Flask],
) -> None:
    ada = Phone(app, at=NOON)
    visit(ada, museum)
    ada.sync()
    (badge,) = ada.badges()
    before = app.test_client().get(badge["json"]).get_data()
    backup = tmp_path / "city.zip"
    said = streetwise("backup", str(backup), **here)
    assert said.returncode == 0, said.stderr
    assert backup.stat().st_mode & 0o777 == 0o600
    assert streetwise("restore", str(backup), **elsewhere).returncode == 0
    anchor = secret("anchor", Path(str(here["instance"])))
    assert (Path(str(elsewhere["instance"])) / "secrets" / "anchor").read_bytes() == anchor
    again = reopened()
    assert again.test_client().get(badge["json"]).get_data() == before
    ada.app = again
    assert ada.post([]).status_code == 200
    with again.app_context():
        keys = [key for key in files().names() if key.startswith("evidence/")]
        assert len(keys) == 1 and files().get(keys[0])


@ACROSS
def test_what_phones_did_after_the_backup_comes_back_from_them(
    app: Flask,
    museum: Museum,
    here: Settings,
    elsewhere: Settings,
    tmp_path: Path,
    reopened: Callable[[], Flask],
) -> None:
    ada = Phone(app, at=NOON)
    visit(ada, museum, [0])
    ada.sync()
    kept: list[dict[str, str]] = []
    backup = tmp_path / "city.zip"
    assert streetwise("backup", str(backup), **here).returncode == 0
    visit(ada, museum, [1, 3])
    kept += ada.outbox
    ada.sync()
    view, epoch = dict(ada.view), ada.epoch
    assert streetwise("restore", str(backup), **elsewhere).returncode == 0
    ada.app = reopened()
    reply = ada.post([]).get_json()
    assert reply["epoch"] != epoch
    assert reply["feeds"][f"learner:{ada.learner}"]["reset"]
    ada.outbox, ada.cursor, ada.view, ada.epoch = kept, 0, {}, None  # what a phone does then
    ada.sync()
    assert {key for key in ada.view if not key.startswith("verdict:")} == {key for key in view if not key.startswith("verdict:")}  # fmt: skip


@SAME
def test_a_backup_of_a_busy_city_is_one_moment(
    app: Flask, museum: Museum, here: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    stop, phones = threading.Event(), [Phone(app, at=NOON) for _ in range(3)]
    stars = {"activity": museum.activities[0].id, "stars": 5, "text": None}

    def keep_busy(phone: Phone) -> None:
        while not stop.is_set():
            phone.record("feedback.give", stars)
            phone.wait(seconds=1)
            phone.sync()

    threads = [threading.Thread(target=keep_busy, args=(phone,)) for phone in phones]
    for one in threads:
        one.start()
    try:
        backup = tmp_path / "city.zip"
        for _ in range(2):
            backup.unlink(missing_ok=True)
            assert streetwise("backup", str(backup), **here).returncode == 0
    finally:
        stop.set()
        for one in threads:
            one.join()
    assert streetwise("restore", str(backup), **elsewhere).returncode == 0
    found = rows(elsewhere)
    assert found["events"], "the city was busy"
    engine = create_engine(Config(instance=Path(str(elsewhere["instance"])), database_url=str(elsewhere["database_url"])).sqlalchemy_url)  # fmt: skip
    with engine.connect() as connection:
        # Each event's verdict is a row of its feed, and no row stands above its feed's head.
        assert connection.execute(text("SELECT count(*) FROM events")).scalar() == connection.execute(text("SELECT count(*) FROM feed_rows WHERE key LIKE 'verdict:%'")).scalar()  # fmt: skip
        assert connection.execute(text("SELECT count(*) FROM feed_rows JOIN feed_heads USING (feed) WHERE feed_rows.ver > feed_heads.ver")).scalar() == 0  # fmt: skip
    engine.dispose()


@ACROSS
def test_rows_go_from_one_database_to_the_other_and_back_unchanged(
    app: Flask, museum: Museum, here: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    ada = Phone(app, at=NOON)
    visit(ada, museum)
    ada.sync()
    there, back = tmp_path / "there.zip", tmp_path / "back.zip"
    assert streetwise("backup", str(there), **here).returncode == 0
    assert streetwise("restore", str(there), **elsewhere).returncode == 0
    assert streetwise("backup", str(back), **elsewhere).returncode == 0
    with zipfile.ZipFile(there) as one, zipfile.ZipFile(back) as other:
        tables = [
            name for name in one.namelist() if name.startswith("tables/") and "server_state" not in name
        ]
        for name in tables:
            assert lines(one, name) == lines(other, name), name


def lines(archive: zipfile.ZipFile, name: str) -> list[str]:
    import json

    columns, *found = (json.loads(line) for line in archive.read(name).splitlines())
    return sorted(json.dumps(dict(sorted(zip(columns, row, strict=True)))) for row in found)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_an_instance_in_use_is_not_overwritten_unless_asked(
    app: Flask, museum: Museum, here: Settings, tmp_path: Path
) -> None:
    ada = Phone(app, at=NOON)
    visit(ada, museum, [0])
    ada.sync()
    backup = tmp_path / "city.zip"
    assert streetwise("backup", str(backup), **here).returncode == 0
    assert "exists already" in streetwise("backup", str(backup), **here).stderr
    ada.wait(minutes=1)
    visit(ada, museum, [3])
    ada.sync()
    later = rows(here)
    assert "--replace" in refusal(streetwise("restore", str(backup), **here))
    assert rows(here) == later
    database.session.remove()
    done = streetwise("restore", "--replace", str(backup), **here)
    assert done.returncode == 0, done.stderr
    assert len(rows(here)["events"]) < len(later["events"])
    (kept,) = Path(str(here["instance"])).glob("before-restore-*.zip")
    database.session.remove()
    assert streetwise("restore", "--replace", str(kept), **here).returncode == 0
    assert rows(here)["events"] == later["events"]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("harm", ["cut", "bit", "other", "text"])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    app: Flask, museum: Museum, here: Settings, tmp_path: Path, harm: str
) -> None:
    backup = tmp_path / "city.zip"
    assert streetwise("backup", str(backup), **here).returncode == 0
    content = bytearray(backup.read_bytes())
    if harm == "cut":
        content = content[: len(content) // 2]
    elif harm == "bit":
        with zipfile.ZipFile(backup) as archive:
            largest = max(archive.infolist(), key=lambda one: one.compress_size)
        content[largest.header_offset + 100 + largest.compress_size // 2] ^= 1
    elif harm == "text":
        content = bytearray(b"not a backup")
    backup.write_bytes(content)
    if harm == "other":
        with zipfile.ZipFile(backup, "w") as archive:
            archive.writestr("hello.txt", "hello")
    before = rows(here)
    assert "not a whole backup" in refusal(streetwise("restore", "--replace", str(backup), **here))
    assert rows(here) == before


def test_nothing_is_restored_under_a_running_server(demo_server: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "city.zip"
    assert streetwise("backup", str(backup), **demo_server).returncode == 0
    assert "running" in refusal(streetwise("restore", "--replace", str(backup), **demo_server))


@pytest.fixture
def demo_server(tmp_path: Path) -> Iterator[Settings]:
    from tests.e2e.city import RunningCity

    city = RunningCity(tmp_path, free_port())
    city.demo()
    city.start()
    yield {"instance": city.instance, "database_url": ""}
    city.stop()


def test_a_backup_is_never_written_into_what_somebody_else_laid_there(
    app: Flask, config: Config, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("open to all")
    (tmp_path / ".city.zip.part").symlink_to(theirs)
    write_backup(Instance(database.engine, files(), config.instance), tmp_path / "city.zip", at=NOON)
    assert theirs.read_text() == "open to all"
    assert (tmp_path / "city.zip").stat(follow_symlinks=False).st_mode & 0o777 == 0o600
    assert not (tmp_path / "city.zip").is_symlink()
