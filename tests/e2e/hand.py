"""An organiser's thumb: what she taps and types, and how long that takes people, by the Keystroke-Level Model.

Card, Moran and Newell, "The keystroke-level model for user performance time with interactive systems", CACM 23(7), 1980:
P + B (point and press) = 1.3 s, M (make up one's mind) = 1.35 s. Their K is 0.28 s for an average typist at a desk; on glass
we take 0.4 s. R, the system's own time, is not modelled: it is measured.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

TAP_S, KEY_S, MIND_S = 1.3, 0.4, 1.35
LONG = 40_000
A_SWIPE = 0.7
"""A swipe moves the page by so much of the screen."""
READ_PER_S = 238 / 60
"""Words of a silent reader: Brysbaert, "How many words do we read per minute?", JML 109, 2019."""
TEXTS_IN_SIGHT = """() => {
  const walker = document.createTreeWalker(document.querySelector("dialog[open]") ?? document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const texts = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    range.selectNodeContents(node);
    const { top, bottom, width, height } = range.getBoundingClientRect();
    if (width > 1 && height > 1 && top >= 0 && bottom <= innerHeight && node.parentElement.checkVisibility()) texts.push(node.data.trim());
  }
  return texts;
}"""


IS_COVERED = """(one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return !one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
"""Not under the thumb: beyond the screen's edge, or behind a bar that stays."""


@dataclass
class Hand:
    """Counts all that one person does on one phone. `waited`: seconds in which only the app was busy."""

    page: Page
    taps: int = 0
    keys: int = 0
    swipes: int = 0
    thoughts: int = 0
    waited: float = 0
    texts: set[str] = field(default_factory=set)

    def tap(self, what: Locator, then: Locator) -> None:
        """Decide, reach, tap; then look until what must follow is there."""
        self._reach(what)
        self.thoughts += 1
        self.taps += 1
        with self.waiting():
            what.tap()
            expect(then).to_be_visible(timeout=LONG)

    def write(self, field: Locator, text: str) -> None:
        """Decide what to write, tap the field, write."""
        self._reach(field)
        self.thoughts += 1
        self.taps += 1
        field.tap()
        self.keys += len(text)
        field.press_sequentially(text)

    def answer_browser(self) -> None:
        """Say yes to a question that the browser itself asks, where no test can tap."""
        self.thoughts += 1
        self.taps += 1

    def read(self) -> None:
        """Read every word in sight that was not read before, as somebody does who was never here."""
        self.texts.update(self.page.evaluate(TEXTS_IN_SIGHT))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        since = time.monotonic()
        yield
        self.waited += time.monotonic() - since

    def _reach(self, what: Locator) -> None:
        """Swipe until it is in sight."""
        expect(what).to_be_visible(timeout=LONG)
        box, size = what.bounding_box(), self.page.viewport_size
        assert box and size
        if what.evaluate(IS_COVERED):
            away = max(box["y"] + box["height"] - size["height"], -box["y"], 1)
            self.swipes += math.ceil(away / (A_SWIPE * size["height"]))
        what.scroll_into_view_if_needed()

    @property
    def acted(self) -> float:
        """Seconds that a person needs who knows what to do."""
        return (self.taps + self.swipes) * TAP_S + self.keys * KEY_S + self.thoughts * MIND_S

    @property
    def words(self) -> int:
        return sum(len(text.split()) for text in self.texts)

    @property
    def total(self) -> float:
        """Seconds in all: reading everything once, acting, and waiting for the app."""
        return self.words / READ_PER_S + self.acted + self.waited

    def tell(self) -> str:
        return (
            f"{self.taps} taps, {self.keys} keys, {self.swipes} swipes, {self.thoughts} decisions: {self.acted:.0f} s; "
            f"{self.words} words read: {self.words / READ_PER_S:.0f} s; the app: {self.waited:.0f} s; in all {self.total:.0f} s"
        )
