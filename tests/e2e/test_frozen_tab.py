"""A tab that the system froze in the middle of a cycle holds up nobody, and doubles nothing when it thaws."""

from playwright.sync_api import Page, Route, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_learning import learning
from tests.e2e.test_museum_visit import Visit

END_LEASES = """() => new Promise((resolve) => {
  const opening = indexedDB.open("streetwise");
  opening.onsuccess = () => {
    const tx = opening.result.transaction("leases", "readwrite"), leases = tx.objectStore("leases");
    let ended = 0;
    leases.getAll().onsuccess = ({ target }) =>
      target.result.forEach((lease) => { ended++; leases.put({ ...lease, until: Date.now() - 1 }); });
    tx.oncomplete = () => { opening.result.close(); resolve(ended); };
  };
})"""


def test_another_tab_takes_over_from_a_frozen_one(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    before = demo_city.ask("SELECT count(*) FROM check_ins")  # before the worker may have sent it
    held: list[Route] = []
    visitor.route("**/api/sync", lambda route: held.append(route))
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    while not held:
        visitor.wait_for_timeout(50)
    cdp = visitor.context.new_cdp_session(visitor)
    cdp.send("Page.setWebLifecycleState", {"state": "frozen"})

    other = visitor.context.new_page()
    entries = learning(other, demo_city)
    other.get_by_role("button", name="Send now").click()
    expect(other.get_by_text("It is being sent already, in another window of this app.")).to_be_visible()
    assert other.evaluate(END_LEASES) == 1  # as they do by themselves after 20 seconds
    expect(other.get_by_text("Everything is sent")).to_be_visible(timeout=10_000)  # it asked again by itself
    expect(entries.get_by_text("Accepted", exact=True)).to_have_count(1)

    cdp.send("Page.setWebLifecycleState", {"state": "active"})
    held[0].continue_()
    other.wait_for_timeout(1000)
    other.reload()
    expect(other.get_by_text("Everything is sent")).to_be_visible()
    expect(entries.get_by_text("Accepted", exact=True)).to_have_count(1)
    assert demo_city.ask("SELECT count(*) FROM check_ins") == before + 1
