"""Both ends offline, then online one after the other in every order: each person counts once, and every phone says so."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.databases import new_database
from tests.e2e.city import RunningCity
from tests.e2e.door import answer
from tests.e2e.offline_evening import (
    HELPER,
    LEARNER,
    LONG,
    ORGANISER,
    PHONES,
    Evening,
    make_evening,
    row,
    scan,
    switched_on,
)
from tests.e2e.test_door import counts, phone_with_camera, tab
from tests.e2e.test_shared_tablet import switch

ORDERS = [
    ("sqlite", (ORGANISER, HELPER, LEARNER)),
    ("sqlite", (LEARNER, ORGANISER, HELPER)),
    ("postgresql", (HELPER, LEARNER, ORGANISER)),
]
"""Each phone comes first, second and last once; tests/door has races without browsers."""
SAVED, KEPT = "Saved on this device, not sent yet", "only on this phone yet"


@pytest.fixture(scope="module")
def evening_on(
    request: pytest.FixtureRequest, driver: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Evening]:
    """What three phones did with no network, made once for each database."""
    folder = tmp_path_factory.mktemp("evenings")

    @cache
    def make(database: str) -> Evening:
        if database == "sqlite":
            return make_evening(driver, folder / database)
        server = request.getfixturevalue("postgresql_server")
        return make_evening(
            driver, folder / database, new_database(server, f"evening_{folder.stat().st_ino}")
        )

    return make


@pytest.fixture
def evening(database: str, evening_on: Callable[[str], Evening], tmp_path: Path) -> Evening:
    """That evening once more, to be gone on from."""
    return evening_on(database).copy(tmp_path / "evening")


@pytest.fixture
def phones(evening: Evening, driver: Playwright) -> Iterator[dict[str, Page]]:
    """The three phones, switched on again where there is no network."""
    with switched_on(driver, evening.folder, offline=True) as phones:
        for door in (phones[ORGANISER], phones[HELPER]):
            phone_with_camera(lambda door=door: door)  # type: ignore[misc]
            open_list(evening, door)
        yield phones


def open_list(evening: Evening, door: Page) -> None:
    door.goto(evening.door)
    door.locator(".door-count").or_(door.locator(".door-choice-one")).wait_for()
    if not door.locator(".door-count").count():
        door.locator(".door-choice-one").click()
    tab(door, "List")


def says(door: Page, name: str, *facts: str) -> None:
    """A door's list says this of somebody, once."""
    state, *others = facts
    words = "\u00a0· ".join((re.escape(state), r"\d\d:\d\d", *map(re.escape, others)))
    expect(row(door, name)).to_have_count(1, timeout=LONG)
    expect(row(door, name).locator(".door-row-facts")).to_have_text(re.compile(f"^{words}$"), timeout=LONG)


@pytest.mark.parametrize(
    ("database", "order"), ORDERS, ids=["-".join((database, *order)) for database, order in ORDERS]
)
def test_whichever_phone_is_online_first_everybody_counts_once_and_every_phone_says_so(
    evening: Evening, phones: dict[str, Page], order: tuple[str, ...]
) -> None:
    organiser, helper, learner = (phones[name] for name in PHONES)
    city = evening.city
    all_is_kept(organiser, helper)
    nothing_is_sent(learner, city)
    city.start()
    try:
        for name in order:
            {ORGANISER: send_door, HELPER: send_door, LEARNER: send_learner}[name](phones[name], city)
        for door in (organiser, helper):
            open_list(evening, door)
        the_doors_agree(organiser, helper, order)
        the_learners_know(learner, city)
        everybody_counts_once(city, evening.session)
        already_in_at_the_other_door(organiser, evening)
    finally:
        city.stop()


def all_is_kept(organiser: Page, helper: Page) -> None:
    """Before there is a network, each door says what it did, and knows nothing of the other."""
    for door in (organiser, helper):
        counts(door, "2 of 2")
        expect(door.locator(".door-row")).to_have_count(3)
        expect(door.locator(".door-facts")).to_have_text("Offline: all is kept here · 4 not sent yet")
        says(door, "Ada", "In", "at this door", KEPT)
    says(organiser, "Mo", "In", "at this door", KEPT)
    says(organiser, "Cleo", "Taken back", "at this door")
    says(helper, "Ben", "In", "at this door", KEPT)
    says(helper, "Zoe", "Taken back", "at this door")


