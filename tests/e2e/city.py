"""A whole city for browser tests: the real command line, a real port, a real database."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from server.config import Config

STREETWISE = [sys.executable, "-m", "server.cli"]


class RunningCity:
    """The demo city as `make run` serves it, which can be stopped and started again."""

    def __init__(self, folder: Path, port: int, database_url: str = "", **settings: str) -> None:
        self.base_url = f"http://localhost:{port}"
        self.log, self.instance = folder / "server.log", folder / "instance"
        self.facts: dict[str, Any] = {}
        self.database = Config(instance=folder / "instance", database_url=database_url).sqlalchemy_url
        self._environment = {
            **{
                k: v
                for k, v in os.environ.items()
                if not k.startswith(("STREETWISE_", "DATABASE_", "REDIS_"))
            },
            "STREETWISE_INSTANCE": str(folder / "instance"),
            "STREETWISE_PORT": str(port),
            "STREETWISE_BASE_URL": self.base_url,
            "STREETWISE_DATABASE_URL": database_url,
            "STREETWISE_WORKERS": "1",
            "STREETWISE_SECOND_FACTOR": "offered",
            **{f"STREETWISE_{k.upper()}": v for k, v in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.code: Path | None = None
        """The folder whose code is served, when it is not ours: another version of Streetwise."""

    def demo(self) -> dict[str, Any]:
        """Fill the instance and return what `streetwise demo --json` prints."""
        if self.database.startswith("sqlite") and not self.instance.exists():
            return self._copy_demo()
        return self._make_demo()

    def _copy_demo(self) -> dict[str, Any]:
        """Lay down a demo city made earlier in these tests: nothing in it names its port."""
        made, facts = _first_demo()
        shutil.copytree(made.instance, self.instance)
        here: dict[str, Any] = json.loads(json.dumps(facts).replace(made.base_url, self.base_url))
        return here

    def _make_demo(self) -> dict[str, Any]:
        done = subprocess.run(
            [*STREETWISE, "demo", "--json"],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def run(self, *command: str) -> str:
        """Run a command of `streetwise` on this instance, and return what it says."""
        done = subprocess.run(
            [*STREETWISE, *command], env=self._environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sign_in_link(self, organiser: str) -> str:
        """Make a link to the desk of one of the demo's organisers (slug). Each opens once, so each test has its own."""
        email = next(one["email"] for one in self.facts["sign_in"] if one["organiser"] == organiser)
        return self.run("sign-in", email).strip()

    def start(self) -> None:
        """Serve, and return once the first page answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*STREETWISE, "serve"],
                cwd=self.code,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(self.base_url + "/robots.txt", timeout=2).close()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()[-3000:]}")

    def ask(self, sql: str, **values: str) -> int:
        """Ask the database itself, past the application."""
        engine = create_engine(self.database)
        with engine.connect() as connection:
            answer = connection.execute(text(sql), values).scalar()
        engine.dispose()
        return int(answer or 0)

    def change(self, sql: str, **values: str) -> None:
        """Change the database itself, as somebody at the desk would."""
        engine = create_engine(self.database)
        with engine.begin() as connection:
            connection.execute(text(sql), values)
        engine.dispose()

    def hold(self) -> None:
        """Stop answering, in the middle of whatever is asked, until `go_on()`."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process
        os.killpg(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Kill the server and its workers, as a power cut would."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@cache
def _first_demo() -> tuple[RunningCity, dict[str, Any]]:
    """A demo city on SQLite, never started, that others are copied from."""
    folder = tempfile.TemporaryDirectory(prefix="streetwise-demo-")
    atexit.register(folder.cleanup)
    city = RunningCity(Path(folder.name), 1)
    return city, city._make_demo()
