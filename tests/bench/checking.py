"""The check of a badge over HTTP: an ordinary one, and files that are made to hurt; time, and the server's memory."""

import json
import os
import statistics
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

from tests.badges.making import badge
from tests.badges.test_hostile_badges import chunk, itxt, png

_MARK = "streetwise-bench"
MEGA = 1 << 20


@dataclass(frozen=True)
class Check:
    """How one file fared: the middle of several tries in seconds, the answer's status, memory added in bytes."""

    name: str
    seconds: float
    status: int
    added: int


def files() -> dict[str, bytes]:
    """An ordinary badge, and hostile files: too large, too deep, too wide, and bombs."""
    document = badge()
    wide = {
        **document,
        "evidence": [{"id": f"https://x.example/{n}", "type": ["Evidence"]} for n in range(50_000)],
    }
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    bomb = b"openbadges\0\0" + zlib.compress(b"[" * (300 * MEGA), 9)
    return {
        "an ordinary badge": json.dumps(document).encode(),
        "an ordinary picture": png(itxt(json.dumps(document).encode())),
        "a file of 20 MB": b"[" * (20 * MEGA),
        "5 MB, a million levels deep": b'{"a":' * 900_000,
        "4 MB of evidence": json.dumps(wide).encode(),
        "a packed 300 MB in a picture": png(chunk(b"zTXt", bomb)),
        "an SVG that grows to 2 TB": f"<!DOCTYPE svg [{entities}]><svg>&e11;</svg>".encode(),
    }


def measure(base_url: str, instance: Path, tries: int = 5) -> list[Check]:
    """Send each file several times to a running server."""
    found = []
    for name, content in files().items():
        before = _memory(instance)
        times, status = [], 0
        for _ in range(tries if len(content) < MEGA else 2):
            begun = time.perf_counter()
            status = _send(base_url, content)
            times.append(time.perf_counter() - begun)
        found.append(Check(name, statistics.median(times), status, max(0, _memory(instance) - before)))
    return found


def _send(base_url: str, content: bytes) -> int:
    head = f'--{_MARK}\r\nContent-Disposition: form-data; name="file"; filename="badge"\r\n\r\n'.encode()
    body = head + content + f"\r\n--{_MARK}--\r\n".encode()
    request = urllib.request.Request(
        f"{base_url}/verify", body, {"Content-Type": f"multipart/form-data; boundary={_MARK}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, ConnectionError):
        return 413  # the server closed before all was sent


def _memory(instance: Path) -> int:
    """Add up the highest memory that the server's processes ever took; they are known by their instance."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if str(instance).encode() in (folder / "environ").read_bytes():
                total += _peak(folder)
        except OSError:
            continue
    return total


def _peak(folder: Path) -> int:
    lines = (folder / "status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
