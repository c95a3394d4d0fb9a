"""A phone whose clock is wrong: what happened when is judged by sync's rules of time, and nothing waits for a moment that is gone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.faults.browser import all_sent, all_there_once, in_database, learning, on_phone, type_code

SHIFT = """
  const Clock = Date;
  const now = Clock.now;
  globalThis.shift = %d;
  globalThis.Date = class extends Clock {
    constructor(...given) { given.length ? super(...given) : super(now() + globalThis.shift); }
    static now() { return now() + globalThis.shift; }
  };
"""
HOUR = 3_600_000
STRANGE = re.compile("NaN|Invalid|undefined|null")


@pytest.fixture
def visitor(open_phone: Callable[..., Page]) -> Page:
    """A phone without a worker: its clock cannot be set here, and a phone has only one."""
    return open_phone(service_workers="block")


def set_clock(page: Page, ms: int) -> None:
    """From now on, in this tab and after every reload, the phone is this far from the truth."""
    page.add_init_script(SHIFT % ms)


def window(city: RunningCity, visit: Visit, slug: str, opens: timedelta, closes: timedelta) -> None:
    now = datetime.now(UTC)
    city.change(
        "UPDATE codes SET opens_at = :opens, closes_at = :closes WHERE point_id = :point AND level = 2",
        opens=f"{now + opens:%Y-%m-%d %H:%M:%S.%f}",
        closes=f"{now + closes:%Y-%m-%d %H:%M:%S.%f}",
        point=visit.points[slug]["point"],
    )


def times(city: RunningCity, learner: str) -> dict[str, int]:
    count = "SELECT count(*) FROM check_ins WHERE learner_id = :mine AND time = :time"
    return {time: city.ask(count, mine=learner, time=time) for time in ("proven", "claimed")}


@pytest.mark.parametrize(
    ("shift", "late", "expected"),
    [
        # At once, by a phone that knows our clock: between two moments of ours, whatever its own says.
        (3 * HOUR, False, {"proven": 1, "claimed": 0}),
        (-48 * HOUR, False, {"proven": 1, "claimed": 0}),
        # Sent when the window had closed: its clock is moved into the interval, to the arrival or to the last it heard of us.
        (3 * HOUR, True, None),
        (-48 * HOUR, True, {"proven": 0, "claimed": 1}),
    ],
)
def test_a_wrong_clock_makes_no_check_in_and_takes_none_that_is_proven(
    visitor: Page,
    demo_city: RunningCity,
    visit: Visit,
    shift: int,
    late: bool,
    expected: dict[str, int] | None,
) -> None:
    set_clock(visitor, shift)
    try:
        type_code(visitor, demo_city, visit.points["story-walk"]["typed"])
        all_sent(visitor, demo_city)  # from here on it knows a moment of ours
        opened = timedelta(hours=-1)
        window(demo_city, visit, "pump-room", opened, timedelta(hours=1))
        visitor.goto(f"{demo_city.base_url}/en/scan")
        visitor.context.set_offline(late)
        visitor.get_by_role("button", name="Type the code").click()
        visitor.get_by_label("The code under the QR, eight characters").fill(
            visit.points["pump-room"]["typed"]
        )
        visitor.get_by_role("button", name="Check in").click()
        expect(visitor.get_by_text("Saved on this device.")).to_be_visible()
        if late:
            window(demo_city, visit, "pump-room", opened, timedelta(0))
        visitor.context.set_offline(False)
        all_sent(visitor, demo_city)
        learner = on_phone(visitor).learner
        found = times(demo_city, learner)
        entries = visitor.locator(".entry")
        if expected:
            first = 1  # made before the phone had heard any moment of ours
            assert found == {**expected, "claimed": expected["claimed"] + first}
            expect(entries.get_by_text("Accepted", exact=True)).to_have_count(2)
            all_there_once(visitor, demo_city, check_ins=2)
        else:
            assert in_database(demo_city, "check_ins", learner) == 1
            expect(entries.get_by_text("The code was not valid at that time.")).to_be_visible()
        expect(visitor.locator("main")).not_to_contain_text(STRANGE)
    finally:
        window(demo_city, visit, "pump-room", timedelta(days=-1), timedelta(days=90))


def test_a_clock_that_jumps_back_holds_up_nothing(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    """The server asked for patience when the phone believed it was the day after tomorrow."""
    set_clock(visitor, 48 * HOUR)
    busy = {"status": 503, "headers": {"Retry-After": "3000"}, "body": ""}
    visitor.context.route("**/api/sync", lambda route: route.fulfill(**busy))
    type_code(visitor, demo_city, visit.points["story-walk"]["typed"])
    learning(visitor, demo_city)
    expect(visitor.get_by_text("The server is busy. It goes on at")).to_be_visible()
    visitor.context.unroute_all()
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("The server is busy. It goes on at")).to_be_visible()
    visitor.evaluate("globalThis.shift = 0")
    visitor.get_by_role("button", name="Send now").click()
    expect(visitor.get_by_text("Everything is sent")).to_be_visible()
    all_there_once(visitor, demo_city, check_ins=1)
