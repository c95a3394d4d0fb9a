"""What a wallet reads with its token, page by page, on both databases."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from oauthlib.oauth2 import OAuth2Error
from sqlalchemy.orm import Session

from server.badges import giving
from server.core.db import utc_now, writing
from server.learning.models import Completion
from server.wallets.clients import digest
from server.wallets.models import WalletClient, WalletCode, WalletGrant
from server.wallets.services import forget_old
from tests.awarding.conftest import make_badge
from tests.cast import NOON, Museum
from tests.wallets.conftest import Ada, Wallet

Open = Callable[..., Wallet]


def test_a_wallet_reads_the_badges_it_was_allowed(ada: Ada, open_wallet: Open, db: Session) -> None:
    wallet = open_wallet()
    token = wallet.redeem(ada.decide(wallet.ask(), awards=[ada.award.id]))
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    found = wallet.read()
    assert found.json() == {"credential": [json.loads(ada.award.signed)], "compactJwsString": []}
    assert ada.award.signed in found.content
    assert found.headers["X-Total-Count"] == "1"
    profile = wallet.read("/profile").json()
    assert profile["type"] == ["Profile"] and profile["id"].startswith("urn:uuid:")
    assert ada.phone.learner not in json.dumps(profile) and ada.award.subject not in json.dumps(profile)
    db.rollback()  # see what the server wrote
    kept = json.dumps(
        [str(vars(row)) for table in (WalletClient, WalletCode, WalletGrant) for row in db.query(table)]
    )
    for secret in (token["access_token"], token["refresh_token"], wallet.client["client_secret"]):
        assert secret not in kept and digest(secret) in kept


def test_pages_lead_to_each_other(ada: Ada, open_wallet: Open, db: Session, museum: Museum) -> None:
    db.rollback()
    done = db.query(Completion).filter_by(learner_id=ada.phone.learner).one()
    for day in range(1, 5):
        badge = make_badge(db, museum, f"Badge {day}")
        giving.award(db, ada.phone.learner, badge, done, NOON + timedelta(days=day))
    db.commit()
    wallet = open_wallet()
    wallet.redeem(ada.decide(wallet.ask()))
    seen, url = [], f"{ada.base}/ims/ob/v3p0/credentials?limit=2"
    while url:
        answer = wallet.session.get(url)
        seen += [one["id"] for one in answer.json()["credential"]]
        assert answer.headers["X-Total-Count"] == "5"
        url = answer.links.get("next", {}).get("url", "")
        assert {"first", "last"} <= answer.links.keys()
    assert len(seen) == len(set(seen)) == 5
    later = wallet.read(f"/credentials?{urlencode({'since': (NOON + timedelta(days=2)).isoformat()})}")
    assert later.headers["X-Total-Count"] == "2"
    for wrong in ("limit=0", "limit=x", "offset=-1", "since=yesterday"):
        answer = wallet.read(f"/credentials?{wrong}")
        assert (answer.status_code, answer.json()["imsx_codeMajor"]) == (400, "failure")


def test_refreshing_replaces_both_tokens(ada: Ada, open_wallet: Open) -> None:
    wallet = open_wallet()
    first = wallet.redeem(ada.decide(wallet.ask()))
    login = (wallet.client["client_id"], wallet.client["client_secret"])
    second = wallet.session.refresh_token(f"{ada.base}/oauth/token", auth=login)
    assert second["access_token"] != first["access_token"]
    assert wallet.read(token=second["access_token"]).status_code == 200
    assert wallet.read(token=first["access_token"]).status_code == 401
    with pytest.raises(OAuth2Error, match="invalid_grant"):
        wallet.session.refresh_token(
            f"{ada.base}/oauth/token", refresh_token=first["refresh_token"], auth=login
        )


def test_what_nobody_allowed_is_forgotten_and_what_was_allowed_stays(
    ada: Ada, open_wallet: Open, db: Session
) -> None:
    used, _unused = open_wallet(), open_wallet()
    used.redeem(ada.decide(used.ask()))
    with writing(db) as session:
        forget_old(session, utc_now() + timedelta(days=31))
    assert [one.id for one in db.query(WalletClient)] == [used.client["client_id"]]
    assert db.query(WalletCode).count() == 0
    assert used.read().status_code == 200
