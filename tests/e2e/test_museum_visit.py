"""The walk that must always work: from a poster at the door, through a cellar with no signal, to a badge."""

import json
import re
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.badges.test_independent import verified_elsewhere
from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone

CAMERA_STOPS = ("mill-wheel", "salt-cellar")
TYPED_STOPS = ("clock-room", "pump-room")
THEIR_YES = {"verified": True, "revoked": False, "suites": ["eddsa-rdfc-2022", "eddsa-jcs-2022"]}
IN_HAND = re.compile("Saved on this device|Sent|Accepted")
"""Online, a thing may be accepted before anybody has read that it is saved."""
GALLERY_STOPS = ("printing-press", "river-terrace")


class Visit:
    """What a visitor does, with the city's codes and answers at hand."""

    def __init__(
        self, demo: dict[str, Any], sheet: dict[str, Path], folder: Path, everywhere: bool = False
    ) -> None:
        self.demo, self.sheet = demo, sheet
        self.playlist = demo["playlists"][0]
        wanted = [a for a in demo["activities"] if everywhere or a["id"] in self.playlist["activities"]]
        self.activities = {a["slug"]: a for a in wanted}
        self.points = {p["slug"]: p for p in demo["points"]}
        self.photo = folder / "photo.jpg"
        picture = Image.effect_noise((2400, 1800), 40).convert("RGB")
        exif = picture.getexif()
        exif[0x010F] = "SecretCameraMaker"
        picture.save(self.photo, quality=80, exif=exif)

    def tasks(self, slug: str) -> list[dict[str, Any]]:
        wanted = self.activities[slug]["tasks"]
        return [t for t in self.demo["tasks"] if t["id"] in wanted and t["kind"] != "checkin"]

    def scan_with_camera(self, phone: Phone, page: Page, slug: str) -> None:
        phone.look_at(self.sheet[self.points[slug]["point"]])
        page.goto(self.demo["base_url"] + "/en/scan")
        expect(page.get_by_text("Saved on this device.")).to_be_visible()
        page.get_by_role("link", name="Go to the stop").click()

    def choose_from_gallery(self, page: Page, slug: str) -> None:
        page.goto(self.demo["base_url"] + "/en/scan")
        page.get_by_label("Read a picture").set_input_files(self.sheet[self.points[slug]["point"]])
        expect(page.get_by_text("Saved on this device.")).to_be_visible()
        page.get_by_role("link", name="Go to the stop").click()

    def type_code(self, page: Page, slug: str) -> None:
        page.goto(self.demo["base_url"] + "/en/scan")
        page.get_by_role("button", name="Type the code").click()
        page.get_by_label("The code under the QR, eight characters").fill(self.points[slug]["typed"].lower())
        page.get_by_role("button", name="Check in").click()
        expect(page.get_by_text("Saved on this device.")).to_be_visible()
        page.goto(self.activities[slug]["url"])

    def do_tasks(self, page: Page, slug: str) -> None:
        for task in self.tasks(slug):
            card = page.locator(".task", has_text=task["prompt"]["en"])
            expect(card).to_be_visible()
            if task["kind"] in ("choice", "choices"):
                for option in task["answer"]["choices"]:
                    card.locator(f'input[value="{option}"]').check()
            elif task["kind"] == "photo":
                card.get_by_label("Choose pictures").set_input_files(self.photo)
                expect(card.get_by_alt_text("Your photo 1")).to_be_visible()
            else:
                field = "number" if task["kind"] == "number" else "text"
                card.get_by_role("textbox").fill(task["answer"][field])
            card.get_by_role("button", name="Check my answer").or_(
                card.get_by_role("button", name="Hand in")
            ).click()
            expect(card.get_by_text(IN_HAND).first).to_be_visible()


def photograph_sheet(other_browser: Browser, demo: dict[str, Any], folder: Path) -> dict[str, Path]:
    """Open the printed sheet as its organiser and take a picture of each QR code. Returns point → picture."""
    context = other_browser.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=2)
    page = context.new_page()
    page.goto(demo["sheet"])
    expect(page.locator(".sheet-card")).to_have_count(len(demo["playlists"][0]["activities"]))
    found = {}
    for card in page.locator(".sheet-card").all():
        point = card.get_attribute("data-point") or ""
        found[point] = folder / f"{point}.png"
        card.locator("svg.qr").screenshot(path=found[point])
    context.close()
    return found


