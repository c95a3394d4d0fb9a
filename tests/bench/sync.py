"""Sync over real HTTP: a season's queue, the same again, empty pulls, and check-ins of eight phones at once."""

import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from server.activities.models import Activity, Task
from server.codes.models import Code, Point
from server.core.db import utc_now
from server.organisers.models import Organiser
from server.playlists.models import Playlist, PlaylistItem
from tests.cast import texts
from tests.databases import free_port
from tests.phone import Phone

NO_APP = cast(Flask, None)
"""These phones talk to a running city, not to an application in this process."""
EVENTS, A_BATCH = 1000, 50
CLIENTS, CHECK_INS, PULLS = 8, 100, 250  # check-ins and pulls are for each client
RUNS = 5


@dataclass(frozen=True)
class Rate:
    """What a load of many requests came to."""

    per_second: float
    p99_ms: float


@dataclass(frozen=True)
class Measured:
    """One city's figures, seconds and rates."""

    queue: float
    again: float
    check_ins: Rate
    pulls: Rate
    empty_reply: int


class Wire:
    """One kept-alive connection that sends requests made before the clock started.

    A browser spends no Python on its requests, so neither do we: bytes out, bytes in.
    """

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        self._connection = HTTPConnection(address.hostname or "", address.port)
        self._connection.connect()
        self._socket = self._connection.sock
        self._host = address.netloc

    def pack(self, raw: bytes, headers: dict[str, str]) -> bytes:
        """Write a request as it goes over the wire."""
        fields = {"Host": self._host, "Content-Length": str(len(raw)), "Content-Type": "application/json"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**fields, **headers}.items())
        return f"POST /api/sync HTTP/1.1\r\n{lines}\r\n".encode() + raw

    def send(self, request: bytes) -> bytes:
        """Send a packed request and return the reply's body. A reply that is not 200 is a fault."""
        self._socket.sendall(request)
        reply = self._receive()
        while b"\r\n\r\n" not in reply:
            reply += self._receive()
        head, body = reply.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200"), reply[:2000]
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self._receive()
        return body

    def _receive(self) -> bytes:
        part = self._socket.recv(65536)
        assert part, "the server closed the connection"
        return part

    def close(self) -> None:
        self._connection.close()


def measure(base_url: str, stops: Sequence[Activity]) -> Measured:
    """Measure a running city at stops of our own, so that every event of the queue counts."""
    queues = [send_queue(base_url, stops) for _ in range(RUNS)]
    pulls, empty_reply = pull(base_url, stops)
    return Measured(
        queue=statistics.median(first for first, _ in queues),
        again=statistics.median(second for _, second in queues),
        check_ins=check_in(base_url, stops),
        pulls=pulls,
        empty_reply=empty_reply,
    )


def add_stops(engine_url: str, count: int) -> list[Activity]:
    """Add stops with a poster and three questions each, in playlists of ten that bring no badge."""
    engine = create_engine(engine_url)
    with Session(engine, expire_on_commit=False) as session:
        organiser = session.scalars(select(Organiser)).first()
        assert organiser
        stops = [_add_stop(session, organiser.id, number) for number in range(count)]
        session.flush()
        for begin in range(0, count, 10):
            _add_playlist(session, organiser.id, stops[begin : begin + 10])
        session.commit()
    engine.dispose()
    return stops


