"""Odd things said to accounts, and old words said again: each finds a plain answer, and opens nothing."""

import threading
from typing import Any

import pyotp
import pytest
import sqlalchemy
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.accounts import merging
from server.accounts.models import Learner, LearnerMail
from server.accounts.services import make_sign_in_link
from server.accounts.staff import factors, invitations
from server.audit.services import Actor, note
from server.cities.models import City, CityMember
from server.core.db import db as database
from server.core.db import utc_now
from server.core.storage import files
from server.privacy import erasing
from server.privacy import jobs as copying
from server.replicas.store import SqlStore
from server.replicas.terms import read_terms
from sync.messages import Event, Signed
from tests.accounts.test_merging import invite, new_phone, second
from tests.accounts.test_merging import join as become_one
from tests.cast import NOON, Museum, make_organiser
from tests.cities.test_desk import add_to_team
from tests.families.test_guardians import GROWN, add, add_body, give_kit, let_in, send
from tests.organisers.test_desk import sign_in
from tests.phone import Phone
from tests.privacy.test_exports import ask, look
from tests.replicas.test_races import at_once
from tests.ways.authenticator import Authenticator, add_passkey, enter
from tests.ways.test_kits import SECRET, make_kit
from tests.ways.test_mails import add as add_mail
from tests.ways.test_mails import keep_mail

postgresql = pytest.mark.parametrize("config", ["postgresql"], indirect=True)
sqlite = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
ARABIC = {48 + digit: 0x660 + digit for digit in range(10)}


@pytest.fixture
def mum(app: Flask, museum: Museum) -> Phone:
    return new_phone(app)


@pytest.fixture
def ben(app: Flask, museum: Museum) -> Phone:
    return new_phone(app)


def says_hello(phone: Phone) -> str:
    """Say what becomes of the hello of a phone that was invited."""
    answer = phone.post(phone.outbox).get_json()["results"][0]
    return str(answer.get("why") or answer["state"])


@sqlite
def test_a_code_in_digits_of_any_script_fits_and_letters_do_not(db: Session, museum: Museum) -> None:
    offered = factors.offer(museum.omar)
    code = pyotp.TOTP(factors.open_offer(museum.omar, offered)).at(NOON)
    with pytest.raises(factors.CodeWrong):
        factors.confirm(db, museum.omar, offered, "éèêëēę", NOON)
    factors.confirm(db, museum.omar, offered, code.translate(ARABIC), NOON)
    with pytest.raises(factors.CodeWrong):
        factors.use_code(db, museum.omar, "١٢٣", NOON)


