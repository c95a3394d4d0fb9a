"""A learner chooses what they are told while the app is closed; the phone shows that, and nothing else."""

import json

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.city import RunningCity
from tests.e2e.test_learning import keep_app
from tests.e2e.test_museum_visit import Visit
from tests.post.push_service import Browser

SUBSCRIBE = """(given) => {
  // What a browser's maker gives: an address at their push service, which no test reaches.
  let now = null;
  const key = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  PushManager.prototype.getSubscription = async () => now;
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.byteLength !== 65) throw new DOMException("no", "NotSupportedError");
    const keys = { p256dh: given.p256dh, auth: given.auth };
    return (now = {
      endpoint: given.endpoint, options: { applicationServerKey: applicationServerKey.buffer },
      toJSON: () => ({ endpoint: given.endpoint, expirationTime: null, keys }), unsubscribe: async () => ((now = null), true),
    });
  };
}"""  # fmt: skip
SHOWN = "navigator.serviceWorker.getRegistration().then((one) => one.getNotifications()).then((all) => all.map((one) => one.title + '|' + one.body))"


def test_a_learner_is_told_what_they_switched_on_and_only_while_the_app_is_closed(
    visitor: Page, demo_city: RunningCity, visit: Visit
) -> None:
    subscribed = "SELECT count(*) FROM push_subscriptions WHERE learner_id = :learner"
    visitor.context.grant_permissions(["notifications"], origin=demo_city.base_url)
    visitor.add_init_script(f"({SUBSCRIBE})({json.dumps(Browser().chosen())})")
    visitor.goto(visit.points["mill-wheel"]["url"])
    keep_app(visitor)
    visitor.goto(f"{demo_city.base_url}/en/account")
    visitor.get_by_text("What may we tell you?").click()
    badge = visitor.get_by_role("switch", name="A badge has arrived")
    expect(badge).not_to_be_checked()
    learner = visitor.evaluate(
        "new Promise((got) => { const asked = indexedDB.open('streetwise'); asked.onsuccess = () => { const get ="
        " asked.result.transaction('settings').objectStore('settings').get('learner'); get.onsuccess = () => { asked.result.close(); got(get.result.value); } } })"
    )
    badge.click()
    expect(badge).to_be_checked()
    expect(badge).to_be_enabled()
    assert demo_city.ask(subscribed, learner=learner) == 1

    session, registration = worker_of(visitor)
    for kind in ("award", "review"):
        deliver(session, demo_city, registration, told(kind, learner))
    visitor.wait_for_timeout(500)
    assert visitor.evaluate(SHOWN) == [], "the app is in use"
    visitor.goto("about:blank")
    for kind in ("award", "review"):  # it did not choose the second
        deliver(session, demo_city, registration, told(kind, learner))
    visitor.wait_for_timeout(500)
    visitor.goto(f"{demo_city.base_url}/en/account")
    assert visitor.evaluate(SHOWN) == ["A badge has arrived|River"]

    visitor.get_by_text("What may we tell you?").click()
    badge.click()
    expect(badge).not_to_be_checked()
    expect(badge).to_be_enabled()
    assert demo_city.ask(subscribed, learner=learner) == 0


def told(kind: str, learner: str) -> dict[str, str]:
    return {
        "kind": kind, "learner": learner, "title": "A badge has arrived", "body": "River",
        "url": "/en/badges", "lang": "en", "icon": "/static/icons/none.png",
    }  # fmt: skip


def worker_of(page: Page) -> tuple[CDPSession, str]:
    """A line to the browser's tools, and the name by which they know our worker."""
    session, found = page.context.new_cdp_session(page), []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(50)
    return session, found[-1]["registrationId"]


def deliver(session: CDPSession, city: RunningCity, registration: str, told: dict[str, str]) -> None:
    said = {"origin": city.base_url, "registrationId": registration, "data": json.dumps(told)}
    session.send("ServiceWorker.deliverPushMessage", said)
