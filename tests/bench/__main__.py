"""`make bench`: measure, print the table (target, floor, measured), write `tests/bench/results/*.json`."""

import json
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench import first_visit
from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.e2e.phone import browser

RESULTS = Path(__file__).parent / "results"
Row = tuple[str, str, str, str]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        city = RunningCity(Path(folder), free_port())
        demo = city.demo()
        city.start()
        try:
            rows = measure_first_visit(city, demo)
        finally:
            city.stop()
    show(rows)
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{time.strftime('%Y-%m-%dT%H%M%S')}.json"
    target.write_text(
        json.dumps(
            [dict(zip(("what", "target", "floor", "measured"), row, strict=True)) for row in rows], indent=1
        )
    )
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
        ("first visit, all but its media", "≤ 60 kB", kilobytes(bare.total), kilobytes(light.total)),
        ("  of which JavaScript", "≤ 35 kB", "0.0 kB", kilobytes(light.bytes.get("Script", 0))),
        (
            "  of which HTML + CSS",
            "",
            kilobytes(bare.total),
            kilobytes(light.bytes.get("Document", 0) + light.bytes.get("Stylesheet", 0)),
        ),
        ("  decoder loaded", "no", "no", "YES: " + decoder[0] if decoder else "no"),
        (
            "largest paint, 4× CPU, slow 4G",
            f"≤ {1.3 * bare_paint:.0f} ms",
            f"{bare_paint:.0f} ms",
            f"{paint:.0f} ms ({paint / bare_paint:.2f} × floor)",
        ),
    ]


def kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} kB"


def show(rows: list[Row]) -> None:
    head = ("what", "target", "floor", "measured")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(4)]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


if __name__ == "__main__":
    main()
