"""Giving a badge to 10,000 people by a list: looked at, then signed and kept piece by piece, as the clock does it."""

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from server.app import create_app
from server.awarding import services
from server.awarding.columns import read_lines
from server.awarding.reading import read_table
from server.awarding.services import Upload
from server.config import Config
from server.core.db import db, writing
from server.migrations import upgrade
from tests.awarding.conftest import RUBRIC, make_badge
from tests.cast import NOON, make_museum


@dataclass(frozen=True)
class Giving:
    """Seconds for the look, for all, and for the longest transaction, in which phones wait."""

    look: float
    all: float
    longest: float


def measure(rows: int) -> Giving:
    """Give to so many people, new to us, on SQLite."""
    folder = Path(tempfile.mkdtemp())
    app = create_app(Config(instance=folder))
    try:
        with app.app_context():
            upgrade(db.engine)
            return _measure(rows)
    finally:
        shutil.rmtree(folder)


def _measure(rows: int) -> Giving:
    museum = make_museum(db.session())
    badge = make_badge(db.session(), museum, results=RUBRIC)
    db.session.commit()
    people = "".join(f"Person {one},person{one}@example.org,Leads\n" for one in range(rows))
    begun = time.perf_counter()
    with writing() as session:
        lines = read_lines(read_table(f"name,mail,teamwork\n{people}".encode()), badge)
        batch = services.keep_list(session, Upload(badge, museum.omar.id, "list.csv", NOON), lines)
        id = batch.id
    looked = time.perf_counter()
    with writing() as session:
        services.begin(session, services.find_batch(session, id, badge.series), museum.omar.id, NOON)
    pieces, left = [], 1
    while left:
        before = time.perf_counter()
        with writing() as session:
            left = services.run_piece(session, id, NOON)
        pieces.append(time.perf_counter() - before)
        db.session.remove()
    assert services.counts(db.session(), id)["awarded"] == rows
    return Giving(looked - begun, time.perf_counter() - looked, max(pieces))


if __name__ == "__main__":
    found = measure(10_000)
    print(
        f"look {found.look:.1f} s, all {found.all:.1f} s, {10_000 / found.all:.0f} a second, longest {found.longest * 1000:.0f} ms"
    )
