"""Evidence in a real browser: several photos, a recorded sound, bad files named, and an upload that is cut off."""

import os
import re
from itertools import count
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_learning import keep_app, learning
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_stop import card

SHOTS = os.environ.get("STREETWISE_SHOTS")


def look(page: Page, name: str) -> None:
    """Keep a picture of the screen when somebody wants to look."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def gallery(folder: Path) -> list[Path]:
    """Two photos of more than a megabyte each, a note, and a photo of 21 MB."""
    photos = [folder / "first.jpg", folder / "second.jpg"]
    for photo in photos:
        Image.effect_noise((1600, 1200), 60).convert("RGB").save(photo, quality=90)
    note, huge = folder / "shopping list.txt", folder / "panorama.jpg"
    note.write_text("bread")
    huge.write_bytes(photos[0].read_bytes() + bytes(21 * 1024 * 1024))
    return [photos[0], note, photos[1], huge]


def begin(phone: Phone, city: RunningCity, folder: Path) -> tuple[Page, Visit]:
    """Save the makers' afternoon, so that its stops open with no network."""
    demo = city.demo()
    city.start()
    visit = Visit(demo, {}, folder, everywhere=True)
    page = phone.switch_on()
    assert phone.context
    phone.context.grant_permissions(["camera", "microphone"])
    page.goto(visit.activities["story-walk"]["url"])
    keep_app(page)
    save(page, next(one for one in demo["playlists"] if one["slug"] == "makers-afternoon"))
    return page, visit


def record_sound(task: Locator) -> None:
    task.get_by_role("button", name="Record a sound").click()
    expect(task.get_by_role("timer")).to_have_text("0:02")
    look(task.page, "recording")
    task.get_by_role("button", name="Stop").click()
    expect(task.get_by_label("Your sound 1", exact=True)).to_be_visible()


@pytest.mark.parametrize("own_city", ["sqlite"], indirect=True)
def test_evidence_of_several_files_arrives_once_whatever_happens(
    own_city: RunningCity, phone: Phone, tmp_path: Path
) -> None:
    page, visit = begin(phone, own_city, tmp_path)
    assert phone.context

    # With no network: what cannot be taken is named, and what can is kept.
    phone.context.set_offline(True)
    page.goto(visit.activities["poster-workshop"]["url"])
    photos = card(page, visit, "poster-workshop", "photo")
    photos.get_by_label("Choose pictures").set_input_files(gallery(tmp_path))
    expect(photos.get_by_text("2 files were not taken:")).to_be_visible()
    expect(photos.get_by_role("listitem").filter(has_text="shopping list.txt")).to_contain_text("no picture")
    expect(photos.get_by_role("listitem").filter(has_text="panorama.jpg")).to_contain_text(
        "larger than 20 MB"
    )
    expect(photos.get_by_text("Photos are taken as JPEG, PNG, WebP")).to_be_visible()
    expect(photos.locator(".taken-file img")).to_have_count(2)
    look(page, "refused")

    # What was taken and not handed in survives a reload.
    page.reload()
    expect(photos.locator(".taken-file img")).to_have_count(2)
    photos.get_by_role("button", name="Hand in").click()
    expect(photos.get_by_text("Saved on this device, not sent yet")).to_be_visible()
    expect(photos.get_by_text(re.compile(r"0 of 2 files sent, 0\.0 of \d\.\d MB"))).to_be_visible()
    look(page, "handed-in")

    page.goto(visit.activities["story-walk"]["url"])
    sound = card(page, visit, "story-walk", "audio")
    record_sound(sound)
    page.reload()
    expect(sound.get_by_label("Your sound 1", exact=True)).to_be_visible()
    look(page, "sound")
    sound.get_by_role("button", name="Hand in").click()
    expect(sound.get_by_text("Saved on this device, not sent yet")).to_be_visible()
    entries = learning(page, own_city)
    expect(entries.get_by_text("2 photos handed in")).to_be_visible()
    expect(entries.get_by_text("1 sound handed in")).to_be_visible()

    # The server dies in the middle of an upload: with the second piece of a photo on its way.
    held: list[Route] = []
    pieces = count()

    def pass_one(route: Route) -> None:
        if route.request.method == "PATCH" and next(pieces) > 0:
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/blobs/**", pass_one)
    phone.context.set_offline(False)
    photo_entry = entries.filter(has_text="2 photos handed in")
    bar = photo_entry.get_by_role("progressbar")
    page.wait_for_function("e => e.value > 0 && e.value < e.max", arg=bar.element_handle(), timeout=60_000)
    expect(photo_entry.get_by_text(re.compile(r"0 of 2 files sent, 0\.[1-9] of \d\.\d MB"))).to_be_visible()
    expect(page.get_by_text("2 things are saved on this phone and wait to be sent")).to_be_visible()
    look(page, "sending")
    expect(photo_entry.get_by_text(re.compile("^Sent"))).to_have_count(0)
    own_city.stop()
    for route in held:
        route.continue_()
    page.unroute("**/api/blobs/**")
    own_city.start()
    page.reload()
    expect(
        page.get_by_text(re.compile(r"files sent, [1-9]|files sent, 0\.[1-9]|Everything is sent")).first
    ).to_be_visible()
    expect(page.get_by_text("Everything is sent")).to_be_visible(timeout=60_000)
    expect(entries.get_by_role("progressbar")).to_have_count(0)
    # Saving the playlist too.
    expect(entries.get_by_text("Accepted", exact=True)).to_have_count(3)
    look(page, "sent")

    # Each thing is here once, and whole.
    assert own_city.ask("SELECT count(*) FROM evidence") == 2
    assert own_city.ask("SELECT count(*) FROM events WHERE type = 'evidence.submit'") == 2
    assert own_city.ask("SELECT count(*) FROM blobs WHERE complete_at IS NOT NULL AND mime <> ''") == 3
    assert own_city.ask("SELECT count(*) FROM blobs") == 3
    assert len(list(own_city.instance.glob("**/evidence/*/*"))) == 3
    assert not list(own_city.instance.glob("**/staged/*/*/*"))
