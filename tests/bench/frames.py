"""How many dim and blurred pictures of each kind of code the app's scanner reads, beside all that its decoder can do."""

import json
import re
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from server.codes import tokens
from server.core.qr import QUIET, draw_qr, in_capitals
from tests.bench.camera import HEIGHT, WIDTH, photograph, print_code
from tests.pwa.test_pwa import node

PICTURES = 80
LOOKS = 2
"""A hand stays still for so many frames: the scanner looks twelve times a second, large and small in turn."""
ORIGIN, POINT = "https://learn.velamond", "7QAB3CDE"
"""A host of 15 characters, which the sizes of codes are promised for."""
TARGETS = {
    "poster": "≤ version 4",
    "rotating": "≤ version 4",
    "pass": "≤ version 6",
    "receipt": "≤ version 7",
}
HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass
class Shown:
    """A code as it is shown: its text, its modules a side (no quiet zone), and its picture."""

    text: str
    modules: int
    paper: Image.Image

    @property
    def version(self) -> int:
        return (self.modules - 17) // 4


@dataclass
class Found:
    """What came of a code's pictures. `wrong`: texts read that were not shown; `ms`: of each look."""

    shown: Shown
    read: int = 0
    can_be_read: int = 0
    wrong: int = 0
    ms: list[float] = field(default_factory=list)

    @property
    def median_ms(self) -> float:
        return statistics.median(self.ms)


def measure() -> dict[str, Found]:
    """Show each kind of code to the scanner, in the same hands and lights."""
    kinds = {**_printed(), **_on_phones()}
    with _reader() as reader:
        return {kind: _look_at(shown, reader) for kind, shown in kinds.items()}


def _printed() -> dict[str, Shown]:
    """Draw what is printed, and a code of version 12 to compare with: nothing of ours is so large."""
    secret = "0123456789ABCDEF"
    poster = in_capitals(f"{ORIGIN}/s/{POINT}#{tokens.write_proof(1, secret)}")
    large = f"{ORIGIN}/{'v12' * 80}"
    found = {}
    for kind, text in {"large": large, "poster": poster}.items():
        code = draw_qr(text)
        found[kind] = Shown(text, code.size - 2 * QUIET, print_code(code.bars, code.size))
    return found


def _on_phones() -> dict[str, Shown]:
    """Draw what phones show, with the app's own code."""
    command = [node(), str(HERE / "codes.js"), ORIGIN, POINT]
    drawn = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return {kind: _shown(**one) for kind, one in drawn.items()}


def _shown(text: str, size: int, path: str) -> Shown:
    cells = [(int(x) + QUIET, int(y) + QUIET, 1) for x, y in re.findall(r"M(\d+) (\d+)h1", path)]
    return Shown(text, size, print_code(cells, size + 2 * QUIET))


@contextmanager
def _reader() -> Iterator["subprocess.Popen[bytes]"]:
    """Run the app's decoder."""
    command = [node(), str(HERE / "reader.js"), str(WIDTH), str(HEIGHT)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process


def _look_at(shown: Shown, reader: "subprocess.Popen[bytes]") -> Found:
    found = Found(shown)
    for number in range(PICTURES):
        picture = photograph(shown.paper, number)
        looks = [_look(picture, reader) for _ in range(LOOKS)]
        texts = {text for look in looks for text in look["texts"]}
        found.read += shown.text in texts
        found.wrong += len(texts - {shown.text})
        found.ms += [look["ms"] for look in looks]
        found.can_be_read += shown.text in _read_in_every_way(picture)
    return found


def _look(picture: Image.Image, reader: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert reader.stdin and reader.stdout
    reader.stdin.write(picture.tobytes())
    reader.stdin.flush()
    answer: dict[str, Any] = json.loads(reader.stdout.readline())
    return answer


def _read_in_every_way(picture: Image.Image) -> set[str]:
    """Read with all that the decoder can do, which a phone has no time for."""
    format = zxingcpp.barcode_formats_from_str("QRCode")
    sizes = [picture.reduce(by) for by in (1, 2, 3)]
    ways = product(sizes, (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram))
    read = (zxingcpp.read_barcodes(one, format, binarizer=binarizer) for one, binarizer in ways)
    return {one.text for found in read for one in found}
