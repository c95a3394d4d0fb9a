"""A learner's pass in a real browser: read from the screen, proven by the phone's own key, confirmed on both phones."""

import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import qrcode
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from server.codes import passes
from server.replicas.keys import verify
from sync.signatures import Key
from tests.e2e.a_door import Door, sign_in
from tests.e2e.city import RunningCity
from tests.e2e.test_screens import look, off_the_side
from tests.e2e.test_shared_tablet import PIN, add
from tests.faults.browser import wait_for

KEY_HERE = """async () => {
  const asked = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const stores = (await asked(indexedDB.open("streetwise"))).transaction(["settings", "device"]);
  const { value: learner } = await asked(stores.objectStore("settings").get("learner"));
  const { device, keys } = await asked(stores.objectStore("device").get(learner));
  return { learner, device, ...(await crypto.subtle.exportKey("jwk", keys.publicKey)) };
}"""
DECODER_HERE = """async () => {
  const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
  return kept.flat().some(({ url }) => url.includes("zxing_"));
}"""
CHECK_INS = "SELECT count(*) FROM check_ins WHERE learner_id = :learner"


@pytest.fixture
def holder(open_phone: Callable[..., Page], demo_city: RunningCity) -> Page:
    """Somebody with a pass on their screen, whose app opens with no network."""
    page = open_phone(device_scale_factor=2)
    open_pass(page, demo_city)
    page.get_by_role("button", name="Make my pass").click()
    expect(page.get_by_text("This app now opens with no network.")).to_be_visible()
    page.reload()
    wait_for(page, lambda: page.evaluate(DECODER_HERE))
    expect(page.get_by_role("link", name="All sent")).to_be_visible()
    return page


@pytest.fixture(scope="module")
def desk(demo_city: RunningCity, other_browser: Browser) -> Iterator[BrowserContext]:
    context = sign_in(demo_city, other_browser)
    yield context
    context.close()


@pytest.fixture
def door(demo_city: RunningCity, desk: BrowserContext) -> Door:
    return Door(demo_city, desk)


def open_pass(page: Page, city: RunningCity) -> None:
    page.goto(f"{city.base_url}/en/pass")


def code(page: Page) -> Locator:
    return page.locator("svg.pass-code")


def photograph(page: Page) -> str:
    """Read the code from a picture of the screen."""
    expect(code(page)).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    picture = Image.open(io.BytesIO(page.screenshot()))
    [found] = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(found.text)


def fragment(page: Page) -> str:
    return photograph(page).partition("#")[2]


def shown_on(page: Page) -> passes.Pass:
    shown = passes.read_pass(fragment(page))
    assert shown
    return shown


def qr_version(page: Page) -> int:
    modules = int((code(page).get_attribute("viewBox") or "").split()[2]) - 8
    return (modules - 17) // 4


def host(city: RunningCity) -> str:
    return city.base_url.partition("//")[2]


def scan_answer(page: Page, address: str, folder: Path) -> None:
    """Hold the phone over what the door shows back; here as a picture from the gallery."""
    with (folder / "answer.png").open("wb") as picture:
        qrcode.make(address).save(picture)
    page.get_by_role("button", name="Scan the door's answer").click()
    page.get_by_label("Read a picture").set_input_files(folder / "answer.png")