def test_the_museum_visit(
    own_city: RunningCity, phone: Phone, other_browser: Browser, tmp_path: Path
) -> None:
    demo = own_city.demo()
    own_city.start()
    visit = Visit(demo, photograph_sheet(other_browser, demo, tmp_path), tmp_path)

    # At the door: the stock camera opens the poster's address.
    page = phone.switch_on()
    page.goto(visit.points["flood-pole"]["url"])
    expect(page.get_by_text("You're here: checked in")).to_be_visible()
    expect(page).to_have_url(visit.activities["flood-pole"]["url"])  # the proof has left the address
    visit.do_tasks(page, "flood-pole")

    # Save the playlist, size first.
    page.goto(visit.playlist["url"])
    page.get_by_role("button", name="Save for offline · ").click()
    expect(page.get_by_text("Ready with no network")).to_be_visible()

    # Down in the cellar: no network, and no server either.
    assert phone.context
    phone.context.set_offline(True)
    own_city.stop()
    for slug in CAMERA_STOPS:
        visit.scan_with_camera(phone, page, slug)
        visit.do_tasks(page, slug)
    phone.look_at(None)
    for slug in TYPED_STOPS:
        visit.type_code(page, slug)
        visit.do_tasks(page, slug)
    for slug in GALLERY_STOPS:
        visit.choose_from_gallery(page, slug)
        visit.do_tasks(page, slug)
    page.goto(demo["base_url"] + "/en/learning")
    expect(page.get_by_text("wait to be sent").first).to_be_visible()

    # The battery dies. Later the phone is switched on again, still with no network.
    phone.kill()
    page = phone.switch_on(offline=True)
    page.goto(demo["base_url"] + "/en/learning")
    expect(page.get_by_text("wait to be sent").first).to_be_visible()

    # Back up in the light: the app sends what it holds by itself, and the badge arrives.
    own_city.start()
    assert phone.context
    phone.context.set_offline(False)
    celebration = page.get_by_role("dialog")
    expect(celebration.get_by_text("You earned a badge")).to_be_visible()
    expect(page.get_by_text("Everything is sent")).to_be_visible()
    celebration.get_by_role("link", name="Show my badge").click()
    expect(page.get_by_role("heading", name="River detective")).to_be_visible()
    badge_url = (
        page.get_by_role("link", name="Its page, where anyone can check it").get_attribute("href") or ""
    )

    # Each thing counts once: 7 check-ins, 8 answers, 7 stops and 1 playlist done, 1 award.
    assert counts(own_city) == {"check_ins": 7, "answers_and_evidence": len(all_tasks(visit)), "completions": 8, "awards": 1, "rejected": 0, "held": 0}  # fmt: skip

    # An employer opens the page on another machine.
    employer = other_browser.new_context().new_page()
    employer.goto(demo["base_url"] + badge_url)
    expect(employer.get_by_role("heading", level=1)).to_contain_text("River detective")
    expect(employer.get_by_text("Velamond River Museum").first).to_be_visible()
    employer.context.close()

    # A verifier that is not ours accepts it, and refuses it once touched.
    badge, documents = credential(demo["base_url"] + badge_url)
    now = datetime.now(UTC).isoformat()
    assert verified_elsewhere(badge, documents, now).items() >= THEIR_YES.items()
    badge["credentialSubject"]["achievement"]["name"] = "Master of the river"
    assert verified_elsewhere(badge, documents, now)["verified"] is False

    # The badge is still there with no network.
    phone.context.set_offline(True)
    own_city.stop()
    page.goto(demo["base_url"] + "/en/badges")
    expect(page.get_by_text("River detective").first).to_be_visible()


def all_tasks(visit: Visit) -> list[dict[str, Any]]:
    return [task for slug in visit.activities for task in visit.tasks(slug)]


def counts(city: RunningCity) -> dict[str, int]:
    """Count what the server holds, in its own database."""
    sql = {
        "check_ins": "SELECT count(*) FROM check_ins",
        "answers_and_evidence": "SELECT (SELECT count(*) FROM answers) + (SELECT count(*) FROM evidence)",
        "completions": "SELECT count(*) FROM completions",
        "awards": "SELECT count(*) FROM awards",
        "rejected": "SELECT count(*) FROM events WHERE state = 'rejected'",
        "held": "SELECT count(*) FROM events WHERE state = 'hold'",
    }
    return {what: city.ask(question) for what, question in sql.items()}


def credential(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fetch a badge and what its verifier would look up: the issuer's DID document and the status list."""
    badge = fetch(url + ".json")
    did = badge["issuer"]["id"]
    host, *path = did.removeprefix("did:web:").split(":")
    base = f"http://{host.replace('%3A', ':')}"
    listed = badge["credentialStatus"]["statusListCredential"]
    return badge, {did: fetch(f"{base}/{'/'.join(path)}/did.json"), listed: fetch(listed)}


def fetch(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url) as reply:
        found: dict[str, Any] = json.load(reply)
    return found
