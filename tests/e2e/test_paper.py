"""A badge on paper: printed by the phone with no network, and the name typed for it goes nowhere."""

import re
from collections.abc import Callable, Iterator

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from server.core.read_back import read_page
from tests.e2e.city import RunningCity
from tests.e2e.phone import SMALL
from tests.e2e.test_claim import claim_code as claim_code
from tests.e2e.test_screens import off_the_side, serious_faults

MILLIMETRE = 72 / 25.4


@pytest.fixture
def holder(
    other_browser: Browser, demo_city: RunningCity, claim_code: Callable[..., tuple[str, str]]
) -> Iterator[Page]:
    """Somebody with a badge, who looks at it."""
    context = other_browser.new_context(viewport=SMALL, has_touch=True, locale="en", reduced_motion="reduce")
    page = context.new_page()
    page.goto(claim_code()[0])
    page.get_by_role("button", name="Get this badge").click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{demo_city.base_url}/en/badges")
    page.locator(".badge-tile").click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def printed(page: Page, what: str) -> tuple[list[tuple[int, int]], list[str]]:
    """Print, and return the sizes of the pages in millimetres, and what a camera reads on them."""
    page.evaluate(
        """() => {
            const { dataset } = document.documentElement;
            dataset.said = "";
            window.print = () => { dataset.said = document.querySelector(".print-sheet").textContent; };
        }"""
    )
    page.get_by_role("radio", name=what).check()
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-said", re.compile("."))
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    document = pypdfium2.PdfDocument(pdf)
    sizes = [tuple(round(side / MILLIMETRE) for side in sheet.get_size()) for sheet in document]
    codes = [code for sheet in document for code in read_page(sheet, 200)]
    document.close()
    return sizes, codes  # type: ignore[return-value]


def test_a_phone_prints_certificate_card_and_stickers_with_no_network(
    holder: Page, demo_city: RunningCity
) -> None:
    asked: list[Request] = []
    holder.context.set_offline(True)
    holder.get_by_text("On paper: certificate, wallet card, stickers").click()
    holder.context.on("request", lambda request: asked.append(request))
    holder.get_by_label("A name on it, if you like").fill("Ada Lovelace")
    assert not off_the_side(holder) and not serious_faults(holder)
    address = (
        holder.get_by_role("link", name="Its page, where anyone can check it").get_attribute("href") or ""
    )
    short = f"{demo_city.base_url}/C/{address.split('/')[-1][:16]}".upper()
    assert printed(holder, "Certificate") == ([(210, 297)], [short])
    assert "Ada Lovelace" in (holder.locator("html").get_attribute("data-said") or "")
    assert printed(holder, "Wallet card") == ([(105, 148)], [short])
    assert printed(holder, "Stickers of this badge") == ([(210, 297)], [short] * 24)
    assert not [one for one in asked if "Ada" in (one.url + (one.post_data or ""))]
