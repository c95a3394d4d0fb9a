"""The first visit to a stop's page from a cold cache: bytes on the wire, requests, and time to the largest paint."""

import functools
import http.server
import json
import statistics
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser

from tests.e2e.phone import SMALL

SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
"""As browsers' own tools throttle "slow 4G": 562.5 ms a request, 1.44 Mbit/s down, 0.675 up."""
CPU_SLOW_DOWN = 4
RUNS = 5

_LARGEST_PAINT = """() => new Promise((resolve) => {
  let last = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) last = e.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => resolve(last), 1500);
})"""

STOP_SHOWN = (".tasks .button",)
CHECKED_IN = (*STOP_SHOWN, '[data-island="arrival"] .item-state')
"""What is on the screen when a person can begin: the stop's tasks, and after a code also the word that it counts."""

_MARK_SHOWN = """(() => {
  const shown = %s;
  new MutationObserver((_, watch) => {
    if (!shown.every((one) => document.querySelector(one))) return;
    performance.mark("shown");
    watch.disconnect();
  }).observe(document, { childList: true, subtree: true });
})()"""

_ASKED_BEFORE_SHOWN = """() => {
  const [{ startTime }] = performance.getEntriesByName("shown");
  return performance.getEntriesByType("resource").filter((one) => one.startTime < startTime).map(({ name }) => name);
}"""


@dataclass
class Visit:
    """Encoded bytes by kind of request, and the moment of the largest paint in milliseconds."""

    bytes: dict[str, int] = field(default_factory=dict)
    scripts: dict[str, int] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)
    asked_before_shown: list[str] = field(default_factory=list)
    largest_paint: float = 0.0

    @property
    def scripts_before_shown(self) -> int:
        """Bytes of scripts that were asked for before the person could begin."""
        return sum(size for url, size in self.scripts.items() if url in self.asked_before_shown)

    @property
    def total(self) -> int:
        return sum(size for kind, size in self.bytes.items() if kind != "Own media")


def visit(browser: Browser, url: str, throttled: bool = False, shown: Sequence[str] = ()) -> Visit:
    """Open an address in a browser that has never been there; `shown`: selectors of what a person waits for."""
    context = browser.new_context(viewport=SMALL, device_scale_factor=2, is_mobile=True, has_touch=True)
    page = context.new_page()
    if shown:
        page.add_init_script(_MARK_SHOWN % json.dumps(shown))
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    found, kinds, addresses = Visit(), {}, {}

    def seen(event: dict[str, Any]) -> None:
        address = event["response"]["url"]
        kinds[event["requestId"]] = "Own media" if "/media/" in address else event["type"]
        addresses[event["requestId"]] = address
        found.urls.append(address)

    def finished(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other")
        size = int(event["encodedDataLength"])
        found.bytes[kind] = found.bytes.get(kind, 0) + size
        if kind == "Script":
            address = addresses[event["requestId"]]
            found.scripts[address] = found.scripts.get(address, 0) + size

    cdp.on("Network.responseReceived", seen)
    cdp.on("Network.loadingFinished", finished)
    if throttled:
        cdp.send("Network.emulateNetworkConditions", SLOW_4G)
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOW_DOWN})
    page.goto(url, wait_until="load", timeout=60_000)
    found.largest_paint = page.evaluate(_LARGEST_PAINT)
    page.wait_for_timeout(500)
    if shown:
        found.asked_before_shown = page.evaluate(_ASKED_BEFORE_SHOWN)
    context.close()
    return found


def median_paint(browser: Browser, url: str) -> float:
    return statistics.median(visit(browser, url, throttled=True).largest_paint for _ in range(RUNS))


_BARE = (
    b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Floor</title><link rel="stylesheet" href="/floor.css"><h1>A hand-written page</h1>"""
    + b"<p>Plain words. </p>" * 90
)


_FLOOR = {
    "/": ("text/html; charset=utf-8", _BARE),
    "/floor.css": ("text/css", b"body{font:1rem/1.5 sans-serif;margin:1rem}"),
}


class _Files(http.server.BaseHTTPRequestHandler):
    def __init__(self, files: Mapping[str, tuple[str, bytes]], *rest: Any) -> None:
        self._files = files
        super().__init__(*rest)

    def do_GET(self) -> None:
        kind, body = self._files.get(self.path, ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet: the table is the output."""


@contextmanager
def serve(files: Mapping[str, tuple[str, bytes]]) -> Iterator[str]:
    """Serve a few files by their paths, each with its media type."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, files))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def floor() -> AbstractContextManager[str]:
    """Serve a hand-written page with one style sheet: what nothing can beat."""
    return serve(_FLOOR)
