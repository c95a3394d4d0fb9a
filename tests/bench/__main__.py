"""`make bench`: measure, print the table (target, floor, measured, peers), write `tests/bench/results/`.

`python -m tests.bench sync phone` measures only those parts; see README.md beside this file.
"""

import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from server.app import DOMAINS
from tests.bench import (
    checking,
    crowd,
    festival,
    first_visit,
    frames,
    giving,
    growth,
    paper,
    peers,
    phone,
    saved_playlists,
    signing,
    sync,
)
from tests.bench.table import RESULTS, Row, keep, kilobytes, load, milliseconds, show, tenths
from tests.databases import free_port, new_database, postgresql
from tests.e2e.city import RunningCity
from tests.e2e.phone import browser


def main(names: Sequence[str]) -> None:
    """Measure the parts named, or all."""
    if unknown := set(names) - set(PARTS):
        sys.exit(f"There is no part {sorted(unknown)[0]!r}: {', '.join(PARTS)}.")
    for domain in DOMAINS:
        import_module(f"server.{domain}.models")  # tables refer to each other
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and browsers are stopped too
    before, rows = load(), []
    for name in names or PARTS:
        rows += PARTS[name]()
    print(f"load before and after: {before:.1f}, {load():.1f}\n")
    show(rows)
    print(f"\nwritten to {keep(rows, before).relative_to(Path.cwd())}")


@contextmanager
def _city(database_url: str = "", **settings: str) -> Iterator[tuple[RunningCity, str]]:
    """Serve a demo city; give it and the address of a stop."""
    with tempfile.TemporaryDirectory() as folder:
        city = RunningCity(Path(folder), free_port(), database_url, **settings)
        demo = city.facts = city.demo()
        city.start()
        try:
            yield city, city.base_url + demo["activities"][0]["path"]
        finally:
            city.stop()


def measure_first_visit() -> list[Row]:
    """Measure the stop page: weight once, largest paint as the median of several throttled visits."""
    with (
        _city() as (city, url),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"]) as chromium,
    ):
        light = first_visit.visit(chromium, url)
        others = {name: first_visit.visit(chromium, address) for name, address in _other_pages(city)}
        by_code = first_visit.visit(chromium, _session_code(city), shown=first_visit.CHECKED_IN)
        paint = first_visit.median_paint(chromium, url)
        with first_visit.floor() as bare_url:
            bare = first_visit.visit(chromium, bare_url)
            bare_paint = first_visit.median_paint(chromium, bare_url)
    decoder = [u for u in light.urls if "zxing" in u or "decode" in u]
    script, words = (
        light.bytes.get("Script", 0),
        light.bytes.get("Document", 0) + light.bytes.get("Stylesheet", 0),
    )
    return [
        Row("first visit, all but its media", "≤ 60 kB", kilobytes(bare.total), kilobytes(light.total), "", peers.FIRST_VISIT),
        Row("  of which JavaScript", "≤ 35 kB", "0.0 kB", kilobytes(script), "", peers.SCRIPT),
        *(
            Row(f"  JavaScript, {name}", "≤ 35 kB", "0.0 kB", kilobytes(one.bytes.get("Script", 0)))
            for name, one in others.items()
        ),
        Row(
            "  JavaScript, the same by a session's code, until checked in", "≤ 35 kB", "0.0 kB",
            kilobytes(by_code.scripts_before_shown),
        ),
        Row("  – with sync, which sends it then", "", "0.0 kB", kilobytes(by_code.bytes.get("Script", 0))),
        Row("  of which HTML + CSS", "", kilobytes(bare.total), kilobytes(words)),
        Row("  decoder loaded", "no", "no", "YES: " + decoder[0] if decoder else "no"),
        Row(
            "largest paint, 4× CPU, slow 4G", f"≤ {1.3 * bare_paint:.0f} ms", f"{bare_paint:.0f} ms",
            f"{paint:.0f} ms", f"{paint / bare_paint:.2f} ×", peers.PAINT,
        ),
    ]  # fmt: skip


def _other_pages(city: RunningCity) -> Iterator[tuple[str, str]]:
    """Name what else a first visit may open: a badge to claim, and the stop of a session with a task for files."""
    yield "badge to claim, by its code", city.facts["claims"][0]["code"]["url"]
    yield "stop with a session", _session(city)["url"]


def _session(city: RunningCity) -> Any:
    return next(one for one in city.facts["sessions"] if not one["cancelled"])


def _session_code(city: RunningCity) -> str:
    return next(code["url"] for code in _session(city)["codes"] if code["url"])


