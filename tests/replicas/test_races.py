"""Many at once: places are never given twice, cursors never skip, the same batch counts once."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from server.codes.making import make_code
from server.codes.models import Code
from server.core.db import db as database
from server.core.db import writing
from server.learning.models import CheckIn
from server.replicas import feeds
from sync.messages import Row
from tests.cast import NOON, Museum
from tests.phone import Phone

T = TypeVar("T")


def at_once(calls: list[Callable[[], T]]) -> list[T]:
    """Run calls in as many threads, all starting in the same moment."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_the_last_places_are_given_once_each(app: Flask, museum: Museum, db: Session) -> None:
    code = make_code(db, museum.code(0).point, level=1, cap_total=5, at=NOON)
    db.commit()
    phones = [Phone(app, at=NOON) for _ in range(12)]
    scans = [phone.scan(code) for phone in phones]
    at_once([phone.sync for phone in phones])
    states = Counter(phone.results[scan].get("why", "ok") for phone, scan in zip(phones, scans, strict=True))
    assert states == {"ok": 5, "used_up": 7}
    db.rollback()  # our own view of the database is older than the race
    assert db.get_one(Code, code.id).claimed == 5
    assert db.query(CheckIn).count() == 5


def test_the_same_batch_sent_twice_at_once_counts_once(app: Flask, museum: Museum, db: Session) -> None:
    ada = Phone(app, at=NOON)
    for number in range(3):
        ada.scan(museum.code(number))
    batch = list(ada.outbox)
    replies = at_once([lambda: ada.post(batch).get_json()] * 4)
    states = Counter(result["state"] for reply in replies for result in reply["results"])
    assert states == {"ok": 4, "dup": 12}
    db.rollback()
    assert db.query(CheckIn).count() == 3


def test_forty_phones_for_ten_places_some_of_them_late(app: Flask, museum: Museum, db: Session) -> None:
    """Ten are never exceeded, and all come in who may: also those that scanned offline and arrive in a crowd."""
    code = make_code(db, museum.code(0).point, level=1, cap_total=10, at=NOON)
    db.commit()
    phones = [Phone(app, at=NOON) for _ in range(40)]
    scans = [phone.scan(code) for phone in phones]
    for phone in phones[::2]:
        phone.wait(hours=5)  # these were without a network
    for crowd in (phones[:20], phones[20:]):
        at_once([phone.sync for phone in crowd])
    states = Counter(phone.results[scan].get("why", "ok") for phone, scan in zip(phones, scans, strict=True))
    assert states == {"ok": 10, "used_up": 30}
    db.rollback()  # our own view of the database is older than the race
    for phone in phones:
        phone.sync()
    came = [phone for phone in phones if f"checkin:{museum.activities[0].id}" in phone.view]
    db.rollback()
    assert (len(came), db.get_one(Code, code.id).claimed, db.query(CheckIn).count()) == (10, 10, 10)


def test_a_cursor_never_skips_a_row_of_concurrent_writers(app: Flask, museum: Museum) -> None:
    writers, rounds = 8, 12

    def write(name: int) -> None:
        with app.app_context():
            for number in range(rounds):
                with writing() as session:
                    feeds.bump(session, {"shared": [Row("shared", f"{name}:{number}", {})]}, NOON)
                    time.sleep(0.001)

    def read() -> list[str]:
        seen: list[str] = []
        cursor, until = 0, time.monotonic() + 20
        with app.app_context():
            while len(seen) < writers * rounds and time.monotonic() < until:
                page = feeds.read_page(database.session(), "shared", cursor, 5)
                database.session().rollback()
                seen += [str(row["key"]) for row in page.rows]
                cursor = page.next
        return seen

    with ThreadPoolExecutor(writers + 1) as pool:
        reader = pool.submit(read)
        list(pool.map(write, range(writers)))
        seen = reader.result()
    assert sorted(seen) == sorted(f"{name}:{n}" for name in range(writers) for n in range(rounds))
