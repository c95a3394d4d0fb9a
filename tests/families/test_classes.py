"""Classes: a card is one learner's, the desk sees pseudonyms and what was done with it, and the list goes on its day."""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from babel.dates import format_date
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit.models import AuditEntry
from server.core.db import db as database
from server.core.db import new_id
from server.core.read_back import read_page
from server.core.storage import files
from server.families import classes, pseudonyms
from server.families.jobs import end_classes
from server.families.models import ClassMember, SchoolClass
from server.families.pseudonyms import NoPseudonyms, RealNames, TooManyPseudonyms, read_pseudonyms, suggest
from server.learning.models import Completion
from server.replicas.history import check_history
from tests.cast import NOON, Museum, make_organiser
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

AT = "/desk/town-museum/classes"
ENDS = NOON + timedelta(days=60)


@pytest.fixture
def school_class(db: Session, museum: Museum) -> SchoolClass:
    made = classes.make_class(db, museum.organiser, "4b", ["Otter", "Heron"], ENDS, NOON - timedelta(hours=1))
    db.commit()
    return made


def cards(db: Session, school_class: SchoolClass) -> list[str]:
    return [classes.card_of(one) for one in classes.members_of(db, school_class)]


def send(phone: Phone, type: str, body: dict[str, Any]) -> dict[str, Any]:
    event = phone.record(type, body)
    phone.sync()
    return phone.results[event]


def join(phone: Phone, card: str) -> dict[str, Any]:
    return send(phone, "class.join", {"card": card})


def ada_did(db: Session, ada: Phone, activity: str, at: datetime) -> None:
    """Have the server say that an activity is done."""
    done = {"activity_id": activity, "event_id": new_id(), "proofs": [], "assurance": {}}
    db.add(Completion(learner_id=ada.learner, first_at=at, at=at, **done))
    db.commit()


def test_a_card_makes_a_learner_of_the_class_and_nobody_else_takes_it(
    app: Flask, db: Session, museum: Museum, school_class: SchoolClass
) -> None:
    card = cards(db, school_class)[0]
    ada, eve = Phone(app, at=NOON), Phone(app, at=NOON)
    assert join(ada, card)["state"] == "ok"
    [row] = [row for key, row in ada.view.items() if key.startswith("class:")]
    assert (row["name"], row["pseudonym"], row["organiser"]) == ("4b", "Otter", "Town Museum")
    assert join(ada, card)["state"] == "ok"
    assert join(eve, card)["why"] == "card_taken"
    assert join(ada, cards(db, school_class)[1])["why"] == "in_class"
    assert check_history(database.engine, files(), NOON).findings == []


def test_wrong_cards_open_nothing_and_must_wait(app: Flask, db: Session, school_class: SchoolClass) -> None:
    card = cards(db, school_class)[0]
    eve = Phone(app, at=NOON)
    for spoilt in ("x", card[:-2] + "AA", classes.code_of(school_class), f"{school_class.id}.{'A' * 32}"):
        assert join(eve, spoilt)["why"] == "unknown_card"
    for _ in range(16):
        eve.record("class.join", {"card": card[:-2] + "AA"})
    eve.sync()
    assert join(eve, card)["state"] == "later"


def test_the_desk_sees_what_a_pseudonym_has_done_and_only_that(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, school_class: SchoolClass
) -> None:
    ada = Phone(app, at=NOON)
    join(ada, cards(db, school_class)[0])
    for number in range(3):
        ada.scan(museum.code(number))
    ada.answer(museum.task(0, "choice"), choices=["a"])
    ada.sync()
    elsewhere, _ = make_organiser(db, museum.city, "River School", "sara@example.org")
    ada_did(db, ada, museum.activities[3].id, NOON - timedelta(days=1))
    museum.activities[2].organiser_id = elsewhere.id
    ada_did(db, ada, museum.activities[2].id, NOON)
    sign_in(client, db, museum.omar)
    shown = client.get(f"{AT}/{school_class.id}").text
    assert "Otter" in shown and "Stop 0" in shown and "Card not used yet" in shown
    assert ada.learner not in shown and "Stop 2" not in shown and "Stop 3" not in shown
    table = list(csv.reader(io.StringIO(client.get(f"{AT}/{school_class.id}.csv").get_data(as_text=True))))
    assert table[1][0] == "Otter" and table[1][2] == "1" and table[1][5] == "Stop 0"
    assert table[2] == ["Heron", "", "0", "0", "", "", ""]


def test_a_lost_card_ends_and_the_place_is_free(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, school_class: SchoolClass
) -> None:
    old, code = cards(db, school_class)[0], classes.code_of(school_class)
    ada, ben = Phone(app, at=NOON), Phone(app, at=NOON)
    join(ada, old)
    sign_in(client, db, museum.omar)
    member = classes.members_of(db, school_class)[0].id
    assert client.post(f"{AT}/{school_class.id}/members/{member}/card").status_code == 303
    db.expire_all()
    assert join(ben, old)["why"] == "unknown_card"
    assert join(ben, cards(db, school_class)[0])["state"] == "ok"
    assert classes.code_of(school_class) != code
    ada.sync()
    assert not [key for key in ada.view if key.startswith("class:")]
    assert [one.act for one in db.scalars(select(AuditEntry))][-1] == "class.card"


