"""The scanner's promises: what is foreign stays shut, what is mistyped is told, and nobody stands without a way on."""

from collections.abc import Callable
from pathlib import Path

import pytest
import qrcode
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from server.codes.tokens import ALPHABET, check_character
from tests.e2e.city import RunningCity
from tests.e2e.phone import browser
from tests.e2e.test_museum_visit import Visit

LABEL = "The code under the QR, eight characters"


@pytest.fixture
def show(visitor: Page, demo_city: RunningCity, tmp_path: Path) -> Callable[[str], Page]:
    """Show a QR code to the scanner, from the gallery."""

    def show(held: str) -> Page:
        qrcode.make(held).save(tmp_path / "code.png")
        visitor.goto(f"{demo_city.base_url}/en/scan")
        visitor.get_by_label("Read a picture").set_input_files(tmp_path / "code.png")
        return visitor

    return show


def typing(page: Page, city: RunningCity) -> Page:
    page.goto(f"{city.base_url}/en/scan")
    page.get_by_role("button", name="Type the code").click()
    return page


def asked_for(page: Page) -> list[str]:
    """Collect the address of everything that a phone asks for, its worker included."""
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    return asked


def test_a_foreign_code_is_named_and_never_opened(visitor: Page, show: Callable[[str], Page]) -> None:
    asked = asked_for(visitor)
    page = show("https://prizes.example/s/2H1ZFMVR#1AAAABBBBCCCCDDDD")
    expect(page.get_by_text("It leads to prizes.example. We have not opened it.")).to_be_visible()
    assert page.url.endswith("/en/scan")
    assert not [url for url in asked if "prizes.example" in url]


def test_a_code_that_is_no_address_is_refused(show: Callable[[str], Page]) -> None:
    page = show("WIFI:S:Museum;T:WPA;P:secret;;")
    expect(page.get_by_text("It does not hold the address of a stop. We have not used it.")).to_be_visible()


def test_a_code_of_a_later_kind_asks_to_update(visit: Visit, show: Callable[[str], Page]) -> None:
    poster = visit.points["mill-wheel"]["url"]
    page = show(poster.replace("#1", "#7"))
    expect(page.get_by_role("heading", name="Please update").or_(page.get_by_text("Please update"))).to_be_visible()  # fmt: skip
    expect(page.get_by_text("of a kind that this version does not know yet")).to_be_visible()


def test_a_picture_without_a_code_says_so(visitor: Page, demo_city: RunningCity, tmp_path: Path) -> None:
    Image.new("RGB", (320, 240), "teal").save(tmp_path / "sea.png")
    visitor.goto(f"{demo_city.base_url}/en/scan")
    visitor.get_by_label("Read a picture").set_input_files(tmp_path / "sea.png")
    expect(visitor.get_by_text("There is no QR code in this picture")).to_be_visible()
    expect(visitor.get_by_role("button", name="Type the code")).to_be_visible()


def test_a_wrong_character_is_told_before_anything_is_sent(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    right = visit.points["mill-wheel"]["typed"]
    wrong = right[:-1] + next(one for one in ALPHABET[2:] if one not in (right[-1], "Z"))
    asked = asked_for(visitor)
    field = typing(visitor, demo_city).get_by_label(LABEL)
    field.fill(wrong)
    expect(visitor.get_by_text("One character is not right.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    visitor.get_by_role("button", name="Check in").click()
    expect(field).to_be_focused()
    assert not [url for url in asked if "/api/typed" in url or "/api/sync" in url]


def test_a_code_is_read_as_people_write_it(visitor: Page, demo_city: RunningCity) -> None:
    seven = "0A1B0C1"
    field = typing(visitor, demo_city).get_by_label(LABEL)
    field.press_sequentially("oa-ib oc—l" + check_character(seven).lower())
    expect(field).to_have_value(f"0A1B-0C1{check_character(seven)}")
    expect(visitor.get_by_text("This is a whole code. Go on.")).to_be_visible()


def test_a_typed_code_that_no_stop_has_is_told(visitor: Page, demo_city: RunningCity) -> None:
    typing(visitor, demo_city).get_by_label(LABEL).fill("0A1B0C1" + check_character("0A1B0C1"))
    visitor.get_by_role("button", name="Check in").click()
    expect(visitor.get_by_text("No stop has this code")).to_be_visible()


def test_a_refused_camera_leaves_a_way_on(driver: Playwright, demo_city: RunningCity, visit: Visit) -> None:
    camera = "--use-fake-device-for-media-stream"  # there is one, and nobody allows it
    with driver.chromium.launch(executable_path=browser(), args=["--no-sandbox", camera]) as shy:
        page = shy.new_page(locale="en")
        page.goto(f"{demo_city.base_url}/en/scan")
        page.get_by_role("button", name="Start the camera").click()
        expect(page.get_by_text("The camera is not allowed")).to_be_visible()
        goes_on_by_typing(page, visit)


def test_a_missing_camera_leaves_a_way_on(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit
) -> None:
    page = open_phone(permissions=["camera"])
    page.goto(f"{demo_city.base_url}/en/scan")
    expect(page.get_by_text("No camera was found")).to_be_visible()
    goes_on_by_typing(page, visit)


def goes_on_by_typing(page: Page, visit: Visit) -> None:
    expect(page.get_by_label("Read a picture")).to_be_enabled()
    page.get_by_role("button", name="Type the code").click()
    page.get_by_label(LABEL).fill(visit.points["mill-wheel"]["typed"])
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("Saved on this device.")).to_be_visible()


def test_a_second_scan_of_the_same_code_counts_once_and_says_so(
    demo_city: RunningCity, visit: Visit, show: Callable[[str], Page]
) -> None:
    count = "SELECT count(*) FROM check_ins JOIN activities a ON a.id = activity_id WHERE slug = 'story-walk'"
    before = demo_city.ask(count)
    poster = visit.points["story-walk"]["url"]
    expect(show(poster).get_by_text("Saved on this device.")).to_be_visible()
    page = show(poster)
    expect(page.get_by_text("You had scanned this before")).to_be_visible()
    expect(page.get_by_text("It counts once.")).to_be_visible()
    page.goto(f"{demo_city.base_url}/en/learning")
    expect(page.get_by_text("Everything is sent")).to_be_visible()
    expect(page.locator(".entry")).to_have_count(1)
    assert demo_city.ask(count) == before + 1


def test_the_decoder_is_fetched_only_when_something_is_to_be_read(
    visitor: Page, visit: Visit, show: Callable[[str], Page]
) -> None:
    asked = asked_for(visitor)
    visitor.goto(visit.activities["mill-wheel"]["url"])
    visitor.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visitor.wait_for_load_state("networkidle")
    assert not [url for url in asked if ".wasm" in url or "/reader-" in url]
    expect(show(visit.points["mill-wheel"]["url"]).get_by_text("Saved on this device.")).to_be_visible()
    assert [url for url in asked if ".wasm" in url]
