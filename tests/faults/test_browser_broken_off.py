"""A transaction on the phone that is broken off leaves nothing half: not of what is recorded, not of what the server said."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.faults.browser import all_sent, all_there_once, learning, on_phone, type_code

BREAK_OFF = """
  // Abort the next transaction that writes so (`outbox.add`), after that write has succeeded.
  globalThis.broken = 0;
  for (const how of ["add", "put"]) {
    const write = IDBObjectStore.prototype[how];
    IDBObjectStore.prototype[how] = function (...what) {
      const request = write.apply(this, what);
      if (globalThis.breakOff === `${this.name}.${how}`) {
        globalThis.breakOff = null;
        globalThis.broken += 1;
        request.addEventListener("success", () => this.transaction.abort());
      }
      return request;
    };
  }
"""


def test_what_could_not_be_saved_is_said_and_stays_in_the_form(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    visitor.add_init_script(BREAK_OFF)
    type_code(visitor, demo_city, visit.points["river-terrace"]["typed"])
    all_sent(visitor, demo_city)
    before = on_phone(visitor)
    visitor.goto(visit.activities["river-terrace"]["url"])
    words = visitor.locator(".task").get_by_role("textbox")
    words.fill("The press is louder than the mill.")
    visitor.evaluate("globalThis.breakOff = 'outbox.add'")
    visitor.get_by_role("button", name="Hand in").click()
    expect(visitor.get_by_text("Not saved:")).to_be_visible()
    expect(words).to_have_value("The press is louder than the mill.")
    assert visitor.evaluate("globalThis.broken") == 1
    assert on_phone(visitor) == before
    visitor.get_by_role("button", name="Hand in").click()
    expect(visitor.get_by_text("Handed in")).to_be_visible()
    all_sent(visitor, demo_city)
    all_there_once(visitor, demo_city, check_ins=1, answers=1)


def test_an_answer_that_was_not_written_down_whole_is_asked_for_again(
    open_phone: Callable[..., Page], demo_city: RunningCity, visit: Visit
) -> None:
    visitor = open_phone(service_workers="block")  # a worker would send as well, and nothing breaks it off
    visitor.add_init_script(BREAK_OFF)
    reachable = False
    asked: list[Route] = []
    held: list[Route] = []

    def answer_once(route: Route) -> None:
        """Whoever asks after the first one must wait: it would see to what the first one leaves."""
        if not reachable:
            route.abort()
        elif asked:
            held.append(route)
        else:
            asked.append(route)
            route.continue_()

    visitor.context.route("**/api/sync", answer_once)
    type_code(visitor, demo_city, visit.points["clock-room"]["typed"])
    learning(visitor, demo_city)
    expect(visitor.get_by_text("1 thing is saved on this phone and waits to be sent")).to_be_visible()
    visitor.evaluate("globalThis.breakOff = 'cursors.put'")
    reachable = True
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("Sending did not work. Nothing is lost; it is tried again.")).to_be_visible()
    here = on_phone(visitor)
    assert visitor.evaluate("globalThis.broken") == 1
    assert (here.cursor, here.rows) == (0, 0)
    assert "accepted" not in here.states
    for route in held:
        route.continue_()
    visitor.context.unroute_all()
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("Everything is sent")).to_be_visible()
    here = all_there_once(visitor, demo_city, check_ins=1)
    assert here.cursor > 0 and here.rows > 0