def test_every_card_of_the_sheet_can_be_read(
    client: FlaskClient, db: Session, museum: Museum, school_class: SchoolClass
) -> None:
    sign_in(client, db, museum.omar)
    answer = client.get(f"{AT}/{school_class.id}/cards.pdf")
    assert answer.mimetype == "application/pdf" and answer.headers["Cache-Control"] == "private, no-store"
    read = read_page(pypdfium2.PdfDocument(answer.data)[0], 200)
    assert sorted(one.partition("#")[2] for one in read) == sorted(cards(db, school_class))


def test_the_codes_say_what_they_open_and_a_wrong_one_nothing(
    client: FlaskClient, db: Session, museum: Museum, school_class: SchoolClass
) -> None:
    school_class.ends_at = datetime.now(NOON.tzinfo) + timedelta(days=1)
    db.commit()
    all_cards = cards(db, school_class)
    found = client.post("/api/class", json={"written": classes.code_of(school_class)}).get_json()
    assert (found["kind"], [one["card"] for one in found["places"]]) == ("class", all_cards)
    one = client.post("/api/class", json={"written": all_cards[0]}).get_json()
    assert (one["kind"], one["name"], len(one["places"])) == ("card", "4b", 1)
    assert client.post("/api/class", json={"written": all_cards[0][:-1] + "!"}).status_code == 404
    school_class.ends_at = NOON
    db.commit()
    assert client.post("/api/class", json={"written": all_cards[0]}).status_code == 404


def test_on_its_day_the_list_goes_and_the_learners_keep_what_is_theirs(
    app: Flask, db: Session, museum: Museum, school_class: SchoolClass
) -> None:
    ada, card = Phone(app, at=NOON), cards(db, school_class)[0]
    join(ada, card)
    for number in range(4):
        ada.scan(museum.code(number))
    ada.answer(museum.task(0, "choice"), choices=["a"])
    ada.sync()
    done = [key for key in ada.view if key.startswith("completion:")]
    end_classes(ENDS - timedelta(seconds=1))
    assert len(db.scalars(select(ClassMember)).all()) == 2
    end_classes(ENDS)
    db.expire_all()
    assert db.scalars(select(ClassMember)).all() == []
    ada.sync()
    assert done and [key for key in ada.view if key.startswith("completion:")] == done
    assert not [key for key in ada.view if key.startswith("class:")]
    assert join(Phone(app, at=ENDS), card)["why"] == "unknown_card"


def test_whoever_leaves_a_class_is_seen_no_more(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, school_class: SchoolClass
) -> None:
    ada, eve = Phone(app, at=NOON), Phone(app, at=NOON)
    member = join(ada, cards(db, school_class)[0])["effect"]["member"]
    assert send(eve, "class.leave", {"member": member})["why"] == "not_found"
    assert send(ada, "class.leave", {"member": member})["state"] == "ok"
    db.expire_all()
    assert all(one.learner_id is None for one in db.scalars(select(ClassMember)))


def test_a_class_is_made_at_the_desk_and_real_names_are_asked_about(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    last = (datetime.now(NOON.tzinfo) + timedelta(days=30)).date()
    day, said = last.isoformat(), format_date(last, "d MMM y", locale="en")
    form = {"name": "4b", "pseudonyms": "Ada Lovelace\nGrace Hopper\nOtter", "ends": day}
    asked = client.post(AT, data=form)
    assert asked.status_code == 422 and "real names" in asked.text
    assert "Ada Lovelace" in asked.text and db.scalars(select(SchoolClass)).all() == []
    assert client.post(AT, data={**form, "sure": "on"}).status_code == 303
    assert client.post(AT, data={"name": "", "number": "2", "ends": day}).status_code == 422
    assert client.post(AT, data={"name": "5a", "number": "2", "ends": "2019-01-01"}).status_code == 422
    made = client.post(AT, data={"name": "5a", "number": "22", "ends": day})
    page = client.get(made.headers["Location"]).text
    assert len(re.findall("Card not used yet", page)) == 22 and "Otter 2" in page
    assert f"Until {said}." in page and f"22 people · last day {said}" in client.get(AT).text
    address = made.headers["Location"].partition("?")[0]
    assert client.post(f"{address}/members", data={"number": "19"}).status_code == 422
    assert client.post(f"{address}/members", data={"pseudonyms": "Otter\nZebra"}).status_code == 303
    assert len(re.findall("Card not used yet", client.get(address).text)) == 23
    assert client.post(f"{address}/end").status_code == 303
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_pseudonyms_are_read_from_any_list(app: Flask) -> None:
    assert read_pseudonyms("1. Otter\n  2) Heron \n\notter\n- 7k") == ["Otter", "Heron", "7k"]
    assert read_pseudonyms("Otter\nFox", ["otter"]) == ["Fox"]
    assert not pseudonyms.look_real([*suggest(40)])
    for real in ("Lovelace, Ada", "Ada Lovelace", "ada@example.org", "Zoë van Dijk"):
        with pytest.raises(RealNames):
            read_pseudonyms(real)
    for wrong, error in (("", NoPseudonyms), ("\n".join(f"p{n}x" for n in range(41)), TooManyPseudonyms)):
        with pytest.raises(error):
            read_pseudonyms(wrong)
