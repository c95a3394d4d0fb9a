"""A server put back to an earlier day: phones send again what it forgot, and everything is there once."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.faults.browser import all_sent, all_there_once, in_database, type_code, wait_for

STOPS = ("bird-walk", "water-lab", "river-clean-up")
BADGE = "SELECT count(*) FROM awards WHERE learner_id = :mine"


def do_stop(page: Page, city: RunningCity, visit: Visit, slug: str) -> None:
    type_code(page, city, visit.points[slug]["typed"])
    page.goto(visit.activities[slug]["url"])
    visit.do_tasks(page, slug)


@pytest.fixture
def sqlite_city(tmp_path: Path, own_city: RunningCity) -> RunningCity:
    if not own_city.database.startswith("sqlite"):
        pytest.skip("a database that is one file")
    return own_city


def _open(city: RunningCity, folder: Path) -> Visit:
    city.facts = city.demo()
    city.start()
    return Visit(city.facts, {}, folder, everywhere=True)


def test_after_streetwise_restore_all_work_and_the_badge_are_there_once(
    visitor: Page, own_city: RunningCity, tmp_path: Path
) -> None:
    visit = _open(own_city, tmp_path)
    do_stop(visitor, own_city, visit, STOPS[0])
    all_sent(visitor, own_city)
    own_city.run("backup", str(tmp_path / "backup.zip"))
    for slug in STOPS[1:]:
        do_stop(visitor, own_city, visit, slug)
    visitor.get_by_role("dialog").get_by_role("link", name="Show my badge").click(timeout=30_000)
    all_sent(visitor, own_city)
    before = all_there_once(visitor, own_city, check_ins=3, awards=1, completions=4)

    own_city.stop()
    own_city.run("restore", "--replace", str(tmp_path / "backup.zip"))
    assert own_city.ask(BADGE, mine=before.learner) == 0
    own_city.start()
    visitor.get_by_role("button", name="Send now").click()
    wait_for(visitor, lambda: in_database(own_city, "events", before.learner) == before.seq)
    all_sent(visitor, own_city)
    after = all_there_once(visitor, own_city, check_ins=3, awards=1, completions=4)
    assert (after.seq, after.rows) == (before.seq, before.rows)
    visitor.goto(f"{own_city.base_url}/en/badges")
    expect(visitor.locator("main").get_by_text("River keeper").first).to_be_visible()


def test_after_an_old_database_was_copied_into_place_the_phone_sends_again(
    visitor: Page, sqlite_city: RunningCity, tmp_path: Path
) -> None:
    """The epoch is the same, so only the phone's cursor tells that there was more."""
    city, database = sqlite_city, Path(sqlite_city.database.removeprefix("sqlite:///"))
    visit = _open(city, tmp_path)
    type_code(visitor, city, visit.points["bird-walk"]["typed"])
    all_sent(visitor, city)
    with sqlite3.connect(database) as connection:
        connection.execute("VACUUM INTO ?", [str(tmp_path / "old.sqlite3")])
    type_code(visitor, city, visit.points["water-lab"]["typed"])
    type_code(visitor, city, visit.points["story-walk"]["typed"])
    all_sent(visitor, city)
    before = all_there_once(visitor, city, check_ins=3)

    city.stop()
    for beside in ("-wal", "-shm"):
        database.with_name(database.name + beside).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "old.sqlite3", database)
    city.start()
    assert city.ask("SELECT count(*) FROM check_ins WHERE learner_id = :mine", mine=before.learner) == 1
    visitor.get_by_role("button", name="Send now").click()
    wait_for(visitor, lambda: in_database(city, "events", before.learner) == before.seq)
    all_sent(visitor, city)
    expect(visitor.locator(".entry").get_by_text("Accepted", exact=True)).to_have_count(3)
    after = all_there_once(visitor, city, check_ins=3)
    assert (after.seq, after.rows) == (before.seq, before.rows)
