"""Badges as they are given: drafts to nobody, each version to those who earn it in its time."""

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from server.badges import making
from server.badges.drafting import draft_for_activity
from tests.cast import NOON, Museum, texts
from tests.learning.walk import do_stop
from tests.phone import Phone

LATER = NOON + timedelta(hours=1)


def names(phone: Phone) -> list[str]:
    return [row["name"]["en"] for row in phone.badges()]


def test_an_activitys_badge_is_given_once_it_is_published(app: Flask, db: Session, museum: Museum) -> None:
    ada, ben = Phone(app, at=NOON), Phone(app, at=NOON)
    draft = draft_for_activity(db, museum.activities[0], NOON)
    db.commit()
    do_stop(ada, museum, 0)
    ada.sync()
    assert names(ada) == []
    making.publish(db, draft, NOON)
    db.commit()
    do_stop(ben, museum, 0)
    ben.sync()
    assert names(ben) == ["Stop 0"]


def test_a_new_version_is_for_those_who_come_after(app: Flask, db: Session, museum: Museum) -> None:
    ada, ben = Phone(app, at=NOON), Phone(app, at=NOON)
    making.publish(db, draft_for_activity(db, museum.activities[0], NOON), NOON)
    db.commit()
    do_stop(ada, museum, 0)
    ada.sync()
    told = {"name": texts("Salt taster"), "level": "expert", "valid_months": 12}
    second = making.edit(db, draft_for_activity(db, museum.activities[0], NOON), told, LATER)
    making.publish(db, second, LATER)
    db.commit()
    do_stop(ben, museum, 0)
    for phone in (ada, ben):
        phone.sync()
    assert (names(ada), names(ben)) == (["Stop 0"], ["Salt taster"])
    row = ben.badges()[0]
    assert row["level"] == "expert" and row["valid_until"] and row["results"] == []