def _add_stop(session: Session, organiser: str, number: int) -> Activity:
    options = [{"id": id, "text": texts(id)} for id in "abc"]
    kinds: list[dict[str, Any]] = [
        {"kind": "checkin"},
        {"kind": "choice", "options": options, "accepted": ["a"]},
        {"kind": "number", "accepted": ["1856"], "tolerance": "2", "step": "1"},
        {"kind": "text", "max_length": 200},
    ]
    plain: dict[str, Any] = {
        "prompt": texts("?"),
        "hint": {},
        "unit": {},
        "salt": "s",
        "options": [],
        "accepted": [],
    }
    activity = Activity(
        organiser_id=organiser, slug=f"bench-{number}", title=texts("A stop"), summary=texts("Look"),
        body=texts("Look"), place=texts("Here"), minutes=5, languages=["en"], skills=[], picture_alt={},
        audio_text={}, updated_at=utc_now(), tasks=[Task(position=n, **{**plain, **kind}) for n, kind in enumerate(kinds)],
    )  # fmt: skip
    point = Point(id=f"BENCH{number:03}", activity=activity, place=texts("Here"), hint="B0")
    secret = f"BENCHBENCH000{number:03}"
    session.add(Code(point=point, level=1, secret=secret, created_at=utc_now()))
    return activity


def _add_playlist(session: Session, organiser: str, stops: Sequence[Activity]) -> None:
    playlist = Playlist(
        organiser_id=organiser, slug=f"bench-{stops[0].slug}", title=texts("A walk"), summary=texts("Walk"),
        body=texts("Walk"), picture_alt={}, minutes=50, updated_at=utc_now(),
    )  # fmt: skip
    playlist.items = [
        PlaylistItem(activity_id=stop.id, position=n, required=True) for n, stop in enumerate(stops)
    ]
    session.add(playlist)


def scan(phone: Phone, number: int) -> None:
    """Scan the poster of one of our stops."""
    phone.scan(SimpleNamespace(level=1, secret=f"BENCHBENCH000{number:03}", point_id=f"BENCH{number:03}"))


def newcomer(wire: Wire) -> Phone:
    """A phone that said hello before, and read the answer."""
    phone = Phone(NO_APP)
    phone.hello()
    reply = json.loads(wire.send(wire.pack(*phone.pack(phone.outbox))))
    phone.anchor, phone.epoch, phone.outbox, phone.cursor = reply["anchor"]["id"], reply["epoch"], [], 1
    return phone


def send_queue(base_url: str, stops: Sequence[Activity]) -> tuple[float, float]:
    """Send what somebody did at all stops, 50 events a request; then the same again. Return both in seconds."""
    wire = Wire(base_url)
    phone = newcomer(wire)
    for number, stop in enumerate(stops):
        _, choice, figure, text = stop.tasks
        scan(phone, number)
        phone.answer(choice, choices=["a"])
        phone.answer(figure, number="1857")
        phone.answer(text, text="The mill was loud.")
        phone.record("feedback.give", {"activity": stop.id, "stars": 5, "text": None})
    batches = [phone.outbox[n : n + A_BATCH] for n in range(0, len(phone.outbox), A_BATCH)]
    took = [_send_all(wire, phone, batches, state) for state in ("ok", "dup")]
    wire.close()
    return took[0], took[1]


def _send_all(wire: Wire, phone: Phone, batches: Sequence[list[dict[str, str]]], state: str) -> float:
    """Send batches one after the other, each with the cursor of the reply before, as a phone does."""
    took = 0.0
    for batch in batches:
        request = wire.pack(*phone.pack(batch))
        begun = time.perf_counter()
        body = wire.send(request)
        took += time.perf_counter() - begun
        reply = json.loads(body)
        phone.cursor = reply["feeds"][f"learner:{phone.learner}"]["next"]
        assert {result["state"] for result in reply["results"]} == {state}, reply["results"]
    return took


def check_in(base_url: str, stops: Sequence[Activity]) -> Rate:
    """Let each client scan one stop a request, at stops where its learner has not been."""

    def prepare(wire: Wire) -> list[bytes]:
        phone, requests = newcomer(wire), []
        for number in range(CHECK_INS):
            scan(phone, number)
            requests.append(wire.pack(*phone.pack(phone.outbox)))
            phone.outbox = []
            phone.cursor += 2  # the check-in and its verdict
        return requests

    assert len(stops) >= CHECK_INS
    return under_load(base_url, prepare)


