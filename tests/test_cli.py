"""The command line as an operator meets it: the real program, in a process of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from server.cli import cli
from server.config import Config
from tests.databases import free_port

CLEAN = {
    name: value for name, value in os.environ.items() if not name.startswith(("STREETWISE_", "DATABASE_"))
}


def streetwise(*words: str, **settings: object) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    done = subprocess.run(
        command(*words), env=environment(settings), capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr
    return done


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "server.cli", *words]


def environment(settings: dict[str, object]) -> dict[str, str]:
    return {**CLEAN, **{f"STREETWISE_{name.upper()}": str(value) for name, value in settings.items()}}


def refusal(done: "subprocess.CompletedProcess[str]") -> str:
    """What it said in its one sentence."""
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_every_command_explains_itself() -> None:
    listed = streetwise("--help").stdout
    assert set(cli.commands) == {
        "serve",
        "clock",
        "demo",
        "invite",
        "sign-in",
        "frameworks",
        "backup",
        "restore",
        "check-history",
        "keys",
        "mail",
        "secrets",
    }
    for name, one in cli.commands.items():
        assert name in listed
        assert one.help
        told = CliRunner().invoke(cli, [name, "--help"])
        assert (told.exit_code, told.output[:6]) == (0, "Usage:")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    instance = tmp_path_factory.mktemp("demo") / "instance"
    assert streetwise("demo", instance=instance).returncode == 0
    return instance


def test_the_demo_tells_programs_all_they_need(demo: Path) -> None:
    told = json.loads(streetwise("demo", "--json", instance=demo, base_url="http://localhost:8123").stdout)
    assert told["base_url"] == "http://localhost:8123"
    assert {"city", "playlists", "activities", "points", "tasks", "sign_in", "sheet"} <= set(told)
    assert len({one["organiser"] for one in told["activities"]}) >= 3
    for point in told["points"]:
        assert point["url"].startswith(f"http://localhost:8123/s/{point['point']}#")
        assert len(point["typed"]) == 9
    points = {one["activity"] for one in told["points"]}
    assert {one["kind"] for one in told["tasks"]} == {
        "checkin",
        "choice",
        "choices",
        "number",
        "text",
        "photo",
        "audio",
    }
    for task in told["tasks"]:
        assert task["how"]
        assert bool(task["answer"]) == (task["kind"] not in ("checkin", "photo", "audio"))
        assert task["kind"] != "checkin" or task["activity"] in points


def test_the_demo_tells_people_where_to_look(demo: Path) -> None:
    told = streetwise("demo", instance=demo).stdout
    for word in ("http://localhost:8000/", "sheet#", "/desk/sign-in#"):
        assert word in told


def test_the_demo_leaves_somebodys_city_alone(demo: Path, tmp_path: Path) -> None:
    instance = shutil.copytree(demo, tmp_path / "instance")
    engine = create_engine(Config(instance=instance).sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE cities SET demo = FALSE"))
    engine.dispose()
    assert "holds real work" in refusal(streetwise("demo", instance=instance))


def test_staff_get_a_link_and_strangers_a_sentence(demo: Path) -> None:
    assert "/desk/sign-in#" in streetwise("sign-in", "OMAR@museum.velamond.example", instance=demo).stdout
    assert "nobody@example.org" in refusal(streetwise("sign-in", "nobody@example.org", instance=demo))


def test_the_operator_invites_the_first_people(demo: Path) -> None:
    assert "/desk/join#" in streetwise("invite", "cora@example.org", instance=demo).stdout
    library = ("--organiser", "library", "--role", "helper")
    assert "/desk/join#" in streetwise("invite", "hal@example.org", *library, instance=demo).stdout
    assert "velamond" in refusal(streetwise("invite", "cora@example.org", "--city", "far", instance=demo))
    assert "mail address" in refusal(streetwise("invite", "cora", instance=demo))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"database_url": "postgresql://nobody@127.0.0.1:9/none"}, "The database"),
        ({"host": "no.such.host.invalid"}, "STREETWISE_HOST"),
        ({"port": "eighty"}, "STREETWISE_PORT"),
        ({"instance": "/dev/null/here"}, "/dev/null"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(
    tmp_path: Path, settings: dict[str, object], says: str
) -> None:
    assert says in refusal(
        streetwise("serve", **{"instance": tmp_path / "i", "port": free_port(), **settings})
    )


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal(streetwise("serve", instance=tmp_path, port=port))
    assert str(port) in said
    assert "STREETWISE_PORT" in said


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, object]]:
    """Settings of an instance in which nothing was ever started."""
    if request.param == "sqlite":
        yield {"instance": tmp_path / "instance"}
        return
    server = request.getfixturevalue("postgresql_server")
    admin = create_engine(
        server.replace("postgresql", "postgresql+psycopg", 1) + "/postgres", isolation_level="AUTOCOMMIT"
    )
    name = f"cli_{os.getpid()}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield {"instance": tmp_path / "instance", "database_url": f"{server}/{name}"}
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_two_that_start_at_once_share_one_database_and_one_demo(empty: dict[str, object]) -> None:
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: streetwise("demo", "--json", **empty), range(2)))
    assert [run.returncode for run in runs] == [0, 0], [run.stderr for run in runs]
    assert len({json.loads(run.stdout)["city"]["id"] for run in runs}) == 1


def test_it_serves_and_stops_leaving_no_transaction_open(empty: dict[str, object], tmp_path: Path) -> None:
    port = free_port()
    log = (tmp_path / "log").open("w+")
    server = subprocess.Popen(
        command("serve", "--demo"),
        env=environment({**empty, "port": port, "workers": 2}),
        stdout=log,
        stderr=log,
    )
    try:
        page = _wait_for(f"http://127.0.0.1:{port}/en/")
        assert "<h1" in page
        for path in ("/en/scan", "/api/openapi.json", "/en/playlists/museum-visit"):
            urlopen(f"http://127.0.0.1:{port}{path}").read()
        if "database_url" in empty:
            assert _idle_in_transaction(str(empty["database_url"])) == 0
    finally:
        server.terminate()
        assert server.wait(20) == 0
    log.seek(0)
    assert "Traceback" not in log.read()


def _wait_for(url: str) -> str:
    until = time.monotonic() + 30
    while True:
        try:
            with urlopen(url) as answer:
                found: str = answer.read().decode()
                return found
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _idle_in_transaction(url: str) -> int:
    engine = create_engine(url.replace("postgresql", "postgresql+psycopg", 1))
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    with engine.connect() as connection:
        number: int = connection.execute(text(query)).scalar_one()
    engine.dispose()
    return number
