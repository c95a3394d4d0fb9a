"""With JavaScript off, the city is still a place to read and listen, and nothing is sent twice."""

import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit


@pytest.fixture
def plain(open_phone: Callable[..., Page]) -> Page:
    return open_phone(java_script_enabled=False)


def test_the_city_shows_everything_there_is_to_do(plain: Page, demo_city: RunningCity) -> None:
    plain.goto(f"{demo_city.base_url}/en/")
    expect(plain.locator(".playlist-card")).to_have_count(len(demo_city.facts["playlists"]))
    expect(plain.locator(".activity-cards > li")).to_have_count(
        demo_city.ask("SELECT count(*) FROM activities")
    )
    plain.locator(".playlist-card").first.click()
    expect(plain.get_by_role("heading", name="The river museum in seven stops")).to_be_visible()


def test_a_playlist_shows_its_stops_its_rule_and_its_badge(plain: Page, visit: Visit) -> None:
    plain.goto(visit.playlist["url"])
    expect(plain.locator(".route-stop")).to_have_count(len(visit.playlist["activities"]))
    expect(plain.locator(".route-stop", has_text="Required")).to_have_count(4)
    expect(plain.get_by_text("River detective")).to_be_visible()
    plain.locator(".route-stop a").first.click()
    expect(plain.get_by_role("heading", name="Your turn")).to_be_visible()


def test_a_stop_is_whole(plain: Page, visit: Visit) -> None:
    plain.goto(visit.points["mill-wheel"]["url"])
    expect(plain.get_by_role("heading", name="Twelve paddles and a clack")).to_be_visible()
    expect(plain.get_by_text("Sea salt arrived in Velamond")).to_be_visible()
    expect(plain.get_by_alt_text("A big wooden water wheel")).to_be_visible()
    expect(plain.locator("audio[controls]")).to_be_visible()
    for task in visit.tasks("mill-wheel"):
        expect(plain.get_by_text(task["prompt"]["en"])).to_be_visible()
    expect(plain.locator("noscript p", has_text="switch JavaScript on.")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/en/scan", "The scanner in this page needs JavaScript"),
        ("/en/learning", "Your list needs JavaScript"),
        ("/en/badges", "Your badges need JavaScript"),
    ],
)
def test_what_needs_javascript_says_so(plain: Page, demo_city: RunningCity, path: str, words: str) -> None:
    plain.goto(demo_city.base_url + path)
    expect(plain.locator("noscript p", has_text=words)).to_be_visible()


@pytest.mark.parametrize("path", ["/en/", "/nl/playlists/museum-visit", "/en/activities/mill-wheel", "/en/manifest.webmanifest"])  # fmt: skip
def test_a_page_that_did_not_change_is_not_sent_again(demo_city: RunningCity, path: str) -> None:
    with urllib.request.urlopen(demo_city.base_url + path) as reply:
        etag, kept = reply.headers["ETag"], reply.headers["Cache-Control"]
    assert "public" in kept and "max-age=0" in kept
    again = urllib.request.Request(demo_city.base_url + path, headers={"If-None-Match": etag})
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(again)
    assert answer.value.code == 304


def test_hashed_files_are_kept_for_ever(plain: Page, visit: Visit) -> None:
    kept: dict[str, str] = {}
    plain.on("response", lambda one: kept.update({one.url: one.headers.get("cache-control", "")}))
    plain.goto(visit.activities["mill-wheel"]["url"])
    plain.wait_for_load_state("networkidle")
    files = {url: how for url, how in kept.items() if "/static/dist/" in url or "/media/" in url}
    assert any(".css" in url for url in files) and any("/media/" in url for url in files)
    assert all("immutable" in how and "max-age=31536000" in how for how in files.values()), files
