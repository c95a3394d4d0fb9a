"""The real server, killed by SIGKILL at each failpoint while phones push: nothing is lost, nothing doubled."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message

import pytest
from uuid_utils import uuid7

from server.app import create_app
from server.config import Config
from server.core.db import db as database
from server.core.db import utc_now
from server.core.storage import files
from server.replicas.history import check_history
from tests.cast import make_museum
from tests.databases import free_port
from tests.faults.phone import Flight, Seat, Tablet
from tests.faults.real import FAILPOINTS, CurveSigner
from tests.test_cli import command, environment


class Killable:
    """The program `streetwise serve` on an instance, which can be started with a failpoint."""

    def __init__(self, config: Config) -> None:
        self._config, self._port = config, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, failpoint: str = "") -> None:
        settings = {
            "instance": self._config.instance, "database_url": self._config.database_url, "port": self._port,
            "base_url": f"http://localhost:{self._port}", "workers": 1, "failpoint": failpoint,
        }  # fmt: skip
        self._process = subprocess.Popen(
            command("serve"), env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 40
        while time.monotonic() < until:
            with suppress(OSError):
                urllib.request.urlopen(f"http://localhost:{self._port}/robots.txt", timeout=5).close()
                return
            time.sleep(0.05)
        raise RuntimeError("The server did not start.")

    def stop(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def post(self, flight: Flight) -> tuple[int, dict[str, str], object] | None:
        """Send a request; None when nobody answers."""
        headers = {**flight.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://localhost:{self._port}{flight.url}", flight.raw, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, _titled(answer.headers), json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _titled(error.headers), None
        except OSError:
            return None


def _titled(headers: Message) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}


@pytest.fixture
def server(config: Config) -> Iterator[Killable]:
    app = create_app(config)
    with app.app_context():
        museum = make_museum(database.session())
        database.session().commit()
        app.extensions["tasks"] = museum.task(0, "choice").id, museum.activities[0].id
        server = Killable(config)
        server.task = app.extensions["tasks"]  # type: ignore[attr-defined]
        database.session.remove()
        yield server
        server.stop()
        database.session.remove()
        database.engine.dispose()


def make_phone(server: Killable, number: int) -> Tablet:
    learner, device = str(uuid7()), str(uuid7())
    seat = Seat(learner, device, CurveSigner(f"{device[:28]}{number:08d}"))
    now = time.time_ns() // 1_000_000
    seat.record(str(uuid7()), "device.hello", {"key": seat.signer.jwk(), "agent": "", "languages": []}, now)
    return Tablet("phone", {learner: seat}, learner)


def answer(server: Killable, phone: Tablet) -> None:
    task, activity = server.task  # type: ignore[attr-defined]
    (seat,) = phone.seats.values()
    body = {"task": task, "activity": activity, "answer": {"choices": ["b"]}}
    seat.record(str(uuid7()), "task.answer", body, time.time_ns() // 1_000_000)


def push(server: Killable, phone: Tablet) -> bool:
    """Sync once; say whether anybody answered."""
    (seat,) = phone.seats.values()
    now = time.time_ns() // 1_000_000
    flight = seat.request(now, 100)
    answer = server.post(flight)
    if answer:
        phone.receive(flight, *answer, now, lambda *_: str(uuid7()))  # type: ignore[arg-type]
    return answer is not None


def test_a_server_killed_at_every_failpoint_loses_and_doubles_nothing(server: Killable) -> None:
    phones = [make_phone(server, number) for number in range(4)]
    for failpoint in FAILPOINTS:
        for phone in phones:
            answer(server, phone)
        server.start(f"{failpoint}:2")
        answered = [push(server, phone) for phone in phones]
        assert not all(answered), f"the server did not die {failpoint}"
        server.stop()
    server.start()
    answered = [push(server, phone) for phone in phones]
    assert all(answered)
    seats = [seat for phone in phones for seat in phone.seats.values()]
    assert [seat.outbox() for seat in seats] == [[]] * 4
    for seat in seats:
        assert {seat.view[f"verdict:{id}"]["state"] for id in seat.items} == {"ok"}
        assert [row["tries"] for key, row in seat.view.items() if key.startswith("task:")] == [
            len(FAILPOINTS)
        ]
    report = check_history(database.engine, files(), utc_now())
    assert report.findings == [] and report.counts["events"] == 4 * (1 + len(FAILPOINTS))
