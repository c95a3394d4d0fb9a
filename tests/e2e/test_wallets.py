"""A wallet asks, the learner chooses on the phone, the wallet reads, and the learner says stop."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from playwright.sync_api import Page, Route, expect
from requests_oauthlib import OAuth2Session

from server.wallets.clients import READ_BADGES
from tests.e2e.city import RunningCity
from tests.e2e.test_claim import claim_code  # noqa: F401  # a fixture
from tests.e2e.test_screens import look

CALLBACK = "https://wallet.example/callback"


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the wallet's library knows no loopback


def test_a_wallet_reads_what_the_learner_chose_until_they_say_stop(
    visitor: Page,
    demo_city: RunningCity,
    claim_code: Callable[..., tuple[str, str]],  # noqa: F811
) -> None:
    for _ in range(2):
        visitor.goto(claim_code()[0])
        visitor.get_by_role("button", name="Get this badge").click()
        expect(visitor.get_by_role("dialog").get_by_text("You earned a badge")).to_be_visible()
        visitor.get_by_role("dialog").get_by_role("button", name="Close").click()
    wish = {"client_name": "My wallet", "redirect_uris": [CALLBACK], "scope": f"{READ_BADGES} offline_access", "token_endpoint_auth_method": "none"}  # fmt: skip
    client = requests.post(f"{demo_city.base_url}/oauth/register", json=wish, timeout=10).json()
    wallet = OAuth2Session(client["client_id"], redirect_uri=CALLBACK, scope=wish["scope"], pkce="S256")
    url, _ = wallet.authorization_url(f"{demo_city.base_url}/oauth/authorize")
    came: list[str] = []

    def arrive(route: Route) -> None:
        came.append(route.request.url)
        route.fulfill(body="<title>My wallet</title>Thank you", content_type="text/html")

    visitor.context.route("https://wallet.example/**", arrive)
    visitor.goto(url)
    expect(visitor.get_by_role("heading", name="My wallet")).to_be_visible()
    badges = visitor.get_by_role("checkbox", name="Festival guest")
    expect(badges).to_have_count(2)
    look(visitor)
    badges.first.uncheck()
    visitor.get_by_role("button", name="Let My wallet read them").click()
    expect(visitor).to_have_title("My wallet")
    assert set(dict(parse_qsl(urlsplit(came[0]).query))) == {"code", "state"}
    wallet.fetch_token(f"{demo_city.base_url}/oauth/token", authorization_response=came[0], include_client_id=True)  # fmt: skip
    read = f"{demo_city.base_url}/ims/ob/v3p0/credentials"
    assert [one["name"] for one in wallet.get(read).json()["credential"]] == ["Festival guest"]

    visitor.goto(f"{demo_city.base_url}/en/badges")
    visitor.get_by_role("link", name="Wallets that may read your badges").click()
    expect(visitor.get_by_text("Reads 1 badge that you chose.")).to_be_visible()
    look(visitor)
    visitor.get_by_role("button", name=re.compile("^Stop.*My wallet")).click()
    expect(visitor.get_by_text("My wallet can read nothing any more.")).to_be_visible()
    assert wallet.get(read).status_code == 401
