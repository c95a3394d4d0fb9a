"""A saved playlist's promises: its size first, stop and go on, all of it with no network, and what changed since."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit


def save(page: Page, playlist: dict[str, Any]) -> None:
    page.goto(playlist["url"])
    page.get_by_role("button", name="Save for offline").click()
    expect(page.get_by_text("Ready with no network")).to_be_visible()


def bundle_of(playlist: dict[str, Any]) -> dict[str, Any]:
    base = playlist["url"].removesuffix(playlist["path"])
    with urllib.request.urlopen(f"{base}/api/playlists/{playlist['id']}/bundle?lang=en") as reply:
        bundle: dict[str, Any] = json.load(reply)
    return bundle


def test_the_size_is_told_before_anything_is_saved(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.playlist["url"])
    button = visitor.get_by_role("button", name=re.compile(r"^Save for offline · [\d.]+ [kM]B$"))
    expect(button).to_be_visible()
    bundle = bundle_of(visit.playlist)
    files = {one["sha256"]: one["size"] for one in [*bundle["pages"], *bundle["media"]]}
    assert f"{sum(files.values()) / 1e6:.1f} MB" in button.inner_text()


def test_saving_can_be_stopped_and_goes_on_where_it_was(
    open_phone: Callable[..., Page], visit: Visit
) -> None:
    page = open_phone(service_workers="block")
    page.clock.install()
    brought: list[str] = []
    held: list[Route] = []

    def bring_six(route: Route) -> None:
        if len(brought) == 6:
            return held.append(route)
        brought.append(route.request.url)
        route.continue_()

    page.goto(visit.playlist["url"])
    page.wait_for_load_state("networkidle")
    page.route(re.compile("/media/|part=1"), bring_six)
    page.get_by_role("button", name="Save for offline").click()
    expect(page.get_by_text(re.compile("^Saving: .+ of .+ MB"))).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    while len(held) < 4:  # all that it fetches at a time, so the six are here
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Saving is stopped")).to_be_visible()
    for route in held:
        route.abort()
    page.unroute_all()
    page.reload()
    expect(page.get_by_text(re.compile("are here and stay here"))).to_be_visible()
    again: list[str] = []
    page.on("requestfinished", lambda one: again.append(one.url) if one.resource_type == "fetch" else None)
    page.get_by_role("button", name="Go on").click()
    all_files = page.get_by_text("All files are here")
    expect(all_files).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.clock.fast_forward(30_000)  # it waits for a worker, and there is none in this browser
    expect(all_files).to_be_visible()
    expect(page.get_by_text("Ready with no network")).to_have_count(0)
    assert again and not set(again) & set(brought)


def test_a_saved_playlist_opens_at_any_stop_with_no_network(visitor: Page, visit: Visit) -> None:
    save(visitor, visit.playlist)
    visitor.context.set_offline(True)
    visitor.close()
    page = visitor.context.new_page()
    page.goto(visit.activities["river-terrace"]["url"])
    expect(page.get_by_role("heading", name="What convinced you?")).to_be_visible()
    page.goto(visit.points["mill-wheel"]["url"])
    expect(page.get_by_text("You're here: checked in")).to_be_visible()
    expect(page.get_by_role("heading", name="Twelve paddles and a clack")).to_be_visible()


def test_sound_and_pictures_are_there_with_no_network(visitor: Page, visit: Visit) -> None:
    save(visitor, visit.playlist)
    visitor.context.set_offline(True)
    visitor.goto(visit.activities["mill-wheel"]["url"])
    expect(visitor.locator("audio[controls]")).to_be_visible()
    seconds = visitor.locator("audio").evaluate(
        """async (audio) => {
          audio.muted = true;
          await audio.play();
          audio.currentTime = audio.duration / 2; // asks for a range
          await new Promise((sought) => audio.addEventListener('seeked', sought, { once: true }));
          return audio.currentTime;
        }"""
    )
    assert seconds > 1
    picture = visitor.locator(".stop-picture img")
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100


def test_what_is_saved_is_marked_in_my_learning(visitor: Page, demo_city: RunningCity, visit: Visit) -> None:
    save(visitor, visit.playlist)
    visitor.goto(f"{demo_city.base_url}/en/learning")
    mine = visitor.locator(".learning-playlist", has_text=visit.playlist["title"]["en"])
    expect(mine.get_by_text("Ready with no network")).to_be_visible()


def test_a_removed_playlist_leaves_its_work_behind(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    save(visitor, visit.playlist)
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    visitor.goto(visit.playlist["url"])
    visitor.get_by_role("button", name="Remove").click()
    expect(visitor.get_by_text("Removed from this phone. What you did is still here.")).to_be_visible()
    expect(visitor.get_by_role("button", name="Save for offline")).to_be_visible()
    visitor.goto(f"{demo_city.base_url}/en/learning")
    expect(visitor.get_by_role("link", name="Twelve paddles and a clack")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.goto(visit.activities["river-terrace"]["url"])
    expect(visitor.get_by_role("heading", name="This page is not on your phone")).to_be_visible()


@pytest.fixture
def renamed(demo_city: RunningCity) -> Iterator[Callable[[str], None]]:
    """Rename a playlist as its organiser would; it gets its old name back."""
    keeper = next(one for one in demo_city.facts["playlists"] if one["slug"] == "river-keeper")

    def rename(name: str) -> None:
        title = json.dumps({**keeper["title"], "en": name})
        demo_city.change(
            "UPDATE playlists SET title = :title, updated_at = :now WHERE id = :id",
            title=title,
            now=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",
            id=keeper["id"],
        )

    yield rename
    rename(keeper["title"]["en"])


def test_what_the_organiser_changed_arrives_by_itself(
    visitor: Page, demo_city: RunningCity, renamed: Callable[[str], None]
) -> None:
    keeper = next(one for one in demo_city.facts["playlists"] if one["slug"] == "river-keeper")
    save(visitor, keeper)
    renamed("Keeper of two rivers")
    later(visitor.context, minutes=10)
    visitor.reload()
    expect(visitor.get_by_text("Updated: the organiser had changed something.")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.reload()
    expect(visitor.get_by_role("heading", name="Keeper of two rivers")).to_be_visible()
    expect(visitor.get_by_text("Ready with no network")).to_be_visible()


def later(context: BrowserContext, minutes: int) -> None:
    """Let time pass on the phone's own clock."""
    context.add_init_script(f"const now = Date.now; Date.now = () => now() + {minutes * 60_000};")


