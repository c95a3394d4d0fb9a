"""How fast `streetwise check-history` reads a large history, and how much memory that takes.

`python -m tests.bench.history --events 200000` fills an SQLite database with signed events, fifty a learner, then
checks its first tenth's worth of learners and all of it in processes of their own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, create_engine, insert
from uuid_utils import uuid7

from server.core.db import Base
from server.core.storage import Folder
from server.migrations import upgrade
from server.replicas.history import check_history
from server.replicas.moments import milliseconds
from tests.cast import NOON
from tests.faults.phone import Seat
from tests.faults.real import CurveSigner

EACH = 50


def fill(connection: Connection, events: int) -> None:
    """Write learners with one device and fifty events each, as a server keeps them."""
    table = Base.metadata.tables
    city = str(uuid7())
    empty = {"tagline": {}, "about": {}, "picture_alt": {}}
    connection.execute(
        insert(table["cities"]).values(id=city, slug="c", name="C", languages=["en"], timezone="UTC", **empty)
    )
    for number in range(0, events // EACH, 100):
        for name, rows in _hundred(city, number).items():
            connection.execute(insert(table[name]), rows)


def _hundred(city: str, first: int) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("learners", "devices", "events", "feed_heads", "feed_rows")
    }
    for number in range(first, first + 100):
        learner, device = str(uuid7()), str(uuid7())
        seat = Seat(learner, device, CurveSigner(f"{device[:28]}{number:08d}"))
        jwk = seat.signer.jwk()
        rows["learners"].append({"id": learner, "city_id": city, "created_at": NOON})
        rows["devices"].append({
            "id": device, "learner_id": learner, "key_x": jwk["x"], "key_y": jwk["y"], "agent": "", "created_at": NOON,
            "seen_at": NOON,
        })  # fmt: skip
        rows["feed_heads"].append({"feed": f"learner:{learner}", "ver": EACH})
        for event, row in _chain(seat, jwk):
            rows["events"].append(event)
            rows["feed_rows"].append(row)
    return rows


def _chain(seat: Seat, jwk: dict[str, str]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for seq in range(1, EACH + 1):
        type, body = (
            ("device.hello", {"key": jwk}) if seq == 1 else ("playlist.save", {"playlist": str(uuid7())})
        )
        item = seat.record(str(uuid7()), type, body, milliseconds(NOON))
        yield {
            "learner_id": seat.learner, "id": item.id, "device_id": seat.device, "seq": seq, "type": type,
            "payload": item.p, "signature": item.s, "state": "ok", "why": "", "effect": {}, "happened_at": NOON,
            "received_at": NOON,
        }, {
            "feed": f"learner:{seat.learner}", "key": f"verdict:{item.id}", "ver": seq, "op": "put", "at": NOON,
            "row": {"event": item.id, "state": "ok", "why": "", "effect": {}},
        }  # fmt: skip


def measure(path: str, folder: str) -> None:
    """Check a database and print what that took."""
    began = time.process_time()
    report = check_history(create_engine(f"sqlite:///{path}"), Folder(Path(folder)), NOON + timedelta(days=1))
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rate = round(report.counts["events"] / seconds)
    print(json.dumps({"events": report.counts["events"], "clean": report.clean, "cpu_seconds": round(seconds, 1),
                      "events_per_second": rate, "peak_mb": peak}))  # fmt: skip


@click.command()
@click.option("--events", default=200_000)
def main(events: int) -> None:
    """Fill two databases, one ten times the other, and measure each."""
    for size in (events // 10, events):
        with tempfile.TemporaryDirectory(prefix="streetwise-history-") as folder:
            path = f"{folder}/history.sqlite3"
            engine = create_engine(f"sqlite:///{path}")
            upgrade(engine)
            with engine.begin() as connection:
                fill(connection, size)
            engine.dispose()
            call = f"from tests.bench.history import measure; measure({path!r}, {folder!r})"
            subprocess.run([sys.executable, "-c", call], check=True)


if __name__ == "__main__":
    main()
