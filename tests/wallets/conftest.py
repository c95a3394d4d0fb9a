"""A city on a real port, Ada's phone with a badge, and a wallet by a library that is not the server's."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from flask import Flask
from requests_oauthlib import OAuth2Session
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from server.accounts.models import Device, Learner
from server.app import create_app
from server.badges import giving
from server.badges.models import Award
from server.config import Config
from server.core.db import db as database
from server.core.db import utc_now
from server.wallets.clients import READ_BADGES, READ_PROFILE
from tests.badges.conftest import complete
from tests.cast import NOON, Museum
from tests.databases import free_port
from tests.phone import Phone

CALLBACK = "http://127.0.0.1:9/callback"
SCOPE = [READ_BADGES, READ_PROFILE, "offline_access"]


@pytest.fixture
def app(config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application as a real server, with threads, on a port of its own."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the wallet's library knows no loopback
    port = free_port()
    app = create_app(replace(config, base_url=f"http://localhost:{port}"))
    app.testing = True
    http = make_server("localhost", port, app, threaded=True)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    with app.app_context():
        yield app
        http.shutdown()
        http.server_close()
        database.session.remove()
        database.engine.dispose()


@dataclass
class Ada:
    """Ada with a phone and a badge. `base` is the city's address."""

    phone: Phone
    award: Award
    base: str

    def get(self, path: str) -> requests.Response:
        headers = {
            "Sync-Device": self.phone.device,
            "Sync-Signature": self.phone.sign(f"GET {path} 0".encode()),
        }
        return requests.get(self.base + path, headers=headers, timeout=10)

    def delete(self, path: str) -> requests.Response:
        headers = {
            "Sync-Device": self.phone.device,
            "Sync-Signature": self.phone.sign(f"DELETE {path} 0".encode()),
        }
        return requests.delete(self.base + path, headers=headers, timeout=10)

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        raw = json.dumps(body).encode()
        headers = {
            "Sync-Device": self.phone.device,
            "Sync-Signature": self.phone.sign(raw),
            "Content-Type": "application/json",
        }
        return requests.post(self.base + path, data=raw, headers=headers, timeout=10)

    def decide(self, url: str, allowed: bool = True, awards: list[str] | None = None) -> str:
        """Open what the wallet leads to, answer it, and return where the browser goes."""
        page = requests.get(url, timeout=10)
        assert page.status_code == 200 and "Test wallet" in page.text, page.text[:500]
        asked = dict(parse_qsl(urlsplit(url).query))
        answer = self.post("/api/wallets/answer", {"asked": asked, "allowed": allowed, "awards": awards})
        assert answer.status_code == 200, answer.text
        found: str = answer.json()["url"]
        return found


@pytest.fixture
def ada(app: Flask, db: Session, museum: Museum) -> Ada:
    return make_earner(app, db, museum)


@pytest.fixture
def eve(app: Flask, db: Session, museum: Museum) -> Ada:
    """Somebody else, with a phone and a badge of her own."""
    return make_earner(app, db, museum)


def make_earner(app: Flask, db: Session, museum: Museum) -> Ada:
    phone = Phone(app)
    db.add(Learner(id=phone.learner, city_id=museum.city.id, created_at=NOON))
    db.flush()
    jwk = phone.jwk()
    db.add(Device(id=phone.device, learner_id=phone.learner, key_x=jwk["x"], key_y=jwk["y"], created_at=NOON, seen_at=utc_now()))  # fmt: skip
    db.flush()
    learner = db.get_one(Learner, phone.learner)
    row = giving.award(db, learner.id, museum.achievement, complete(db, museum, learner), NOON)
    db.commit()
    award = db.get_one(Award, row["id"])
    db.refresh(award)
    db.rollback()
    return Ada(phone, award, app.config["STREETWISE"].base_url)


@dataclass
class Wallet:
    """An outside wallet: what it registered, and a session of the OAuth library."""

    base: str
    client: dict[str, Any]
    session: OAuth2Session

    def ask(self, **more: Any) -> str:
        url, _state = self.session.authorization_url(f"{self.base}/oauth/authorize", **more)
        found: str = url
        return found

    def login(self) -> dict[str, Any]:
        """How this wallet proves who it is, as it registered: by Basic, or not at all."""
        if self.client["token_endpoint_auth_method"] == "none":
            return {"include_client_id": True}
        return {"auth": requests.auth.HTTPBasicAuth(self.client["client_id"], self.client["client_secret"])}

    def redeem(self, url: str, **more: Any) -> dict[str, Any]:
        token: dict[str, Any] = self.session.fetch_token(
            f"{self.base}/oauth/token",
            authorization_response=url,
            **self.login(),
            **more,
        )
        return token

    def read(self, path: str = "/credentials", token: str | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        ask = requests.get if token else self.session.get
        return ask(f"{self.base}/ims/ob/v3p0{path}", headers=headers, timeout=10)


@pytest.fixture
def open_wallet(ada: Ada) -> Callable[..., Wallet]:
    def register(scope: list[str] = SCOPE, **metadata: Any) -> Wallet:
        wish = {"client_name": "Test wallet", "redirect_uris": [CALLBACK], "scope": " ".join(scope), "grant_types": ["authorization_code", "refresh_token"], **metadata}  # fmt: skip
        answer = requests.post(f"{ada.base}/oauth/register", json=wish, timeout=10)
        assert answer.status_code == 201, answer.text
        client = answer.json()
        session = OAuth2Session(client["client_id"], redirect_uri=CALLBACK, scope=scope, pkce="S256")
        return Wallet(ada.base, client, session)

    return register
