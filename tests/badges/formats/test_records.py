"""Learner records: the badges of a playlist, or behind a link, in one file that others can check."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import RSAKey
from pyld import jsonld
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import contexts, giving, services
from server.badges.formats.clr import CLR
from server.badges.models import Achievement, Award
from server.core.db import new_id, utc_now
from server.learning.models import Completion
from server.portfolio import links
from server.portfolio.models import AwardChoice, ShareLink
from tests.badges.conftest import Given
from tests.badges.test_independent import verified_elsewhere
from tests.cast import NOON, Museum, texts

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
VOCABULARY = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#"
TERMS = {
    "ClrCredential": {
        "@id": f"{VOCABULARY}ClrCredential",
        "@context": {
            "partial": {"@id": f"{VOCABULARY}partial", "@type": "http://www.w3.org/2001/XMLSchema#boolean"}
        },
    },
    "ClrSubject": {
        "@id": f"{VOCABULARY}ClrSubject",
        "@context": {
            "verifiableCredential": {"@id": f"{VOCABULARY}verifiableCredential", "@container": "@set"},
            "association": {"@id": f"{VOCABULARY}association", "@container": "@set"},
        },
    },
    "Association": {
        "@id": f"{VOCABULARY}Association",
        "@context": {
            name: {"@id": VOCABULARY + name} for name in ("associationType", "sourceId", "targetId")
        },
    },
}
"""The words of CLR 2.0.1 that we use, as its vocabulary lists them."""


def make_step(db: Session, museum: Museum) -> Achievement:
    """Make a badge for one of the playlist's activities."""
    words = {"name": texts("First stop"), "description": texts("A stop"), "criteria": texts("Went there")}
    badge = Achievement(organiser_id=museum.organiser.id, activity_id=museum.activities[0].id, **words,
                        design={}, alignments=[], tags=[], created_at=NOON)  # fmt: skip
    db.add(badge)
    db.flush()
    return badge


@pytest.fixture
def step(db: Session, museum: Museum, given: Given) -> dict[str, Any]:
    """A badge that Ada holds for one of the playlist's activities."""
    badge = make_step(db, museum)
    done = db.get_one(Completion, given.award.completion_id)
    row = giving.award(db, given.award.learner_id, badge, done, NOON)
    db.commit()
    return row


