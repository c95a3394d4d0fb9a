"""Wallets over real HTTP: in by the learner's word only, and out again at once."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from oauthlib.oauth2 import OAuth2Error
from sqlalchemy.orm import Session

from server.badges import services
from server.core.db import utc_now
from server.wallets.clients import READ_BADGES, READ_PROFILE, SCOPE
from server.wallets.models import WalletClient, WalletCode, WalletGrant
from tests.phone import Phone
from tests.wallets.conftest import CALLBACK, Ada, Wallet

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
Open = Callable[..., Wallet]


def changed(url: str, **parameters: str | None) -> str:
    """The same address with other parameters; None leaves one out."""
    asked = {**dict(parse_qsl(urlsplit(url).query)), **parameters}
    return f"{url.partition('?')[0]}?{urlencode({k: v for k, v in asked.items() if v is not None})}"


def led_to(url: str) -> dict[str, str]:
    """Open an address that asks wrongly, and read what the wallet is told by whoever follows the link back to it.

    The browser goes nowhere by itself: anybody can register a wallet, and would have a link of ours to any site.
    """
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 400 and "Location" not in answer.headers, answer.text
    (back,) = re.findall(rf'href="({re.escape(CALLBACK)}\?[^"]+)"', answer.text)
    return dict(parse_qsl(urlsplit(unescape(back)).query))


def test_a_public_wallet_needs_no_secret(ada: Ada, open_wallet: Open) -> None:
    wallet = open_wallet(token_endpoint_auth_method="none")
    assert not wallet.client.get("client_secret")
    wallet.redeem(ada.decide(wallet.ask()))
    assert wallet.read().headers["X-Total-Count"] == "1"


def test_a_wallet_sees_only_what_was_chosen_and_only_what_holds(
    ada: Ada, open_wallet: Open, db: Session
) -> None:
    chosen, everything = open_wallet(), open_wallet()
    chosen.redeem(ada.decide(chosen.ask(), awards=[]))
    everything.redeem(ada.decide(everything.ask(), awards=None))
    assert [one.read().headers["X-Total-Count"] for one in (chosen, everything)] == ["0", "1"]
    assert chosen.read("/profile").json()["id"] != everything.read("/profile").json()["id"]
    db.rollback()
    services.revoke(ada.award, "mistake", utc_now())
    db.commit()
    assert everything.read().headers["X-Total-Count"] == "0"


def test_a_learner_gives_only_badges_of_their_own(ada: Ada, eve: Ada, open_wallet: Open, db: Session) -> None:
    own = json.loads(ada.award.signed)["id"]
    for awards in ([eve.award.id, ada.award.id], None):
        wallet = open_wallet()
        wallet.redeem(ada.decide(wallet.ask(), awards=awards))
        assert [one["id"] for one in wallet.read().json()["credential"]] == [own]
    db.rollback()
    assert [ada.award.id] in [grant.awards for grant in db.query(WalletGrant)]


def test_a_no_is_told_to_the_wallet_and_gives_nothing(ada: Ada, open_wallet: Open, db: Session) -> None:
    told = dict(parse_qsl(urlsplit(ada.decide(open_wallet().ask(state="s1"), allowed=False)).query))
    assert (told["error"], told["state"]) == ("access_denied", "s1")
    db.rollback()
    assert db.query(WalletCode).count() == 0


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": f"{SCOPE}credential.upsert"}, "invalid_scope"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
    ids=["no PKCE", "PKCE without method", "plain PKCE", "foreign scope", "unknown scope", "implicit flow"],
)
def test_an_unsafe_wish_is_refused_before_anybody_is_asked(
    ada: Ada, open_wallet: Open, parameters: dict[str, str | None], error: str
) -> None:
    url = changed(open_wallet().ask(), **parameters)
    assert led_to(url)["error"] == error
    asked = dict(parse_qsl(urlsplit(url).query))
    answer = ada.post("/api/wallets/answer", {"asked": asked, "allowed": True})
    assert (
        answer.status_code == 400 or "error=" in answer.json()["url"]
    )  # a phone cannot wave it through either


@pytest.mark.parametrize("address", ["https://evil.example/", CALLBACK + "/", CALLBACK + "?x=1", CALLBACK.replace(":9", ":10"), "", None])  # fmt: skip
def test_another_address_is_never_led_to(ada: Ada, open_wallet: Open, address: str | None) -> None:
    url = changed(open_wallet().ask(), redirect_uri=address)
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 400 and "Location" not in answer.headers
    asked = dict(parse_qsl(urlsplit(url).query))
    assert ada.post("/api/wallets/answer", {"asked": asked, "allowed": True}).status_code == 400


def test_only_a_device_of_the_learner_can_say_yes(ada: Ada, open_wallet: Open, db: Session) -> None:
    url = open_wallet().ask()
    asked = dict(parse_qsl(urlsplit(url).query))
    eve = Phone(ada.phone.app, device=ada.phone.device)  # with a key of her own
    answer = Ada(eve, ada.award, ada.base).post("/api/wallets/answer", {"asked": asked, "allowed": True})
    assert answer.status_code == 401
    db.rollback()
    assert db.query(WalletCode).count() == 0


def test_a_code_works_once_and_its_second_use_ends_what_the_first_gave(ada: Ada, open_wallet: Open) -> None:
    wallet = open_wallet()
    url = ada.decide(wallet.ask())
    token = wallet.redeem(url)["access_token"]
    assert wallet.read(token=token).status_code == 200
    with pytest.raises(OAuth2Error, match="invalid_grant"):
        wallet.redeem(url)
    assert wallet.read(token=token).status_code == 401


def test_a_code_needs_its_verifier_its_wallet_and_its_address(ada: Ada, open_wallet: Open) -> None:
    wallet, other = open_wallet(), open_wallet()
    url = ada.decide(wallet.ask())
    code = dict(parse_qsl(urlsplit(url).query))["code"]
    verifier = wallet.session._client.code_verifier
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }
    own = (wallet.client["client_id"], wallet.client["client_secret"])
    for login, wrong in (
        (own, {"code_verifier": "x" * 43}),
        (own, {"code_verifier": ""}),
        (own, {"redirect_uri": "https://evil.example/"}),
        ((own[0], "guess"), {}),
        ((other.client["client_id"], other.client["client_secret"]), {}),
    ):
        answer = requests.post(f"{ada.base}/oauth/token", data={**form, **wrong}, auth=login, timeout=10)
        assert answer.status_code in (400, 401) and "access_token" not in answer.text, wrong
    assert requests.post(f"{ada.base}/oauth/token", data=form, auth=own, timeout=10).status_code == 200


def test_codes_and_tokens_end(ada: Ada, open_wallet: Open, db: Session) -> None:
    wallet = open_wallet()
    url = ada.decide(wallet.ask())
    db.rollback()
    db.query(WalletCode).update({"expires_at": utc_now()})
    db.commit()
    with pytest.raises(OAuth2Error, match="invalid_grant"):
        wallet.redeem(url)
    wallet.redeem(ada.decide(wallet.ask()))
    db.rollback()
    db.query(WalletGrant).update({"access_expires_at": utc_now()})
    db.commit()
    answer = requests.get(f"{ada.base}/ims/ob/v3p0/credentials", headers={"Authorization": f"Bearer {wallet.session.access_token}"}, timeout=10)  # fmt: skip
    assert answer.status_code == 401 and 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_reads_only_what_it_is_for(ada: Ada, open_wallet: Open) -> None:
    wallet = open_wallet(scope=[READ_BADGES])
    wallet.redeem(ada.decide(wallet.ask()))
    assert wallet.read().status_code == 200
    assert wallet.read("/profile").status_code == 403
    assert led_to(changed(wallet.ask(), scope=READ_PROFILE))["error"] == "invalid_scope"
    for token in ("", "x", "Bearer"):
        assert requests.get(f"{ada.base}/ims/ob/v3p0/credentials", headers={"Authorization": token}, timeout=10).status_code == 401  # fmt: skip


def test_a_wallet_gives_its_token_back(ada: Ada, open_wallet: Open) -> None:
    wallet, other = open_wallet(), open_wallet()
    token = wallet.redeem(ada.decide(wallet.ask()))
    form = {"token": token["refresh_token"], "token_type_hint": "refresh_token"}
    theirs = (other.client["client_id"], other.client["client_secret"])
    assert requests.post(f"{ada.base}/oauth/revoke", data=form, auth=theirs, timeout=10).status_code == 400
    assert wallet.read().status_code == 200
    own = (wallet.client["client_id"], wallet.client["client_secret"])
    assert requests.post(f"{ada.base}/oauth/revoke", data=form, auth=own, timeout=10).status_code == 200
    assert wallet.read().status_code == 401


def test_a_learner_sees_who_may_read_and_ends_it(ada: Ada, eve: Ada, open_wallet: Open) -> None:
    wallet = open_wallet()
    wallet.redeem(ada.decide(wallet.ask(), awards=[ada.award.id]))
    (row,) = ada.get("/api/wallets").json()["wallets"]
    assert (row["name"], row["awards"]) == ("Test wallet", [ada.award.id])
    assert eve.get("/api/wallets").json()["wallets"] == []
    assert eve.delete(f"/api/wallets/{row['id']}").status_code == 404
    assert ada.delete(f"/api/wallets/{row['id']}").status_code == 204
    assert wallet.read().status_code == 401
    with pytest.raises(OAuth2Error, match="invalid_grant"):
        wallet.session.refresh_token(f"{ada.base}/oauth/token", auth=(wallet.client["client_id"], wallet.client["client_secret"]))  # fmt: skip
    assert ada.get("/api/wallets").json()["wallets"] == []


@pytest.mark.parametrize(
    "wish",
    [
        {"redirect_uris": ["http://wallet.example/cb"]},
        {"redirect_uris": ["https://wallet.example/cb#x"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://wallet.example@evil.example/"]},
        {"redirect_uris": []},
        {"client_name": ""},
        {"client_name": 7},
        {"scope": f"{SCOPE}credential.upsert"},
        {"grant_types": ["client_credentials"]},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"client_uri": "javascript:alert(1)"},
    ],
    ids=lambda wish: next(iter(wish)),
)
def test_an_unsafe_wallet_is_not_registered(ada: Ada, db: Session, wish: dict[str, Any]) -> None:
    fine = {"client_name": "Test wallet", "redirect_uris": ["https://wallet.example/cb"]}
    answer = requests.post(f"{ada.base}/oauth/register", json={**fine, **wish}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    db.rollback()
    assert db.query(WalletClient).count() == 0


def test_a_wallet_finds_everything_by_discovery(ada: Ada) -> None:
    service = requests.get(f"{ada.base}/ims/ob/v3p0/discovery", timeout=10).json()
    scheme = service["components"]["securitySchemes"]["OAuth2ACG"]
    server = requests.get(f"{ada.base}/.well-known/oauth-authorization-server", timeout=10).json()
    assert scheme["x-imssf-registrationUrl"] == server["registration_endpoint"]
    assert scheme["flows"]["authorizationCode"]["tokenUrl"] == server["token_endpoint"]
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert READ_BADGES in scheme["flows"]["authorizationCode"]["scopes"]


def test_the_page_shows_a_wallets_words_as_text_and_where_the_answer_goes(open_wallet: Open) -> None:
    wallet = open_wallet(client_name='<script>alert("Test wallet")</script>')
    answer = requests.get(wallet.ask(), timeout=10)
    assert "<script>alert" not in answer.text
    assert "127.0.0.1:9" in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
