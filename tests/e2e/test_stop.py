"""A stop's promises: arriving by a code, and answering its tasks."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from server.core.qr import in_capitals
from tests.bench.first_visit import CHECKED_IN, STOP_SHOWN
from tests.bench.first_visit import visit as first_visit
from tests.e2e.city import RunningCity
from tests.e2e.test_museum_visit import Visit
from tests.faults.browser import wait_for

NO_PROOF = "A" * 16
"""Well-formed, and no stop's."""

# The entry of the navigation itself is the browser's own, cannot be changed, and goes with the page.
SEEN = """() => [
  document.URL, document.baseURI, JSON.stringify(history.state),
  ...navigation.entries().map((entry) => entry.url),
  ...performance.getEntries().filter((entry) => entry.entryType !== 'navigation').map((entry) => entry.name),
].join(' ')"""

DRAFTS = """() => new Promise((resolve) => {
  const opening = indexedDB.open("streetwise");
  opening.onsuccess = () => {
    const all = opening.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result.map(({ value }) => value)); };
  };
})"""


def proof_of(visit: Visit, slug: str) -> str:
    proof: str = visit.points[slug]["url"].partition("#")[2]
    return proof


def card(page: Page, visit: Visit, slug: str, kind: str) -> Locator:
    return page.locator(".task", has_text=task(visit, slug, kind)["prompt"]["en"])


def task(visit: Visit, slug: str, kind: str) -> dict[str, Any]:
    return next(one for one in visit.tasks(slug) if one["kind"] == kind)


# Arriving


