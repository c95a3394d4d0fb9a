"""What is kept long enough goes by itself; the plan says how much beforehand; nobody loses what they can come back for."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.accounts.models import Learner, LearnerMail, RecoveryKit, UserSession
from server.audit.models import AuditEntry
from server.audit.services import Actor, note
from server.awarding.models import Recipient
from server.badges.models import Award
from server.door.models import DoorEntry
from server.privacy import ending, retention
from tests.cast import NOON, Museum
from tests.door.at_the_door import hold_session, open_door, show_pass
from tests.families.test_guardians import add, send
from tests.learning.walk import do_stop, visit
from tests.phone import Phone

SQLITE = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
YEARS = timedelta(days=366)


def due(db: Session, museum: Museum, at: datetime) -> dict[str, int]:
    db.rollback()
    return {one.name: one.due for one in retention.plan(db, museum.city, at)}


def guest(app: Flask, museum: Museum) -> Phone:
    phone = Phone(app, at=NOON)
    do_stop(phone, museum, 0)
    phone.sync()
    return phone


@SQLITE
def test_a_guest_goes_a_year_after_the_last_sync_and_may_begin_anew(
    app: Flask, db: Session, museum: Museum
) -> None:
    phone = guest(app, museum)
    assert due(db, museum, NOON + timedelta(days=364))["guests"] == 0
    assert due(db, museum, NOON + YEARS)["guests"] == 1
    assert ending.end_all(NOON + YEARS)["guests"] == 1
    assert db.get(Learner, phone.learner) is None
    assert phone.post([]).get_json()["code"] == "unknown_device"
    anew = Phone(app, at=NOON + YEARS, learner=phone.learner)
    anew.hello()
    anew.sync()
    assert db.get(Learner, phone.learner) is not None


@SQLITE
@pytest.mark.parametrize("way", ["mail", "kit", "recipient", "sync"])
def test_who_can_come_back_stays(app: Flask, db: Session, museum: Museum, way: str) -> None:
    phone = guest(app, museum)
    rows = {
        "mail": LearnerMail(learner_id=phone.learner, address="a@b.example", lang="en", created_at=NOON),
        "kit": RecoveryKit(learner_id=phone.learner, digest="d" * 43, created_at=NOON),
        "recipient": Recipient(organiser_id=museum.organiser.id, address="7", learner_id=phone.learner, salt="s", created_at=NOON),
    }  # fmt: skip
    if way == "sync":
        phone.wait(days=300)
        phone.scan(museum.code(1))
        phone.sync()
    else:
        db.add(rows[way])
        db.commit()
    assert due(db, museum, NOON + YEARS)["guests"] == 0
    ending.end_all(NOON + YEARS)
    assert db.get(Learner, phone.learner) is not None


@SQLITE
def test_a_badge_keeps_its_guest_for_five_years(app: Flask, db: Session, museum: Museum) -> None:
    phone = Phone(app, at=NOON)
    visit(phone, museum)
    phone.sync()
    assert due(db, museum, NOON + YEARS) | {"guests": 0, "holders": 0} == due(db, museum, NOON + YEARS)
    assert ending.end_all(NOON + 5 * YEARS)["holders"] == 1
    assert db.scalars(select(Award)).one().erased


@SQLITE
def test_a_child_for_whom_nobody_agrees_any_more_is_erased_after_a_while(
    app: Flask, db: Session, museum: Museum
) -> None:
    ada, ben = guest(app, museum), guest(app, museum)
    add(ada, ben)
    send(ada, "child.consent", {"child": ben.learner, "consent": None})
    assert due(db, museum, NOON + timedelta(days=89))["children"] == 0
    later = NOON + timedelta(days=91)
    assert due(db, museum, later)["children"] == 1
    assert ending.end_all(later)["children"] == 1
    assert db.get(Learner, ben.learner) is None and db.get(Learner, ada.learner) is not None
    assert ben.post([]).get_json()["code"] == "erased"


@SQLITE
def test_a_citys_own_period_counts_within_its_limits(db: Session, museum: Museum) -> None:
    museum.city.keeps = {"guests": 5, "doors": 9999, "mails": "x", "exports": 7}
    kept = retention.keeps(museum.city)
    assert (kept["guests"], kept["doors"], kept["mails"], kept["exports"]) == (90, 730, 7, 7)


@SQLITE
def test_names_at_doors_and_old_sign_ins_go_and_that_somebody_came_stays(
    app: Flask, db: Session, museum: Museum
) -> None:
    session = hold_session(db, museum)
    door = open_door(app, db, session)
    phone = guest(app, museum)
    door.let_in(pass_=show_pass(phone, "Ada", "cat"))
    door.phone.sync()
    db.add(UserSession(token_hash="h", user_id=museum.omar.id, created_at=NOON, expires_at=NOON))
    db.commit()
    later = NOON + timedelta(days=91)
    assert {name: due(db, museum, later)[name] for name in ("doors", "sessions")} == {
        "doors": 1,
        "sessions": 1,
    }
    done = ending.end_all(later)
    assert (done["doors"], done["sessions"]) == (1, 1)
    (entry,) = db.scalars(select(DoorEntry)).all()
    assert (entry.who_id, entry.name, entry.picture) == (phone.learner, "", "")
    assert due(db, museum, later)["doors"] == 0


@pytest.mark.parametrize("config", ["sqlite", "postgresql"], indirect=True)
def test_networks_of_acts_go_and_the_acts_themselves_cannot_be_changed(db: Session, museum: Museum) -> None:
    actor = Actor(museum.city.id, "Omar", museum.omar.id, "192.0.2.7")
    note(db, actor, "badge.publish", at=NOON, badge="River")
    db.commit()
    assert due(db, museum, NOON + timedelta(days=181))["networks"] == 1
    assert ending.end_all(NOON + timedelta(days=181))["networks"] == 1
    (entry,) = db.scalars(select(AuditEntry)).all()
    assert (entry.who, entry.act, entry.network) == ("Omar", "badge.publish", "")
    for change in ({"who": "Eve"}, {"network": "198.51.100.1"}, {"facts": {}}):
        with pytest.raises(DBAPIError):
            db.execute(update(AuditEntry).values(**change))
        db.rollback()
    with pytest.raises(DBAPIError):
        db.execute(delete(AuditEntry))
    db.rollback()


@SQLITE
def test_the_privacy_page_says_what_is_set(app: Flask, db: Session, museum: Museum) -> None:
    museum.city.keeps = {"guests": 200}
    museum.city.privacy = {
        "controller": "City of Testbridge",
        "contact": {"en": "privacy@testbridge.example"},
    }
    db.commit()
    page = app.test_client().get("/en/privacy").get_data(as_text=True)
    for words in (
        "200 days",
        "City of Testbridge",
        "privacy@testbridge.example",
        "No mail leaves this server",
    ):
        assert words in page
