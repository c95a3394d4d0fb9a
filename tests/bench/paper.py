"""Badges on paper: processor time that each kind of print takes, drawn only and with every code read back, and its size."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from server.app import create_app
from server.badges import drawing
from server.badges.printing.card import draw_card
from server.badges.printing.certificate import Wishes, draw_certificate
from server.badges.printing.check import checked
from server.badges.printing.cv import Cv, CvBadge, draw_cv
from server.badges.printing.facts import PICTURE, Printed
from server.badges.printing.stickers import A_PAGE, draw_stickers
from server.badges.printing.tagged import TaggedPaper
from server.config import Config
from tests.badges.making import AT, DEFINITION

_TIMES = 7
_CV = 20


@dataclass(frozen=True)
class Print:
    """One kind of print: processor seconds to draw it, and to draw it and read it back."""

    name: str
    target: str
    drawn: float
    checked: float
    bytes: int


def measure() -> list[Print]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config(instance=Path(folder)))
        with app.test_request_context():
            return list(_measure_all())


def _measure_all() -> Iterator[Print]:
    badge = _badge()
    one, many = [badge.short], [badge.short] * _CV
    cv = Cv("Ada Lovelace", "I build engines.", [CvBadge(badge, "2 photos", ["think analytically"])] * _CV)
    yield _measure("certificate", "≤ 500 ms", lambda: draw_certificate(badge, Wishes("Ada Lovelace")), one)
    yield _measure("wallet card", "≤ 500 ms", lambda: draw_card(badge, "Ada Lovelace"), one)
    yield _measure("24 stickers", "≤ 1,000 ms", lambda: draw_stickers([badge]), one * A_PAGE)
    yield _measure(f"CV of {_CV} badges", "≤ 2,000 ms", lambda: draw_cv(cv), many)


def _measure(name: str, target: str, draw: Callable[[], TaggedPaper], codes: list[str]) -> Print:
    size = len(checked(draw(), codes))  # once before, so that libraries and the picture are there
    drawn = _seconds(lambda: draw().output())
    return Print(name, target, drawn, _seconds(lambda: checked(draw(), codes)), size)


def _seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMES):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times)


def _badge() -> Printed:
    return Printed(
        name=DEFINITION.name,
        description=DEFINITION.description,
        criteria="• Visited four stops\n• Answered the question of each",
        issuer="Town Museum",
        city="Testbridge",
        colour="#14506b",
        awarded_at=AT,
        valid_until=None,
        level=2,
        level_name="Code seen in its hours",
        checked="The learner had a code that only counts in certain hours, and it was used in them.",
        address="https://learn.example/credentials/mfrggzdfmztwq2lknnwg23tpoa",
        short="HTTPS://LEARN.EXAMPLE/C/MFRGGZDFMZTWQ2LK",
        picture=drawing.badge_png(drawing.Design(), PICTURE),
        lang="en",
    )
