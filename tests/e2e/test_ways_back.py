"""Somebody earns a badge, adds ways back in with no network, loses the phone, and is back on a new one."""

import re
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from typing import Any

from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import create_engine, text

from tests.e2e.city import RunningCity
from tests.e2e.test_claim import claim_code  # noqa: F401  # a fixture
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_screens import look

ADDRESS = "ada@example.org"


class Passkeys:
    """What a page's browser has of authenticators: one, which says yes by itself. `transport`: `internal`, in the phone
    (`test_keeping_and_erasing.py`), or `usb`, on a key that is plugged in and asks for its PIN."""

    def __init__(self, page: Page, transport: str) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": transport, "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = made["authenticatorId"]

    @property
    def all(self) -> list[dict[str, Any]]:
        found = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(found["credentials"])

    def carry(self, credentials: list[dict[str, Any]]) -> None:
        """Plug the same key into this browser, or let a password manager bring it."""
        for one in credentials:
            self._session.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": one})


def test_a_key_that_is_plugged_in_opens_a_new_phone(
    open_phone: Callable[..., Page],
    demo_city: RunningCity,
    visit: Visit,
    claim_code: Callable[..., tuple[str, str]],  # noqa: F811
) -> None:
    first = open_phone(reduced_motion="reduce")
    first.goto(claim_code()[0])
    first.get_by_role("button", name="Get this badge").click()
    close_celebration(first)
    save(first, visit.playlist)
    first.wait_for_load_state("networkidle")  # that it was saved is recorded, and sent
    keys = Passkeys(first, "usb")
    first.goto(f"{demo_city.base_url}/en/badges")
    first.locator(".badge-tile").click()
    first.get_by_role("link", name="Keep what you earned").click()
    expect(first.get_by_text("You have 1 badge.")).to_be_visible()
    expect(first.get_by_text("No way back in yet")).to_be_visible()
    look(first)
    first.context.set_offline(True)
    first.get_by_role("button", name="Add a passkey").click()
    expect(first.get_by_text("Added here. It works once it is sent.")).to_be_visible()
    expect(first.get_by_text("Your way back in is not sent yet")).to_be_visible()
    look(first)
    first.context.set_offline(False)
    expect(first.get_by_text("Not used yet, added on")).to_be_visible()
    expect(first.get_by_text("You have 1 way back in")).to_be_visible()
    look(first)
    first.get_by_role("button", name="Add another passkey").click()
    expect(first.get_by_text("This device or key has a passkey of yours already.")).to_be_visible()

    new = open_phone(reduced_motion="reduce")
    new.goto(f"{demo_city.base_url}/en/badges")
    held = Passkeys(new, "usb")
    new.get_by_role("link", name="Get back in").click()
    expect(new.get_by_role("heading", name="With your recovery kit")).to_be_visible()
    look(new)
    held.carry(keys.all)
    new.get_by_role("button", name="Use a passkey").click()
    expect(new.get_by_text("You are back in")).to_be_visible()
    expect(new.get_by_text("1 badge is here already.")).to_be_visible()
    look(new)
    new.get_by_role("button", name="Save here too").click()
    expect(new.get_by_text("Saved here")).to_be_visible()
    new.goto(f"{demo_city.base_url}/en/badges")
    expect(new.locator(".badge-tile")).to_have_count(1)
    first.reload()
    expect(first.get_by_text("Last used on")).to_be_visible()


def close_celebration(page: Page) -> None:
    """Close it, and give the phone the moment that it takes to keep that it was seen."""
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.wait_for_timeout(1000)


def read_link(city: RunningCity, purpose: str) -> str:
    """Wait for a mail of a kind, which the clock writes, and return the newest one's link."""
    until = time.monotonic() + 30
    while not (links := links_of(city, purpose)) and time.monotonic() < until:
        time.sleep(0.5)
    return links[0]


def links_of(city: RunningCity, purpose: str) -> list[str]:
    """Read the links of a kind in all mails, sent or still to be sent, the newest first."""
    engine = create_engine(city.database)
    with engine.connect() as connection:
        rows = connection.execute(text('SELECT text FROM mails WHERE "to" = :to'), {"to": ADDRESS})
        texts = [one for (one,) in rows]
    engine.dispose()
    for file in sorted(
        city.instance.glob("mail/**/*.eml"), key=lambda one: one.stat().st_mtime, reverse=True
    ):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        body = mail.get_body(("plain",)) if ADDRESS in str(mail["To"]) else None
        texts += [body.get_content()] if body else []
    return [link for one in texts for link in re.findall(rf"^(http\S+#{purpose}\.\S+)\r?$", one, re.M)]


def test_words_on_paper_and_a_mail_open_new_phones(
    open_phone: Callable[..., Page],
    demo_city: RunningCity,
    claim_code: Callable[..., tuple[str, str]],  # noqa: F811
) -> None:
    first = open_phone(reduced_motion="reduce")
    first.goto(claim_code()[0])
    first.get_by_role("button", name="Get this badge").click()
    close_celebration(first)
    first.goto(f"{demo_city.base_url}/en/account")
    first.context.set_offline(True)
    first.get_by_role("button", name="Make a recovery kit").click()
    expect(first.locator(".kit-words li")).to_have_count(12)
    words = first.locator(".kit-words li").all_inner_texts()
    code = first.locator("svg.phone-code").get_attribute("data-address") or ""
    look(first)
    first.get_by_label("I have the words on paper").check()
    first.get_by_role("button", name="Done").click()
    expect(first.get_by_text("Made here. It works once it is sent.")).to_be_visible()
    first.context.set_offline(False)
    expect(first.get_by_text("Not used yet")).to_be_visible()
    first.get_by_label("Your mail address").fill(ADDRESS)
    first.get_by_role("button", name="Add this address").click()
    expect(first.get_by_text("Look into your mail")).to_be_visible()

    mailbox = open_phone(reduced_motion="reduce")
    mailbox.goto(read_link(demo_city, "confirm"))
    mailbox.get_by_role("button", name="Yes, it is mine").click()
    expect(mailbox.get_by_text("The address is confirmed")).to_be_visible()
    mailbox.goto(f"{demo_city.base_url}/en/enter")
    mailbox.get_by_label("Your mail address").fill(ADDRESS)
    mailbox.get_by_role("button", name="Send me a link").click()
    expect(mailbox.get_by_text("If this address is a way back in")).to_be_visible()
    mailbox.goto(read_link(demo_city, "mail"))
    expect(mailbox).to_have_url(f"{demo_city.base_url}/en/enter")  # the token has left the address
    mailbox.get_by_role("button", name="Get back in").click()
    expect(mailbox.get_by_text("1 badge is here already.")).to_be_visible()

    new = open_phone(reduced_motion="reduce")
    new.goto(f"{demo_city.base_url}/en/enter")
    new.get_by_label("The twelve words").fill(" ".join(word[:4].upper() for word in words[1:]))
    kit = new.locator("form").filter(has_text="With your recovery kit")
    kit.get_by_role("button", name="Get back in").click()
    expect(kit.get_by_text("These are 11 words; a kit has twelve.")).to_be_visible()
    new.get_by_label("The twelve words").fill(" ".join(word[:4].upper() for word in words))
    kit.get_by_role("button", name="Get back in").click()
    expect(new.get_by_text("1 badge is here already.")).to_be_visible()
    expect(new.get_by_text("You used your recovery kit")).to_be_visible()
    look(new)

    scanned = open_phone()
    scanned.goto(code)
    scanned.get_by_role("button", name="Get back in").click()
    expect(scanned.get_by_text("1 badge is here already.")).to_be_visible()