def test_a_scanned_address_loses_its_proof_everywhere(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    proof = proof_of(visit, "mill-wheel")
    visitor.goto(f"{demo_city.base_url}/en/")
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    expect(visitor).to_have_url(visit.activities["mill-wheel"]["url"])
    expect(visitor.get_by_role("status").get_by_text("Accepted").first).to_be_visible()
    seen = visitor.evaluate(SEEN)
    assert "/en/activities/mill-wheel" in seen
    assert proof not in seen and proof[1:] not in seen
    visitor.go_back()
    visitor.go_forward()
    expect(visitor).to_have_url(visit.activities["mill-wheel"]["url"])
    assert proof not in visitor.evaluate(SEEN)


def test_a_proof_travels_only_inside_of_sync(visitor: Page, demo_city: RunningCity, visit: Visit) -> None:
    secret = proof_of(visit, "clock-room")[1:]
    told: list[str] = []
    visitor.context.on("request", lambda request: told.append(f"{request.url} {request.all_headers()}"))
    visitor.goto(visit.points["clock-room"]["url"])
    expect(visitor.get_by_role("status").get_by_text("Accepted").first).to_be_visible()
    by_address = [
        one for one in told if secret in one and not one.startswith(visit.points["clock-room"]["url"])
    ]
    assert told and not by_address
    assert secret not in demo_city.log.read_text()


def test_an_arrival_is_recorded_once_however_often_the_page_is_read(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.points["flood-pole"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    visitor.goto("about:blank")
    visitor.goto(visit.points["flood-pole"]["url"])
    expect(visitor.get_by_text("You're here: you had checked in")).to_be_visible()


def test_an_arrival_is_the_first_thing_one_sees_also_with_no_signal(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    visitor.goto(f"{demo_city.base_url}/en/playlists/museum-visit")
    visitor.get_by_role("button", name="Save for offline · ").click()
    expect(visitor.get_by_text("Ready with no network")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.goto(visit.points["mill-wheel"]["url"])
    here = visitor.get_by_text("You're here: checked in")
    expect(here).to_be_in_viewport()
    expect(visitor).to_have_url(visit.activities["mill-wheel"]["url"])
    title = visitor.get_by_role("heading", level=1).bounding_box()
    notice = here.bounding_box()
    assert title and notice and notice["y"] < title["y"]


def test_a_first_check_in_is_sent_by_the_worker_when_its_page_is_closed_at_once(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    sent = "SELECT count(*) FROM events WHERE type = 'checkin.scan'"
    before = demo_city.ask(sent)
    other = visitor.context.new_page()  # the browser goes on
    visitor.route("**/dist/all-*.js", lambda route: route.abort())  # closed before sync's code came
    visitor.goto(visit.points["flood-pole"]["url"])
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    wait_for(visitor, lambda: visitor.evaluate("navigator.serviceWorker.getRegistration().then(Boolean)"))
    visitor.close()
    wait_for(other, lambda: demo_city.ask(sent) == before + 1)


def test_a_qr_in_capitals_checks_in_alike(visitor: Page, visit: Visit) -> None:
    visitor.goto(in_capitals(visit.points["mill-wheel"]["url"]))
    expect(visitor.get_by_text("You're here: checked in")).to_be_visible()
    expect(visitor).to_have_url(visit.activities["mill-wheel"]["url"])


def test_a_pass_that_a_camera_opened_leaves_the_address_and_checks_nobody_in(
    visitor: Page, demo_city: RunningCity
) -> None:
    digits = "1234567890" * 19 + "123456789"
    visitor.goto(f"{demo_city.base_url}/P#4{digits}.Zm94CkFkYQ")
    expect(visitor.get_by_role("heading", name="This is a learner's pass")).to_be_visible()
    expect(visitor).to_have_url(f"{demo_city.base_url}/P")
    seen = visitor.evaluate(SEEN)
    assert digits not in seen
    assert "Zm94CkFkYQ" not in seen
    expect(visitor.get_by_text("checked in")).to_have_count(0)


def test_an_address_without_a_proof_checks_nobody_in(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.points["mill-wheel"]["url"].partition("#")[0])
    expect(visitor.get_by_role("link", name="Scan the code")).to_be_visible()
    expect(visitor.get_by_text("You're here")).to_have_count(0)


def test_an_unknown_point_is_told_with_a_way_on(visitor: Page, demo_city: RunningCity) -> None:
    reply = visitor.goto(f"{demo_city.base_url}/s/00000000#1{NO_PROOF}")
    assert reply and reply.status == 404
    expect(visitor.get_by_role("heading", name="We do not know this code")).to_be_visible()
    expect(visitor.get_by_role("link", name="Scan or type a code")).to_be_visible()


def test_a_wrong_proof_is_declined_with_why_and_what_to_do(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.points["pump-room"]["url"].partition("#")[0] + f"#1{NO_PROOF}")
    banner = visitor.locator('[data-island="arrival"]')
    expect(banner.get_by_text("Not accepted")).to_be_visible()
    expect(banner.get_by_text("This check-in did not count")).to_be_visible()
    expect(banner.get_by_text("Scan the code at the stop once more.")).to_be_visible()
    expect(visitor.get_by_role("link", name="Scan the code")).to_be_visible()


def test_a_code_of_a_later_kind_asks_to_update(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.points["pump-room"]["url"].partition("#")[0] + f"#7{NO_PROOF}")
    expect(visitor.get_by_text("Please update")).to_be_visible()
    expect(visitor).to_have_url(visit.activities["pump-room"]["url"])


def test_a_dutch_phone_is_spoken_to_in_dutch(open_phone: Callable[..., Page], visit: Visit) -> None:
    page = open_phone(locale="nl-NL")
    page.goto(visit.points["mill-wheel"]["url"])
    expect(page.get_by_text("Je bent er: ingecheckt")).to_be_visible()
    expect(page.get_by_role("heading", name="Twaalf schoepen en een klap")).to_be_visible()
    expect(page.get_by_role("heading", name="Jouw beurt")).to_be_visible()
    expect(page.get_by_role("link", name="Scannen", exact=True)).to_have_attribute("href", "/nl/scan")
    wheel = page.locator(".task", has_text=task(visit, "mill-wheel", "number")["prompt"]["nl"])
    wheel.get_by_role("textbox").fill("3")
    wheel.get_by_role("button").click()
    expect(wheel.get_by_text("Nog niet goed. Probeer het opnieuw.")).to_be_visible()


# Answering


def test_a_wrong_answer_stays_with_a_hint_until_it_is_right(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.activities["mill-wheel"]["url"])
    wheel = card(visitor, visit, "mill-wheel", "number")
    expect(wheel.get_by_text("Count the seconds from one clack")).to_have_count(0)
    wheel.get_by_role("textbox").fill("3")
    wheel.get_by_role("button", name="Check my answer").click()
    expect(wheel.get_by_text("Not right yet. Try again.")).to_be_visible()
    expect(wheel.get_by_text("Count the seconds from one clack")).to_be_visible()
    expect(wheel.get_by_role("textbox")).to_have_value("3")
    expect(wheel.get_by_role("textbox")).to_be_focused()
    wheel.get_by_role("textbox").fill("10")
    wheel.get_by_role("button", name="Check my answer").click()
    expect(wheel.get_by_text("Right!")).to_be_visible()
    expect(wheel.get_by_text("Accepted")).to_be_visible()


def test_a_choice_needs_all_that_is_right_and_nothing_else(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.activities["flood-pole"]["url"])
    pole = card(visitor, visit, "flood-pole", "choices")
    pole.get_by_role("button", name="Check my answer").click()
    expect(pole.get_by_text("Choose at least one answer.")).to_be_visible()
    for year, words in (("1784", "Not right yet. Try again."), ("1926", "Right!")):
        pole.get_by_label(year).check()
        pole.get_by_role("button", name="Check my answer").click()
        expect(pole.get_by_text(words)).to_be_visible()


def test_a_number_may_have_a_comma_or_a_dot(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.activities["water-lab"]["url"])
    lab = card(visitor, visit, "water-lab", "number")
    for written, words in (
        ("fourteen", "This is not a number. Write it like 12 or 12,5."),
        ("14,5", "Right!"),
    ):
        lab.get_by_role("textbox").fill(written)
        lab.get_by_role("button", name="Check my answer").click()
        expect(lab.get_by_text(words)).to_be_visible()
    lab.get_by_role("button", name="Change").click()
    lab.get_by_role("textbox").fill(" 14.50 ")
    lab.get_by_role("button", name="Check my answer").click()
    expect(lab.get_by_text("Right!")).to_be_visible()


def test_a_text_counts_what_is_left_and_is_never_cut(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.activities["river-terrace"]["url"])
    terrace = card(visitor, visit, "river-terrace", "text")
    expect(terrace.get_by_text("600 characters left")).to_be_visible()
    terrace.get_by_role("textbox").fill("é" * 600 + "🌊")
    expect(terrace.get_by_text("1 character too many", exact=True)).to_be_visible()
    terrace.get_by_role("button", name="Hand in").click()
    expect(terrace.get_by_text("1 character too many.")).to_be_visible()
    expect(terrace.get_by_role("textbox")).to_have_value("é" * 600 + "🌊")
    terrace.get_by_role("textbox").fill("The wheel: we heard it turn.")
    terrace.get_by_role("button", name="Hand in").click()
    expect(terrace.get_by_text("Handed in")).to_be_visible()


def test_a_draft_outlives_a_reload(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.activities["river-terrace"]["url"])
    card(visitor, visit, "river-terrace", "text").get_by_role("textbox").fill("Half a thought")
    wait_for(visitor, lambda: "Half a thought" in visitor.evaluate(DRAFTS))  # no hand reloads sooner
    visitor.reload()
    terrace = card(visitor, visit, "river-terrace", "text")
    expect(terrace.get_by_role("textbox")).to_have_value("Half a thought")


def test_a_photo_leaves_the_phone_small_and_silent(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    before = set(demo_city.instance.glob("**/evidence/*/*"))
    visitor.goto(visit.activities["pump-room"]["url"])
    pump = card(visitor, visit, "pump-room", "photo")
    pump.get_by_label("Choose pictures").set_input_files(visit.photo)
    expect(pump.get_by_alt_text("Your photo 1")).to_be_visible()
    pump.get_by_role("button", name="Hand in").click()
    expect(pump.get_by_text("Sent and received").or_(pump.get_by_text("Accepted"))).to_be_visible()
    (kept,) = set(demo_city.instance.glob("**/evidence/*/*")) - before
    content = kept.read_bytes()
    picture = Image.open(io.BytesIO(content))
    assert max(picture.size) == 1600 and not picture.getexif()
    assert b"Exif" not in content and b"SecretCameraMaker" not in content
    assert b"SecretCameraMaker" in visit.photo.read_bytes()


def test_the_ways_to_hand_in_a_photo_are_there_before_their_code_and_wait_for_it(
    visitor: Page, visit: Visit
) -> None:
    """A first visit does not pay for it; where it does not come either, that is said and can be tried again."""
    visitor.context.route("**/dist/files-*.js", lambda route: route.abort())
    visitor.goto(visit.activities["pump-room"]["url"])
    pump = card(visitor, visit, "pump-room", "photo")
    expect(pump.get_by_text("Take a photo", exact=True)).to_be_visible()
    pump.get_by_label("Choose pictures").set_input_files(visit.photo)
    expect(pump.get_by_role("alert").get_by_text("Not saved. Please try again.")).to_be_visible()
    visitor.context.unroute("**/dist/files-*.js")
    pump.get_by_label("Choose pictures").set_input_files(visit.photo)
    expect(pump.get_by_alt_text("Your photo 1")).to_be_visible()
    expect(pump.get_by_text("Not saved. Please try again.")).to_have_count(0)


def test_a_stop_says_how_far_one_is_and_where_to_go_on(visitor: Page, visit: Visit) -> None:
    visitor.goto(visit.points["mill-wheel"]["url"])
    expect(visitor.get_by_text("1 of 2 done")).to_be_visible()
    visit.do_tasks(visitor, "mill-wheel")
    expect(visitor.get_by_text("This stop is done")).to_be_visible()
    expect(visitor.get_by_role("link", name=re.compile("^Next stop: "))).to_be_visible()


# Weight


def test_a_first_visit_is_light(other_browser: Browser, demo_city: RunningCity, visit: Visit) -> None:
    """On the wire, with headers: 35 kB of JavaScript, 60 kB of everything but the stop's own media."""
    first = first_visit(other_browser, visit.activities["flood-pole"]["url"])
    assert 0 < first.bytes["Script"] <= 35_000
    assert first.total <= 60_000


@pytest.mark.parametrize("own_city", ["sqlite"], indirect=True)
def test_a_first_visit_is_light_with_a_session_a_sound_to_record_and_a_code(
    other_browser: Browser, own_city: RunningCity
) -> None:
    """Before the check-in shows, sync's code is not asked for. In a city of its own: others count who came."""
    session = next(one for one in own_city.demo()["sessions"] if not one["cancelled"])
    own_city.start()
    code = next(one["url"] for one in session["codes"] if one["url"])
    first = first_visit(other_browser, session["url"], shown=STOP_SHOWN)
    assert 0 < first.bytes["Script"] <= 35_000
    arrived = first_visit(other_browser, code, shown=CHECKED_IN)
    assert 0 < arrived.scripts_before_shown <= 35_000
    assert (
        arrived.total - arrived.bytes["Fetch"] <= 64_500
    )  # of which headers are 5 kB; how often sync asks by then is another matter


def test_a_first_visit_asks_for_few_scripts(other_browser: Browser, visit: Visit) -> None:
    """What always loads together lies in one file: see pwa/app/load/ground.js."""
    first = first_visit(other_browser, visit.activities["flood-pole"]["url"])
    assert len([url for url in first.urls if url.endswith(".js")]) <= 8