def test_a_pass_read_from_the_screen_proves_itself_by_the_phones_key(
    holder: Page, demo_city: RunningCity
) -> None:
    address, here = photograph(holder), holder.evaluate(KEY_HERE)
    assert address.startswith(f"{demo_city.base_url}/P#4".upper())
    shown, key = shown_on(holder), Key(here["x"], here["y"])
    assert shown.device == here["device"]
    assert abs(shown.step - time.time() // 30) <= 1
    assert passes.is_pass_signed(shown, host(demo_city), key, verify)
    assert not passes.is_pass_signed(shown, "elsewhere.example", key, verify)


def test_its_code_is_small_enough_for_a_dim_room(holder: Page, demo_city: RunningCity) -> None:
    assert len(host(demo_city)) <= 15
    assert photograph(holder)
    assert qr_version(holder) <= 6


def test_it_is_another_one_after_30_seconds_with_no_network(holder: Page, demo_city: RunningCity) -> None:
    holder.context.set_offline(True)
    holder.clock.install()
    open_pass(holder, demo_city)
    first, address = shown_on(holder), code(holder).get_attribute("data-address") or ""
    holder.clock.fast_forward(30_000)
    expect(code(holder)).not_to_have_attribute("data-address", address)
    second, here = shown_on(holder), holder.evaluate(KEY_HERE)
    assert second.step == first.step + 1
    assert passes.is_pass_signed(second, host(demo_city), Key(here["x"], here["y"]), verify)


def test_a_phone_whose_clock_is_an_hour_slow_shows_the_servers_time(
    open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    page = open_phone()
    page.clock.install(time=time.time() - 3600)
    open_pass(page, demo_city)
    page.get_by_role("button", name="Make my pass").click()
    expect(page.get_by_role("link", name="All sent")).to_be_visible()
    open_pass(page, demo_city)
    assert abs(shown_on(page).step - time.time() // 30) <= 1


def test_name_and_picture_are_shown_only_after_a_plain_yes_and_until_it_is_taken_back(
    visitor: Page, demo_city: RunningCity
) -> None:
    add(visitor, demo_city, "Noor", "Owl")
    open_pass(visitor, demo_city)
    switch = visitor.get_by_role("switch", name="Show my name and picture")
    expect(switch).not_to_be_checked()
    assert shown_on(visitor).name == ""
    switch.click()
    expect(visitor.get_by_text("May the people at the door know your name and picture?")).to_be_visible()
    assert shown_on(visitor).name == "", "asked is not agreed"
    visitor.get_by_role("button", name="No, keep them to myself").click()
    expect(switch).not_to_be_checked()
    switch.click()
    visitor.get_by_role("button", name="Yes, show them").click()
    expect(switch).to_be_checked()
    expect(visitor.get_by_text("without them it is easier to scan")).to_be_visible()
    shown = shown_on(visitor)
    assert (shown.name, shown.picture) == ("Noor", "owl")
    switch.click()
    expect(switch).not_to_be_checked()
    assert shown_on(visitor).name == ""


def test_each_learner_of_a_phone_has_their_own_pass_and_a_pin_keeps_one_closed(
    visitor: Page, demo_city: RunningCity
) -> None:
    add(visitor, demo_city, "Ada", "Fox", PIN)
    add(visitor, demo_city, "Noor", "Owl")
    add(visitor, demo_city, "Ben", "Boat")
    open_pass(visitor, demo_city)
    who = visitor.locator(".pass-who")
    expect(who).to_contain_text(re.compile("Ben.*3 of 3", re.S))
    ben = shown_on(visitor).device
    visitor.get_by_role("button", name="Pass before this one").click()
    expect(who).to_contain_text(re.compile("Noor.*2 of 3", re.S))
    assert shown_on(visitor).device != ben
    visitor.get_by_role("button", name="Pass before this one").click()
    expect(visitor.get_by_text("Ada has a PIN")).to_be_visible()
    expect(code(visitor)).to_have_count(0)
    visitor.get_by_role("button", name="Pass before this one").click()
    expect(who).to_contain_text("Ben")
    swipe(visitor, by=160)  # back, as one turns a page
    expect(who).to_contain_text("Noor")


def swipe(page: Page, by: int) -> None:
    page.locator(".passes").evaluate(
        """(room, by) => {
          const at = (x) => [new Touch({ identifier: 1, target: room, clientX: x, clientY: 300 })];
          room.dispatchEvent(new TouchEvent("touchstart", { touches: at(100), changedTouches: at(100), bubbles: true }));
          room.dispatchEvent(new TouchEvent("touchend", { touches: [], changedTouches: at(100 + by), bubbles: true }));
        }""",
        by,
    )


@pytest.mark.parametrize("first", ["door", "learner"])
def test_both_phones_hold_the_confirmation_with_no_network_and_it_counts_once(
    first: str, holder: Page, door: Door, demo_city: RunningCity, tmp_path: Path
) -> None:
    learner = holder.evaluate(KEY_HERE)["learner"]
    holder.context.set_offline(True)
    scan_answer(holder, door.let_in(fragment(holder)), tmp_path)
    expect(holder.get_by_text("Confirmed at the door at")).to_be_visible()
    expect(holder.get_by_text("Saved on this device, not sent yet")).to_be_visible()
    expect(holder.get_by_text("Only the city can check the door's answer.")).to_be_visible()
    if first == "door":
        door.send()
    holder.context.set_offline(False)
    open_pass(holder, demo_city)
    said = holder.locator(".pass-said .notice")
    expect(said).to_have_count(1)
    expect(said.get_by_text("Accepted", exact=True)).to_be_visible()
    if first == "learner":
        door.send()
    assert demo_city.ask(CHECK_INS, learner=learner) == 1
    assert demo_city.ask("SELECT level FROM check_ins WHERE learner_id = :learner", learner=learner) == 4


def test_who_does_not_scan_the_answer_hears_it_from_the_server(
    holder: Page, door: Door, demo_city: RunningCity
) -> None:
    door.let_in(fragment(holder))
    door.send()
    open_pass(holder, demo_city)
    expect(holder.get_by_text("Confirmed by the organiser at")).to_be_visible()
    activity = next(one for one in demo_city.facts["activities"] if one["id"] == door.session["activity"])
    holder.goto(activity["url"])
    expect(holder.locator(".task.is-done")).not_to_have_count(0)


def test_an_answer_opened_by_the_phones_own_camera_is_kept(
    holder: Page, door: Door, demo_city: RunningCity
) -> None:
    learner, answer = holder.evaluate(KEY_HERE)["learner"], door.let_in(fragment(holder))
    holder.goto(answer)
    expect(holder.get_by_text("Confirmed at the door at")).to_be_visible()
    assert "#" not in holder.url
    expect(holder.get_by_text("Accepted", exact=True).first).to_be_visible()
    assert demo_city.ask(CHECK_INS, learner=learner) == 1


def test_an_answer_for_another_phone_is_refused_in_words(
    holder: Page, door: Door, open_phone: Callable[..., Page], demo_city: RunningCity, tmp_path: Path
) -> None:
    other = open_phone(device_scale_factor=2)
    open_pass(other, demo_city)
    other.get_by_role("button", name="Make my pass").click()
    scan_answer(holder, door.let_in(fragment(other)), tmp_path)
    expect(holder.get_by_text("did not count")).to_be_visible()
    expect(holder.get_by_text("The door's answer was not for this phone")).to_be_visible()


def test_a_poster_is_not_taken_for_a_doors_answer(
    holder: Page, demo_city: RunningCity, tmp_path: Path
) -> None:
    scan_answer(holder, demo_city.facts["points"][0]["url"], tmp_path)
    expect(holder.get_by_text("This is not a door's answer")).to_be_visible()


def test_the_pass_is_in_reach_from_where_a_learner_is(holder: Page, demo_city: RunningCity) -> None:
    for path in ("learning", "people", "scan"):
        holder.goto(f"{demo_city.base_url}/en/{path}")
        holder.get_by_role("main").get_by_role("link", name="My pass").click()
        expect(code(holder)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_well_in_any_light_and_direction(scheme: Any, visitor: Page, demo_city: RunningCity) -> None:
    add(visitor, demo_city, "Noor", "Owl")
    add(visitor, demo_city, "Ben", "Boat")
    visitor.emulate_media(color_scheme=scheme)
    open_pass(visitor, demo_city)
    expect(code(visitor)).to_be_visible()
    visitor.get_by_role("switch").click()
    look(visitor)
    for script in ("dir = 'rtl'", "style.fontSize = '200%'"):
        visitor.evaluate(f"document.documentElement.{script}")
        assert not off_the_side(visitor)
        assert photograph(visitor)