def test_a_passkey_whose_counter_is_far_on_lets_in(app: Flask, ben: Phone) -> None:
    key = Authenticator(count=2**31 + 5)
    added = add_passkey(ben, key)
    ben.sync()
    assert ben.state(added) == "ok"
    assert [enter(app, key).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("query", ["page=" + "9" * 30, "page=-3", "first=0001-01-01", "last=9999-12-31"])
def test_the_log_has_an_answer_for_any_page_and_day(
    client: FlaskClient, db: Session, museum: Museum, query: str
) -> None:
    sign_in(client, db, add_to_team(db, museum.city, "Carla"))
    assert client.get(f"/desk/city/log?{query}").status_code == 200


@sqlite
def test_who_has_taken_over_is_not_taken_back_by_their_old_word(mum: Phone, ben: Phone, db: Session) -> None:
    add(mum, ben)
    mine = let_in(mum, ben, own=True)
    word = add_body(mum, mine)
    assert send(mum, "child.add", word)["state"] == "ok"
    give_kit(mine)
    assert send(mine, "child.free", {})["state"] == "ok"
    assert send(mum, "child.add", word)["why"] == "no_guardian"


@sqlite
def test_ways_that_were_made_on_the_shared_phone_end_when_a_child_takes_over(
    mum: Phone, ben: Phone, db: Session
) -> None:
    key, own = Authenticator(), Authenticator()
    add(mum, ben)
    make_kit(ben)
    add_passkey(ben, key)
    keep_mail(ben, db, "mum@example.org")
    ben.sync()
    mine = let_in(mum, ben, own=True)
    assert send(mine, "child.free", {})["why"] == "no_way"
    keep_mail(mine, db, "ben@example.org")
    add_passkey(mine, own)
    assert send(mine, "child.free", {})["state"] == "ok"
    mine.sync()
    ways = {one.partition(":")[0] for one in mine.view}
    assert "kit" not in ways and {"mail", "passkey"} <= ways
    db.rollback()
    assert [one.address for one in db.query(LearnerMail)] == ["ben@example.org"]
    assert [enter(mine.app, one).status_code for one in (key, own)] == [403, 200]


@sqlite
def test_a_new_guardian_brings_no_phone_back_that_was_left_behind(
    app: Flask, mum: Phone, ben: Phone, db: Session
) -> None:
    add(mum, ben)
    mine = let_in(mum, ben, own=True)
    give_kit(mine)
    assert send(mine, "child.free", {})["state"] == "ok"
    dad = new_phone(app)
    dad.wait(hours=1)
    assert add(dad, mine, born=GROWN, consent=None)["state"] == "ok"
    make_kit(mine)
    mine.sync()
    assert app.test_client().post("/api/enter/kit", json={"secret": SECRET}).status_code == 200
    assert add(dad, mine)["state"] == "ok"
    assert ben.post([]).status_code == 401


@sqlite
def test_no_way_leads_around_a_consent_that_was_withdrawn(app: Flask, mum: Phone, ben: Phone) -> None:
    make_kit(ben)
    late = second(ben, invite(ben))
    add(mum, ben)
    assert send(mum, "child.consent", {"child": ben.learner, "consent": None})["state"] == "ok"
    client = app.test_client()
    assert client.post("/api/enter/kit", json={"secret": SECRET}).status_code == 403
    assert says_hello(late) == "learner_taken"


@sqlite
def test_a_device_that_is_locked_out_has_invited_nobody(ben: Phone) -> None:
    thief = second(ben, invite(ben))
    thief.sync()
    late = second(ben, invite(thief))
    assert send(ben, "device.revoke", {"device": thief.device})["state"] == "ok"
    assert says_hello(late) == "learner_taken"


@sqlite
def test_a_copy_from_before_two_became_one_is_fetched_and_goes(
    app: Flask, mum: Phone, ben: Phone, db: Session
) -> None:
    made = ask(ben).get_json()["id"]
    copying.make_copies(NOON)
    become_one(ben, mum)
    (copy,) = look(mum)["exports"]
    assert copy["id"] == made
    assert app.test_client().get("/" + copy["url"].split("/", 3)[3]).status_code == 200
    send(mum, "learner.erase", {"word": "erase"})
    assert not [one for one in files().names() if one.startswith("exports/")]


@postgresql
def test_who_becomes_a_third_while_their_work_waits_is_found(
    app: Flask, mum: Phone, ben: Phone, db: Session
) -> None:
    """Ben is Mum by now; while his work waits for her lock, she becomes Dora."""
    dora = new_phone(app)
    work = _work(ben)
    become_one(ben, mum)
    found: list[str] = []

    def apply() -> None:
        with app.app_context():
            store = SqlStore(database.session(), read_terms("localhost"), NOON)
            store.load([work], set())
            found.extend(one.learner for one in store.owned([work]) if isinstance(one, Event))
            database.session.rollback()

    db.rollback()
    SqlStore(db, read_terms("localhost"), NOON).lock({mum.learner})
    waiting = threading.Thread(target=apply)
    waiting.start()
    waiting.join(1)
    merging.merge(db, mum.learner, dora.learner, NOON)
    db.commit()
    waiting.join(30)
    assert found == [dora.learner]


@postgresql
def test_who_becomes_one_with_somebody_who_is_being_erased_goes_with_them(
    app: Flask, mum: Phone, ben: Phone, db: Session
) -> None:
    found: list[str] = []

    def erase() -> None:
        with app.app_context():
            found.extend(erasing.forget(database.session(), mum.learner, NOON))
            database.session.commit()

    db.rollback()
    SqlStore(db, read_terms("localhost"), NOON).lock({mum.learner, ben.learner})
    waiting = threading.Thread(target=erase)
    waiting.start()
    waiting.join(1)
    merging.merge(db, ben.learner, mum.learner, NOON)
    db.commit()
    waiting.join(30)
    assert found == [ben.learner, mum.learner]
    assert db.query(Learner).count() == 0


@postgresql
def test_an_address_that_is_added_twice_at_once_is_one(app: Flask, ben: Phone, db: Session) -> None:
    statuses = at_once([lambda: add_mail(ben).status_code] * 3)
    assert set(statuses) == {200}
    assert db.query(LearnerMail).count() == 1


@sqlite
def test_what_staff_did_is_not_replaced(db: Session, museum: Museum) -> None:
    note(db, Actor(museum.city.id, "Carla"), "badge.publish", at=NOON)
    db.commit()
    replace = (
        "REPLACE INTO audit_entries (id, city_id, who, act, subject, facts, network, at)"
        " SELECT id, city_id, 'Eve', act, subject, facts, network, at FROM audit_entries"
    )
    with pytest.raises(sqlalchemy.exc.IntegrityError, match="audit entries"):
        db.execute(sqlalchemy.text(replace))


@postgresql
def test_what_staff_did_is_not_emptied(db: Session, museum: Museum) -> None:
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="audit entries"):
        db.execute(sqlalchemy.text("TRUNCATE audit_entries CASCADE"))


