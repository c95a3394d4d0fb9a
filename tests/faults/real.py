"""The machine's other world: the real server on a real database, which can crash at its failpoints and be restored."""

import io
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from flask import Flask
from PIL import Image
from sqlalchemy import delete, insert, select
from werkzeug.test import TestResponse

from server.accounts.models import User
from server.core import failpoints
from server.core.db import Base, writing
from server.core.db import db as database
from server.core.jobs import JOBS
from server.core.secrets import secret
from server.learning.decisions import WORDS, Said, decide
from server.replicas import keys, services
from server.replicas.effects import EFFECTS, Work
from server.replicas.jobs import end_holds, forget_old_rows
from server.replicas.moments import milliseconds, moment
from server.replicas.store import SqlStore
from server.replicas.terms import read_terms
from sync.messages import Event, Signed, encode
from sync.signatures import Key
from sync.times import Window
from tests.cast import Museum, make_museum
from tests.faults.facts import Award, CheckIn, Facts, Log, Stored
from tests.faults.phone import Flight, Seat, b64
from tests.faults.server import Answer

HOUR = 3_600_000
START = 1_780_000_000_000
FAILPOINTS = (
    "after_begin", "after_event_insert", "before_bump", "before_commit", "after_commit_before_reply",
)  # fmt: skip


class Killed(BaseException):
    """The server dies here. No `except Exception` may catch it."""


