"""Endorsements: who may say what about whom, that it is signed, shown when they agree, and taken back."""

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Learner, User
from server.badges import giving
from server.badges import services as badges
from server.badges.models import Award, SigningKey, StatusList
from server.core.db import new_id, utc_now
from server.core.i18n import pick
from server.endorsements import invitations, jobs, services
from server.endorsements.models import Endorsement
from server.endorsements.services import EnoughSaid, OwnWork, SaidAlready, Words
from server.endorsements.targets import AWARD, BADGE, ORGANISER, find_target
from server.organisers.models import Organiser
from tests.badges.conftest import complete
from tests.badges.test_independent import verified_elsewhere
from tests.cast import NOON, Museum, make_organiser
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

WORDS = Words("They know the river well.", "en")
BY_JO = Words(
    "I trained her for a year.", "en", {"name": "Jo Baker", "role": "trainer", "organisation": "Rowing Club"}
)


@pytest.fixture
def school(db: Session, museum: Museum) -> tuple[Organiser, User]:
    made = make_organiser(db, museum.city, "River School", "sara@example.org")
    db.commit()
    return made


def met(app: Flask) -> Phone:
    """A phone that has said hello just now."""
    phone = Phone(app)
    phone.hello()
    phone.sync()
    return phone


def award_to(db: Session, museum: Museum, learner_id: str) -> Award:
    if db.get(Learner, learner_id) is None:
        db.add(Learner(id=learner_id, city_id=museum.city.id, created_at=NOON))
        db.flush()
    learner = db.get_one(Learner, learner_id)
    row = giving.award(db, learner.id, museum.achievement, complete(db, museum, learner), NOON)
    db.commit()
    return db.get_one(Award, row["id"])


def endorse(db: Session, museum: Museum, school: tuple[Organiser, User], kind: str = BADGE) -> Endorsement:
    id = {BADGE: museum.achievement.series, ORGANISER: museum.organiser.id}[kind]
    said = services.endorse(db, school[0], school[1], find_target(db, kind, id), WORDS, utc_now())
    db.commit()
    return said


def test_an_organiser_endorses_anothers_badge_and_it_shows_once_they_agree(
    client: FlaskClient, db: Session, museum: Museum, school: tuple[Organiser, User]
) -> None:
    sign_in(client, db, school[1])
    page = client.get("/desk/river-school/endorsements/new?q=explorer").text
    address = re.search(r'href="(/desk/river-school/endorsements/new/achievement/[^"?]+)', page)
    assert address
    assert "Museum visit" not in page
    empty = client.post(address[1], data={"text": "  "})
    assert (empty.status_code, "Please write what you want to say." in empty.text) == (422, True)
    assert client.post(address[1], data={"text": "They <b>know</b> the river."}).status_code == 303
    badge = f"/en/achievements/{museum.achievement.id}"
    assert "the river." not in client.get(badge).text
    assert client.post(address[1], data={"text": "Twice"}).status_code == 409

    sign_in(client, db, museum.omar)
    desk = client.get("/desk/town-museum/endorsements").text
    assert "Waits for an answer" in desk
    assert "They &lt;b&gt;know&lt;/b&gt; the river." in desk
    (said,) = db.scalars(select(Endorsement))
    client.post(f"/desk/town-museum/endorsements/{said.id}/show")
    shown = client.get(badge).text
    assert "They &lt;b&gt;know&lt;/b&gt; the river." in shown
    assert "River School" in shown
    client.post(f"/desk/town-museum/endorsements/{said.id}/hide")
    assert "the river." not in client.get(badge).text


def test_nobody_endorses_their_own(db: Session, museum: Museum) -> None:
    with pytest.raises(OwnWork):
        services.endorse(db, museum.organiser, museum.omar, find_target(db, BADGE, museum.achievement.series), WORDS, NOON)  # fmt: skip
    with pytest.raises(OwnWork):
        services.endorse(db, museum.organiser, museum.omar, find_target(db, ORGANISER, museum.organiser.id), WORDS, NOON)  # fmt: skip


