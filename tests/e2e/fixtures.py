"""Fixtures of the browser tests: a city on each database, a phone, and a second, cookie-less browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from sqlalchemy import create_engine, text

from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.e2e.phone import SMALL, Phone, browser
from tests.e2e.test_museum_visit import Visit

expect.set_options(timeout=45_000)  # on a busy machine; and what failed once goes again after 30 seconds

BY_POLICY = re.compile("content security policy|trusted ?(types|html|script)|permissions policy", re.I)


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def other_browser(driver: Playwright) -> Iterator[Browser]:
    """A browser on another machine: no cookies, nothing saved."""
    with driver.chromium.launch(executable_path=browser(), args=["--no-sandbox"]) as other:
        yield other


@pytest.fixture(scope="session")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    """The demo city on SQLite, shared by tests that never stop it."""
    city = RunningCity(tmp_path_factory.mktemp("city"), free_port(), typed_rate="1000 per minute")
    city.facts = city.demo()
    city.start()
    yield city
    city.stop()


@pytest.fixture(params=("sqlite", "postgresql"))
def own_city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningCity]:
    """A demo city of one test's own, once on each database. Not started yet."""
    address = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        address = f"{server}/e2e_{free_port()}"
        admin = create_engine(f"{server}/postgres".replace("postgresql", "postgresql+psycopg", 1), isolation_level="AUTOCOMMIT")  # fmt: skip
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {address.rsplit('/', 1)[1]}"))
        admin.dispose()
    city = RunningCity(tmp_path, free_port(), address)
    yield city
    city.stop()


@pytest.fixture
def phone(driver: Playwright, tmp_path: Path) -> Iterator[Phone]:
    phone = Phone(driver, tmp_path)
    yield phone
    phone.switch_off()


@pytest.fixture(scope="session")
def visit(demo_city: RunningCity, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """What a visitor of the shared city can do, at any of its activities."""
    return Visit(demo_city.facts, {}, tmp_path_factory.mktemp("visit"), everywhere=True)


@pytest.fixture
def open_phone(other_browser: Browser) -> Iterator[Callable[..., Page]]:
    """Take a new phone out of its box, with a browser that keeps things until the test ends."""
    contexts: list[BrowserContext] = []
    refused: list[str] = []

    def take(**options: Any) -> Page:
        small = {"viewport": SMALL, "has_touch": True, "locale": "en"}
        contexts.append(other_browser.new_context(**{**small, **options}))
        contexts[-1].set_default_timeout(45_000)
        contexts[-1].on(
            "console", lambda said: refused.append(said.text) if BY_POLICY.search(said.text) else None
        )
        return contexts[-1].new_page()

    yield take
    for context in contexts:
        context.close()
    assert refused == [], "The page's own policy stopped something that the app does."


@pytest.fixture
def visitor(open_phone: Callable[..., Page]) -> Page:
    """Somebody who has never been here."""
    return open_phone()
