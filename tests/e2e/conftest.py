"""Fixtures of the browser tests: a city on each database, a phone, and a second, cookie-less browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import create_engine, text

from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone, browser


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
    """The demo city on SQLite, shared by tests that only look."""
    city = RunningCity(tmp_path_factory.mktemp("city"), free_port())
    city.demo()
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