def ask(client: FlaskClient, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.data
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_a_playlists_record_holds_for_others(client: FlaskClient, given: Given, step: dict[str, Any]) -> None:
    record = ask(client, f"/clr/playlists/{given.award.credential_id}")
    whole, part = record["credentialSubject"]["verifiableCredential"]
    assert whole == given.document
    assert part["name"] == "First stop"
    (link,) = record["credentialSubject"]["association"]
    assert (link["associationType"], link["targetId"]) == (
        "isPartOf",
        whole["credentialSubject"]["achievement"]["id"],
    )
    issuer = record["issuer"]["id"]
    did = ask(client, f"/orgs/{given.award.achievement.organiser_id}/did.json")
    status = ask(client, f"/status/{given.award.status_list_id}")
    documents = {issuer: did, status["id"]: status}
    now = utc_now().isoformat()
    answer = verified_elsewhere(record, documents, now)
    assert (answer["verified"], answer["suites"]) == (True, ["eddsa-jcs-2022"]), answer
    for badge in (whole, part):
        assert verified_elsewhere(badge, documents, now)["verified"]
    assert client.get(f"/clr/playlists/{given.award.credential_id}").data == client.get(f"/clr/playlists/{given.award.credential_id}").data  # fmt: skip
    changed = json.loads(json.dumps(record).replace("First stop", "Last stop"))
    assert not verified_elsewhere(changed, documents, now)["verified"]


def test_every_word_of_a_record_is_defined(client: FlaskClient, given: Given, step: dict[str, Any]) -> None:
    record = ask(client, f"/clr/playlists/{given.award.credential_id}")

    def load(url: str, options: object = None) -> dict[str, Any]:
        if url == CLR:
            return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": {"@context": TERMS}}  # fmt: skip
        return contexts.load(url)

    dropped: list[Any] = []
    expanded = jsonld.expand(record, {"documentLoader": load, "on_property_dropped": dropped.append})
    assert dropped == []
    assert VOCABULARY + "verifiableCredential" in json.dumps(expanded)


def test_a_record_as_a_token_holds_for_others(client: FlaskClient, given: Given) -> None:
    token = client.get(f"/clr/playlists/{given.award.credential_id}.jwt").get_data(as_text=True)
    key = ask(client, f"/orgs/{given.award.achievement.organiser_id}/keys/1.jwk")
    payload = json.loads(jws.deserialize_compact(token, RSAKey.import_key(key), algorithms=["RS256"]).payload)
    assert payload["jti"] == payload["id"] and payload["type"] == ["VerifiableCredential", "ClrCredential"]


def test_what_is_private_stays_out(
    client: FlaskClient, given: Given, step: dict[str, Any], db: Session
) -> None:
    db.add(
        AwardChoice(award_id=step["id"], learner_id=given.award.learner_id, visibility="private", evidence={})
    )
    db.commit()
    record = ask(client, f"/clr/playlists/{given.award.credential_id}")
    assert len(record["credentialSubject"]["verifiableCredential"]) == 1
    assert "First stop" not in json.dumps(record)


def test_what_waits_for_its_signature_stays_out(
    client: FlaskClient, given: Given, step: dict[str, Any], db: Session
) -> None:
    db.get_one(Award, step["id"]).key_number = services.UNSIGNED
    db.commit()
    record = ask(client, f"/clr/playlists/{given.award.credential_id}")
    assert len(record["credentialSubject"]["verifiableCredential"]) == 1


SECRET = "a-secret-of-a-phone-that-nobody-guesses"


def make_link(db: Session, learner: str, **more: Any) -> str:
    link = ShareLink(id=new_id(), learner_id=learner, digest=links.digest(SECRET), evidence=[], created_at=NOON, **{"kind": "portfolio", "subject": "", **more})  # fmt: skip
    db.add(link)
    db.commit()
    return f"/clr/portfolio/{link.id}.{SECRET}"


def test_a_link_shows_the_portfolio_and_ends(
    client: FlaskClient, given: Given, step: dict[str, Any], db: Session
) -> None:
    address = make_link(db, given.award.learner_id)
    assert len(ask(client, address)["credentialSubject"]["verifiableCredential"]) == 2
    db.add(
        AwardChoice(
            award_id=given.award.id, learner_id=given.award.learner_id, visibility="private", evidence={}
        )
    )
    db.commit()
    record = ask(client, address)
    assert [one["name"] for one in record["credentialSubject"]["verifiableCredential"]] == ["First stop"]
    assert record["credentialSubject"]["id"] != given.award.subject
    assert SECRET not in json.dumps(record)
    headers = client.get(address).headers
    assert headers["Cache-Control"] == "private, no-store" and headers["Referrer-Policy"] == "no-referrer"
    assert client.get(address[:-1]).status_code == 404
    db.query(ShareLink).update({"withdrawn_at": utc_now()})
    db.commit()
    assert client.get(address).status_code == 410


def test_a_link_to_one_badge_shows_no_other(
    client: FlaskClient, given: Given, step: dict[str, Any], db: Session
) -> None:
    record = ask(client, make_link(db, given.award.learner_id, kind="award", subject=given.award.id))
    assert [one["id"] for one in record["credentialSubject"]["verifiableCredential"]] == [
        given.document["id"]
    ]
    other = Learner(id=new_id(), city_id=given.award.achievement.organiser.city_id, created_at=NOON)
    db.add(other)
    db.flush()
    assert client.get(make_link(db, other.id, kind="award", subject=given.award.id)).status_code == 404


def test_a_withdrawn_badge_has_no_record(client: FlaskClient, given: Given, db: Session) -> None:
    services.revoke(given.award, "mistake", utc_now())
    db.commit()
    assert client.get(f"/clr/playlists/{given.award.credential_id}").status_code == 410