def test_a_playlist_is_saved_in_the_phones_language(open_phone: Callable[..., Page], visit: Visit) -> None:
    page = open_phone(locale="nl-NL")
    page.goto(visit.playlist["url"].replace("/en/", "/nl/"))
    page.get_by_role("button", name="Offline bewaren").click()
    expect(page.get_by_text("Werkt zonder internet")).to_be_visible()
    page.context.set_offline(True)
    page.goto(visit.activities["mill-wheel"]["url"].replace("/en/", "/nl/"))
    expect(page.get_by_role("heading", name="Twaalf schoepen en een klap")).to_be_visible()


def test_a_kept_sound_is_given_by_stretches_with_no_network(visitor: Page, visit: Visit) -> None:
    save(visitor, visit.playlist)
    visitor.goto(visit.activities["mill-wheel"]["url"])
    visitor.context.set_offline(True)
    answers = visitor.locator("audio").evaluate(
        """async ({ src }) => {
          const ask = async (options) => {
            const reply = await fetch(src, options);
            return [reply.status, reply.headers.get('Content-Range'), (await reply.arrayBuffer()).byteLength];
          };
          const size = (await ask({}))[2];
          return [size,
            await ask({ headers: { Range: 'bytes=10-19' } }),
            await ask({ headers: { Range: 'bytes=-7' } }),
            await ask({ headers: { Range: `bytes=${size}-` } }),
            await ask({ method: 'HEAD' })];
        }"""
    )
    size = answers[0]
    assert answers[1:] == [
        [206, f"bytes 10-19/{size}", 10],
        [206, f"bytes {size - 7}-{size - 1}/{size}", 7],
        [416, f"bytes */{size}", 0],
        [200, None, 0],
    ]


def keeper_of(city: RunningCity) -> dict[str, Any]:
    return next(one for one in city.facts["playlists"] if one["slug"] == "river-keeper")


def test_what_is_on_the_phone_is_shown_with_what_is_at_stake(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    save(visitor, keeper_of(demo_city))
    save(visitor, visit.playlist)
    visitor.context.set_offline(True)
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    visitor.goto(f"{demo_city.base_url}/en/learning")
    visitor.get_by_text("Storage on this phone").click()
    rows = visitor.locator(".storage-playlist")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text(keeper_of(demo_city)["title"]["en"])
    expect(rows.nth(1)).to_contain_text("1 thing not sent yet (it stays)")
    expect(rows.nth(1)).to_contain_text("Begun")
    expect(visitor.get_by_text(re.compile("used, .+ free for this app"))).to_be_visible()
    rows.nth(1).get_by_role("checkbox").check()
    visitor.get_by_role("button", name=re.compile("Remove · frees .+B")).click()
    expect(visitor.get_by_text("1 playlist removed. What you did is still here.")).to_be_visible()
    expect(rows).to_have_count(1)
    visitor.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(2)
    visitor.goto(visit.activities["river-terrace"]["url"])
    expect(visitor.get_by_role("heading", name="What convinced you?")).to_be_visible()


def test_when_the_phone_is_full_as_much_is_offered_as_is_needed(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    save(visitor, visit.playlist)
    estimate = visitor.evaluate("navigator.storage.estimate()")
    cdp = visitor.context.new_cdp_session(visitor)
    full = {"origin": demo_city.base_url, "quotaSize": estimate["usage"] + 20_000}
    cdp.send("Storage.overrideQuotaForOrigin", full)
    visitor.goto(keeper_of(demo_city)["url"])
    visitor.get_by_role("button", name="Save for offline").click()
    expect(visitor.get_by_text("There is not enough room on this phone")).to_be_visible()
    offered = visitor.locator(".storage-playlist", has_text=visit.playlist["title"]["en"])
    expect(offered.get_by_role("checkbox")).to_be_checked()
    offered.get_by_role("checkbox").uncheck()
    expect(visitor.get_by_text(re.compile("Still .+B to go"))).to_be_visible()
    expect(visitor.get_by_role("button", name="Remove", exact=True)).to_be_disabled()
    offered.get_by_role("checkbox").check()
    visitor.get_by_role("button", name=re.compile("Remove · frees .+B")).click()
    expect(visitor.get_by_text("Ready with no network")).to_be_visible()
