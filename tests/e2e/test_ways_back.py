"""Somebody earns a badge, adds ways back in with no network, loses the phone, and is back on a new one."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_claim import claim_code  # noqa: F401  # a fixture
from tests.e2e.test_museum_visit import Visit
from tests.e2e.test_saved_playlist import save
from tests.e2e.test_screens import look

KINDS = ("internal", "usb")
"""Where a passkey lives: in the phone, or on a key that is plugged in and asks for its PIN."""


class Passkeys:
    """What a page's browser has of authenticators: one, which says yes by itself."""

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


@pytest.mark.parametrize("transport", KINDS)
def test_a_passkey_made_offline_opens_a_new_phone(
    transport: str,
    open_phone: Callable[..., Page],
    demo_city: RunningCity,
    visit: Visit,
    claim_code: Callable[..., tuple[str, str]],  # noqa: F811
) -> None:
    first = open_phone(reduced_motion="reduce")
    first.goto(claim_code()[0])
    first.get_by_role("button", name="Get this badge").click()
    first.get_by_role("dialog").get_by_role("button", name="Close").click()
    save(first, visit.playlist)
    keys = Passkeys(first, transport)
    first.goto(f"{demo_city.base_url}/en/badges")
    first.get_by_role("link", name="Keep what you earned: ways back in").click()
    expect(first.get_by_text("You have 1 badge.")).to_be_visible()
    expect(first.get_by_text("Only this phone can show it")).to_be_visible()
    look(first)
    first.context.set_offline(True)
    first.get_by_role("button", name="Add a passkey").click()
    expect(first.get_by_text("Added here. It works once it is sent.")).to_be_visible()
    first.context.set_offline(False)
    expect(first.get_by_text("not used yet, added on")).to_be_visible(timeout=40_000)
    look(first)
    first.get_by_role("button", name="Add another passkey").click()
    expect(first.get_by_text("This device or key has a passkey of yours already.")).to_be_visible()

    new = open_phone(reduced_motion="reduce")
    new.goto(f"{demo_city.base_url}/en/badges")
    held = Passkeys(new, transport)
    new.get_by_role("link", name="Get back in").click()
    expect(new.get_by_role("heading", name="With your recovery kit")).to_be_visible()
    look(new)
    held.carry(keys.all)
    new.get_by_role("button", name="Use a passkey").click()
    expect(new.get_by_text("You are back in")).to_be_visible()
    expect(new.get_by_text("1 badge is here already.")).to_be_visible()
    look(new)
    new.get_by_role("button", name="Save here too").click()
    expect(new.get_by_text("Saved here")).to_be_visible(timeout=40_000)
    new.goto(f"{demo_city.base_url}/en/badges")
    expect(new.locator(".badge-tile")).to_have_count(1)
    first.reload()
    expect(first.get_by_text("last used on")).to_be_visible(timeout=40_000)
