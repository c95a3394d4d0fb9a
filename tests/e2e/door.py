"""A session's door for browser tests: the session, links to it, and passes made by a learner's own phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

import qrcode
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

import server.badges.models  # noqa: F401 - its tables are named by those of codes
from server.activities.models import Activity
from server.codes.passes import pass_content, write_extra, write_pass
from server.core.db import utc_now
from server.door.models import DoorLink
from server.door.services import HELPER, ORGANISER, Maker, digest_of, make_link, new_secret, revoke
from server.occurrences.models import Occurrence
from server.occurrences.services import Plan, code_of, make
from tests.e2e.city import RunningCity
from tests.e2e.phone import Phone

STEP_S = 30
SIGN = """async (content) => {
    const opening = indexedDB.open("streetwise");
    const database = await new Promise((done) => (opening.onsuccess = () => done(opening.result)));
    const asking = database.transaction("device").objectStore("device").getAll();
    const [row] = await new Promise((done) => (asking.onsuccess = () => done(asking.result)));
    const how = { name: "ECDSA", hash: "SHA-256" };
    const signed = content && (await crypto.subtle.sign(how, row.keys.privateKey, new TextEncoder().encode(content)));
    database.close();
    return { device: row.device, signature: [...new Uint8Array(signed || [])] };
}"""


@dataclass(frozen=True)
class SessionDoor:
    """A session that is on now, in a running city."""

    city: RunningCity
    id: str

    def link(self, role: str = ORGANISER) -> str:
        """Make a link as the desk does, and return its address."""
        with writing_to(self.city) as session:
            secret = new_secret()
            occurrence = session.get_one(Occurrence, self.id)
            made = make_link(session, occurrence, role, digest_of(secret), at=utc_now(), by=Maker())
            return f"{self.city.base_url}/en/door#{made.id}.{secret}"

    def helper_link(self) -> str:
        return self.link(HELPER)

    def revoke(self, address: str) -> None:
        with writing_to(self.city) as session:
            revoke(session.get_one(DoorLink, urlsplit(address).fragment.split(".")[0]), utc_now())

    def fill(self) -> None:
        """Let all places be taken."""
        self.city.change("UPDATE occurrences SET taken = capacity WHERE id = :id", id=self.id)

    def poster(self) -> str:
        """Return the address on the session's printed code."""
        with writing_to(self.city) as session:
            code = code_of(session, session.get_one(Occurrence, self.id), 2)
            return f"{self.city.base_url}/s/{code.point_id}#{code.level}{code.secret}"

    def check_ins(self, level: int = 4) -> int:
        count = "SELECT count(*) FROM check_ins WHERE occurrence = :id AND level = :level"
        return self.city.ask(count, id=self.id, level=str(level))


def open_session(city: RunningCity, slug: str = "story-walk", capacity: int | None = 20) -> SessionDoor:
    """Make a session of an activity that began ten minutes ago."""
    with writing_to(city) as session:
        activity = session.scalars(select(Activity).where(Activity.slug == slug)).one()
        now = utc_now()
        plan = Plan(now - timedelta(minutes=10), now + timedelta(hours=1), capacity)
        return SessionDoor(city, make(session, activity, plan, now).id)


@contextmanager
def writing_to(city: RunningCity) -> Iterator[Session]:
    engine = create_engine(city.database)
    with Session(engine) as session, session.begin():
        yield session
    engine.dispose()


def pass_of(page: Page, *, name: str = "", picture: str = "", seconds_ago: int = 0) -> str:
    """Return what the pass of whoever learns on this phone holds, signed by the phone itself."""
    url = urlsplit(page.url)
    extra = write_extra(picture, name) if name else ""
    step = int(time() - seconds_ago) // STEP_S
    device = page.evaluate(SIGN, "")["device"]
    signed: dict[str, Any] = page.evaluate(SIGN, pass_content(url.netloc, device, step, extra).decode())
    fragment = write_pass(device, step, bytes(signed["signature"]), extra)
    return f"{url.scheme}://{url.netloc}/P#{fragment}".replace("http://localhost", "HTTP://LOCALHOST")


def hold_up(door: Phone, page: Page, held: str, folder: Path) -> None:
    """Hold a code before the door's camera, which is opened anew to see it."""
    stop = page.get_by_role("button", name="Stop the camera")
    page.get_by_role("button", name="Scan", exact=True).click()
    if stop.count():
        stop.click()
    picture = folder / "held.png"
    with picture.open("wb") as file:
        qrcode.make(held, box_size=8).save(file)
    door.look_at(picture)
    page.get_by_role("button", name="Start the camera").click()


def answer(page: Page, words: str) -> None:
    """The door's answer to the one before it."""
    expect(page.locator(".door-result h3")).to_have_text(words)
