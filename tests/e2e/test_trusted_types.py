"""No text becomes a script or markup on our pages: the browser refuses it, and the app needs nothing of the kind."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.e2e.city import RunningCity

SINKS = {
    "markup": "document.body.innerHTML = '<p>x</p>'",
    "markup beside": "document.body.insertAdjacentHTML('beforeend', '<p>x</p>')",
    "a document": "document.write('<p>x</p>')",
    "a parsed document": "new DOMParser().parseFromString('<p>x</p>', 'text/html')",
    "a frame": "document.createElement('iframe').srcdoc = '<p>x</p>'",
    "a script's address": "document.createElement('script').src = '/service-worker.js'",
    "a script's words": "document.createElement('script').text = 'document.title = 1'",
    "a worker": "navigator.serviceWorker.register('/service-worker.js')",
    "another policy": "trustedTypes.createPolicy('mine', { createHTML: (text) => text })",
    "the policy again": "trustedTypes.createPolicy('streetwise', { createHTML: (text) => text })",
}


@pytest.fixture
def visitor(other_browser: Browser) -> Iterator[Page]:
    """Somebody whose phone is expected to refuse something; all others fail their test when theirs does."""
    with other_browser.new_context(locale="en") as context:
        yield context.new_page()


def test_no_text_becomes_markup_or_a_script(visitor: Page, demo_city: RunningCity) -> None:
    """On a page whose worker was started by the one policy there is."""
    visitor.goto(f"{demo_city.base_url}/en/learning")
    expect(visitor.get_by_text("This app now opens with no network.")).to_be_visible()
    assert visitor.evaluate("navigator.serviceWorker.ready.then(({ active }) => new URL(active.scriptURL).pathname)") == "/service-worker.js"  # fmt: skip
    done = [what for what, code in SINKS.items() if not is_refused(visitor, code)]
    assert done == []


def is_refused(page: Page, code: str) -> bool:
    """Say whether the page's own policy stopped it."""
    try:
        page.evaluate(f"async () => {{ await ({code}); }}")
    except Error as error:
        return "Trusted" in error.message or "policy" in error.message.lower()
    return False


@pytest.mark.parametrize("path", ["/en/repair", "/desk/sign-in"])
def test_pages_beside_the_app_refuse_it_too(visitor: Page, demo_city: RunningCity, path: str) -> None:
    visitor.goto(demo_city.base_url + path)
    assert is_refused(visitor, SINKS["markup"])
