"""What the offline walk asks of any browser: open, look, click, type, and be killed."""

import time
from pathlib import Path
from typing import Any, Protocol


class Driver(Protocol):
    """One browser with one page. Places are XPaths, because every protocol knows them."""

    def open(self, url: str) -> None:
        """Go to an address and wait until the page is there. Raises OSError when it could not be shown."""

    def ask(self, expression: str) -> Any:
        """Return what a JavaScript expression says in the page; a promise is waited for."""

    def click(self, place: str) -> None:
        """Press where a person would, on the first element there."""

    def type(self, place: str, text: str) -> None:
        """Click into a field and write with the keyboard."""

    def choose_file(self, place: str, path: Path) -> None:
        """Give a file to a file field."""

    def photograph(self, target: Path) -> None:
        """Keep a picture of what is seen."""

    def quit(self) -> None:
        """End it, with all its processes."""


def having(text: str, tag: str = "*") -> str:
    """Find an element whose own words hold a text (which has no double quote)."""
    return f'//{tag}[contains(normalize-space(.), "{text}")][not(*[contains(normalize-space(.), "{text}")])]'


def see(driver: Driver, text: str, seconds: float = 20) -> None:
    """Wait until words are seen on the page. Fails with what is seen instead."""
    wait_for(driver, f"document.body.innerText.includes({text!r})", seconds)


def wait_for(driver: Driver, condition: str, seconds: float = 20) -> None:
    """Wait until a JavaScript expression is true. Fails with what the page shows instead."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if driver.ask(f"Boolean({condition})"):
            return
        time.sleep(0.1)
    seen = driver.ask("document.body.innerText")
    raise AssertionError(f"{condition} did not come true; the page says:\n{seen}")


def is_there(driver: Driver, place: str) -> bool:
    """Say whether a place exists in the page."""
    found = f"document.evaluate({place!r}, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue"
    return bool(driver.ask(f"Boolean({found})"))


def await_place(driver: Driver, place: str, seconds: float = 20) -> None:
    """Wait until a place exists."""
    found = f"document.evaluate({place!r}, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue"
    wait_for(driver, found, seconds)
