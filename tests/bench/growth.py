"""What a phone's queue costs beside more and more work of others: it should cost the same.

Measured on SQLite, where the whole of it is one file. Others' events come with what they bring: a device, a
feed, a check-in. The curve is written as SVG beside the JSON.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from server.activities.models import Activity
from tests.bench.sync import EVENTS, add_stops, send_queue

SIZES = (1_000, 10_000, 100_000, 1_000_000)
A_LEARNER = 100  # events of each
RUNS = 7
LIMIT = 1.3


@dataclass(frozen=True)
class Point:
    """How many events there are, and the seconds that a queue of 1,000 takes then."""

    events: int
    seconds: float


@dataclass(frozen=True)
class City:
    """A running city with others' work in it, and our stops."""

    base_url: str
    stops: Sequence[Activity]
    events: int


def prepare(base_url: str, engine_url: str, events: int) -> City:
    """Fill a running city's database, and send a queue to warm it up."""
    stops = add_stops(engine_url, EVENTS // 5)
    path = engine_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as database:
        _fill(database, events)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # no city writes so much at once
    send_queue(base_url, stops)
    return City(base_url, stops, events)


def measure(cities: Sequence[City]) -> list[Point]:
    """Send queues to all cities in turn, as the machine's speed drifts; the best of each counts."""
    rounds = [[send_queue(city.base_url, city.stops)[0] for city in cities] for _ in range(RUNS)]
    best = [min(times) for times in zip(*rounds, strict=True)]
    return [Point(city.events, seconds) for city, seconds in zip(cities, best, strict=True)]


_OTHERS = """
CREATE TEMP TABLE IF NOT EXISTS people (learner TEXT, device TEXT);
CREATE TEMP TABLE IF NOT EXISTS deeds (learner TEXT, device TEXT, id TEXT, seq INTEGER);
"""
_PEOPLE = """
WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
INSERT INTO people
SELECT printf('01900000-0000-7000-8000-%012x', n), printf('01900000-0000-7000-9000-%012x', n) FROM numbers
"""
_DEEDS = """
WITH RECURSIVE seqs(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM seqs WHERE seq < :each)
INSERT INTO deeds
SELECT learner, device, printf('%s-%012x', substr(learner, 1, 23), people.rowid * :each + seq + :first * :each), seq
FROM people, seqs
"""
_AT = "2026-11-01 10:00:00.000000"
_KEEP = """
INSERT INTO learners (id, city_id, created_at) SELECT learner, (SELECT id FROM cities LIMIT 1), :at FROM people;
INSERT INTO devices (id, learner_id, key_x, key_y, agent, created_at, seen_at)
SELECT device, learner, 'x', 'y', 'bench', :at, :at FROM people;
INSERT INTO feed_heads (feed, ver, floor) SELECT 'learner:' || learner, :each, 0 FROM people;
INSERT INTO events (learner_id, id, device_id, seq, type, payload, signature, state, why, effect, happened_at, received_at)
SELECT learner, id, device, seq, 'feedback.give', hex(zeroblob(300)), hex(zeroblob(43)), 'ok', '', '{}', :at, :at FROM deeds;
INSERT INTO feed_rows (feed, key, ver, op, row, at)
SELECT 'learner:' || learner, 'verdict:' || id, seq, 'put', '{"state":"ok"}', :at FROM deeds;
INSERT INTO check_ins (id, learner_id, activity_id, occurrence, event_id, level, time, at)
SELECT deeds.id, learner, stops.id, '', deeds.id, 1, 'proven', :at
FROM deeds JOIN activities AS stops ON stops.slug = 'bench-' || seq;
DELETE FROM people;
DELETE FROM deeds;
"""


def _fill(database: sqlite3.Connection, size: int) -> None:
    """Bring the city to so many events, of people who each did a hundred things."""
    (there,) = database.execute("SELECT count(*) FROM events").fetchone()
    values = {"first": there // A_LEARNER + 1, "last": size // A_LEARNER, "each": A_LEARNER, "at": _AT}
    if values["last"] >= values["first"]:
        database.executescript(_OTHERS)
        database.execute("BEGIN IMMEDIATE")
        for statement in (_PEOPLE, _DEEDS, *_KEEP.split(";")[:-1]):
            database.execute(statement, values)
        database.execute("COMMIT")


def draw(points: Sequence[Point]) -> str:
    """Draw the curve as SVG: events there are (logarithmic) to the time that a queue takes, and the most it may."""
    most = max([LIMIT * points[0].seconds, *(point.seconds for point in points)]) * 1.2

    def x(number: int) -> float:
        return 70 + 480 * number / max(1, len(points) - 1)

    def y(seconds: float) -> float:
        return 220 - 190 * seconds / most

    limit = y(LIMIT * points[0].seconds)
    line = " ".join(f"{x(n):.0f},{y(point.seconds):.0f}" for n, point in enumerate(points))
    marks = "".join(
        f'<circle cx="{x(n):.0f}" cy="{y(p.seconds):.0f}" r="4" fill="#0b6e4f"/>'
        f'<text x="{x(n):.0f}" y="{y(p.seconds) - 10:.0f}" text-anchor="middle">{p.seconds * 1000:.0f} ms</text>'
        f'<text x="{x(n):.0f}" y="240" text-anchor="middle">{p.events:,}</text>'
        for n, p in enumerate(points)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 280" font-family="sans-serif" font-size="13">'
        "<title>A queue of 1,000 events, by how many events there are</title>"
        '<rect width="620" height="280" fill="#fff"/>'
        '<path d="M50 20V220H590" fill="none" stroke="#555"/>'
        f'<path d="M50 {limit:.0f}H590" stroke="#a33" stroke-dasharray="6 4"/>'
        f'<text x="590" y="{limit - 6:.0f}" text-anchor="end" fill="#a33">{LIMIT} × the first</text>'
        f'<polyline points="{line}" fill="none" stroke="#0b6e4f" stroke-width="2"/>{marks}'
        '<text x="320" y="265" text-anchor="middle">events in the database before it came</text></svg>\n'
    )