@cache
def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class CurveSigner:
    """Signs as a browser does. Making keys takes long, so test devices share a few hundred."""

    def __init__(self, device: str) -> None:
        self._key = _key(int(device[-8:], 16) % 400)

    def jwk(self) -> dict[str, str]:
        numbers = self._key.public_key().public_numbers()
        x, y = (b64(one.to_bytes(32, "big")) for one in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def sign(self, content: bytes) -> str:
        r, s = decode_dss_signature(self._key.sign(content, ec.ECDSA(hashes.SHA256())))
        return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@contextmanager
def killed_at(name: str, times: int = 1) -> Iterator[None]:
    """Die when a failpoint is reached for the n-th time."""
    left = [times]

    def hook(here: str) -> None:
        if here == name:
            left[0] -= 1
            if left[0] == 0:
                raise Killed(name)

    before, failpoints.hook = failpoints.hook, hook
    try:
        yield
    finally:
        failpoints.hook = before


class Server:
    """The real application, spoken to by its test client, with a clock of our own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        app.config["RATELIMIT_ENABLED"] = False

    def post(self, flight: Flight, now: int, failpoint: str = "") -> Answer | None:
        """Send a request; None when the server died over it."""
        self.app.extensions["streetwise_clock"] = lambda: moment(now)
        try:
            with killed_at(failpoint):
                answer = self.app.test_client().post(
                    flight.url, data=flight.raw, content_type="application/json", headers=flight.headers
                )
        except Killed:
            return None
        finally:
            database.session.remove()
        return Answer(answer.status_code, dict(answer.headers), answer.get_json(silent=True))

    def upload(self, seat: Seat, name: str, content: bytes, now: int) -> int:
        return self.blob("PUT", seat, name, now, content).status_code

    def upload_piece(self, seat: Seat, name: str, content: bytes, now: int, most: int) -> bool:
        """Go on with a file where the server has it, by `most` bytes; say whether it is whole now."""
        here = self.blob("HEAD", seat, name, now)
        if here.status_code == 200 and "Upload-Offset" not in here.headers:
            return True
        offset = int(here.headers.get("Upload-Offset", "0"))
        piece = content[offset : offset + most]
        self.blob("PATCH", seat, name, now, piece, offset, len(content))
        return offset + len(piece) == len(content)

    def blob(
        self, method: str, seat: Seat, name: str, now: int, content: bytes = b"", offset: int = 0, size: int = 0
    ) -> TestResponse:  # fmt: skip
        """Call `/api/blobs/…` with a device's proof."""
        self.app.extensions["streetwise_clock"] = lambda: moment(now)
        path = f"/api/blobs/{name}"
        headers = {
            "Sync-Device": seat.device, "Upload-Offset": str(offset), "Upload-Length": str(size),
            "Sync-Signature": seat.signer.sign(f"{method} {path} {offset}".encode()),
        }  # fmt: skip
        data, kind = (None, None) if method == "HEAD" else (content, "application/octet-stream")
        answer = self.app.test_client().open(
            path, method=method, data=data, headers=headers, content_type=kind
        )
        database.session.remove()
        return answer

    def decide(self, keys: Sequence[tuple[str, str]], word: str, user: str, now: int) -> int:
        """Let an organiser decide what waits for them, as the desk does; say how many events that decided."""
        with writing() as session:
            store = SqlStore(session, read_terms("localhost"), moment(now), careful=True)
            done = decide(session, keys, Said(word, "A note."), session.get_one(User, user), store)
        database.session.remove()
        return len(done)

    def waiting(self) -> list[Any]:
        """Return the events that wait for an organiser."""
        events = Base.metadata.tables["events"]
        query = select(events.c.learner_id, events.c.id, events.c.why, events.c.effect).where(
            events.c.state == "hold", events.c.why.in_(WORDS)
        )
        with database.engine.connect() as connection:
            return list(connection.execute(query.order_by(events.c.learner_id, events.c.id)))

    def end_holds(self, now: int) -> None:
        database.session.remove()
        end_holds(moment(now))
        database.session.remove()

    def run_jobs(self, now: int) -> None:
        """Do what the clock does, once each."""
        for job in JOBS:
            database.session.remove()
            job.work(moment(now))
        database.session.remove()

    def copy(self) -> dict[str, list[Any]]:
        """Copy all tables, as a backup does."""
        tables = Base.metadata.sorted_tables
        with database.engine.connect() as connection:
            return {
                one.name: [dict(row._mapping) for row in connection.execute(select(one))] for one in tables
            }

    def restore(self, copy: dict[str, list[Any]]) -> None:
        """Put a copy back; the server's history has a new name from then on."""
        database.session.remove()
        with database.engine.begin() as connection:
            for one in reversed(Base.metadata.sorted_tables):
                connection.execute(delete(one))
            for one in Base.metadata.sorted_tables:
                for begin in range(0, len(copy[one.name]), 1000):
                    connection.execute(insert(one), copy[one.name][begin : begin + 1000])
            state = Base.metadata.tables["server_state"]
            connection.execute(delete(state).where(state.c.key == "epoch"))
            connection.execute(insert(state).values(key="epoch", value=f"e{secrets.token_hex(6)}"))

    def epoch(self) -> str:
        state = Base.metadata.tables["server_state"]
        with database.engine.connect() as connection:
            return connection.execute(select(state.c.value).where(state.c.key == "epoch")).scalar() or ""


@cache
def picture(colour: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 12), (colour % 256, colour // 256 % 256, 90)).save(out, "PNG")
    return out.getvalue()


class RealWorld:
    """What the machine drives. A transaction cannot be held open here: `open` does all, `commit` hands it over."""

    def __init__(self, app: Flask, log: Log, capacity: int) -> None:
        self.server, self.log, self.failpoint = Server(app), log, ""
        _empty()
        self.museum = _museum(capacity)
        self.windows = {"mill": Window(), "mint": Window(), "quay": Window(START + HOUR, START + 9 * HOUR)}
        self.capacity = capacity
        names = ("mill", "quay", "photo", "mint")
        self.names = {one.id: name for one, name in zip(self.museum.activities, names, strict=True)}
        self.codes = {"mill": self.museum.code(0), "quay": self.museum.code(1), "mint": self.museum.code(3)}
        self.task, self.text = self.museum.task(2, "photo"), self.museum.task(2, "text")
        self.omar = self.museum.omar.id
        log.secrets |= {one.secret for one in self.codes.values()}
        database.session().expunge_all()
        EFFECTS["poison.take"] = _poison

    def signer(self, device: str) -> CurveSigner:
        return CurveSigner(device)

    def epoch(self) -> str:
        return self.server.epoch()

    def invitation(self, secret: str) -> str:
        from hashlib import sha256

        return encode(sha256(secret.encode()).digest())

    def photo(self, learner: str) -> bytes:
        return picture(int(learner[-6:]))

    def body(self, kind: str, file: str) -> dict[str, Any]:
        if kind == "text":
            return {"task": self.text.id, "activity": self.text.activity_id, "text": "I saw it.", "files": []}
        if kind.endswith("photo"):
            named = {"blob": file} if kind == "old photo" else {"files": [file]}
            return {"task": self.task.id, "activity": self.task.activity_id, "text": None, **named}
        code = self.codes[kind]
        return {
            "point": code.point_id,
            "proof": f"{code.level}{code.secret}",
            "typed": None,
            "activity": None,
        }

    def open(self, flight: Flight, now: int) -> Any:
        self.log.lines.append(f"POST {flight.url}")
        failpoint, self.failpoint = self.failpoint, ""
        answer = self.server.post(flight, now, failpoint)
        return Answer(0, {}, None) if answer is None else ("done", answer)

    def commit(self, tx: Any, now: int) -> Answer | None:
        return tx[1] if tx else None

    def crash(self) -> None:
        """Nothing is open here."""

    def upload(self, seat: Seat, name: str, content: bytes, now: int) -> None:
        self.server.upload(seat, name, content, now)

    def upload_piece(self, seat: Seat, name: str, content: bytes, most: int, now: int) -> None:
        self.server.upload_piece(seat, name, content, now, most)

    def decide(self, learner: str, event: str, word: str, now: int) -> None:
        self.server.decide([(learner, event)], word, self.omar, now)

    def waiting_for_organiser(self) -> list[tuple[str, str, str]]:
        return [(row.learner_id, row.id, row.why) for row in self.server.waiting()]

    def forget(self, now: int) -> None:
        database.session.remove()
        forget_old_rows(moment(now))
        database.session.remove()

    def end_holds(self, now: int) -> None:
        self.server.end_holds(now)

    def snapshot(self) -> Any:
        return self.server.copy()

    def restore(self, snapshot: Any) -> None:
        self.server.restore(snapshot)

    def feed(self, learner: str) -> dict[str, tuple[int, Any]]:
        rows = _rows("feed_rows")
        return {
            r.key: (r.ver, r.row if r.op == "put" else None) for r in rows if r.feed == f"learner:{learner}"
        }

    def head(self, learner: str) -> int:
        return {row.feed: row.ver for row in _rows("feed_heads")}.get(f"learner:{learner}", 0)

    def is_registered(self, device: str) -> bool:
        return any(row.id == device for row in _rows("devices"))

    def facts(self) -> Facts:
        events = {
            (r.learner_id, r.id): Stored(Event.read(Signed(r.payload, r.signature)), r.state, r.why, milliseconds(r.received_at))
            for r in _rows("events")
        }  # fmt: skip
        feeds: dict[str, dict[str, tuple[int, Any]]] = {}
        for r in _rows("feed_rows"):
            feeds.setdefault(r.feed, {})[r.key] = (r.ver, r.row if r.op == "put" else None)
        proofs = {r.id: tuple(r.proofs) for r in _rows("completions")}
        devices = {r.id: (r.learner_id, Key(r.key_x, r.key_y)) for r in _rows("devices")}
        return Facts(
            events=events,
            feeds=feeds,
            heads={r.feed: r.ver for r in _rows("feed_heads")},
            check_ins=[
                CheckIn(r.learner_id, self.names[r.activity_id], r.event_id, r.time, milliseconds(r.at))
                for r in _rows("check_ins")
            ],
            awards=[Award(r.learner_id, r.achievement_id, proofs[r.completion_id]) for r in _rows("awards")],
            evidence={r.event_id for r in _rows("evidence")},
            withdrawn=set(),
            turned_down={(r.learner_id, r.event_id) for r in _rows("decisions") if r.word != "accepted"},
            floors={r.feed: r.floor for r in _rows("feed_heads")},
            files={(r.learner_id, r.sha256) for r in _rows("blobs") if r.complete_at and r.mime},
            caps={"mill": self.capacity},
            devices=devices,
            missing={id: services.missing(database.session(), id) for id in devices},
            verify=keys.verify,
            anchor_secret=secret("anchor"),
        )

    def close(self) -> None:
        EFFECTS.pop("poison.take", None)
        database.session.remove()


def _poison(work: Work) -> Any:
    raise ZeroDivisionError


def _rows(name: str) -> list[Any]:
    with database.engine.connect() as connection:
        return list(connection.execute(select(Base.metadata.tables[name])))


def _empty() -> None:
    with database.engine.begin() as connection:
        for one in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(one))


def _museum(capacity: int) -> Museum:
    session = database.session()
    museum = make_museum(session)
    museum.code(0).cap_total = capacity
    museum.activities[3].confirm = True
    museum.task(2, "text").review = "organiser"
    museum.code(1).opens_at, museum.code(1).closes_at = moment(START + HOUR), moment(START + 9 * HOUR)
    for code in museum.codes:
        code.created_at = moment(START) - timedelta(days=900)
    session.commit()
    for one in [
        *museum.codes,
        *museum.activities,
        *(task for act in museum.activities for task in act.tasks),
    ]:
        session.refresh(one)
    return museum