def measure_saved_playlist() -> list[Row]:
    """Measure what it costs to save 40 stops, and to update one, without media."""
    with _city() as (city, _):
        saved = saved_playlists.measure(city)
    whole = saved.shell + saved.manifest + saved.pages
    return [
        Row("museum of 40 stops saved, shell and pages", "≤ 400 kB", "", kilobytes(whole)),
        Row("  of which shell", "", "", kilobytes(saved.shell)),
        Row("  of which manifest", "", "", kilobytes(saved.manifest)),
        Row(f"  update of one stop, {saved.files_in_update} page", "≤ 30 kB", "", kilobytes(saved.update)),
    ]


def measure_signing() -> list[Row]:
    """Measure credentials with both proofs beside bare signatures and beside expanding each as a whole; then by HTTP."""
    rate = signing.measure()
    with _city(device_rate="100000 per minute", workers="2") as (city, _):
        claims = signing.measure_claims(city.base_url, city.database)
    return [
        Row(
            "signed credentials, one core", "≥ 1,000/s or 1/30", f"{rate.bare:,.0f}/s", f"{rate.ours:,.0f}/s",
            f"1/{rate.bare / rate.ours:.0f}", peers.CREDENTIALS,
        ),
        Row("  each expanded as a whole", "", "", f"{rate.slow:,.0f}/s", f"1/{rate.bare / rate.slow:.0f}"),
        Row(
            f"badges claimed, signed and stored over HTTP, {sync.CLIENTS} clients", "≥ 300/s", f"{rate.ours:,.0f}/s",
            f"{claims.per_second:,.0f}/s, p99 {claims.p99_ms:.0f} ms", f"1/{rate.ours / claims.per_second:.1f}",
        ),
    ]  # fmt: skip


def measure_paper() -> list[Row]:
    """Measure badges on paper, every code read back, next to drawing them only."""
    return [
        Row(
            f"{one.name}, {one.bytes / 1000:.0f} kB", one.target, milliseconds(one.drawn), milliseconds(one.checked),
            f"{one.checked / one.drawn:.1f} ×",
        )
        for one in paper.measure()
    ]  # fmt: skip


def measure_list() -> list[Row]:
    """Measure a badge that is given to 10,000 people by a list, signing included."""
    found = giving.measure(10_000)
    return [
        Row("a list of 10,000: looked at", "≤ 60 s", "", f"{found.look:,.1f} s"),
        Row("  given and signed", "", "", f"{found.all:,.0f} s", f"{10_000 / found.all:,.0f}/s"),
        Row("  longest wait of others meanwhile", "≤ 1,000 ms", "", milliseconds(found.longest)),
    ]


def measure_phone() -> list[Row]:
    """Measure the outbox and the cold start on a slowed phone, next to a bare put and a hand-written page."""
    with _city() as (_, url), sync_playwright() as playwright:
        writes = phone.measure_writes(playwright, url)
        bare = phone.bare_start(playwright)
        start = phone.measure_start(playwright, url)
    return [
        Row(
            "outbox write, 4× CPU, p95", "≤ 10 ms", tenths(writes.bare.p95), tenths(writes.ours.p95),
            f"{writes.ours.p95 / writes.bare.p95:.1f} ×",
        ),
        Row("  median", "", tenths(writes.bare.median), tenths(writes.ours.median)),
        Row(
            "cold start offline, 4× CPU, to usable", f"≤ {2 * bare:.0f} ms", f"{bare:.0f} ms",
            f"{start:.0f} ms", f"{start / bare:.2f} ×",
        ),
    ]  # fmt: skip


def measure_frames() -> list[Row]:
    """Measure how many dim pictures of each code the scanner reads, next to all that its decoder can do."""
    found = frames.measure()
    times = sorted(ms for one in found.values() for ms in one.ms)
    rows = [
        Row(
            f"{kind}, version {one.shown.version}: dim pictures read", frames.TARGETS.get(kind, ""),
            f"{one.can_be_read} of {frames.PICTURES}", f"{one.read} of {frames.PICTURES}", "",
            "" if frames.TARGETS.get(kind) else peers.FRAMES,
        )
        for kind, one in found.items()
    ]  # fmt: skip
    wrong = sum(one.wrong for one in found.values())
    middle, slow = times[len(times) // 2], times[int(len(times) * 0.95)]
    return [
        *rows,
        Row("  texts read that were not there", "0", "", str(wrong)),
        Row("  processor time a look, median and p95", "", "", f"{tenths(middle)}, {tenths(slow)}"),
    ]


def measure_growth() -> list[Row]:
    """Measure a queue in cities with more and more events of others, and draw the curve."""
    with ExitStack() as stack:
        cities = [stack.enter_context(_city(device_rate="100000 per minute"))[0] for _ in growth.SIZES]
        points = growth.measure(
            [
                growth.prepare(city.base_url, city.database, size)
                for city, size in zip(cities, growth.SIZES, strict=True)
            ]
        )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "growth.svg").write_text(growth.draw(points))
    first = points[0].seconds
    return [
        Row(
            f"a queue of 1,000 beside {point.events:,} events", f"≤ {growth.LIMIT} × the first" if n else "",
            milliseconds(first), milliseconds(point.seconds), f"{point.seconds / first:.2f} ×",
            peers.GROWTH if n else "",
        )
        for n, point in enumerate(points)
    ]  # fmt: skip


