"""A festival: 700 people claim a badge, most of them with a visit on their phone that was made without a network.

30 % claim at once, at the page that the code opened. 35 % were online in the morning, then in the cellar; 35 % were
never online before. One reply in ten is lost, so that the phone sends the same again. Whoever waits for a free
connection is counted as waiting: times begin when somebody taps, not when the request leaves.
"""

import json
import os
import random
import time
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.badges.models import Achievement, Award
from server.codes.models import Code, Point
from server.core.db import utc_now
from tests.bench.sync import NO_APP, Wire, newcomer, scan
from tests.cast import texts
from tests.phone import Phone

PEOPLE, AT_ONCE, STOPS, LOST_REPLIES = 700, 0.3, 6, 0.1
MINUTES = float(os.environ.get("FESTIVAL_MINUTES", "1"))
"""The target is ten; by default they come ten times as close together."""
CONNECTIONS = 64
POINT, SECRET = "FESTAVAB", "FESTAVABADGE0001"


@dataclass(frozen=True)
class Festival:
    """How long answers took (seconds, 99th percentile; a first claim and a page), and what went wrong."""

    p99: float
    pages_p99: float
    lost: int
    doubled: int


@dataclass
class Guest:
    """What somebody will send, and whether they open the code's page before."""

    request: bytes
    at_once: bool


def measure(base_url: str, database: str, stops: Sequence[Activity]) -> Festival:
    """Let everybody in. `stops` are those of `sync.add_stops`."""
    chance = random.Random(700)
    achievement = hang_up_a_code(database)
    guests = [_prepare(base_url, stops, chance) for _ in range(PEOPLE)]
    taps = sorted(chance.uniform(0, MINUTES * 60) for _ in guests)
    again = [chance.random() < LOST_REPLIES for _ in guests]
    began = time.perf_counter()

    def come(guest: Guest, tap: float, twice: bool) -> tuple[float, float]:
        time.sleep(max(0.0, began + tap - time.perf_counter()))
        page = _since(began + tap, lambda: _open_page(base_url)) if guest.at_once else 0.0
        first = _since(began + tap + page, lambda: _send(base_url, guest))
        if twice:
            _send(base_url, guest)
        return first, page

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        took = list(pool.map(come, guests, taps, again))
    lost = sum(_is_missing(_send(base_url, guest)) for guest in guests)
    return Festival(
        _p99([first for first, _ in took]), _p99([page for _, page in took if page]), lost,
        count_awards(database, achievement) - (PEOPLE - lost),
    )  # fmt: skip


def hang_up_a_code(database: str) -> str:
    """Make a code of a badge alone, for exactly as many people as come."""
    engine = create_engine(database)
    with Session(engine) as session:
        organiser = session.scalars(select(Achievement.organiser_id)).first()
        badge = Achievement(
            organiser_id=organiser, name=texts("I was there"), description=texts("The festival"), criteria=texts("Came"),
            design={"shape": "circle", "colours": ["#14506b", "#e9b44c"], "icon": "river", "text": {"en": "2026"}},
            alignments=[], tags=[], created_at=utc_now(),
        )  # fmt: skip
        session.add(badge)
        session.flush()
        point = Point(id=POINT, achievement_id=badge.id, place=texts("Main gate"), hint="FE")
        session.add(Code(point=point, level=1, secret=SECRET, cap_total=PEOPLE, created_at=utc_now()))
        session.commit()
        found = badge.id
    engine.dispose()
    return found


def _prepare(base_url: str, stops: Sequence[Activity], chance: random.Random) -> Guest:
    wire, kind = Wire(base_url), chance.random()
    known = AT_ONCE + (1 - AT_ONCE) / 2
    phone = newcomer(wire) if AT_ONCE < kind < known else Phone(NO_APP)
    wire.close()
    if kind >= AT_ONCE:
        _visit(phone, stops, utc_now() - timedelta(hours=chance.uniform(0.5, 3)))
    phone.record("badge.claim", {"point": POINT, "proof": f"1{SECRET}", "typed": None})
    return Guest(wire.pack(*phone.pack(phone.outbox)), kind < AT_ONCE)


def _visit(phone: Phone, stops: Sequence[Activity], at: datetime) -> None:
    """Do a few stops without a network, some hours ago."""
    now, phone.at = phone.at, at
    for number in range(STOPS):
        scan(phone, number)
        phone.answer(
            SimpleNamespace(id=stops[number].tasks[1].id, activity_id=stops[number].id), choices=["a"]
        )
        phone.wait(minutes=4)
    phone.at = now


def _open_page(base_url: str) -> None:
    with urllib.request.urlopen(f"{base_url}/S/{POINT}", timeout=30) as reply:
        assert reply.status == 200
        reply.read()


def _since(begun: float, work: Callable[[], object]) -> float:
    work()
    return time.perf_counter() - begun


def _send(base_url: str, guest: Guest) -> bytes:
    """Send on a connection of one's own, as a phone does that comes out of a cellar."""
    wire = Wire(base_url)
    try:
        return wire.send(guest.request)
    finally:
        wire.close()


def _is_missing(reply: bytes) -> bool:
    """Say whether anything that somebody sent does not count when it is asked for again."""
    results = json.loads(reply)["results"]
    return any((one["state"], one.get("verdict")) != ("dup", "ok") for one in results)


def count_awards(database: str, achievement: str) -> int:
    engine = create_engine(database)
    with Session(engine) as session:
        count = session.scalar(select(func.count()).where(Award.achievement_id == achievement)) or 0
    engine.dispose()
    return count


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
