"""Every screen in every state: no serious fault for axe in light and dark, small and wide, and nothing runs off the side."""

import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
import qrcode
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit, fetch

SIZES: tuple[ViewportSize, ...] = ({"width": 360, "height": 740}, {"width": 1280, "height": 800})
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MAKERS = ("repair-cafe", "poster-workshop", "code-club")
FOR_EVERYONE = (
    "/en/", "/en/playlists/museum-visit", "/en/activities/printing-press", "/en/scan", "/en/learning", "/en/badges",
    "/en/people", "/en/pass", "/en/join", "/en/account", "/en/enter", "/en/phones", "/en/my-data", "/en/privacy", "/en/class",
    "/en/door", "/en/offline", "/en/nowhere", "/s/NOSUCH00", "/P", "/verify", "/desk/", "/desk/sign-in", "/en/repair",
)  # fmt: skip
IN_OTHER_WORDS = (
    "/nl/", "/nl/playlists/museum-visit", "/nl/activities/salt-cellar", "/nl/scan", "/nl/learning", "/nl/badges",
    "/nl/people", "/nl/pass", "/nl/join", "/nl/account", "/nl/enter", "/nl/phones", "/nl/my-data", "/nl/privacy", "/nl/class", "/nl/door", "/nl/repair",
    "/nl/offline", "/es/playlists/museum-visit", "/es/activities/salt-cellar", "/verify?lang=nl", "/desk/sign-in?lang=es",
)  # fmt: skip

DIST = Path(__file__).parents[2] / "pwa/static/dist"
SAY = """async ([file, what]) => {
  const [show] = Object.values(await import(new URL(file, document.querySelector("script[type=module]").src)));
  show(what, { gettext: (words) => words, lang: "en" }, {});
}"""
NARROW = """() => [...document.querySelectorAll(".rows li > a:first-child")]
  .map((words) => words.getBoundingClientRect().width).filter((width) => width < 120)"""

# A word on two lines, because it has no room.
BROKEN = """(where) => [...document.querySelectorAll(where)].flatMap((one) => {
  const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT), range = document.createRange(), broken = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const word of text.data.matchAll(/\\S+/g)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (range.getClientRects().length > 1) broken.push(word[0]);
    }
  return broken;
})"""

# What reaches over a card's edge would be cut off with scissors.
SPILT = """() => [...document.querySelectorAll(".sheet-card")].filter((one) => one.scrollHeight > one.clientHeight + 1)
  .map((one) => one.innerText)"""


@pytest.fixture
def visitor(open_phone: Callable[..., Page]) -> Page:
    """Somebody who only looks: that a worker brings all the app to each new phone changes nothing of what is seen."""
    return open_phone(service_workers="block")


@pytest.fixture
def keeper(open_phone: Callable[..., Page]) -> Page:
    """Somebody whose phone keeps things for where there is no signal."""
    return open_phone()


