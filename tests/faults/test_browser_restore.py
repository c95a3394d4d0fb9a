"""A server put back to an earlier day: phones send again what it forgot, and everything is there once."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.databases import free_port
from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.faults.browser import OnPhone, all_sent, all_there_once, in_database, on_phone, wait_for

BEFORE = ("flood-pole", "mill-wheel")
AFTER = ("salt-cellar", "river-terrace", "clock-room")
"""With them the playlist is done, and gives its badge."""
WHOLE = {"check_ins": 5, "answers": 5, "completions": 6, "awards": 1}


def do_stops(page: Page, visit: Visit, *slugs: str) -> None:
    for slug in slugs:
        page.goto(visit.points[slug]["url"])
        expect(page.get_by_text("You're here: checked in")).to_be_visible()
        visit.do_tasks(page, slug)


def sent_again(page: Page, city: RunningCity, before: OnPhone, **counts: int) -> None:
    """The phone notices by itself, and nothing has changed for whoever holds it."""
    page.reload()
    wait_for(page, lambda: in_database(city, "events", before.learner) == before.seq)
    all_sent(page, city)
    wait_for(page, lambda: on_phone(page).rows == before.rows)
    after = all_there_once(page, city, **counts)
    assert (after.seq, after.rows) == (before.seq, before.rows)


@pytest.mark.parametrize("own_city", ["sqlite"], indirect=True)
def test_after_streetwise_restore_all_work_and_the_badge_are_there_once(
    visitor: Page, own_city: RunningCity, tmp_path: Path
) -> None:
    own_city.facts = own_city.demo()
    own_city.start()
    visit = Visit(own_city.facts, {}, tmp_path)
    do_stops(visitor, visit, *BEFORE)
    all_sent(visitor, own_city)
    own_city.run("backup", str(tmp_path / "backup.zip"))
    do_stops(visitor, visit, *AFTER)
    visitor.get_by_role("dialog").get_by_role("link", name="Show my badge").click()
    expect(visitor).to_have_url(re.compile("/en/badges"))
    all_sent(visitor, own_city)
    before = all_there_once(visitor, own_city, **WHOLE)

    own_city.stop()
    own_city.run("restore", "--replace", str(tmp_path / "backup.zip"))
    assert in_database(own_city, "awards", before.learner) == 0
    assert in_database(own_city, "check_ins", before.learner) == len(BEFORE)
    own_city.start()
    sent_again(visitor, own_city, before, **WHOLE)
    visitor.goto(f"{own_city.base_url}/en/badges")
    expect(visitor.locator("main").get_by_text("River detective").first).to_be_visible()


@pytest.fixture
def file_city(tmp_path: Path) -> Iterator[RunningCity]:
    """A city whose database is one file, and nobody else's: the clock in its own process would keep it open."""
    city = RunningCity(tmp_path, free_port(), clock="off")
    city.facts = city.demo()
    city.start()
    yield city
    city.stop()


def test_after_an_old_database_was_copied_into_place_the_phone_sends_again(
    visitor: Page, file_city: RunningCity, tmp_path: Path
) -> None:
    """The epoch is the same, so only the phone's cursor tells that there was more."""
    database, old = Path(file_city.database.removeprefix("sqlite:///")), tmp_path / "old.sqlite3"
    visit = Visit(file_city.facts, {}, tmp_path)
    do_stops(visitor, visit, BEFORE[0])
    all_sent(visitor, file_city)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", [str(old)])
    do_stops(visitor, visit, BEFORE[1], AFTER[0])
    all_sent(visitor, file_city)
    before = all_there_once(visitor, file_city, check_ins=3, answers=3, completions=3)

    file_city.stop()
    for beside in ("-wal", "-shm"):
        database.with_name(database.name + beside).unlink(missing_ok=True)
    shutil.copyfile(old, database)
    assert in_database(file_city, "check_ins", before.learner) == 1
    file_city.start()
    sent_again(visitor, file_city, before, check_ins=3, answers=3, completions=3)
