"""A badge's promises: it arrives with joy, or quietly, is there with no network, and can be shown to anyone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import SMALL
from tests.e2e.test_awarding import snap
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_screens import look

STOPS = ("repair-cafe", "poster-workshop", "code-club")


@pytest.fixture(scope="module")
def arrived(other_browser: Browser, visit: Visit) -> Iterator[Page]:
    """Somebody who wants less motion, and has just earned the badge of the Makers' afternoon."""
    context = other_browser.new_context(viewport=SMALL, has_touch=True, locale="en", reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    for slug in STOPS:
        page.goto(visit.points[slug]["url"])
        expect(page.get_by_text("You're here: checked in")).to_be_visible()
        visit.do_tasks(page, slug)
    expect(page.get_by_role("dialog").get_by_text("You earned a badge")).to_be_visible()
    yield page
    context.close()


@pytest.fixture
def earner(arrived: Page) -> Page:
    """The same, after the celebration."""
    close = arrived.get_by_role("dialog").get_by_role("button", name="Close")
    arrived.wait_for_timeout(1000)  # it may be on its way
    if close.is_visible():
        close.click()
        expect(close).to_be_hidden()
    return arrived


def test_a_celebration_is_quiet_for_those_who_want_less_motion(arrived: Page) -> None:
    dialog = arrived.get_by_role("dialog")
    expect(dialog.locator(".celebration-confetti")).to_have_count(0)
    assert arrived.evaluate("() => document.getAnimations().filter((one) => one.playState === 'running').length") == 0  # fmt: skip
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    arrived.reload()
    expect(arrived.get_by_role("link", name="All sent")).to_be_visible()
    expect(dialog).to_have_count(0)


def test_a_badge_is_shared_by_copying_where_there_is_no_share_sheet(
    earner: Page, demo_city: RunningCity
) -> None:
    earner.add_init_script("delete Navigator.prototype.share")
    open_badge(earner, demo_city)
    earner.get_by_role("button", name="Share").click()
    expect(earner.get_by_text("The link is copied.")).to_be_visible()
    assert "/credentials/" in earner.evaluate("() => navigator.clipboard.readText()")
    with earner.expect_download() as download:
        earner.get_by_role("link", name="Download the picture").click()
    assert download.value.suggested_filename.endswith(".png")
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_badge_is_shared_by_the_phones_own_sheet_where_there_is_one(
    earner: Page, demo_city: RunningCity
) -> None:
    earner.add_init_script(
        """navigator.canShare = () => true;
        navigator.share = async (what) => {
          window.shared = { url: what.url, files: what.files.map((file) => [file.name, file.type, file.size > 1000]) };
        };"""
    )
    open_badge(earner, demo_city)
    expect(earner.get_by_role("link", name="Download the picture")).to_have_count(0)
    earner.wait_for_load_state("networkidle")
    earner.get_by_role("button", name="Share").click()
    expect(earner.get_by_text("Shared.")).to_be_visible()
    shared = earner.evaluate("() => window.shared")
    assert "/credentials/" in shared["url"]
    assert [file[1:] for file in shared["files"]] == [["image/png", True]]


def test_my_badges_open_with_no_network(earner: Page, demo_city: RunningCity) -> None:
    open_badge(earner, demo_city)
    earner.wait_for_load_state("networkidle")
    earner.context.new_cdp_session(earner).send("Network.clearBrowserCache")  # as phones do without a word
    earner.context.set_offline(True)
    earner.goto(f"{demo_city.base_url}/en/badges")
    tile = earner.locator(".badge-tile")
    expect(tile).to_have_count(1)
    assert tile.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 50
    tile.click()
    expect(earner.get_by_role("heading", name="How it was checked").or_(earner.get_by_text("How it was checked"))).to_be_visible()  # fmt: skip
    picture = earner.get_by_alt_text("Badge: ")
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 50
    earner.context.set_offline(False)


def test_an_employer_checks_a_badge_without_javascript(
    earner: Page, open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    open_badge(earner, demo_city)
    file = earner.get_by_role("link", name="Credential for a wallet (JSON)").get_attribute("href") or ""
    badge = earner.request.get(demo_city.base_url + file).text()
    employer = open_phone(java_script_enabled=False)
    for given, words in (
        (badge, "Genuine, and it still holds"),
        (badge.replace("Velamond", "Elsewhere"), "Do not trust this badge"),
    ):
        employer.goto(f"{demo_city.base_url}/verify?lang=en")
        employer.get_by_label("Or paste it").fill(given)
        employer.get_by_role("button", name="Check").click()
        expect(employer.get_by_text(words)).to_be_visible()


def open_badge(page: Page, city: RunningCity) -> None:
    page.goto(f"{city.base_url}/en/badges")
    page.locator(".badge-tile").click()
    expect(page.get_by_role("link", name="Its page, where anyone can check it")).to_be_visible()


def test_my_badges_say_how_far_one_is_with_a_milestone_and_what_is_missing(
    earner: Page, demo_city: RunningCity
) -> None:
    earner.goto(f"{demo_city.base_url}/en/badges")
    way = earner.get_by_role("region", name="On the way")
    expect(way.get_by_text("1 of 3")).to_be_visible()
    expect(way.get_by_role("progressbar", name="1 of 3")).to_be_visible()
    expect(way.get_by_role("link", name="The river museum in seven stops")).to_be_visible()
    snap(earner, "on-the-way")
    look(earner)
    way.get_by_role("link", name="All milestones").click()
    expect(earner.get_by_role("heading", name="Milestones")).to_be_visible()
    snap(earner, "milestones")
    look(earner)