def test_axe_finds_what_is_wrong(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/offline")
    visitor.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.append(document.createElement("img"));
          main.querySelector("h1").style.color = "#ddd";
        }"""
    )
    assert {"image-alt", "color-contrast"} <= {fault["id"] for fault in serious_faults(visitor)}


def test_what_runs_off_the_side_is_seen(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/offline")
    visitor.evaluate("() => document.querySelector('main h1').style.minInlineSize = '30rem'")
    assert off_the_side(visitor)


@pytest.mark.parametrize("path", FOR_EVERYONE)
def test_a_page_for_everyone(path: str, visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(demo_city.base_url + path)
    settle(visitor)
    look(visitor)


@pytest.mark.parametrize("path", IN_OTHER_WORDS)
def test_longer_words_fit(path: str, visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(demo_city.base_url + path)
    settle(visitor)
    assert not off_the_side(visitor)


@pytest.mark.parametrize("path", FOR_EVERYONE[:6])
def test_a_page_reads_from_the_right(path: str, visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(demo_city.base_url + path)
    settle(visitor)
    visitor.evaluate("() => document.documentElement.dir = 'rtl'")
    assert not off_the_side(visitor)
    assert begins(visitor, ".brand") > begins(visitor, ".languages")


def test_the_scanner(visitor: Page, demo_city: RunningCity, tmp_path: Path) -> None:
    visitor.goto(f"{demo_city.base_url}/en/scan")
    visitor.get_by_role("button", name="Start the camera").click()
    expect(visitor.get_by_role("button", name="Try again")).to_be_visible()
    look(visitor)
    visitor.get_by_role("button", name="Type the code").click()
    look(visitor)
    visitor.get_by_role("textbox").fill("ABCD-EFGH")
    visitor.get_by_role("button", name="Check in").click()
    expect(visitor.get_by_text("One character is not right.")).to_be_visible()
    look(visitor)
    with (tmp_path / "foreign.png").open("wb") as picture:
        qrcode.make("https://prizes.example/win").save(picture)
    visitor.get_by_label("Read a picture").set_input_files(tmp_path / "foreign.png")
    expect(visitor.get_by_text("It leads to prizes.example.")).to_be_visible()
    look(visitor)


def test_the_scanner_with_a_camera(phone: Phone, demo_city: RunningCity) -> None:
    page = phone.switch_on()
    page.goto(f"{demo_city.base_url}/en/scan")
    expect(page.get_by_text("Hold the code inside the frame")).to_be_visible()
    look(page)


def test_a_stop_and_what_is_learnt_there(visitor: Page, demo_city: RunningCity, visit: Visit) -> None:
    visitor.goto(visit.points["flood-pole"]["url"])
    expect(visitor.get_by_role("status").get_by_text("Accepted").first).to_be_visible()
    look(visitor)
    wrong = answer_wrong(visitor, visit, "flood-pole")
    look(visitor)
    wrong.uncheck()
    visit.do_tasks(visitor, "flood-pole")
    expect(visitor.get_by_text("All done here")).to_be_visible()
    look(visitor)
    visitor.goto(f"{demo_city.base_url}/s/{visit.points['mill-wheel']['point']}#1{'A' * 16}")
    expect(visitor.get_by_text("This check-in did not count")).to_be_visible()
    look(visitor)
    visitor.goto(f"{demo_city.base_url}/en/learning")
    expect(visitor.get_by_role("heading", name="1 needs you")).to_be_visible()
    look(visitor)


def test_one_way_leads_on_from_a_stop_that_is_done(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.points["clock-room"]["url"])
    expect(visitor.get_by_role("link", name="Next stop")).to_have_count(1)
    visit.do_tasks(visitor, "clock-room")
    expect(visitor.get_by_text("All done here")).to_be_visible()
    expect(visitor.get_by_role("link", name="Next stop")).to_have_count(1)
    expect(visitor.get_by_role("link", name=re.compile("^(Back to|All stops)"))).to_have_count(1)


def test_what_is_kept_where_there_is_no_signal(keeper: Page, demo_city: RunningCity, visit: Visit) -> None:
    keeper.goto(visit.playlist["url"])
    keeper.get_by_role("button", name="Save for offline · ").click()
    expect(keeper.get_by_text("Ready with no network")).to_be_visible()
    look(keeper)
    keeper.context.set_offline(True)
    visit.type_code(keeper, "pump-room")
    visit.do_tasks(keeper, "pump-room")
    look(keeper)
    for path in (
        "/en/playlists/museum-visit",
        "/en/learning",
        "/en/",
        "/en/scan",
        "/en/activities/bird-walk",
    ):
        keeper.goto(demo_city.base_url + path)
        expect(keeper.get_by_role("link", name="waiting")).to_be_visible()
        look(keeper)


def test_the_home_screen_is_offered(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/")
    settle(visitor)
    visitor.evaluate("() => sessionStorage.clear()")  # another day
    visitor.reload()
    settle(visitor)
    visitor.evaluate("() => dispatchEvent(Object.assign(new Event('beforeinstallprompt'), {prompt() {}}))")
    expect(visitor.get_by_text("Keep it at hand")).to_be_visible()
    look(visitor)


def test_a_badge_wherever_it_is_shown(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit
) -> None:
    page = open_phone()
    page.add_init_script("delete Navigator.prototype.share")
    for slug in MAKERS:
        page.goto(visit.points[slug]["url"])
        expect(page.get_by_text("You're here: checked in")).to_be_visible()
        visit.do_tasks(page, slug)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Share")).to_be_visible()
    look(page)
    dialog.get_by_role("link", name="Show my badge").click()
    expect(page.get_by_role("link", name="Download the picture")).to_be_visible()
    page.get_by_role("button", name="Share").click()
    look(page)
    address = page.get_by_role("link", name="Its page, where anyone can check it").get_attribute("href") or ""
    page.get_by_role("link", name="All my badges").click()
    expect(page.locator(".badge-tile")).to_have_count(1)
    look(page)
    for path in ("/en/learning", "/en/playlists/makers-afternoon", address):
        page.goto(demo_city.base_url + path)
        settle(page)
        look(page)
    look_at_checks(page, demo_city.base_url, fetch(f"{demo_city.base_url}{address}.json"))


def test_the_desk_and_the_sheet(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(demo_city.sign_in_link("river-museum"))
    expect(visitor.get_by_role("heading", name="Hello,")).to_be_visible()
    look(visitor)
    visitor.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert visitor.evaluate(NARROW) == [], "large letters leave words whole"
    for langs in ("en", "en,nl,es"):
        visitor.goto(f"{demo_city.base_url}/desk/playlists/museum-visit/sheet?lang={langs}")
        look(visitor)
        assert pages_printed(visitor) == 2, "four cards a page"
        assert visitor.evaluate(SPILT) == []
    visitor.goto(f"{demo_city.base_url}/desk/playlists/museum-visit/sheet?lang=en&in=en,ar,uk&layout=cards")
    look(visitor)
    visitor.get_by_role("button", name="Check this sheet").click()
    expect(visitor.get_by_text("All 7 codes can be read.")).to_be_visible()
    expect(visitor.get_by_label("Cards to cut")).to_be_checked()
    look(visitor)
    with visitor.expect_download() as download:
        visitor.get_by_role("link", name="PDF with 7 codes").click()
    assert download.value.suggested_filename == "museum-visit-cards.pdf"


def test_long_titles_on_the_desk_are_not_broken(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(demo_city.sign_in_link("library"))
    expect(visitor.get_by_role("heading", name="Hello,")).to_be_visible()
    visitor.goto(f"{demo_city.base_url}/desk/?lang=nl")
    expect(visitor.get_by_role("link", name="Verhalenwandeling: vier deuren").last).to_be_visible()
    assert visitor.evaluate(BROKEN, ".rows li > a:first-child") == []


def test_the_head_of_a_page_stays_on_one_line(visitor: Page, visit: Visit, demo_city: RunningCity) -> None:
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_role("link", name="All sent")).to_be_visible()
    visitor.goto(f"{demo_city.base_url}/nl/pass")
    expect(visitor.get_by_role("link", name="Alles verstuurd")).to_be_visible()
    assert visitor.locator(".top").evaluate("one => one.clientHeight") < 80
    whole = visitor.locator(".brand span").evaluate("one => one.scrollWidth <= one.clientWidth")
    assert whole, "the city's name is not cut"


def test_the_rule_of_a_playlist(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(demo_city.sign_in_link("library"))
    expect(visitor.get_by_role("heading", name="Hello,")).to_be_visible()
    visitor.get_by_role("link", name="Change the rule").first.click()
    expect(visitor.get_by_role("heading", name="Rule: Makers' afternoon")).to_be_visible()
    look(visitor)
    visitor.get_by_role("button", name="Save the rule").click()
    expect(visitor.get_by_text("Saved. From now on:")).to_be_visible()
    look(visitor)


def test_what_my_learning_says_of_this_phone(keeper: Page, demo_city: RunningCity) -> None:
    keeper.goto(f"{demo_city.base_url}/en/playlists/river-keeper")
    keeper.get_by_role("button", name="Save for offline").click()
    expect(keeper.get_by_text("Ready with no network")).to_be_visible()
    keeper.goto(f"{demo_city.base_url}/en/learning")
    keeper.get_by_text("Storage on this phone").click()
    expect(keeper.locator(".storage-playlist")).to_be_visible()
    keeper.get_by_text("If this phone cannot get online").click()
    expect(keeper.get_by_role("button", name="Make a rescue file")).to_be_visible()
    look(keeper)


def test_what_the_app_says_of_itself(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/learning")
    settle(visitor)
    for what in ("update", "earlier", "unreadable", "broken", "sending"):
        visitor.evaluate(SAY, [notices(), what])
        expect(visitor.locator(".app-notice-words")).to_be_visible()
        look(visitor)


def notices() -> str:
    """Name the file that has the app's own notices."""
    return next(file.name for file in DIST.glob("app-notice-*.js"))


