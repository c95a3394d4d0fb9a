"""On the phone, its processor slowed down four times: writing an event to the outbox, and opening a stop offline.

A real Chromium. The outbox is written by the app's own `recordEvent`, in a stop's page that works as always: it
signs, chains, and waits until the disk has it. Its floor is one `put` with strict durability in the same page.
"""

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Playwright

from build import ROOT, esbuild
from tests.bench.first_visit import CPU_SLOW_DOWN, serve
from tests.e2e.phone import Phone

WRITES, STARTS = 300, 7


@dataclass(frozen=True)
class Spread:
    """Milliseconds."""

    median: float
    p95: float


@dataclass(frozen=True)
class Writes:
    ours: Spread
    bare: Spread


def measure_writes(playwright: Playwright, url: str) -> Writes:
    """Record events one after the other, each at rest, with a bare put after each."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        phone = Phone(playwright, Path(folder))
        page = phone.switch_on()
        script = _record_module()
        page.route(
            "**/bench-record.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
        )
        _visit(page, url)
        page.evaluate("import('/bench-record.js')")
        page.context.set_offline(True)
        slow_down(page)
        found: dict[str, list[float]] = page.evaluate(_WRITE, {"count": WRITES, "activity": _activity(page)})
        phone.switch_off()
    return Writes(_spread(found["ours"]), _spread(found["bare"]))


def _record_module() -> bytes:
    """Bundle what records events as the app itself is bundled, so that a page can be asked to do it."""
    with tempfile.TemporaryDirectory() as folder:
        esbuild(
            ROOT, "", "pwa/app/sync/events.js", "--bundle", "--format=esm", "--target=es2020,safari15", "--minify",
            f"--outfile={folder}/record.js",
        )  # fmt: skip
        return Path(folder, "record.js").read_bytes()


def _visit(page: Page, url: str) -> None:
    """Open a stop and wait until it is at hand offline."""
    page.goto(url)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.evaluate(_UNTIL.replace("THERE", "await caches.match(location.pathname)"))
    page.wait_for_timeout(1000)


_UNTIL = """async () => {
  for (;;) {
    const there = THERE;
    if (there) return Number(there);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


def _activity(page: Page) -> str:
    found: str = page.evaluate(
        "JSON.parse(document.querySelector('[data-island=stop]').dataset.props).activity.id"
    )
    return found


def slow_down(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOW_DOWN})


_WRITE = """async ({ count, activity }) => {
  const { recordEvent } = await import("/bench-record.js");
  const body = { activity, stars: 5, text: "The mill was loud, and the guide kind." };
  const opening = indexedDB.open("bench-floor", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("rows", { keyPath: "id" });
  const floor = await new Promise((resolve) => { opening.onsuccess = () => resolve(opening.result); });
  const put = (id) => new Promise((resolve, reject) => {
    const tx = floor.transaction("rows", "readwrite", { durability: "strict" });
    tx.objectStore("rows").put({ id, content: "x".repeat(1200) });
    tx.oncomplete = resolve;
    tx.onerror = reject;
  });
  const rest = () => new Promise((resolve) => requestIdleCallback(resolve));
  const took = async (write) => {
    await rest();
    const begun = performance.now();
    await write();
    return performance.now() - begun;
  };
  const ours = [], bare = [];
  for (let n = -20; n < count; n++) {
    const mine = await took(() => recordEvent("feedback.give", body));
    const theirs = await took(() => put(n));
    if (n >= 0) ours.push(mine), bare.push(theirs);
  }
  return { ours, bare };
}"""


def _spread(times: list[float]) -> Spread:
    times = sorted(times)
    return Spread(statistics.median(times), times[int(len(times) * 0.95)])


def measure_start(playwright: Playwright, url: str) -> float:
    """The median time, in milliseconds, until a stop that was visited before can be used, with no network."""
    return _cold_starts(playwright, url, "document.querySelector('[data-island=stop] button')")


def bare_start(playwright: Playwright) -> float:
    """The floor: a hand-written page with a button, kept by a hand-written worker."""
    with serve(_BARE) as url:
        return _cold_starts(playwright, url, "document.querySelector('button').onclick")


_BARE = {
    "/": (
        "text/html; charset=utf-8",
        b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Floor</title><style>body{font:1rem/1.5 sans-serif}</style><h1>A hand-written page</h1>"""
        + b"<p>Plain words. </p>" * 90
        + b"""<button>Here</button><script>document.querySelector("button").onclick = () => {};
navigator.serviceWorker.register("/worker.js");</script>""",
    ),
    "/worker.js": (
        "text/javascript",
        b"""oninstall = (event) => event.waitUntil(caches.open("kept").then((cache) => cache.addAll(["/"])));
onfetch = (event) => event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));""",
    ),
}


def _cold_starts(playwright: Playwright, url: str, usable: str) -> float:
    """Visit once, then start the browser anew for each opening: its worker does not run yet."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        phone = Phone(playwright, Path(folder))
        _visit(phone.switch_on(), url)
        phone.switch_off()
        times = []
        for _ in range(STARTS):
            page = phone.switch_on(offline=True)
            slow_down(page)
            page.add_init_script(_WHEN_USABLE.replace("USABLE", usable))
            page.goto(url)
            times.append(float(page.evaluate(_UNTIL.replace("THERE", "window.usableAt"))))
            phone.switch_off()
    return statistics.median(times)


_WHEN_USABLE = """(() => {
  const look = () => {
    if (USABLE) window.usableAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();"""
