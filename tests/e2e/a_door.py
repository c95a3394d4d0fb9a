"""A door of the running city, played over the network: its phone reads passes and answers with receipts."""

import json
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect

from server.codes import passes
from server.codes.rotating import step_at
from sync.messages import decode
from tests.e2e.city import RunningCity
from tests.phone import Phone, milliseconds


@dataclass
class Reply:
    """What `tests.phone.Phone` reads of an answer."""

    status_code: int
    headers: Message  # in any case
    body: bytes

    def get_json(self) -> Any:
        return json.loads(self.body)

    def get_data(self, as_text: bool = True) -> str:
        return self.body.decode()


class Network:
    """Stands where `tests.phone.Phone` has its application, and leads to a running city."""

    def __init__(self, base_url: str) -> None:
        self.base_url, self.extensions = base_url, dict[str, Any]()

    def test_client(self) -> "Network":
        return self

    def post(self, path: str, *, data: bytes, content_type: str, headers: dict[str, str]) -> Reply:
        request = urllib.request.Request(
            self.base_url + path, data, {**headers, "Content-Type": content_type}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Reply(answer.status, answer.headers, answer.read())


class Door:
    """An organiser's phone at a session that runs now."""

    def __init__(self, city: RunningCity, desk: BrowserContext) -> None:
        self.city = city
        self.session = next(one for one in city.facts["sessions"] if one["runs"])
        self.phone = Phone(Network(city.base_url))  # type: ignore[arg-type]
        self.opened = self.phone.record("door.open", {"link": self._link(desk)})
        self.send()

    def _link(self, desk: BrowserContext) -> str:
        """Open the door at the desk; return what its address says after the `#`."""
        address = f"{self.city.base_url}{self.session['desk']}/door?lang=en"
        answer = desk.request.post(address, headers={"Origin": self.city.base_url}, max_redirects=0)
        assert answer.status == 303, answer.status
        return answer.headers["location"].partition("#")[2]

    def let_in(self, fragment: str) -> str:
        """Accept a pass, with no network; return the address of the answer that is shown to its phone."""
        self.phone.at = datetime.now(UTC)
        body = {"occurrence": self.session["id"], "pass": fragment}
        self.phone.record("checkin.confirm", body, needs=[self.opened])
        return self.answer(fragment)

    def answer(self, fragment: str) -> str:
        shown = passes.read_pass(fragment)
        assert shown
        point, step = self.session["point"], step_at(milliseconds(self.phone.at))
        host = self.city.base_url.partition("//")[2]
        signature = decode(self.phone.sign(passes.receipt_content(host, point, shown.device, step)))
        receipt = passes.write_receipt(self.phone.device, step, signature)
        return f"{self.city.base_url}/S/{point}".upper() + f"#{receipt}"

    def send(self) -> None:
        """Send what was done at the door; all of it is accepted."""
        self.phone.sync()
        assert {self.phone.state(one) for one in self.phone.results} == {"ok"}, self.phone.results


def sign_in(city: RunningCity, browser: Browser) -> BrowserContext:
    """Sign in at the desk of the organiser whose session runs now."""
    session = next(one for one in city.facts["sessions"] if one["runs"])
    context = browser.new_context()
    page = context.new_page()
    page.goto(city.sign_in_link(session["organiser"]))
    expect(page.get_by_role("heading", name="Hello,")).to_be_visible()
    return context