def test_nothing_lies_behind_the_bar_at_the_foot(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/")
    settle(visitor)
    visitor.keyboard.press("End")
    last = visitor.locator(".foot a").last
    expect(last).to_be_in_viewport(ratio=1)
    last.click(trial=True)


def test_a_picture_that_is_not_here_leaves_a_calm_place(visitor: Page, demo_city: RunningCity) -> None:
    visitor.goto(f"{demo_city.base_url}/en/")
    assert "url(" in visitor.locator(".card-picture").first.evaluate(
        "one => getComputedStyle(one).backgroundImage"
    )


# Looking


def look(page: Page) -> None:
    """Look at the page as it stands: by axe small and wide, light and dark, then for what runs off the side.

    In the dark only colours differ, so that only what depends on them is looked at again.
    """
    for size, scheme in product(SIZES, SCHEMES):
        page.set_viewport_size(size)
        page.emulate_media(media="screen", color_scheme=scheme, reduced_motion="reduce")
        faults = serious_faults(page, COLOURS if scheme == "dark" else {})
        found = [(one["id"], one["nodes"][0]["html"][:200]) for one in faults]
        assert not found, f"{page.url} at {size['width']} in {scheme}: {found}"
    page.set_viewport_size(SIZES[0])
    assert not off_the_side(page), page.url


def serious_faults(page: Page, options: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Ask axe for what it calls serious or critical."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    asked = {"resultTypes": ["violations"], **(options or {})}
    faults = page.evaluate("asked => axe.run(document, asked).then((found) => found.violations)", asked)
    return [one for one in faults if one["impact"] in ("serious", "critical")]


def off_the_side(page: Page) -> list[str]:
    """Name what does not fit a small phone, with letters as they are and twice as large."""
    found = []
    for size in ("", "200%"):
        page.evaluate("size => document.documentElement.style.fontSize = size", size)
        found += page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
            .filter((one) => { const {left, right} = one.getBoundingClientRect(); return left < 0 || right > innerWidth + 1; })
            .map((one) => `${one.tagName}.${one.className}`)"""
        )
    page.evaluate("() => document.documentElement.style.fontSize = ''")
    return found


def begins(page: Page, part: str) -> float:
    """Measure where a part of the page begins, from the left."""
    left: float = page.locator(part).evaluate("one => one.getBoundingClientRect().left")
    return left


def settle(page: Page) -> None:
    """Wait until the islands have drawn themselves."""
    page.wait_for_load_state("networkidle")


def look_at_checks(page: Page, base_url: str, badge: dict[str, Any]) -> None:
    """Look at each result that a check can have: it holds, it was touched, it is somebody else's, it is nothing."""
    touched = {**badge, "name": "Master of the river"}
    elsewhere = json.loads(json.dumps(badge).replace(badge["issuer"]["id"], "did:web:elsewhere.example"))
    for pasted in (badge, touched, elsewhere, "nothing"):
        page.goto(f"{base_url}/verify")
        page.get_by_label("Or paste it").fill(json.dumps(pasted))
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".state").first).to_be_visible()
        look(page)
    achievement = badge["credentialSubject"]["achievement"]["id"].rsplit("/achievements/", 1)[1].split("#")[0]
    page.goto(f"{base_url}/en/achievements/{achievement}")
    look(page)


def answer_wrong(page: Page, visit: Visit, slug: str) -> Locator:
    """Tick what is not right, and return it."""
    task = next(one for one in visit.tasks(slug) if one["kind"] == "choices")
    card = page.locator(".task", has_text=task["prompt"]["en"])
    values = [one.get_attribute("value") for one in card.get_by_role("checkbox").all()]
    wrong = card.get_by_role("checkbox").nth(
        next(i for i, one in enumerate(values) if one not in task["answer"]["choices"])
    )
    wrong.check()
    card.get_by_role("button", name="Check my answer").click()
    expect(card.get_by_text("Not right yet.")).to_be_visible()
    return wrong


def pages_printed(page: Page) -> int:
    """Count the pages as they would be printed, and leave the page as it looks on paper."""
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": 718, "height": 1046})  # A4 within its margins
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