def measure_sync() -> list[Row]:
    """Measure sync on both databases, next to the bare parts."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder)
        floor = Floor(sync.bare_queue(bare), sync.bare_writes(bare), sync.bare_pulls(bare))
    rows = _sync_rows("SQLite", 1000, *_measure_city(""), floor)
    with postgresql() as server:
        address = new_database(server, "bench")
        return rows + _sync_rows("PostgreSQL", 600, *_measure_city(address), floor)


def _measure_city(database_url: str) -> tuple[sync.Measured, crowd.Crowd]:
    with _city(database_url, device_rate="100000 per minute", workers="2") as (city, _):
        stops = sync.add_stops(city.database, sync.EVENTS // 5)
        return sync.measure(city.base_url, stops), crowd.measure(city.base_url, stops)


def _sync_rows(
    name: str, check_ins: int, ours: sync.Measured, people: crowd.Crowd, floor: "Floor"
) -> list[Row]:
    return [
        Row(
            f"{name}: 1,000 events in 20 requests", "≤ 250 ms", milliseconds(floor.queue),
            milliseconds(ours.queue), f"{ours.queue / floor.queue:.1f} ×", peers.QUEUE,
        ),
        Row(
            "  the same again", "≤ 80 ms", milliseconds(floor.queue), milliseconds(ours.again),
            f"{ours.again / floor.queue:.1f} ×",
        ),
        Row(
            f"  check-ins of {sync.CLIENTS} phones at once", f"≥ {check_ins:,}/s, p99 ≤ 40 ms", f"{floor.writes:,.0f}/s",
            f"{ours.check_ins.per_second:,.0f}/s, p99 {ours.check_ins.p99_ms:.0f} ms",
            f"1/{floor.writes / ours.check_ins.per_second:.1f}", peers.CHECK_INS,
        ),
        Row(
            "  pulls with nothing new", "≥ 5,000/s, ≤ 300 B", f"{floor.pulls:,.0f}/s",
            f"{ours.pulls.per_second:,.0f}/s, {ours.empty_reply} B",
            f"1/{floor.pulls / ours.pulls.per_second:.1f}", peers.PULLS,
        ),
        Row(
            f"  {crowd.PEOPLE} people in the same second, p99", "≤ 150 ms, none lost", "",
            f"{milliseconds(people.p99)}, {people.lost} lost", "", peers.CROWD,
        ),
    ]  # fmt: skip


def measure_festival() -> list[Row]:
    """Measure 700 people who claim a badge from one server with the settings of `make run`.

    They all come from this machine's address. Within ten minutes it may register them all; when they come closer
    together than at any festival, it must be allowed to.
    """
    settings = {} if festival.MINUTES >= 10 else {"device_rate": "100000 per minute"}
    with _city(**settings) as (city, _):
        stops = sync.add_stops(city.database, 10)
        found = festival.measure(city.base_url, city.database, stops)
    return [
        Row(
            f"{festival.PEOPLE} people claim in {festival.MINUTES:g} min, 70 % with a visit made offline, p99",
            "in 10 min: < 1 s, none lost or doubled", "",
            f"{milliseconds(found.p99)}, {found.lost} lost, {found.doubled} doubled",
        ),
        Row("  the claim's page, p99", "", "", milliseconds(found.pages_p99)),
    ]  # fmt: skip


@dataclass(frozen=True)
class Floor:
    """What the bare parts of sync do: seconds for a queue, writes and requests a second."""

    queue: float
    writes: float
    pulls: float


def measure_checking() -> list[Row]:
    """Measure the check of a badge, ordinary and hostile, over HTTP."""
    with _city() as (city, _):
        checks = checking.measure(city.base_url, city.instance)
    return [
        Row(
            f"check {one.name}",
            "≤ 300 ms" if one.status == 200 else "refused, ≤ 1 s, + 100 MB",
            measured=f"{milliseconds(one.seconds)}, {one.status}, + {one.added / 1e6:.0f} MB",
        )
        for one in checks
    ]


PARTS: Mapping[str, Callable[[], list[Row]]] = {
    "signing": measure_signing,
    "paper": measure_paper,
    "checking": measure_checking,
    "list": measure_list,
    "sync": measure_sync,
    "festival": measure_festival,
    "growth": measure_growth,
    "visit": measure_first_visit,
    "playlist": measure_saved_playlist,
    "phone": measure_phone,
    "frames": measure_frames,
}

if __name__ == "__main__":
    main(sys.argv[1:])