def nothing_is_sent(learner: Page, city: RunningCity) -> None:
    for name, what in (("Ada", "Confirmed at the door"), ("Ben", "Checked in by a scanned code"), ("Cleo", "Confirmed at the door")):  # fmt: skip
        entry = learning(learner, city, name).locator(".entry")
        expect(entry).to_have_count(1)
        expect(entry).to_contain_text(what)
        expect(entry.locator(".item-state")).to_have_text(SAVED)


def learning(learner: Page, city: RunningCity, name: str) -> Page:
    switch(learner, city, name)
    learner.goto(f"{city.base_url}/en/learning")
    return learner


def send_door(door: Page, city: RunningCity) -> None:
    """A door that finds a network sends all by itself, and then says what the city knows."""
    door.context.set_offline(False)
    expect(door.locator(".door-facts")).not_to_contain_text("not sent yet", timeout=LONG)
    expect(row(door, "Ada")).to_contain_text("confirmed", timeout=LONG)


def send_learner(learner: Page, city: RunningCity) -> None:
    """The learners' phone says what is on its way while the city is slow, and then what it said."""
    state = learner.locator(".entry .item-state")
    city.hold()
    learner.context.set_offline(False)
    expect(state).to_have_text("Saved on this device, being sent…", timeout=LONG)
    city.go_on()
    expect(learner.get_by_text("Everything is sent")).to_be_visible(timeout=LONG)


def the_doors_agree(organiser: Page, helper: Page, order: tuple[str, ...]) -> None:
    """Both lists name the same five, each from where it stands; one of three is beyond the two places."""
    second = HELPER if order.index(ORGANISER) < order.index(HELPER) else ORGANISER
    over = "Mo" if order[0] == HELPER else "Ben"
    ins = {name: "In, to be reviewed" if name == over else "In" for name in ("Ada", "Ben", "Mo")}
    for name, door in ((ORGANISER, organiser), (HELPER, helper)):
        here, there = ("Mo", "Cleo"), ("Ben", "Zoe")
        where = {
            **dict.fromkeys(here, "at this door" if name == ORGANISER else "at another door"),
            **dict.fromkeys(there, "at this door" if name == HELPER else "at another door"),
            "Ada": "at two doors" if name == second else "at this door",
        }
        counts(door, "3 of 2")
        expect(door.locator(".door-facts")).to_have_text("1 to be reviewed", timeout=LONG)
        expect(door.locator(".door-row")).to_have_count(5)
        for person, state in ins.items():
            says(door, person, state, where[person], "confirmed")
        for person in ("Cleo", "Zoe"):
            says(door, person, "Taken back", where[person])


def the_learners_know(learner: Page, city: RunningCity) -> None:
    """Ada and Ben read that they are in; Cleo reads that she was taken off the list, whoever said so first."""
    passes = {
        "Ada": ("Confirmed at the door at", "Accepted"),
        "Ben": ("Confirmed by the organiser at",),
        "Cleo": ("did not count", "At the door you were taken off the list again."),
    }
    states = {"Ada": "Accepted", "Ben": "Accepted", "Cleo": "Not accepted"}
    for name, words in passes.items():
        expect(learning(learner, city, name).get_by_text("Everything is sent")).to_be_visible()
        expect(learner.locator(".entry .item-state")).to_contain_text(states[name], timeout=LONG)
        learner.goto(f"{city.base_url}/en/pass")
        said = learner.locator(".pass-said .notice")
        expect(said).to_have_count(1)
        for one in words:
            expect(said).to_contain_text(one, timeout=LONG)


def everybody_counts_once(city: RunningCity, session: str) -> None:
    def count(what: str, of: str, where: str) -> int:
        return city.ask(f"SELECT {what} FROM {of} WHERE {where} = :id", id=session)  # noqa: S608

    assert count("count(*)", "check_ins", "occurrence") == 2
    assert count("count(DISTINCT learner_id)", "check_ins", "level = 4 AND occurrence") == 2
    assert count("count(*)", "door_entries", "occurrence_id") == 5
    assert count("count(*)", "door_entries", "undone_at IS NULL AND occurrence_id") == 3
    assert count("count(*)", "door_entries", "undone_at IS NULL AND NOT over AND occurrence_id") == 2
    assert count("taken", "occurrences", "id") == 2
    city.run("check-history")


def already_in_at_the_other_door(organiser: Page, evening: Evening) -> None:
    tab(organiser, "Scan")
    scan(organiser, evening.folder / "Ben.png")
    answer(organiser, "Already in")
    expect(organiser.locator(".door-result-lead")).to_contain_text("at another door")
