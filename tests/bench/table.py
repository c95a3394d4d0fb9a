"""The table that `make bench` prints and keeps: what was measured beside its target, its floor and others' figures."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parent / "results"


class Row(NamedTuple):
    """One line. `peers` were measured elsewhere, on the same kind of machine (two shared cores, November 2026)."""

    what: str
    target: str = ""
    floor: str = ""
    measured: str = ""
    to_the_floor: str = ""
    peers: str = ""


HEAD = Row("what", "target", "floor", "measured", "to the floor", "peers, measured elsewhere")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def tenths(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms"


def kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} kB"


def load() -> float:
    """Return how many processes wanted a processor in the last minute: over two here, and figures are too high."""
    return os.getloadavg()[0]


def show(rows: Sequence[Row]) -> None:
    widths = [max(len(row[i]) for row in [HEAD, *rows]) for i in range(len(HEAD))]
    for row in (HEAD, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def keep(rows: Sequence[Row], load_before: float) -> Path:
    """Write the rows, the time and the machine's load as JSON, and return where."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{time.strftime('%Y-%m-%dT%H%M%S')}.json"
    machine = {"cores": os.cpu_count(), "load": [round(load_before, 1), round(load(), 1)]}
    content = {"at": path.stem, "machine": machine, "rows": [row._asdict() for row in rows]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False))
    return path
