"""Awards: given once, signed for good, withdrawn for a reason."""

import json
from datetime import timedelta

import pytest
from flask import Flask, has_request_context
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import assurance, giving, issuers, lists, services, verification
from server.badges.models import Award, SigningKey
from server.badges.resolver import OwnRecords
from server.core.i18n import LANGUAGES
from server.learning.models import Completion
from tests.badges.conftest import Given
from tests.badges.test_independent import verified_elsewhere
from tests.cast import NOON, Museum


def verify(given: Given, days: int = 1) -> verification.Report:
    at = NOON + timedelta(days=days)
    return verification.verify(given.award.signed, OwnRecords(at), at)


def test_an_award_is_signed_and_passes_its_own_check(given: Given) -> None:
    assert [check.state for check in verify(given).checks] == ["ok"] * 4


def test_an_award_passes_a_foreign_check(given: Given, db: Session) -> None:
    listing = given.award.status_list
    did = given.document["issuer"]["id"]
    known = {
        did: issuers.did_document(given.award.achievement.organiser),
        given.document["credentialStatus"]["statusListCredential"]: json.loads(lists.current(listing, NOON)),
    }
    assert verified_elsewhere(given.document, known)["exit"] == 0


def test_a_badge_is_given_once(given: Given, db: Session, museum: Museum, ada: Learner) -> None:
    done = db.get_one(Completion, given.award.completion_id)
    again = giving.award(db, ada.id, museum.achievement, done, NOON + timedelta(days=9))
    assert again == given.row
    assert db.scalar(select(func.count(Award.id))) == 1


def test_the_row_is_what_the_phone_keeps(given: Given) -> None:
    assert given.row["name"]["nl"] == "River explorer (nl)"
    assert given.row["url"].startswith("http://localhost:8000/credentials/")
    assert given.row["awarded_at"] == "2026-06-01T12:00:00Z"
    assert given.row["assurance"]["level"] == 1
    assert "photo of it" in given.row["assurance"]["words"]["en"]
    assert given.row["revoked_at"] is None
    json.dumps(given.row)


def test_an_edit_of_the_badge_leaves_signed_words_alone(given: Given, db: Session, museum: Museum) -> None:
    before = given.award.signed
    museum.achievement.name = {"en": "Something else"}
    db.commit()
    db.expire_all()
    assert given.award.signed == before
    assert verify(given).state == "ok"


def test_the_learner_is_named_by_a_random_id_only(given: Given, ada: Learner) -> None:
    assert given.award.subject.startswith("urn:uuid:")
    assert ada.id not in given.award.signed.decode()


def test_a_withdrawn_badge_fails_everywhere(given: Given, db: Session) -> None:
    row = services.revoke(given.award, "Given by mistake", NOON + timedelta(days=1))
    db.commit()
    report = verify(given, days=2)
    assert (report.signature.state, report.status.state) == ("ok", "failed")
    assert (row["reason"], row["revoked_at"]) == ("Given by mistake", "2026-06-02T12:00:00Z")


def test_withdrawing_twice_keeps_the_first_reason(given: Given, db: Session) -> None:
    services.revoke(given.award, "Given by mistake", NOON)
    assert (
        services.revoke(given.award, "Changed my mind", NOON + timedelta(days=1))["reason"]
        == "Given by mistake"
    )


def test_a_list_is_signed_again_when_a_day_old(given: Given) -> None:
    listing = given.award.status_list
    first = lists.publish(listing, NOON)
    assert lists.publish(listing, NOON + timedelta(hours=23)) == first
    second = json.loads(lists.publish(listing, NOON + timedelta(hours=25)))
    assert second["validUntil"] == "2026-06-09T13:00:00Z"


def test_a_lost_key_is_replaced_and_still_vouches_for_old_badges(
    given: Given, db: Session, museum: Museum, app: Flask
) -> None:
    folder = app.config["STREETWISE"].instance / "keys" / museum.organiser.id
    (folder / "key-1.pem").unlink()
    issuers._open_file.cache_clear()
    signer = issuers.ensure_keys(museum.organiser, NOON)
    db.commit()
    assert signer.method.endswith("#key-2")
    assert len(issuers.did_document(museum.organiser)["assertionMethod"]) == 2
    assert issuers.ensure_keys(museum.organiser, NOON).multibase == signer.multibase
    assert verify(given).signature.state == "ok"


def test_private_keys_never_reach_the_database(given: Given, db: Session) -> None:
    key = db.scalars(select(SigningKey)).one()
    assert key.multibase.startswith("z6Mk")
    assert {column.name for column in SigningKey.__table__.columns} == {
        "id", "organiser_id", "number", "multibase", "token_jwk", "created_at", "retired_at", "compromised_at",
    }  # fmt: skip


def test_the_issuer_is_named_by_id_never_by_slug(given: Given, museum: Museum) -> None:
    assert given.document["issuer"]["id"] == f"did:web:localhost%3A8000:orgs:{museum.organiser.id}"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_clock_speaks_all_languages_though_nobody_asked_it(app: Flask) -> None:
    with app.app_context():
        assert not has_request_context()
        texts = assurance.words_in_all_languages(assurance.Assurance(3, "proven", "peer"))
        assert set(texts) == set(LANGUAGES) and len(set(texts.values())) == len(LANGUAGES)
