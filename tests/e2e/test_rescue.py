"""A phone that never gets online gives its work to another one, and it counts as its owner's, once."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_learning import keep_app, learning
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save

COUNT = "SELECT count(*) FROM {} WHERE learner_id = '{}'"
UNABLE = "If this phone cannot get online"
LEARNER = """() => new Promise((resolve) => {
  const opening = indexedDB.open("streetwise");
  opening.onsuccess = () => {
    const asked = opening.result.transaction("settings").objectStore("settings").get("learner");
    asked.onsuccess = () => { opening.result.close(); resolve(asked.result?.value ?? ""); };
  };
})"""


def with_photo(visit: Visit) -> str:
    """An activity of the saved playlist at which a photo is handed in."""
    return next(
        slug
        for slug, one in visit.activities.items()
        if one["id"] in visit.playlist["activities"]
        and any(task["kind"] == "photo" for task in visit.tasks(slug))
    )


def rescue(page: Page, city: RunningCity) -> None:
    learning(page, city)
    page.get_by_text(UNABLE).click()


def make_file(page: Page, folder: Path) -> Path:
    page.get_by_role("button", name="Make a rescue file").click()
    expect(page.get_by_text("Save or share it now.")).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save it").click()
    assert re.fullmatch(r"streetwise-rescue-\d{4}-\d\d-\d\d\.json", saving.value.suggested_filename)
    saving.value.save_as(folder / "rescue.json")
    return folder / "rescue.json"


def count(city: RunningCity, table: str, learner: str) -> int:
    return city.ask(COUNT.format(table, learner))


def test_work_that_another_phone_brings_counts_as_its_owners_and_once(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit, tmp_path: Path
) -> None:
    hers, his, stop = open_phone(), open_phone(), with_photo(visit)
    save(hers, visit.playlist)
    keep_app(hers)
    expect(hers.get_by_role("link", name="All sent")).to_be_visible()
    learner = hers.evaluate(LEARNER)

    # From here on her phone never gets online.
    hers.context.set_offline(True)
    hers.goto(visit.points[stop]["url"])
    expect(hers.get_by_text("You're here: checked in")).to_be_visible()
    visit.do_tasks(hers, stop)
    rescue(hers, demo_city)
    file = make_file(hers, tmp_path)
    assert count(demo_city, "check_ins", learner) == 0

    # He has done nothing yet; his phone takes the file and brings what it holds.
    rescue(his, demo_city)
    his.get_by_label("Take a rescue file").set_input_files(file)
    done = 1 + len(visit.tasks(stop))
    expect(his.get_by_text(f"Taken: {done} things of 1 person")).to_be_visible()
    expect(his.get_by_text(f"{done} carried things have arrived")).to_be_visible()
    brought = {table: count(demo_city, table, learner) for table in ("check_ins", "evidence", "answers")}
    assert brought["check_ins"] == 1
    assert brought["evidence"] + brought["answers"] == len(visit.tasks(stop))
    assert count(demo_city, "check_ins", his.evaluate(LEARNER)) == 0
    missing = "SELECT count(*) FROM blobs WHERE learner_id = '{}' AND complete_at IS NULL"
    assert demo_city.ask(missing.format(learner)) == 0

    # Later her own phone gets online after all: it hears that everything is there, and nothing doubles.
    hers.context.set_offline(False)
    hers.get_by_role("button", name="Send now").click()
    expect(hers.get_by_text("Everything is sent")).to_be_visible()
    expect(hers.locator(".entry", has_text="Saved on this device")).to_have_count(0)
    assert brought == {table: count(demo_city, table, learner) for table in brought}


def test_a_file_that_is_none_is_refused_in_words_and_changes_nothing(
    visitor: Page, demo_city: RunningCity, tmp_path: Path
) -> None:
    rescue(visitor, demo_city)
    (tmp_path / "holiday.json").write_text("{}")
    visitor.get_by_label("Take a rescue file").set_input_files(tmp_path / "holiday.json")
    expect(visitor.get_by_text("This is no rescue file. Nothing was changed.")).to_be_visible()
    visitor.get_by_role("button", name="Make a rescue file").click()
    expect(visitor.get_by_text("Nothing waits on this phone")).to_be_visible()