@sqlite
def test_learners_of_two_cities_do_not_become_one(mum: Phone, ben: Phone, db: Session) -> None:
    elsewhere = City(
        slug="far", host="far.example", name="Far", tagline={}, about={}, picture_alt={}, languages=["en"]
    )
    db.add(elsewhere)
    db.flush()
    db.get_one(Learner, mum.learner).city_id = elsewhere.id
    db.commit()
    assert ben.results[become_one(ben, mum)]["why"] == "unknown_invitation"


@postgresql
def test_two_invitations_of_somebody_new_are_accepted_at_once(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    """While the one adds them, the other waits, and then lets in whom the one added."""
    team: dict[str, Any] = {"email": "rita@example.org", "role": "editor", "by": None, "at": utc_now()}
    _, one = invitations.invite(db, organiser=museum.organiser, **team)
    _, other = invitations.invite(db, city=museum.city, **team)
    db.commit()
    answers: list[int] = []
    form = {"token": other, "accept": "1", "name": "Rita"}
    waiting = threading.Thread(
        target=lambda: answers.append(client.post("/desk/join", data=form).status_code)
    )
    rita = invitations.accept(db, one, "Rita", utc_now())
    waiting.start()
    waiting.join(1)
    db.commit()
    waiting.join(30)
    assert answers == [200]
    assert db.query(CityMember).one().user_id == rita.id


@sqlite
def test_a_link_of_somebody_else_asks_before_it_signs_in(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, museum.omar)
    token = make_sign_in_link(db, eve, at=utc_now()).split("#")[1]
    db.commit()
    asked = client.post("/desk/sign-in", data={"token": token})
    assert (asked.status_code, "Set-Cookie" in asked.headers) == (200, False)
    assert museum.omar.name in asked.text and eve.name in asked.text
    assert client.post("/desk/sign-in", data={"token": token, "instead": "1"}).status_code == 303
    g.pop("_login_user", None)
    assert eve.name in client.get("/desk/").text
    sign_in(client, db, eve)


def _work(phone: Phone) -> Event:
    phone.record("kit.drop", {"kit": phone.device})
    return Event.read(Signed(phone.outbox[-1]["p"], phone.outbox[-1]["s"]))