def test_one_thing_is_endorsed_once_by_one_and_not_by_hundreds(
    db: Session, museum: Museum, school: tuple[Organiser, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    endorse(db, museum, school)
    with pytest.raises(SaidAlready):
        endorse(db, museum, school)
    monkeypatch.setattr(services, "MOST_OF_ONE", 1)
    other = make_organiser(db, museum.city, "Library", "li@example.org")
    with pytest.raises(EnoughSaid):
        endorse(db, museum, other)


def test_others_can_neither_show_nor_take_back(
    client: FlaskClient, db: Session, museum: Museum, school: tuple[Organiser, User]
) -> None:
    said = endorse(db, museum, school)
    sign_in(client, db, school[1])
    assert client.post(f"/desk/river-school/endorsements/{said.id}/show").status_code == 404
    assert client.post(f"/desk/town-museum/endorsements/{said.id}/show").status_code == 404
    sign_in(client, db, museum.omar)
    assert client.post(f"/desk/town-museum/endorsements/{said.id}/revoke").status_code == 404
    db.refresh(said)
    assert services.state(said) == "waiting"


@pytest.mark.parametrize("kind", [BADGE, ORGANISER])
def test_it_is_a_signed_credential_that_holds_elsewhere(
    client: FlaskClient, db: Session, museum: Museum, school: tuple[Organiser, User], kind: str
) -> None:
    said = endorse(db, museum, school, kind)
    document = json.loads(client.get(f"/endorsements/{said.credential_id}.json").data)
    assert document["type"] == ["VerifiableCredential", "EndorsementCredential"]
    assert document["credentialSubject"]["endorsementComment"] == WORDS.text
    assert document["credentialSubject"]["type"] == ["EndorsementSubject"]
    did = document["issuer"]["id"]
    listing = document["credentialStatus"]["statusListCredential"]
    known = {
        did: client.get(f"/orgs/{school[0].id}/did.json").get_json(),
        listing: json.loads(client.get("/status/" + listing.rpartition("/")[2]).data),
    }
    now = utc_now().isoformat()
    assert verified_elsewhere(document, known, now)["exit"] == 0
    changed = json.loads(json.dumps(document).replace("river well", "river a bit"))
    assert verified_elsewhere(changed, known, now)["verified"] is False


def test_taken_back_it_is_withdrawn_everywhere(
    client: FlaskClient, db: Session, museum: Museum, school: tuple[Organiser, User]
) -> None:
    said = endorse(db, museum, school)
    services.accept(db, said, utc_now())
    db.commit()
    page = f"/endorsements/{said.credential_id}"
    assert 'data-check="status" data-state="ok"' in client.get(page, headers={"Accept": "text/html"}).text
    sign_in(client, db, school[1])
    client.post(f"/desk/river-school/endorsements/{said.id}/revoke", data={"reason": "The course changed."})
    text = client.get(page, headers={"Accept": "text/html"}).text
    assert 'data-check="status" data-state="failed"' in text
    assert "The course changed." in text
    assert WORDS.text not in client.get(f"/en/achievements/{museum.achievement.id}").text
    db.expire_all()
    listing = db.get_one(StatusList, said.status_list_id)
    assert listing.holds == "endorsements"
    assert listing.bits[said.status_index // 8]


def test_an_invited_person_says_it_once_and_can_take_it_back(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    made = client.post("/desk/town-museum/endorsements/invitations", data={"about": f"organiser/{museum.organiser.id}", "label": "Jo"}).text  # fmt: skip
    path = re.search(r'value="https?://[^/]+(/endorse/[^"]+)"', made)
    assert path
    link = path[1]
    assert client.get(link, headers={"Accept": "text/html"}).headers["Referrer-Policy"] == "no-referrer"
    lacking = client.post(link, data={"text": "I know them.", "role": "baker"})
    assert lacking.status_code == 422
    assert "I know them." in lacking.text
    assert 'value="baker"' in lacking.text
    assert client.post(link, data={"text": BY_JO.text, **BY_JO.person}).status_code == 303
    assert client.post(link, data={"text": "Something else", "name": "Eve"}).status_code == 303
    (said,) = db.scalars(select(Endorsement))
    document = json.loads(said.signed)
    assert document["credentialSubject"]["endorsementComment"].endswith("— Jo Baker, trainer, Rowing Club")
    assert "Nobody checked who they are" in document["description"]
    text = client.get(f"/endorsements/{said.credential_id}", headers={"Accept": "text/html"}).text
    assert "Nobody checked who that person is" in text
    client.post(link + "/withdraw", data={"reason": "Changed my mind"})
    db.refresh(said)
    assert services.state(said) == "revoked"
    assert "You took it back" in client.get(link).text


def test_an_invitation_ends(client: FlaskClient, db: Session, museum: Museum) -> None:
    secret, at = invitations.new_secret(), utc_now() - invitations.LASTS - timedelta(minutes=1)
    target = find_target(db, ORGANISER, museum.organiser.id)
    invitations.invite(db, invitations.digest_of(secret), target, "", at, user_id=museum.omar.id)
    db.commit()
    assert client.get(f"/endorse/{secret}").status_code == 410
    kept = client.post(f"/endorse/{secret}", data={"text": "a", "name": "b"})
    assert kept.status_code == 410
    assert client.get("/endorse/never-made").status_code == 404


def test_a_learner_asks_and_decides_what_is_shown(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    phone = met(app)
    award = award_to(db, museum, phone.learner)
    secret = invitations.new_secret()
    digest = invitations.digest_of(secret)
    phone.record("endorsement.invite", {"award": award.id, "digest": digest, "label": "Jo"})
    phone.sync()
    assert phone.view[f"endorsement-invitation:{digest}"]["used"] is False
    assert client.post(f"/endorse/{secret}", data={"text": BY_JO.text, **BY_JO.person}).status_code == 303
    phone.sync()
    (row,) = [row for key, row in phone.view.items() if key.startswith("endorsement:")]
    assert (row["by"], row["state"]) == ("Jo Baker, trainer, Rowing Club", "waiting")
    assert phone.view[f"endorsement-invitation:{digest}"]["used"] is True
    page = f"/credentials/{award.credential_id}"
    assert BY_JO.text not in client.get(page, headers={"Accept": "text/html"}).text
    phone.record("endorsement.show", {"endorsement": row["id"], "shown": True})
    phone.sync()
    assert phone.view[f"endorsement:{row['id']}"]["state"] == "shown"
    assert BY_JO.text in client.get(page, headers={"Accept": "text/html"}).text


def test_a_learner_has_a_say_in_own_badges_only(app: Flask, db: Session, museum: Museum) -> None:
    ada, eve = met(app), met(app)
    award = award_to(db, museum, ada.learner)
    said = services.keep(db, museum.organiser, find_target(db, AWARD, award.id), BY_JO, utc_now())
    db.commit()
    tries = [
        eve.record("endorsement.invite", {"award": award.id, "digest": "a" * 43, "label": ""}),
        eve.record("endorsement.show", {"endorsement": said.id, "shown": True}),
        eve.record("endorsement.show", {"endorsement": new_id(), "shown": True}),
        eve.record("endorsement.uninvite", {"digest": "a" * 43}),
    ]
    malformed = ada.record("endorsement.invite", {"award": award.id, "digest": "short", "label": ""})
    eve.sync()
    ada.sync()
    assert [eve.results[one]["why"] for one in tries] == ["unknown_award", "unknown_award", "unknown_endorsement", "unknown_invitation"]  # fmt: skip
    assert ada.results[malformed]["why"] == "malformed"


def test_an_erased_badge_takes_what_was_said_about_it_along(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    award = award_to(db, museum, new_id())
    said = services.keep(db, museum.organiser, find_target(db, AWARD, award.id), BY_JO, utc_now())
    badges.erase(award, utc_now())
    db.commit()
    assert client.get(f"/endorsements/{said.credential_id}").status_code == 410
    assert (said.text, said.endorser, said.signed) == ("", {}, b"")


def test_a_compromised_key_leaves_no_endorsement_behind(
    db: Session, museum: Museum, school: tuple[Organiser, User]
) -> None:
    said = endorse(db, museum, school)
    before = json.loads(said.signed)
    (key,) = db.scalars(select(SigningKey).where(SigningKey.organiser_id == school[0].id))
    key.compromised_at = key.retired_at = utc_now()
    db.commit()
    jobs.sign_endorsements_again(utc_now())
    db.refresh(said)
    after = json.loads(said.signed)
    assert after["id"] == before["id"]
    assert after["proof"][0]["verificationMethod"].endswith("#key-2")
    assert after["credentialSubject"] == before["credentialSubject"]


def test_an_organiser_has_a_public_page(client: FlaskClient, museum: Museum) -> None:
    page = client.get("/en/organisers/town-museum").text
    assert pick(museum.organiser.name) in page
    assert "did:web:" in page
    assert "/en/playlists/museum-visit" in page
    assert client.get("/en/organisers/nowhere").status_code == 404
