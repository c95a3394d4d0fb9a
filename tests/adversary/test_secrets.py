"""No secret reaches an access log, a referrer, an error report, the history or anybody else's phone: every way of
handing one over is walked in a real browser, against a real server, with somebody listening between the two."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.activities.models import Activity
from server.app import create_app
from server.badges.models import Achievement
from server.codes.making import make_claim_point, make_code
from server.codes.models import Code, Point
from server.codes.services import url_of
from server.codes.tokens import show_typed
from server.config import Config
from server.core.db import db as database
from server.core.db import utc_now
from server.door import services as doors
from server.door.services import Maker
from server.occurrences.services import ON_SCREEN, Plan, code_of, make, point_of
from tests.adversary.wire import Wire
from tests.databases import free_port
from tests.door.at_the_door import DoorPhone, show_pass
from tests.e2e.city import RunningCity
from tests.learning.test_rotating_codes import shown
from tests.phone import Phone

SEEN = """() => [
  document.URL, document.baseURI, document.referrer, document.title, JSON.stringify(history.state),
  ...navigation.entries().map((entry) => `${entry.url} ${JSON.stringify(entry.getState() ?? null)}`),
  ...performance.getEntries().filter((entry) => entry.entryType !== 'navigation').map((entry) => entry.name),
  ...Object.entries(localStorage).flat(), ...Object.entries(sessionStorage).flat(), document.cookie,
].join(' ')"""
"""The entry of the navigation itself is the browser's own, cannot be changed, and goes with the page."""
STORED = """async () => {
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    for (const store of db.objectStoreNames) {
      found.push(await new Promise((resolve) => {
        const all = db.transaction(store).objectStore(store).getAll();
        all.onsuccess = () => resolve(JSON.stringify(all.result));
      }));
    }
    db.close();
  }
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push(request.url);
  return found.join(' ');
}"""


@dataclass
class Spied:
    """A city with somebody who listens on the wire, and the secrets that are handed over in it, by their way."""

    city: RunningCity
    wire: Wire
    addresses: dict[str, str]
    typed: str
    console: list[str]

    def written(self) -> dict[str, str]:
        """All that people other than the phone's owner could read, by where."""
        referrers = [
            line
            for head in self.wire.heads
            for line in head.split("\r\n")
            if line.lower().startswith("referer:")
        ]
        return {
            "access log": "\n".join(self.wire.heads), "referrer": "\n".join(referrers),
            "server's log": self.city.log.read_text(), "console": "\n".join(self.console),
        }  # fmt: skip


@pytest.fixture(scope="module")
def spied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spied]:
    port, folder = free_port(), tmp_path_factory.mktemp("spied")
    base = f"http://localhost:{port}"
    behind = free_port()
    city = RunningCity(folder, behind, base_url=base, typed_rate="1000 per minute")
    city.base_url = base
    city.facts = city.demo()
    app = create_app(Config(instance=folder / "instance", base_url=base))
    app.testing = True
    with app.app_context():
        session = database.session()
        with app.test_request_context(base_url=base):
            addresses, typed = _hand_out(session, base, utc_now())
        session.commit()
        owner = Phone(app, at=utc_now())
        host = f"localhost:{port}"
        addresses["pass"] = f"{base}/P#{show_pass(owner, host=host)}"
        point = addresses["rotating"].split("/s/")[1].partition("#")[0]
        addresses["receipt"] = f"{base}/s/{point}#{DoorPhone(owner, '', '').receipt(owner, point)}"
        database.session.remove()
        database.engine.dispose()
    wire = Wire(port, behind)
    city.start()
    yield Spied(city, wire, addresses, typed, [])
    city.stop()
    wire.close()


def _hand_out(session: Session, base: str, at: datetime) -> tuple[dict[str, str], str]:
    """Make one of each thing that is a secret in an address; return the addresses, and a typed form."""
    posters = (
        select(Code)
        .join(Point)
        .where(Code.level == 1, Point.occurrence_id.is_(None), Point.activity_id.is_not(None))
    )
    poster, typed = session.scalars(posters.order_by(Code.id).limit(2)).all()
    badge = session.scalars(select(Achievement)).first()
    activity = session.scalars(select(Activity).order_by(Activity.id)).first()
    user = session.scalars(select(User)).first()
    assert badge and activity and user and typed.typed
    occurrence = make(session, activity, Plan(at - timedelta(hours=1), at + timedelta(hours=1)), at)
    claim = make_code(session, make_claim_point(session, badge.id, {"en": "Gate"}), level=1, at=at)
    secret = doors.new_secret()
    link = doors.make_link(session, occurrence, "helper", doors.digest_of(secret), at=at, by=Maker())
    screen = code_of(session, occurrence, ON_SCREEN)
    return {
        "poster": url_of(poster, base),
        "claim": url_of(claim, base),
        "rotating": f"{base}/s/{point_of(session, occurrence).id}#{shown(screen, at)}",
        "door": f"{base}/en/door#{link.id}.{secret}",
        "sign-in": base + make_sign_in_link(session, user, at=at).replace(base, ""),
        "invitation": f"{base}/en/join#1.0199f1a0-0000-7000-8000-000000000001.{secrets.token_urlsafe(32)}",
    }, typed.typed


