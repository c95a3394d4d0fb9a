"""A badge that its holder keeps to themselves, or that was erased, is at none of the addresses that the application has."""

from secrets import token_urlsafe
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import services
from server.core.db import new_id, utc_now
from server.core.shell import absolute
from server.endorsements import services as endorsements
from server.endorsements.models import Endorsement
from server.endorsements.services import Words
from server.endorsements.targets import AWARD, find_target
from server.families.models import Consent, Guardianship
from server.families.services import CHILD
from server.portfolio import links
from server.portfolio.models import AwardChoice, Portfolio, ShareLink
from server.wallets.models import WalletGrant
from server.wallets.services import badges_of
from tests.badges.conftest import Given
from tests.cast import NOON, Museum, make_organiser
from tests.organisers.test_desk import sign_in

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
BRIEF = {"/ob2/assertions/<credential_id>", "/C/<start>", "/c/<start>"}
"""They answer without a word of the badge, see below."""


@pytest.fixture
def said(db: Session, museum: Museum, given: Given) -> Endorsement:
    """What somebody says of Ada's badge, which she shows."""
    other, _ = make_organiser(db, museum.city, "River School", "sara@example.org")
    made = endorsements.keep(
        db, other, find_target(db, AWARD, given.award.id), Words("Wonderful work.", "en"), NOON
    )
    endorsements.accept(db, made, NOON)
    db.commit()
    return made


@pytest.fixture(params=["only me", "erased", "no consent"])
def closed(request: pytest.FixtureRequest, db: Session, given: Given, said: Endorsement) -> Given:
    if request.param == "erased":
        services.erase(given.award, utc_now())
    elif request.param == "no consent":
        withdraw_consent(db, given)
    else:
        keep_to_oneself(db, given)
    db.commit()
    return given


def keep_to_oneself(db: Session, given: Given) -> None:
    holder = given.award.learner_id
    db.add(AwardChoice(award_id=given.award.id, learner_id=holder, visibility="private", evidence={}))
    db.commit()


def withdraw_consent(db: Session, given: Given) -> Consent:
    """Somebody looks after the holder, and withdraws what they had agreed to."""
    child = db.get_one(Learner, given.award.learner_id)
    guardian = Learner(id=new_id(), city_id=child.city_id, created_at=NOON)
    said = Consent(learner_id=child.id, by_id=guardian.id, what=CHILD, words="I agree.", lang="en", given_at=NOON, ended_at=NOON)  # fmt: skip
    held = Guardianship(guardian_id=guardian.id, child_id=child.id, country="NL", born=2020, since=NOON)
    db.add_all([guardian, held, said])
    db.commit()
    return said


def addresses(app: Flask, given: Given, said: Endorsement) -> list[str]:
    """List what the application has for a badge, by its rules, and what asks for one in other ways."""
    own, about = given.award.credential_id, said.credential_id
    found = [
        one.build({"credential_id": about if "endorsements" in one.rule else own, "sha256": "0" * 64})
        for one in app.url_map.iter_rules()
        if "credential_id" in one.arguments and "GET" in (one.methods or ()) and one.rule not in BRIEF
    ]
    assert len(found) > 15
    page = absolute(f"/credentials/{own}")
    return [*(one[1] for one in found if one), f"/oembed?url={page}", f"/verify?address={page}"]


@pytest.mark.parametrize("accept", ["text/html", "application/vc"])
def test_it_is_at_no_address(
    app: Flask, client: FlaskClient, closed: Given, said: Endorsement, accept: str
) -> None:
    for address in addresses(app, closed, said):
        answer = client.get(address, headers={"Accept": accept})
        assert answer.status_code in (401, 403, 404, 410), address
        for words in (b"River explorer", b"Wonderful work", b"proofValue"):
            assert words not in answer.data, address


def test_a_printed_code_and_a_2_0_reader_learn_nothing(
    client: FlaskClient, db: Session, given: Given
) -> None:
    services.revoke(given.award, "Somebody else did it for Ada", utc_now())
    keep_to_oneself(db, given)
    answer = client.get(f"/ob2/assertions/{given.award.credential_id}")
    assert answer.status_code == 410 and b"Somebody else" not in answer.data
    assert client.get(f"/C/{given.award.credential_id[:16]}", follow_redirects=True).status_code == 403


def test_no_wallet_reads_it_not_even_one_that_may_read_all(db: Session, given: Given) -> None:
    def read(awards: list[str] | None) -> Any:
        grant = WalletGrant(id=new_id(), learner_id=given.award.learner_id, awards=awards)
        return badges_of(db, grant, None, 50, 0)

    assert read(None)[1] == read([given.award.id])[1] == 1
    given.award.key_number = services.UNSIGNED
    db.flush()
    assert read(None) == ([], 0), "what waits for its signature is no badge yet"
    given.award.key_number = 1
    keep_to_oneself(db, given)
    assert read(None) == read([given.award.id]) == ([], 0)


def test_what_a_child_shows_closes_with_the_consent_and_opens_with_a_new_one(
    client: FlaskClient, db: Session, given: Given
) -> None:
    holder = given.award.learner_id
    secret, start = token_urlsafe(32), {"learner_id": holder, "label": "", "evidence": [], "created_at": NOON}
    shared = [ShareLink(id=new_id(), kind=kind, subject="", digest=links.digest(secret), **start) for kind in ("portfolio", "cv")]  # fmt: skip
    db.add_all(
        [
            *shared,
            Portfolio(learner_id=holder, slug="ada", visibility="public", parts={}, cv={}, changed_at=NOON),
        ]
    )
    db.commit()
    grant = WalletGrant(id=new_id(), learner_id=holder, awards=None)
    pages = [
        "/portfolio/ada",
        *(f"/l/{one.id}.{secret}" for one in shared),
        f"/cv/{shared[1].id}.{secret}.pdf",
    ]

    def seen() -> tuple[set[int], int]:
        return {client.get(page).status_code for page in pages}, badges_of(db, grant, None, 50, 0)[1]

    assert seen() == ({200}, 1)
    said = withdraw_consent(db, given)
    assert seen() == ({403}, 0)
    said.ended_at = None
    db.commit()
    assert seen() == ({200}, 1)


def test_nobody_else_endorses_it(client: FlaskClient, db: Session, museum: Museum, given: Given) -> None:
    _, sara = make_organiser(db, museum.city, "River School", "sara@example.org")
    sign_in(client, db, sara)
    address = f"/desk/river-school/endorsements/new/award/{given.award.id}"
    assert client.get(address).status_code == 200
    keep_to_oneself(db, given)
    assert client.get(address).status_code == 403
    assert client.post(address, data={"text": "x"}).status_code == 403
