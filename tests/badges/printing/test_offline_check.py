"""The offline check: opened from a disk with no network, it believes what is genuine and nothing else."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from server.badges import services, signing
from server.badges.drawing import Design, badge_png
from server.badges.printing.whole import draw_whole
from server.core.db import utc_now
from tests.badges.conftest import Given
from tests.badges.making import STRANGER
from tests.e2e.test_screens import off_the_side, serious_faults

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def download(client: FlaskClient, given: Given, lang: str = "en") -> str:
    return client.get(f"/credentials/{given.award.credential_id}.html?lang={lang}").get_data(as_text=True)


@pytest.fixture
def opened(other_browser: Browser, tmp_path: Path) -> Iterator[Callable[[str], Page]]:
    """Open a file in a browser that has no network; asking for anything fails the test."""
    context = other_browser.new_context(viewport={"width": 360, "height": 740}, locale="en")
    context.set_offline(True)
    asked: list[str] = []

    def look(html: str) -> Page:
        (tmp_path / "check.html").write_text(html)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "check.html").as_uri())
        return page

    yield look
    context.close()
    assert not [one for one in asked if not one.startswith(("file:", "data:"))]


def states(page: Page) -> list[str | None]:
    return [page.locator(f"#check-{name}").get_attribute("data-state") for name in ("signature", "issuer", "status", "dates")]  # fmt: skip


def verdict(page: Page, said: str) -> None:
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", said)


def test_it_is_sent_as_a_file_that_would_not_run_on_our_address(client: FlaskClient, given: Given) -> None:
    response = client.get(f"/credentials/{given.award.credential_id}.html")
    assert response.headers["Content-Disposition"] == 'attachment; filename="river-explorer-check.html"'
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert not re.search(r'(?:src|href)="(?!data:)(?!http://localhost:8000/credentials/)', response.text)
    assert "“River explorer”" not in response.text and "%(date)s" in response.text


@pytest.mark.browser
def test_a_genuine_badge_is_genuine_but_not_checked_since(
    client: FlaskClient, given: Given, opened: Callable[[str], Page]
) -> None:
    page = opened(download(client, given))
    verdict(page, "since")
    assert states(page) == ["ok", "ok", "unchecked", "ok"]
    expect(page.locator("#verdict")).to_contain_text("Not checked for withdrawal since")
    expect(page.get_by_role("heading", level=1)).to_have_text("River explorer")
    assert not off_the_side(page) and not serious_faults(page)
    verdict(opened(download(client, given, "nl")), "since")


def changed(given: Given, **changes: Any) -> str:
    return json.dumps({**given.document, **changes}, ensure_ascii=False)


@pytest.mark.browser
def test_what_is_not_genuine_is_never_ok(
    client: FlaskClient, given: Given, db: Session, opened: Callable[[str], Page]
) -> None:
    html = download(client, given)
    page = opened(html)
    verdict(page, "since")
    document = given.document
    subject, proofs = document["credentialSubject"], document["proof"]
    body = {name: value for name, value in document.items() if name != "proof"}
    stranger = signing.sign(body, STRANGER, utc_now())["proof"]
    for pasted, said in [
        (changed(given, name="River master"), "failed"),
        (changed(given, validUntil="2030-01-01T00:00:00Z"), "failed"),
        (changed(given, credentialSubject={**subject, "id": "urn:uuid:0"}), "failed"),
        (changed(given, proof=[]), "failed"),
        (changed(given, proof=stranger), "failed"),
        (changed(given, proof=[{**one, "proofPurpose": "authentication"} for one in proofs]), "failed"),
        (changed(given, proof=[{**one, "proofValue": proofs[0]["proofValue"]} for one in proofs]), "failed"),
        (changed(given, proof=[one for one in proofs if one["cryptosuite"] != signing.JCS]), "unchecked"),
        (json.dumps(signing.sign({**body, "issuer": STRANGER.method.split("#")[0]}, STRANGER, utc_now())), "unchecked"),
        (json.dumps(document), "since"),
        ("hello", "unreadable"),
        ("[" * 50_000, "unreadable"),
        ("OB3:AAA", "unreadable"),
    ]:  # fmt: skip
        page.locator("#verdict").evaluate("(place) => delete place.dataset.verdict")
        page.locator("#pasted").fill(pasted)
        page.get_by_role("button", name="Check", exact=True).click()
        verdict(page, said)
    verdict(opened(html.replace('"River explorer"', '"River master"')), "failed")
    services.revoke(given.award, "Given by mistake", utc_now())
    db.commit()
    withdrawn = opened(download(client, given))
    verdict(withdrawn, "failed")
    assert states(withdrawn) == ["ok", "ok", "failed", "ok"]


@pytest.mark.browser
def test_a_picture_and_a_large_code_are_read_too(
    client: FlaskClient, given: Given, opened: Callable[[str], Page]
) -> None:
    page = opened(download(client, given))
    verdict(page, "since")
    picture = client.get(f"/credentials/{given.award.credential_id}.png").data
    whole = draw_whole(given.award)
    assert whole
    for name, content in (("badge.png", picture), ("code.txt", whole.text.encode())):
        page.locator("#verdict").evaluate("(place) => delete place.dataset.verdict")
        page.locator("#file").set_input_files({"name": name, "mimeType": "", "buffer": content})
        verdict(page, "since")
        assert states(page) == ["ok", "ok", "unchecked", "ok"]
    photo = {"name": "photo.png", "mimeType": "image/png", "buffer": badge_png(Design(), 64)}
    page.evaluate("delete globalThis.BarcodeDetector")
    page.locator("#file").set_input_files(photo)
    verdict(page, "no-reader")
    page.evaluate("""text => {
      globalThis.BarcodeDetector = class { async detect(picture) { return picture.width ? [{ rawValue: text }] : []; } };
    }""", whole.text)  # fmt: skip
    page.locator("#file").set_input_files([])
    page.locator("#file").set_input_files(photo)
    verdict(page, "since")


@pytest.mark.browser
def test_a_browser_that_cannot_check_says_so(
    client: FlaskClient, given: Given, opened: Callable[[str], Page]
) -> None:
    page = opened("")
    page.context.add_init_script(
        "SubtleCrypto.prototype.importKey = () => Promise.reject(new Error('unknown'));"
    )
    page = opened(download(client, given))
    verdict(page, "unchecked")
    assert states(page) == ["unchecked"] * 4
    expect(page.get_by_text("This browser cannot check signatures of this kind.")).to_be_visible()