@pytest.fixture
def stranger(other_browser: Browser, spied: Spied) -> Iterator[Page]:
    """A phone that has been on the city's home and keeps an eye on what the console is told."""
    with other_browser.new_context(viewport={"width": 360, "height": 740}, locale="en") as context:
        context.on("console", lambda message: spied.console.append(message.text))
        context.on("weberror", lambda error: spied.console.append(str(error.error)))
        page = context.new_page()
        page.goto(f"{spied.city.base_url}/en/")
        yield page


def secret_of(address: str) -> str:
    """Return what in an address is secret: of a door link and an invitation, what follows the last dot."""
    return address.partition("#")[2].rpartition(".")[2]


WAYS = ("poster", "claim", "rotating", "pass", "receipt", "invitation", "sign-in", "door")


@pytest.mark.browser
@pytest.mark.parametrize("way", WAYS)
def test_a_secret_in_an_address_is_seen_by_nobody_else(
    stranger: Page, spied: Spied, way: str, wait_a_moment: Callable[[Page], None]
) -> None:
    address = spied.addresses[way]
    assert stranger.request.get(address.partition("#")[0]).status == 200
    secret = secret_of(address)
    assert len(secret) >= 16
    stranger.goto(address)
    expect(stranger).not_to_have_url(address)
    wait_a_moment(stranger)
    seen = stranger.evaluate(SEEN)
    assert secret not in seen and secret[1:] not in seen
    stranger.go_back()
    stranger.go_forward()
    wait_a_moment(stranger)
    assert secret[1:] not in stranger.evaluate(SEEN)
    stranger.goto(f"{spied.city.base_url}/en/learning")  # and on: whatever follows has no referrer either
    wait_a_moment(stranger)
    for where, text in spied.written().items():
        assert secret[1:] not in text, where


@pytest.mark.browser
def test_a_typed_code_is_seen_by_nobody_else(
    stranger: Page, spied: Spied, wait_a_moment: Callable[[Page], None]
) -> None:
    stranger.goto(f"{spied.city.base_url}/en/scan")
    stranger.get_by_role("button", name="Type the code").click()
    box = stranger.get_by_role("textbox").first
    box.fill(spied.typed)
    box.press("Enter")
    expect(stranger.get_by_text("Checked in at").or_(stranger.get_by_text("You're at")).first).to_be_visible()
    wait_a_moment(stranger)
    stranger.goto(f"{spied.city.base_url}/en/learning")
    wait_a_moment(stranger)
    for form in (spied.typed, show_typed(spied.typed)):
        assert form not in stranger.evaluate(SEEN)
        for where, text in spied.written().items():
            assert form not in text, where


@pytest.mark.browser
def test_nothing_of_it_is_on_another_phone(
    stranger: Page, spied: Spied, wait_a_moment: Callable[[Page], None]
) -> None:
    """Runs after the others: what these handed over must not have come to somebody who visits the same city."""
    stranger.goto(f"{spied.city.base_url}/en/playlists/museum-visit")
    stranger.get_by_role("button", name="Save for offline · ").click()
    expect(stranger.get_by_text("Ready with no network")).to_be_visible()
    kept = stranger.evaluate(STORED)
    assert "museum-visit" in kept
    for way, address in spied.addresses.items():
        assert secret_of(address)[1:] not in kept, way
    assert spied.typed not in kept


@pytest.mark.browser
def test_who_listens_does_hear_what_is_in_a_path(stranger: Page, spied: Spied) -> None:
    """The listener works: without this, silence would prove nothing."""
    stranger.goto(f"{spied.city.base_url}/en/scan?heard=SECRET123")
    assert "SECRET123" in spied.written()["access log"]


@pytest.fixture
def wait_a_moment() -> Callable[[Page], None]:
    def wait(page: Page) -> None:
        page.wait_for_load_state("load")
        page.wait_for_timeout(1200)  # long enough for a sync and its reply

    return wait
