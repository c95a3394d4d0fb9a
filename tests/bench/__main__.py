"""`make bench`: measure, print the table (target, floor, measured), write `tests/bench/results/*.json`."""

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench import first_visit, saved_playlists, signing, sync
from tests.databases import free_port, new_database, postgresql
from tests.e2e.city import RunningCity
from tests.e2e.phone import browser

RESULTS = Path(__file__).parent / "results"
Row = tuple[str, str, str, str, str]
HEAD = ("what", "target", "floor", "measured", "to the floor")


def main() -> None:
    rows = measure_signing()
    with tempfile.TemporaryDirectory() as folder:
        rows += measure_sync(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        city = RunningCity(Path(folder), free_port())
        demo = city.demo()
        city.start()
        try:
            rows += measure_first_visit(city, demo)
            rows += measure_saved_playlist(city)
        finally:
            city.stop()
    show(rows)
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{time.strftime('%Y-%m-%dT%H%M%S')}.json"
    target.write_text(json.dumps([dict(zip(HEAD, row, strict=True)) for row in rows], indent=1))
    print(f"\nwritten to {target.relative_to(Path.cwd())}")


def measure_first_visit(city: RunningCity, demo: dict[str, list[dict[str, str]]]) -> list[Row]:
    """Measure the stop page: weight once, largest paint as the median of several throttled visits."""
    url = city.base_url + demo["activities"][0]["path"]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"]) as chromium,
    ):
        light = first_visit.visit(chromium, url)
        paint = first_visit.median_paint(chromium, url)
        with first_visit.floor() as bare_url:
            bare = first_visit.visit(chromium, bare_url)
            bare_paint = first_visit.median_paint(chromium, bare_url)
    decoder = [u for u in light.urls if "zxing" in u or "decode" in u]
    return [
        ("first visit, all but its media", "≤ 60 kB", kilobytes(bare.total), kilobytes(light.total), ""),
        ("  of which JavaScript", "≤ 35 kB", "0.0 kB", kilobytes(light.bytes.get("Script", 0)), ""),
        (
            "  of which HTML + CSS",
            "",
            kilobytes(bare.total),
            kilobytes(light.bytes.get("Document", 0) + light.bytes.get("Stylesheet", 0)),
            "",
        ),
        ("  decoder loaded", "no", "no", "YES: " + decoder[0] if decoder else "no", ""),
        (
            "largest paint, 4× CPU, slow 4G",
            f"≤ {1.3 * bare_paint:.0f} ms",
            f"{bare_paint:.0f} ms",
            f"{paint:.0f} ms",
            f"{paint / bare_paint:.2f} ×",
        ),
    ]


def measure_saved_playlist(city: RunningCity) -> list[Row]:
    """Measure what it costs to save 40 stops, and to update one, without media."""
    saved = saved_playlists.measure(city)
    whole = saved.shell + saved.manifest + saved.pages
    return [
        ("museum of 40 stops saved, shell and pages", "≤ 400 kB", "", kilobytes(whole), ""),
        ("  of which shell", "", "", kilobytes(saved.shell), ""),
        ("  of which manifest", "", "", kilobytes(saved.manifest), ""),
        (f"  update of one stop, {saved.files_in_update} page", "≤ 30 kB", "", kilobytes(saved.update), ""),
    ]


def measure_signing() -> list[Row]:
    """Measure credentials with both proofs, next to bare signatures and to expanding each one as a whole."""
    rate = signing.measure()
    return [
        (
            "signed credentials, one core",
            "≥ 1,000/s or 1/30",
            f"{rate.bare:,.0f}/s",
            f"{rate.ours:,.0f}/s",
            f"1/{rate.bare / rate.ours:.0f}",
        ),
        ("  each expanded as a whole", "", "", f"{rate.slow:,.0f}/s", f"1/{rate.bare / rate.slow:.0f}"),
    ]


def measure_sync(folder: Path) -> list[Row]:
    """Measure sync on both databases, next to the bare parts."""
    floor = Floor(sync.bare_queue(folder), sync.bare_writes(folder), sync.bare_pulls(folder))
    rows = _sync_rows("SQLite", 1000, _measure_city(folder / "sqlite", ""), floor)
    with postgresql() as server:
        address = new_database(server, "bench")
        return rows + _sync_rows("PostgreSQL", 600, _measure_city(folder / "postgresql", address), floor)


def _measure_city(folder: Path, database_url: str) -> sync.Measured:
    folder.mkdir()
    city = RunningCity(folder, free_port(), database_url, device_rate="100000 per minute", workers="2")
    city.demo()
    city.start()
    try:
        return sync.measure(city.base_url, city.database)
    finally:
        city.stop()


def _sync_rows(name: str, check_ins: int, ours: sync.Measured, floor: "Floor") -> list[Row]:
    return [
        (
            f"{name}: 1,000 events in 20 requests",
            "≤ 250 ms",
            milliseconds(floor.queue),
            milliseconds(ours.queue),
            f"{ours.queue / floor.queue:.1f} ×",
        ),
        (
            "  the same again",
            "≤ 80 ms",
            milliseconds(floor.queue),
            milliseconds(ours.again),
            f"{ours.again / floor.queue:.1f} ×",
        ),
        (
            f"  check-ins of {sync.CLIENTS} phones at once",
            f"≥ {check_ins:,}/s, p99 ≤ 40 ms",
            f"{floor.writes:,.0f}/s",
            f"{ours.check_ins.per_second:,.0f}/s, p99 {ours.check_ins.p99_ms:.0f} ms",
            f"1/{floor.writes / ours.check_ins.per_second:.1f}",
        ),
        (
            "  pulls with nothing new",
            "≥ 5,000/s, ≤ 300 B",
            f"{floor.pulls:,.0f}/s",
            f"{ours.pulls.per_second:,.0f}/s, {ours.empty_reply} B",
            f"1/{floor.pulls / ours.pulls.per_second:.1f}",
        ),
    ]


@dataclass(frozen=True)
class Floor:
    """What the bare parts of sync do: seconds for a queue, writes and requests a second."""

    queue: float
    writes: float
    pulls: float


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} kB"


def show(rows: list[Row]) -> None:
    widths = [max(len(row[i]) for row in [HEAD, *rows]) for i in range(len(HEAD))]
    for row in (HEAD, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


if __name__ == "__main__":
    main()
