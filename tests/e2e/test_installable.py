"""The app on the home screen: browsers accept it, its icons and shortcuts lead somewhere, and it is never a nag."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit, fetch

ICONS = {("192x192", "any"), ("512x512", "any"), ("192x192", "maskable"), ("512x512", "maskable")}


def test_the_browser_itself_finds_nothing_against_installing(phone: Phone, demo_city: RunningCity) -> None:
    page = phone.switch_on()
    page.goto(f"{demo_city.base_url}/en/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    browser = page.context.new_cdp_session(page)
    assert browser.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert browser.send("Page.getAppManifest")["errors"] == []


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_icons_and_shortcuts_lead_somewhere(visitor: Page, demo_city: RunningCity, lang: str) -> None:
    manifest = fetch(f"{demo_city.base_url}/{lang}/manifest.webmanifest")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == ICONS
    for icon in manifest["icons"]:
        reply = visitor.request.get(demo_city.base_url + icon["src"])
        assert reply.ok and reply.headers["content-type"] == icon["type"]
    assert [one["url"] for one in manifest["shortcuts"]] == [f"/{lang}/scan", f"/{lang}/badges"]
    for shortcut in manifest["shortcuts"]:
        visitor.goto(demo_city.base_url + shortcut["url"])
        expect(visitor.get_by_role("heading", name=shortcut["name"])).to_be_visible()


def test_the_page_and_the_manifest_wear_the_same_colour(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/")
    manifest = fetch(visitor.evaluate("() => document.querySelector('link[rel=manifest]').href"))
    light = visitor.locator('meta[name="theme-color"][media*="light"]')
    assert light.get_attribute("content") == manifest["theme_color"]


def test_a_page_that_is_not_on_the_phone_says_so(visitor: Page, demo_city: RunningCity, visit: Visit) -> None:
    visitor.goto(f"{demo_city.base_url}/en/")
    expect(visitor.get_by_text("This app now opens with no network.")).to_be_visible()
    visitor.context.set_offline(True)
    reply = visitor.goto(visit.activities["bird-walk"]["url"])
    assert reply and reply.status == 503
    expect(visitor.get_by_role("heading", name="This page is not on your phone")).to_be_visible()
    visitor.get_by_role("main").get_by_role("link", name="My learning").click()
    expect(visitor.get_by_role("heading", name="My learning")).to_be_visible()


def test_installing_is_offered_on_the_second_visit_and_a_no_is_for_ever(
    open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    first = open_phone(user_agent=IPHONE)
    hint = "Tap Share, then “Add to Home Screen”."
    first.goto(f"{demo_city.base_url}/en/")
    expect(first.get_by_text("This app now opens with no network.")).to_be_visible()
    expect(first.get_by_text(hint)).to_have_count(0)
    second = visit_again(first.context.new_page(), demo_city)
    expect(second.get_by_text(hint)).to_be_visible()
    second.get_by_role("button", name="No, thank you").click()
    expect(second.get_by_text(hint)).to_have_count(0)
    third = visit_again(first.context.new_page(), demo_city)
    expect(third.get_by_role("heading", level=1)).to_be_visible()
    third.wait_for_load_state("networkidle")
    expect(third.get_by_text(hint)).to_have_count(0)


def test_installing_asks_the_browser_where_it_can(visitor: Page, demo_city: RunningCity) -> None:
    visit_again(visitor, demo_city)
    expect(visitor.get_by_text("This app now opens with no network.")).to_be_visible()
    page = visit_again(visitor.context.new_page(), demo_city)
    page.wait_for_load_state("networkidle")
    page.evaluate(OFFER)
    page.get_by_role("button", name="Install").click()
    assert page.evaluate("() => window.asked") is True
    expect(page.get_by_role("button", name="Install")).to_have_count(0)


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"
OFFER = """() => {
  const offer = new Event('beforeinstallprompt', { cancelable: true });
  offer.prompt = async () => { window.asked = true; };
  dispatchEvent(offer);
}"""


def visit_again(page: Page, city: RunningCity) -> Page:
    """Come back: a new tab is a visit of its own."""
    page.goto(f"{city.base_url}/en/")
    return page
