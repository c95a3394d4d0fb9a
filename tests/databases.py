"""A PostgreSQL server for the tests: started from the installed programs on a free port, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.machine import Missing, postgres_folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server and give its address without a database name. As root it runs as `postgres` or `nobody`."""
    programs = postgres_folder()
    if programs is None:
        raise Missing("PostgreSQL", "run `sudo apt-get install postgresql` and then again.")
    folder = Path(tempfile.mkdtemp(prefix="streetwise-pg-"))
    user = _other_user()
    if user:
        shutil.chown(folder, user)
    port = free_port()

    def run(*command: str | Path) -> None:
        done = subprocess.run(
            [str(c) for c in command],
            user=user,
            capture_output=True,
            text=True,
            cwd=folder,
            env=_environment(),
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")

    run(
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "streetwise",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        "--locale=C.UTF-8",
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=200"
    run(programs / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://streetwise@127.0.0.1:{port}"
    finally:
        run(programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str, name: str) -> str:
    """Make an empty database on a server of ours and return its address."""
    admin = create_engine(
        f"{server}/postgres".replace("postgresql", "postgresql+psycopg", 1), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{server}/{name}"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": tempfile.gettempdir()}


def _other_user() -> str | None:
    """PostgreSQL refuses to run as root: name somebody else."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None
