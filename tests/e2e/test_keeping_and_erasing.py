"""A guest keeps what they earned by a passkey, goes on with a second phone, and then erases everything: the whole way."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_shared_tablet import arrive, people
from tests.e2e.test_two_phones import STOPS, invite
from tests.e2e.test_ways_back import Passkeys, close_celebration
from tests.privacy.test_traces import kept

UNSENT = ("flood-pole", "mill-wheel", "pump-room")


def earn_two_badges(page: Page, city: RunningCity, visit: Visit) -> None:
    """One by a code alone, one by doing what a playlist asks."""
    page.goto(city.facts["claims"][0]["code"]["url"])
    page.get_by_role("button", name="Get this badge").click()
    close_celebration(page)
    for slug in STOPS:
        arrive(page, visit, slug)
        visit.do_tasks(page, slug)
        expect(page.get_by_role("link", name="All sent")).to_be_visible()
    page.goto(f"{city.base_url}/en/badges")
    close_celebration(page)
    expect(page.locator(".badge-tile")).to_have_count(2)


def done_stops(page: Page, visit: Visit) -> list[str]:
    """Say which of the stops done with no network a phone shows as begun."""
    found = []
    for slug in UNSENT:
        page.goto(visit.activities[slug]["url"])
        expect(page.locator(".tasks")).to_be_visible()
        if page.locator(".task.is-done").count():
            found.append(slug)
    return found


def whose_passkey(city: RunningCity) -> tuple[str, str]:
    """Name the only learner with a passkey, and the passkey."""
    engine = create_engine(city.database)
    with engine.connect() as connection:
        learner, credential = connection.execute(text("SELECT learner_id, credential_id FROM passkeys")).one()
    engine.dispose()
    return learner, credential


def traces(city: RunningCity, *of: str) -> set[tuple[str, str]]:
    """Find what the database, the files and the log still say of somebody."""
    engine = create_engine(city.database)
    with Session(engine) as session:
        found = {(where, one) for where, words in kept(session) for one in of if one in words}
    engine.dispose()
    for path in (city.log, *(one for one in city.instance.rglob("*") if one.is_file())):
        content = path.read_bytes()
        found |= {(path.name, one) for one in of if one.encode() in content or one in str(path)}
    return found


def test_a_guest_keeps_everything_by_a_passkey_goes_on_with_a_second_phone_and_erases_it_all(
    open_phone: Callable[..., Page], own_city: RunningCity, tmp_path: Path
) -> None:
    own_city.facts = own_city.demo()
    own_city.start()
    visit = Visit(own_city.facts, {}, tmp_path, everywhere=True)
    first, second = (open_phone(reduced_motion="reduce") for _ in range(2))
    earn_two_badges(first, own_city, visit)
    save(first, visit.playlist)
    first.wait_for_load_state("networkidle")
    key = Passkeys(first, "internal")
    first.context.set_offline(True)
    for slug in UNSENT:
        arrive(first, visit, slug)

    first.goto(f"{own_city.base_url}/en/account")
    expect(first.get_by_text("You have 2 badges.")).to_be_visible()
    expect(first.get_by_text("3 things are on this phone alone")).to_be_visible()
    first.get_by_role("button", name="Add a passkey").click()
    expect(first.get_by_text("Added here. It works once it is sent.")).to_be_visible()
    first.context.set_offline(False)
    expect(first.get_by_text("not used yet, added on")).to_be_visible()
    assert own_city.ask("SELECT count(*) FROM passkeys") == len(key.all) == 1

    invite(first, own_city)
    expect(first.get_by_text("Ready: scan it with your other phone.")).to_be_visible()
    first.locator("svg.phone-code").screenshot(path=tmp_path / "code.png")
    second.goto(f"{own_city.base_url}/en/scan")
    second.get_by_label("Read a picture").set_input_files(tmp_path / "code.png")
    second.get_by_role("button", name="Yes, use this phone too").click()
    expect(second.get_by_text("Both phones are yours now")).to_be_visible()
    second.get_by_role("button", name="Save here too").click()
    expect(second.get_by_text("Saved here")).to_be_visible()
    second.goto(f"{own_city.base_url}/en/badges")
    expect(second.locator(".badge-tile")).to_have_count(2)
    assert done_stops(second, visit) == list(UNSENT) == done_stops(first, visit)

    of = whose_passkey(own_city)
    assert {one for _, one in traces(own_city, *of)} == set(of)
    second.goto(f"{own_city.base_url}/en/my-data")
    second.get_by_text("Erase everything about me").click()
    second.get_by_label("Type “erase” to go on").fill("erase")
    second.get_by_role("button", name="Erase everything").click()
    expect(second.get_by_text("Everything was erased")).to_be_visible()
    for page in (second, first):
        page.goto(f"{own_city.base_url}/en/learning")
        expect(page.get_by_text("Everything was erased")).to_be_visible()
        page.goto(f"{own_city.base_url}/en/badges")
        expect(page.locator(".badge-tile")).to_have_count(0)
        expect(people(page, own_city)).to_have_count(0)
    assert traces(own_city, *of) == set()
    assert key.all == []  # nor does the password manager offer it any more
