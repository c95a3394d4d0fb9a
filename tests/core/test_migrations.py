"""Migrations with real work in the tables: down and up again, nothing is lost but what the old schema cannot say."""

import json

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from server.badges.models import Achievement
from server.core.db import db as database
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.migrations import downgrade, upgrade
from server.replicas.models import Blob, Event
from tests.cast import NOON, Museum
from tests.learning.walk import picture
from tests.phone import Phone

KEPT = (Event, Blob, CheckIn, Answer, Evidence, Completion)


def test_work_outlives_the_way_down_and_up_again(app: Flask, museum: Museum, db: Session) -> None:
    ada = Phone(app, at=NOON)
    photo, question = museum.task(2, "photo"), museum.task(0, "choice")
    ada.scan(museum.code(0))
    ada.answer(question, choices=["a"])
    ada.upload(picture())
    ada.hand_in(photo, picture())
    ada.sync()
    ada.upload(picture())
    ada.sync()
    before = [db.query(model).count() for model in KEPT]
    files = db.query(Evidence).one().files
    db.rollback()
    try:
        downgrade(database.engine, "0002")
    finally:
        upgrade(database.engine)
    assert [db.query(model).count() for model in KEPT] == before
    assert db.query(Evidence).one().files == files
    if database.engine.dialect.name == "sqlite":
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []


def test_a_ribbons_one_word_becomes_its_words(app: Flask, museum: Museum, db: Session) -> None:
    id, design = museum.achievement.id, dict(museum.achievement.design)
    db.rollback()
    try:
        downgrade(database.engine, "0006")
        old = {**{key: design[key] for key in ("shape", "colours", "icon")}, "ribbon": "2026"}
        with database.engine.begin() as connection:
            given = {"design": json.dumps(old), "id": id}
            connection.execute(text("UPDATE achievements SET design = :design WHERE id = :id"), given)
    finally:
        upgrade(database.engine)
    assert db.get_one(Achievement, id).design == {**design, "text": {"en": "2026"}}
