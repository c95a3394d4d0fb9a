"""A learner's pass in a real browser: read from the screen, verified with the phone's own key, with a network and without."""

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from server.codes import passes
from server.replicas.keys import verify
from sync.signatures import Key
from tests.e2e.city import RunningCity

POINT = "7K3M9QXT"
KEY_HERE = """async () => {
  const asked = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const stores = (await asked(indexedDB.open("streetwise"))).transaction(["settings", "device"]);
  const { value: learner } = await asked(stores.objectStore("settings").get("learner"));
  const { device, keys } = await asked(stores.objectStore("device").get(learner));
  return { device, ...(await crypto.subtle.exportKey("jwk", keys.publicKey)) };
}"""
SAID_HERE = """async () => {
  const asked = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const database = await asked(indexedDB.open("streetwise"));
  return (await asked(database.transaction("outbox").objectStore("outbox").getAll()))
    .filter(({ type }) => type === "checkin.scan").map(({ body, device, learner }) => ({ body, device, learner }));
}"""


@pytest.fixture
def holder(open_phone: Callable[..., Page], demo_city: RunningCity) -> Page:
    """Somebody with a pass on their screen, whose app opens with no network."""
    page = open_phone(device_scale_factor=2)
    open_pass(page, demo_city)
    page.get_by_role("button", name="Make my pass").click()
    expect(code_of(page)).to_be_visible()
    expect(page.get_by_text("This app now opens with no network.")).to_be_visible(timeout=20_000)
    return page


def open_pass(page: Page, city: RunningCity) -> None:
    page.goto(f"{city.base_url}/en/pass")


def code_of(page: Page) -> Any:
    return page.locator("svg.pass-code")


def photograph(page: Page) -> str:
    """Read the code from a picture of the screen."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1
    return found[0].text


def pass_on(page: Page) -> passes.Pass:
    shown = passes.read_pass(photograph(page).partition("#")[2])
    assert shown
    return shown


def qr_version(page: Page) -> int:
    modules = int((code_of(page).get_attribute("viewBox") or "").split()[2]) - 8
    return (modules - 17) // 4


def host(city: RunningCity) -> str:
    return city.base_url.partition("//")[2]


def test_a_pass_read_from_the_screen_proves_itself_by_the_phones_key(
    holder: Page, demo_city: RunningCity
) -> None:
    address, here = photograph(holder), holder.evaluate(KEY_HERE)
    assert address.startswith(f"{demo_city.base_url}/P#4".upper())
    shown, key = pass_on(holder), Key(here["x"], here["y"])
    assert shown.device == here["device"]
    assert abs(shown.step - time.time() // 30) <= 1
    assert passes.is_pass_signed(shown, host(demo_city), key, verify)
    assert not passes.is_pass_signed(shown, "elsewhere.example", key, verify)
    assert len(host(demo_city)) <= 15
    assert qr_version(holder) <= 6


def test_it_is_another_pass_after_30_seconds_with_no_network(
    open_phone: Callable[..., Page], holder: Page, demo_city: RunningCity
) -> None:
    holder.clock.install()
    holder.context.set_offline(True)
    open_pass(holder, demo_city)
    expect(code_of(holder)).to_be_visible()
    first = pass_on(holder)
    holder.clock.fast_forward(30_500)
    address = code_of(holder).get_attribute("data-address") or ""
    expect(code_of(holder)).not_to_have_attribute("data-address", f"{first}")
    expect.poll = None
    assert address
    second = pass_on(holder)
    assert second.step == first.step + 1
    here = holder.evaluate(KEY_HERE)
    assert passes.is_pass_signed(second, host(demo_city), Key(here["x"], here["y"]), verify)
