"""A file of a saved playlist that is not what was promised: it never serves, and one that got damaged later is noticed."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import bundle_of, keeper_of, later, renamed, save

__all__ = ["renamed"]


@pytest.fixture
def altered(visitor: Page) -> Iterator[Callable[[str], list[str]]]:
    """Alter one file on its way, by what its address ends with: a letter of it is another one."""

    def alter(ending: str) -> list[str]:
        met: list[str] = []

        def change(route: Route) -> None:
            reply = route.fetch()
            met.append(route.request.url)
            route.fulfill(response=reply, body=reply.text().replace("e", "a", 1))

        visitor.context.route(lambda url: url.endswith(ending), change)
        return met

    yield alter
    visitor.context.unroute_all(behavior="ignoreErrors")


def test_an_altered_file_is_never_kept_and_the_version_before_goes_on_serving(
    visitor: Page,
    demo_city: RunningCity,
    renamed: Callable[[str], None],
    altered: Callable[[str], list[str]],
) -> None:
    keeper = keeper_of(demo_city)
    path = f"{keeper['path']}?part=1"
    met = altered(path)
    visitor.goto(keeper["url"])
    visitor.get_by_role("button", name="Save for offline").click()
    expect(visitor.get_by_text("A file did not arrive in one piece")).to_be_visible()
    assert met
    visitor.context.unroute_all(behavior="wait")  # a file may be on its way through `change`
    visitor.get_by_role("button", name="Try again").click()
    expect(visitor.get_by_text("Ready with no network")).to_be_visible()

    renamed("Keeper of three rivers")
    met = altered(path)
    later(visitor.context, minutes=10)
    visitor.reload()
    expect(visitor.get_by_text("A file did not arrive in one piece")).to_be_visible()
    expect(visitor.get_by_text("The version that you have still works.")).to_be_visible()
    assert met
    visitor.context.set_offline(True)
    visitor.reload()
    expect(visitor.get_by_role("heading", name=keeper["title"]["en"], level=1)).to_be_visible()


DAMAGE = """async (hash) => {
  const kept = await caches.open("kept");
  const { headers } = await kept.match(`/kept/${hash}`);
  await kept.put(`/kept/${hash}`, new Response("<title>x</title><main id='main'>mould</main>", { headers }));
}"""


def test_a_kept_page_that_got_damaged_is_noticed_and_fetched_again(visitor: Page, visit: Visit) -> None:
    save(visitor, visit.playlist)
    stop = visit.activities["mill-wheel"]
    [hash] = [
        one["sha256"] for one in bundle_of(visit.playlist)["pages"] if one["url"] == f"{stop['path']}?part=1"
    ]
    visitor.evaluate(DAMAGE, hash)
    visitor.context.set_offline(True)
    visitor.goto(stop["url"])
    expect(visitor.get_by_text("mould")).to_have_count(0)
    expect(visitor.get_by_role("heading", name="This page is not on your phone")).to_be_visible()
    visitor.context.set_offline(False)
    visitor.goto(stop["url"])
    expect(visitor.get_by_role("heading", name="Twelve paddles and a clack")).to_be_visible()
    later(visitor.context, minutes=10)
    visitor.goto(visit.playlist["url"])
    expect(visitor.get_by_text("Ready with no network")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.goto(stop["url"])
    expect(visitor.get_by_role("heading", name="Twelve paddles and a clack")).to_be_visible()
