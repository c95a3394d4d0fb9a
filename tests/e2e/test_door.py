"""The door's promises: it decides at once with no network, counts everybody once, and hides nothing that the city says."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import qrcode
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.door import SessionDoor, answer, hold_up, open_session, pass_of
from tests.e2e.phone import Phone
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_screens import BROKEN, look
from tests.e2e.test_shared_tablet import arrive

LONG = 40_000


@pytest.fixture
def session(demo_city: RunningCity) -> SessionDoor:
    return open_session(demo_city)


@pytest.fixture
def learner(open_phone: Callable[..., Page], visit: Visit) -> Callable[[], Page]:
    """Somebody whose phone the city knows."""

    def learner() -> Page:
        page = open_phone()
        arrive(page, visit, "flood-pole")
        expect(page.get_by_role("link", name="All sent")).to_be_visible()
        return page

    return learner


@pytest.fixture
def scanner(phone: Phone, session: SessionDoor) -> Page:
    """A door with a camera, opened by an organiser."""
    page = phone.switch_on()
    enter(page, session.link())
    return page


def enter(page: Page, link: str) -> None:
    page.goto(link)
    expect(page).to_have_url(link.partition("#")[0])  # the secret has left the address
    expect(page.locator(".door-count")).to_be_visible(timeout=LONG)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Door").get_by_role("button", name=name, exact=True).click()


def counts(page: Page, words: str) -> None:
    expect(page.locator(".door-count")).to_have_text(words, timeout=LONG)


def test_a_pass_lets_in_with_no_network_and_counts_once_when_it_is_back(
    phone: Phone, scanner: Page, session: SessionDoor, learner: Callable[[], Page], tmp_path: Path
) -> None:
    ada = learner()
    scanner.context.set_offline(True)
    scanner.reload()  # the door opens with no network, too
    counts(scanner, "0 of 20")
    hold_up(phone, scanner, pass_of(ada, name="Ada", picture="fox"), tmp_path)
    answer(scanner, "Let in")
    expect(scanner.locator(".door-person")).to_have_text("Ada")
    expect(scanner.get_by_text("Kept on this phone · the city checks it later")).to_be_visible()
    counts(scanner, "1 of 20")
    hold_up(phone, scanner, pass_of(ada), tmp_path)
    answer(scanner, "Already in")
    expect(scanner.get_by_text("at this door")).to_be_visible()
    assert session.check_ins() == 0
    scanner.context.set_offline(False)
    tab(scanner, "List")
    expect(scanner.locator(".door-row")).to_contain_text("confirmed", timeout=LONG)
    counts(scanner, "1 of 20")
    assert session.check_ins() == 1


def test_an_old_pass_and_a_full_session_ask_and_nobody_is_dropped(
    phone: Phone, demo_city: RunningCity, learner: Callable[[], Page], tmp_path: Path
) -> None:
    session, page = open_session(demo_city, capacity=1), phone.switch_on()
    enter(page, session.link())
    ada, omar = learner(), learner()
    hold_up(phone, page, pass_of(ada, seconds_ago=400), tmp_path)
    answer(page, "This pass is old")
    counts(page, "0 of 1")
    page.get_by_role("button", name="Let in anyway").click()
    answer(page, "Let in")
    hold_up(phone, page, pass_of(omar), tmp_path)
    answer(page, "Full: 1 of 1")
    page.get_by_role("button", name="Let in, to be reviewed").click()
    answer(page, "Let in, to be reviewed")
    counts(page, "2 of 1")
    tab(page, "List")
    expect(page.locator(".door-row").first).to_contain_text("confirmed", timeout=LONG)
    expect(page.locator(".door-row").first).to_contain_text("In, to be reviewed")
    assert session.check_ins() == 2


@pytest.mark.parametrize("way", ["scan", "door"])
def test_who_came_beyond_the_places_reads_it_on_their_own_phone(
    way: str, phone: Phone, demo_city: RunningCity, learner: Callable[[], Page], tmp_path: Path
) -> None:
    session, ada = open_session(demo_city, capacity=1), learner()
    session.fill()
    if way == "scan":
        counts_for(ada, session.poster())
    else:
        page = phone.switch_on()
        enter(page, session.link())
        hold_up(phone, page, pass_of(ada), tmp_path)
        answer(page, "Let in")
        tab(page, "List")
        expect(page.locator(".door-row").first).to_contain_text("confirmed", timeout=LONG)
    over = "All places were taken when you came."
    for path in ("activities/story-walk", "learning"):
        ada.goto(f"{demo_city.base_url}/en/{path}")
        expect(ada.get_by_text(over)).to_be_visible(timeout=LONG)
        look(ada)


def test_what_is_no_pass_is_named_and_never_opened(
    phone: Phone, scanner: Page, visit: Visit, tmp_path: Path
) -> None:
    asked: list[str] = []
    scanner.context.on("request", lambda request: asked.append(request.url))
    hold_up(phone, scanner, "https://prizes.example/p#4", tmp_path)
    answer(scanner, "Not a pass of this city")
    hold_up(phone, scanner, visit.points["mill-wheel"]["url"], tmp_path)
    answer(scanner, "This is no pass")
    assert not [url for url in asked if "prizes.example" in url or "/s/" in url]
    counts(scanner, "0 of 20")


def test_every_screen_of_the_door_is_for_everybody(
    phone: Phone, scanner: Page, learner: Callable[[], Page], tmp_path: Path
) -> None:
    ada = learner()
    look(scanner)
    hold_up(phone, scanner, pass_of(ada, name="Ada", picture="fox"), tmp_path)
    answer(scanner, "Let in")
    look(scanner)
    scanner.get_by_role("button", name="Show receipt").click()
    look(scanner)
    scanner.get_by_role("button", name="Close").click()
    hold_up(phone, scanner, pass_of(ada, seconds_ago=0), tmp_path)
    answer(scanner, "Already in")
    look(scanner)
    hold_up(phone, scanner, "https://prizes.example/", tmp_path)
    answer(scanner, "Not a pass of this city")
    look(scanner)
    tab(scanner, "List")
    add_guest(scanner, "Mo")
    look(scanner)
    tab(scanner, "Helpers")
    scanner.get_by_role("button", name="Make a link").click()
    expect(scanner.locator(".door-link svg")).to_be_visible(timeout=LONG)
    look(scanner)
    tab(scanner, "Show code")
    expect(scanner.locator(".door-code-typed")).to_be_visible()
    scanner.get_by_role("button", name="Read it aloud").click()
    expect(scanner.get_by_text("This device has no voice in this language.")).to_be_visible()
    look(scanner)
    scanner.get_by_role("button", name="Close").click()
    scanner.get_by_role("button", name="All doors").click()
    look(scanner)


def test_a_door_says_its_hours_by_the_same_clock_as_its_list(
    open_phone: Callable[..., Page], session: SessionDoor
) -> None:
    page = open_phone()
    enter(page, session.link())
    hours = page.locator(".door-title .muted")
    expect(hours).to_have_text(re.compile(r"\d\d:\d\d – .*\d\d:\d\d$"))
    expect(hours).not_to_have_text(re.compile("[AP]M"))


def test_twice_as_large_letters_leave_the_words_of_a_door_whole(
    open_phone: Callable[..., Page], session: SessionDoor
) -> None:
    page = open_phone(locale="es")
    enter(page, session.link().replace("/en/", "/es/"))
    page.locator(".door-tabs").get_by_role("button", name="Lista").click()
    page.locator(".door-guest button").click()
    expect(page.locator(".door-snackbar button")).to_be_visible()
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert page.evaluate(BROKEN, ".door-tabs button, .door-snackbar button, .door-leave") == []


def test_whoever_has_opened_a_door_finds_it_again(
    open_phone: Callable[..., Page], demo_city: RunningCity, session: SessionDoor, tmp_path: Path
) -> None:
    page, other = open_phone(), open_session(demo_city, "repair-cafe", None)
    page.goto(f"{demo_city.base_url}/en/scan")
    with (tmp_path / "link.png").open("wb") as picture:
        qrcode.make(session.helper_link()).save(picture)
    page.get_by_label("Read a picture").set_input_files(
        tmp_path / "link.png"
    )  # the app's own scanner knows links
    counts(page, "0 of 20")
    enter(page, other.link())
    counts(page, "0 in")
    page.goto(f"{demo_city.base_url}/en/learning")
    page.get_by_role("link", name="Doors where you let people in").click()
    expect(page.locator(".door-choice-one")).to_have_count(2)
    page.locator(".door-choice-one").filter(has_text="Story walk").click()
    counts(page, "0 of 20")


def test_two_doors_with_no_network_let_the_same_person_in_and_count_them_once(
    phone: Phone, scanner: Page, session: SessionDoor, open_phone: Callable[..., Page],
    learner: Callable[[], Page], tmp_path: Path,
) -> None:  # fmt: skip
    ada, other = learner(), phone_with_camera(open_phone)
    enter(other, session.helper_link())
    for door in (scanner, other):
        door.context.set_offline(True)
    hold_up(phone, scanner, pass_of(ada, name="Ada"), tmp_path)
    answer(scanner, "Let in")
    scan_picture(other, tmp_path / "held.png")
    answer(other, "Let in")
    for door in (scanner, other):
        door.context.set_offline(False)
    for door in (scanner, other):
        tab(door, "List")
        expect(door.locator(".door-row")).to_have_count(1, timeout=LONG)
        expect(door.locator(".door-row")).to_contain_text("confirmed", timeout=LONG)
        counts(door, "1 of 20")
    words = [door.locator(".door-row").inner_text() for door in (scanner, other)]
    assert any("at two doors" in one for one in words)
    assert session.check_ins() == 1


def phone_with_camera(open_phone: Callable[..., Page]) -> Page:
    """A phone whose camera shows what a test draws: the pictures of a canvas."""
    page = open_phone()
    page.add_init_script("""
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [640, 480];
        window.holdUp = (bitmap) => canvas.getContext("2d").drawImage(bitmap, 120, 40, 400, 400);
        navigator.permissions.query = async () => ({ state: "granted" });
        navigator.mediaDevices.getUserMedia = async () => {
            const pen = canvas.getContext("2d");
            setInterval(() => pen.fillRect(0, 0, 1, 1), 100);
            return canvas.captureStream(10);
        };
    """)
    return page


def scan_picture(page: Page, picture: Path) -> None:
    page.evaluate(
        """async (bytes) => window.holdUp(await createImageBitmap(new Blob([new Uint8Array(bytes)])))""",
        list(picture.read_bytes()),
    )


def test_a_link_opened_with_no_network_waits_and_opens_by_itself(
    open_phone: Callable[..., Page], demo_city: RunningCity, session: SessionDoor
) -> None:
    page, link = open_phone(), session.link()
    page.goto(f"{demo_city.base_url}/en/door")
    expect(page.get_by_text("This app now opens with no network.")).to_be_visible(timeout=LONG)
    page.context.set_offline(True)
    page.goto(link)
    expect(page).to_have_url(link.partition("#")[0])
    expect(page.get_by_text("This door needs a network once")).to_be_visible()
    page.reload()  # the secret is kept in the event alone
    expect(page.get_by_text("This door needs a network once")).to_be_visible()
    page.context.set_offline(False)
    counts(page, "0 of 20")


def test_a_withdrawn_link_says_so_and_opens_nothing(
    open_phone: Callable[..., Page], session: SessionDoor
) -> None:
    page, link = open_phone(), session.link()
    session.revoke(link)
    page.goto(link)
    expect(page).to_have_url(link.partition("#")[0])
    expect(page.get_by_text("This link does not open the door any more")).to_be_visible(timeout=LONG)
    expect(page.locator(".door-count")).to_have_count(0)


def test_a_door_whose_link_is_withdrawn_closes_and_keeps_its_list(
    open_phone: Callable[..., Page], session: SessionDoor
) -> None:
    page, link = open_phone(), session.helper_link()
    enter(page, link)
    tab(page, "List")
    add_guest(page, "Mo")
    expect(page.locator(".door-row")).to_contain_text("confirmed", timeout=LONG)
    session.revoke(link)
    expect(page.get_by_text("This door is closed")).to_be_visible(timeout=LONG)
    expect(page.locator(".door-row")).to_contain_text("Mo")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def look_again(page: Page) -> None:
    """Let a door ask for news now, as it does when the network is back; by itself it does every 15 seconds."""
    page.evaluate("dispatchEvent(new Event('online'))")


def add_guest(page: Page, name: str) -> None:
    page.get_by_label("Without a phone").fill(name)
    page.get_by_role("button", name="+ Let in").click()
    expect(page.locator(".door-row").filter(has_text=name)).to_have_count(1)


def test_guests_are_let_in_taken_back_and_given_out_as_a_file_with_no_network(
    open_phone: Callable[..., Page], session: SessionDoor
) -> None:
    page = open_phone()
    enter(page, session.link())
    page.context.set_offline(True)
    tab(page, "List")
    add_guest(page, "=1+1")
    add_guest(page, "Mo")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    counts(page, "1 of 20")
    page.get_by_label("Search a name").fill("mo")
    expect(page.locator(".door-row")).to_have_count(1)
    expect(page.locator(".door-row")).to_contain_text("Taken back")
    page.get_by_label("Search a name").fill("")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list (CSV)").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert download.value.suggested_filename.endswith(".csv")
    assert sorted(row[:2] for row in rows[1:]) == [["'=1+1", "In"], ["Mo", "Taken back"]]
    page.context.set_offline(False)
    expect(page.locator(".door-row").filter(has_text="=1+1")).to_contain_text("confirmed", timeout=LONG)
    entries = "SELECT count(*) FROM door_entries WHERE occurrence_id = :id AND undone_at IS NULL"
    assert session.city.ask(entries, id=session.id) == 1


def read_screen(page: Page, tmp_path: Path) -> str:
    """Read the QR code on a screen as another phone would."""
    expect(page.locator("dialog svg[data-address]")).to_be_visible()
    page.screenshot(path=tmp_path / "screen.png")
    with Image.open(tmp_path / "screen.png") as picture:
        seen = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    [found] = {one.text for one in seen}  # the small one may stand beside it
    return found


def counts_for(page: Page, address: str, words: str = "You're here: checked in") -> None:
    """Open what a door's screen holds with a learner's own phone, and wait until the city has accepted it."""
    page.goto(address)
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.locator(".item-state").get_by_text("Accepted").first).to_be_visible(timeout=LONG)


def test_the_code_on_the_screen_rotates_with_no_network_and_counts(
    open_phone: Callable[..., Page], learner: Callable[[], Page], session: SessionDoor, tmp_path: Path
) -> None:
    screen, ada = open_phone(), learner()
    enter(screen, session.link())
    screen.context.set_offline(True)
    tab(screen, "Show code")
    typed = screen.locator(".door-code-typed")
    expect(typed).to_be_visible()
    first = read_screen(screen, tmp_path)
    assert f"{session.city.base_url}/S/".upper() in first.upper() and "#3" in first
    counts_for(ada, first)
    assert session.check_ins(level=3) == 1
    expect(screen.locator(".door-code-qr")).not_to_have_attribute("data-address", first, timeout=35_000)
    second = read_screen(screen, tmp_path)
    assert second != first
    screen.context.set_offline(False)
    screen.get_by_role("button", name="Close").click()
    counts(screen, "1 of 20")


def test_a_wrong_clock_is_named_and_the_code_is_right(
    open_phone: Callable[..., Page], learner: Callable[[], Page], session: SessionDoor, tmp_path: Path
) -> None:
    screen, ada = open_phone(), learner()
    screen.add_init_script("const now = Date.now; Date.now = () => now() + 3 * 60_000 + 5000;")
    enter(screen, session.link())
    tab(screen, "Show code")
    expect(screen.get_by_text("This phone's clock is 3 minutes fast: the code is corrected.")).to_be_visible()
    counts_for(ada, read_screen(screen, tmp_path))
    assert session.check_ins(level=3) == 1


def test_the_code_stops_by_itself_when_the_session_is_over(
    open_phone: Callable[..., Page], session: SessionDoor
) -> None:
    screen = open_phone()
    enter(screen, session.link())
    screen.context.set_offline(True)
    tab(screen, "Show code")
    expect(screen.locator(".door-code-typed")).to_be_visible()
    screen.evaluate("const now = Date.now; Date.now = () => now() + 2 * 3600_000")
    expect(screen.get_by_text("The session is over")).to_be_visible()
    expect(screen.locator(".door-code-qr")).to_have_count(0)


def test_a_helper_opens_the_door_by_a_link_made_at_the_door(
    open_phone: Callable[..., Page], session: SessionDoor
) -> None:
    organiser, helper = open_phone(), open_phone()
    enter(organiser, session.link())
    tab(organiser, "Helpers")
    organiser.get_by_label("Who helps you?").fill("Sam, side entrance")
    organiser.get_by_role("button", name="Make a link").click()
    code = organiser.locator(".door-link svg")
    expect(code).to_be_visible(timeout=LONG)
    expect(organiser.locator(".door-link")).to_contain_text("Nobody has opened it yet.")
    enter(helper, code.get_attribute("data-address") or "")
    expect(helper.get_by_role("button", name="Helpers")).to_have_count(0)
    look_again(organiser)
    expect(organiser.locator(".door-link")).to_contain_text("A helper's phone has opened it.", timeout=LONG)
    organiser.get_by_role("button", name="Withdraw").click()
    expect(organiser.locator(".door-link")).to_contain_text("Withdrawn")
    look_again(helper)
    expect(helper.get_by_text("This door is closed")).to_be_visible(timeout=LONG)


def test_the_learners_own_phone_takes_the_receipt(
    phone: Phone, scanner: Page, session: SessionDoor, learner: Callable[[], Page], tmp_path: Path
) -> None:
    ada = learner()
    scanner.context.set_offline(True)
    hold_up(phone, scanner, pass_of(ada), tmp_path)
    answer(scanner, "Let in")
    scanner.get_by_role("button", name="Show receipt").click()
    receipt = read_screen(scanner, tmp_path)
    assert "#5" in receipt
    counts_for(ada, receipt, "Confirmed at the door at")
    assert session.check_ins() == 1  # though the door's own word has not arrived
    scanner.get_by_role("button", name="Close").click()
    scanner.context.set_offline(False)
    tab(scanner, "List")
    expect(scanner.locator(".door-row")).to_contain_text("confirmed", timeout=LONG)
    counts(scanner, "1 of 20")
    assert session.check_ins() == 1


@pytest.fixture
def leaked(session: SessionDoor, demo_city: RunningCity) -> Iterator[Callable[[], None]]:
    """Let an alarm sound at the session, until the test is over."""

    def sound() -> None:
        demo_city.change(
            "INSERT INTO flags (id, learner_id, event_id, activity_id, occurrence, code_id, kind, facts, created_at, word, reason, appeal)"
            " SELECT substr(o.id, 1, 31) || '-leak', d.learner_id, d.event_id, o.activity_id, o.id, c.id, 'code_leak', :facts, o.created_at, '', '', ''"
            " FROM occurrences o JOIN door_devices d ON d.occurrence_id = o.id"
            " JOIN points p ON p.occurrence_id = o.id JOIN codes c ON c.point_id = p.id WHERE o.id = :id LIMIT 1",
            id=session.id,
            facts='{"used": 140, "far": 30, "since": 1780000000000, "last": 1780003600000, "why": "far"}',
        )

    yield sound
    demo_city.change("DELETE FROM flags WHERE occurrence = :id", id=session.id)


def test_a_code_that_seems_to_have_leaked_is_told_at_the_door(
    open_phone: Callable[..., Page], session: SessionDoor, leaked: Callable[[], None]
) -> None:
    page = open_phone()
    enter(page, session.link())
    leaked()
    page.reload()
    expect(page.get_by_text("It was used 140 times within an hour, 30 of them from far away.")).to_be_visible(
        timeout=LONG
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
