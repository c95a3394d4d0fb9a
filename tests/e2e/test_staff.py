"""Somebody is invited to the desk, makes a passkey, sets up an app, proves who they are, and signs another browser out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
from playwright.sync_api import Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_awarding import snap
from tests.e2e.test_screens import look

EMAIL = "nora@library.example"


def give_authenticator(page: Page) -> None:
    """Give this browser a device that keeps passkeys and asks for a finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def wait_long(city: RunningCity) -> None:
    """Let the last proof be some time ago."""
    city.change("UPDATE user_sessions SET proved_at = '2026-01-01 00:00:00+00:00'")


def join(page: Page, city: RunningCity) -> None:
    page.goto(city.run("invite", EMAIL, "--organiser", "library").strip())
    expect(page.get_by_role("heading", name="Join ")).to_be_visible()
    look(page)
    snap(page, "staff-1")
    page.get_by_label("Your name").fill("Nora")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Welcome! You are signed in.")).to_be_visible()


def make_passkey(page: Page) -> None:
    page.get_by_role("link", name="Add a passkey").click()
    look(page)
    snap(page, "staff-2")
    page.get_by_label("How do you call it?").fill("My laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("Your passkey is set up.")).to_be_visible()
    expect(page.get_by_text("My laptop")).to_be_visible()


def set_up_app(page: Page) -> pyotp.TOTP:
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_text("You cannot scan it?").click()
    app = pyotp.TOTP(page.locator(".staff-key").inner_text().replace(" ", ""))
    look(page)
    snap(page, "staff-3")
    page.get_by_label("Type the six digits").fill(app.now())
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Your spare codes")).to_be_visible()
    look(page)
    snap(page, "staff-4")
    page.get_by_role("link", name="I have kept them").click()
    return app


def next_code(app: pyotp.TOTP) -> str:
    """The code after this one, which holds already: this one may be used."""
    return app.at(datetime.now(UTC) + timedelta(seconds=30))


def test_from_an_invitation_to_a_desk_that_nobody_else_opens(
    open_phone: Callable[..., Page], demo_city: RunningCity
) -> None:
    page, other = open_phone(), open_phone()
    give_authenticator(page)
    join(page, demo_city)
    make_passkey(page)
    app = set_up_app(page)

    other.goto(demo_city.run("sign-in", EMAIL).strip())
    expect(other.get_by_role("heading", name="Hello, Nora")).to_be_visible()

    page.goto(f"{demo_city.base_url}/desk/?lang=en")
    page.get_by_role("button", name="Sign out").click()
    page.goto(
        f"{demo_city.base_url}/desk/sign-in?lang=en"
    )  # this finger is always there: the field is answered
    expect(page.get_by_role("heading", name="Hello, Nora")).to_be_visible()

    wait_long(demo_city)
    page.goto(f"{demo_city.base_url}/desk/library/people?lang=en")
    page.get_by_label("Their mail address").fill("helen@library.example")
    page.get_by_role("radio", name=re.compile("^Reviewer")).check()
    look(page)
    snap(page, "staff-5")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    look(page)
    snap(page, "staff-6")
    page.get_by_label("The code that it shows now").fill(next_code(app))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("The invitation is on its way.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="helen@library.example")).to_contain_text("Reviewer")

    wait_long(demo_city)
    page.goto(f"{demo_city.base_url}/desk/me?lang=en")
    look(page)
    snap(page, "staff-7")
    page.get_by_role("button", name=re.compile("^Sign out there")).click()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_text("Signed out there.")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="This is the organisers' desk")).to_be_visible()
