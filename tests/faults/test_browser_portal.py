"""A Wi-Fi that wants to be signed in to: whatever it answers is no answer of ours, and nothing of it is kept."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.faults.browser import OnPhone, all_sent, all_there_once, learning, on_phone, type_code

OWN_PAGES = ("scan", "badges", "learning")
LOGIN = b"<!doctype html><title>Hotel</title><h1>Welcome to the hotel. Please sign in.</h1>"


class Portal(ThreadingHTTPServer):
    allow_reuse_port = True  # the city's own socket is closing


@contextmanager
def portal(city: RunningCity, status: int) -> Iterator[None]:
    """Answer everything in the city's place: with the sign-in page, or a way to it."""

    class Answer(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            away = status == 302 and not self.path.startswith("/login")
            self.send_response(status if away or status != 302 else 200)
            if away:
                self.send_header("Location", "/login")
            for name, value in (
                ("Content-Type", "text/html"),
                ("Content-Language", "en"),
                ("Cache-Control", "public"),
                ("Content-Length", str(len(LOGIN))),
            ):
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(LOGIN)

        do_GET = do_POST = do_HEAD = do_PUT = answer

        def log_message(self, *_: object) -> None:
            pass

    server = Portal(("localhost", urlsplit(city.base_url).port or 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    """A city that can be out of reach."""
    city = RunningCity(tmp_path_factory.mktemp("city"), free_port(), typed_rate="1000 per minute")
    city.facts = city.demo()
    city.start()
    yield city
    city.stop()


def test_a_captive_portal_is_no_answer_and_leaving_it_sends_all(
    visitor: Page, city: RunningCity, tmp_path: Path
) -> None:
    visit = Visit(city.facts, {}, tmp_path, everywhere=True)
    learning(visitor, city)
    expect(visitor.get_by_text("This app now opens with no network.")).to_be_visible()
    type_code(visitor, city, visit.points["story-walk"]["typed"])
    all_sent(visitor, city)
    before = on_phone(visitor)
    city.stop()
    for status in (200, 302, 511):
        with portal(city, status):
            if status == 200:
                type_code(visitor, city, visit.points["clock-room"]["typed"])
            behind_the_portal(visitor, city, before)
    city.start()
    for name in OWN_PAGES:
        visitor.goto(f"{city.base_url}/en/{name}")
        expect(visitor.get_by_text("Please sign in")).to_have_count(0)
    expect(visitor.get_by_text("Everything is sent")).to_be_visible()
    all_there_once(visitor, city, check_ins=2)


def behind_the_portal(page: Page, city: RunningCity, before: OnPhone) -> None:
    """One more thing waits than before; nothing else has changed, and why it does not go is said."""
    learning(page, city)
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("Something else answers in place of our server.")).to_be_visible()
    expect(page.get_by_text("1 thing is saved on this phone and waits to be sent")).to_be_visible()
    here = on_phone(page)
    assert (here.cursor, here.rows) == (before.cursor, before.rows)
    assert sorted(here.states) == sorted([*before.states, "saved"])
    for name in OWN_PAGES:  # the worker asks for them anew behind our backs
        page.goto(f"{city.base_url}/en/{name}")
    page.wait_for_load_state("networkidle")
