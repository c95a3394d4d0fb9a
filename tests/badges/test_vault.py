"""Keys in a vault: it signs, we never hold a private key, and when it is away nobody waits for it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import giving, issuers, jobs, resigning, services, signing, verification
from server.badges.keys import SignerUnavailable
from server.badges.models import Award
from server.badges.resolver import OwnRecords
from server.badges.services import UNSIGNED
from server.badges.vault import Vault
from server.core.db import writing
from server.core.errors import SettingInvalid
from server.organisers.models import Organiser
from tests.badges.conftest import Given, complete
from tests.badges.making import AT, BASE, DID
from tests.badges.vault import TOKEN, TestVault, running
from tests.cast import NOON, Museum


@pytest.fixture
def transit() -> Iterator[TestVault]:
    with running() as server:
        yield server


@pytest.fixture
def kept(app: Flask, transit: TestVault) -> TestVault:
    """The vault that the application keeps its keys in."""
    config = app.config["STREETWISE"]
    app.config["STREETWISE"] = replace(config, signer=transit.address, signer_token=TOKEN)
    return transit


def give(db: Session, museum: Museum, learner: Learner) -> Award:
    row = giving.award(db, learner.id, museum.achievement, complete(db, museum, learner), NOON)
    db.commit()
    return db.get_one(Award, row["id"])


def state(award: Award) -> str:
    at = NOON + timedelta(days=1)
    return verification.verify(award.signed, OwnRecords(at), at).state


def test_a_badge_is_signed_in_the_vault_and_no_key_is_with_us(
    app: Flask, kept: TestVault, db: Session, museum: Museum, ada: Learner
) -> None:
    given = give(db, museum, ada)
    assert state(given) == "ok"
    assert list(kept.keys) == [f"streetwise-{museum.organiser.id}-1"]
    assert not (app.config["STREETWISE"].instance / "keys").exists()


def test_many_are_signed_in_one_request(transit: TestVault) -> None:
    signer = Vault(transit.address, TOKEN).open("o-1", 1, f"{DID}#key-1")
    documents = [
        {"@context": ["https://www.w3.org/ns/credentials/v2"], "id": f"{BASE}/{n}"} for n in range(9)
    ]
    signed = signing.sign_all(documents, signer, AT)
    assert transit.asked == 1
    key = transit.keys["streetwise-o-1-1"].public_key()
    for one, document in zip(signed, documents, strict=True):
        assert [signing.proof_holds(document, proof, key) for proof in one["proof"]] == [True, True]


def test_rotation_and_a_second_opening_find_the_same_keys(
    kept: TestVault, db: Session, museum: Museum, ada: Learner
) -> None:
    given = give(db, museum, ada)
    issuers.rotate(db, museum.organiser, NOON)
    db.commit()
    issuers._open_in_vault.cache_clear()
    assert issuers.ensure_keys(museum.organiser).method.endswith("#key-2")
    assert len(kept.keys) == 2
    assert state(given) == "ok"


def test_while_the_vault_is_away_badges_wait_and_are_signed_when_it_is_back(
    kept: TestVault, client: FlaskClient, db: Session, museum: Museum, ada: Learner
) -> None:
    issuers.ensure_keys(museum.organiser, NOON)
    db.commit()
    kept.sealed = True
    given = give(db, museum, ada)
    assert given.key_number == UNSIGNED and "proof" not in json.loads(given.signed)
    address = f"/credentials/{given.credential_id}"
    assert client.get(f"{address}.json").status_code == 503
    assert "being signed" in client.get(address, headers={"Accept": "text/html"}).text
    with pytest.raises(SignerUnavailable):
        jobs.sign_waiting(NOON)
    kept.sealed = False
    _end_pause()
    jobs.sign_waiting(NOON + timedelta(minutes=1))
    db.expire_all()
    assert (given.key_number, state(given)) == (1, "ok")
    assert client.get(f"{address}.json").status_code == 200


def test_a_badge_withdrawn_while_the_vault_is_away_never_looks_valid(
    kept: TestVault, client: FlaskClient, db: Session, given: Given
) -> None:
    address = f"/status/{given.award.status_list_id}"
    assert client.get(address).status_code == 200
    kept.sealed = True
    services.revoke(given.award, "Given by mistake", NOON)
    db.commit()
    assert given.award.revoked_at
    assert client.get(address).status_code == 503
    kept.sealed = False
    _end_pause()
    jobs.renew_lists(NOON)
    assert client.get(address).status_code == 200
    assert state(given.award) == "failed"


def test_a_vault_that_is_away_keeps_nobody_waiting_twice(transit: TestVault) -> None:
    engine = Vault(transit.address, TOKEN)
    transit.sealed = True
    with pytest.raises(SignerUnavailable):
        engine.ask("GET", "keys/one")
    with pytest.raises(SignerUnavailable):
        engine.ask("GET", "keys/one")
    assert transit.heard == 1


def test_a_wrong_token_is_told_apart_from_a_lost_key(transit: TestVault) -> None:
    with pytest.raises(SignerUnavailable):
        Vault(transit.address, "wrong").open("o-1", 1, "")
    assert transit.keys == {}


@pytest.mark.parametrize("address", ["https://vault.example", "vault:", "vault://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingInvalid):
        Vault(address, TOKEN)


def test_signing_again_needs_one_request_for_a_piece(
    kept: TestVault, db: Session, museum: Museum, given: Given
) -> None:
    with writing() as session:
        organiser = session.get_one(Organiser, museum.organiser.id)
        task = resigning.compromise(session, organiser, 1, NOON).id
    asked = kept.asked
    with writing() as session:
        resigning.sign_some(session, task, NOON)
    assert kept.asked == asked + 1
    assert state(given.award) == "ok"


def _end_pause() -> None:
    issuers._vault.cache_clear()
    issuers._open_in_vault.cache_clear()