def pull(base_url: str, stops: Sequence[Activity]) -> tuple[Rate, int]:
    """Ask for news when there is none, with somebody's history behind it. Returns the reply's size too."""
    sizes: list[int] = []

    def prepare(wire: Wire) -> list[bytes]:
        phone = newcomer(wire)
        for number in range(20):
            scan(phone, number)
        reply = json.loads(wire.send(wire.pack(*phone.pack(phone.outbox))))
        phone.cursor = reply["feeds"][f"learner:{phone.learner}"]["next"]
        request = wire.pack(*phone.pack([]))
        sizes.append(len(wire.send(request)))
        return [request] * PULLS

    return under_load(base_url, prepare), max(sizes)


def under_load(base_url: str, prepare: Callable[[Wire], list[bytes]]) -> Rate:
    """Send the requests of all clients at once, each client one after the other."""
    wires = [Wire(base_url) for _ in range(CLIENTS)]
    queues = [prepare(wire) for wire in wires]

    def send(wire: Wire, requests: Sequence[bytes]) -> list[float]:
        times = []
        for request in requests:
            begun = time.perf_counter()
            wire.send(request)
            times.append(time.perf_counter() - begun)
        return times

    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        times = sorted(one for part in pool.map(send, wires, queues) for one in part)
    took = time.perf_counter() - begun
    for wire in wires:
        wire.close()
    return Rate(len(times) / took, times[int(len(times) * 0.99)] * 1000)


def bare_queue(folder: Path) -> float:
    """The floor of a queue: 1,000 signatures checked and as many rows written, 50 a transaction."""
    key = ec.generate_private_key(ec.SECP256R1())
    content = b"x" * 500
    signatures = [key.sign(content, ec.ECDSA(SHA256())) for _ in range(EVENTS)]
    public, database = key.public_key(), _bare_database(folder / "queue.sqlite3")
    begun = time.perf_counter()
    for part in range(0, EVENTS, A_BATCH):
        for signature in signatures[part : part + A_BATCH]:
            public.verify(signature, content, ec.ECDSA(SHA256()))
        database.execute("BEGIN IMMEDIATE")
        rows = [(str(part + n), content) for n in range(A_BATCH)]
        database.executemany("INSERT INTO rows VALUES (?, ?)", rows)
        database.execute("COMMIT")
    took = time.perf_counter() - begun
    database.close()
    return took


def bare_writes(folder: Path) -> float:
    """The floor of check-ins on SQLite: transactions of one row each that reach the disk, a second."""
    database, count = _bare_database(folder / "writes.sqlite3"), 1000
    begun = time.perf_counter()
    for number in range(count):
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO rows VALUES (?, ?)", (str(number), b"x" * 500))
        database.execute("COMMIT")
    took = time.perf_counter() - begun
    database.close()
    return count / took


def _bare_database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE rows (id TEXT PRIMARY KEY, content BLOB) WITHOUT ROWID")
    return database


_BARE_APP = """
from flask import Flask, request
def create_app():
    app = Flask("bare")
    @app.post("/api/sync")
    def sync():
        return {"device": request.get_json()["device"], "feeds": {}}
    return app
"""


@contextmanager
def bare_app(folder: Path) -> Iterator[str]:
    """Serve Flask alone as the city is served: it reads JSON, and answers with JSON."""
    (folder / "bare.py").write_text(_BARE_APP)
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--blocking-threads", "4"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "warning", "bare:create_app"],
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield _when_ready(f"http://127.0.0.1:{port}")
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # its worker too
        server.wait()


def _when_ready(base_url: str) -> str:
    for _ in range(100):
        try:
            urllib.request.urlopen(base_url + "/", timeout=1)
        except urllib.error.HTTPError:
            return base_url
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The bare application did not start.")


def bare_pulls(folder: Path) -> float:
    """The floor of pulls: the same requests, answered by Flask alone, a second."""
    with bare_app(folder) as base_url:
        phone = Phone(NO_APP)
        return under_load(base_url, lambda wire: [wire.pack(*phone.pack([]))] * PULLS).per_second
