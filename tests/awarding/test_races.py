"""Two lists at once, and a list while somebody takes their badges: everything arrives, and once."""

from collections import Counter
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding import services
from server.awarding.models import AwardBatch, Recipient
from server.awarding.recipients import secret_of
from server.badges.models import Achievement, Award
from server.core.db import writing
from tests.awarding.conftest import keep, make_badge, run
from tests.cast import NOON, Museum
from tests.phone import Phone
from tests.replicas.test_races import at_once

PEOPLE = "mail\n" + "".join(f"person{one}@example.org\n" for one in range(12))


def running(app: Flask, batch: AwardBatch) -> Callable[[], None]:
    id = batch.id

    def go() -> None:
        with app.app_context():
            left = 1
            while left:
                with writing() as session:
                    left = services.run_piece(session, id, NOON, most=5)

    return go


def test_two_lists_of_the_same_people_give_each_badge_once(
    app: Flask, db: Session, museum: Museum, guide: Achievement
) -> None:
    lists = [keep(db, museum, guide, PEOPLE) for _ in range(2)]
    for one in lists:
        services.begin(db, one, None, NOON)
    db.commit()
    at_once([running(app, lists[0]), running(app, lists[1]), running(app, lists[0])])
    db.rollback()
    db.expire_all()
    assert max(Counter(db.scalars(select(Award.learner_id))).values()) == 1
    assert (len(db.scalars(select(Award)).all()), len(db.scalars(select(Recipient)).all())) == (12, 12)


def test_a_badge_given_while_the_others_are_taken_reaches_the_phone(
    app: Flask, db: Session, museum: Museum, guide: Achievement
) -> None:
    run(db, keep(db, museum, guide, PEOPLE))
    second = keep(db, museum, make_badge(db, museum, "First aid"), PEOPLE)
    services.begin(db, second, None, NOON)
    db.commit()
    phones = [Phone(app, at=NOON) for _ in range(4)]
    for phone, recipient in zip(phones, db.scalars(select(Recipient).order_by(Recipient.id)), strict=False):
        phone.record("award.take", {"link": secret_of(recipient)})
    db.rollback()
    at_once([*(phone.sync for phone in phones), running(app, second)])
    db.rollback()  # our own view of the database is older than the race
    for phone in phones:
        phone.sync()
        assert sorted(one["name"]["en"] for one in phone.badges()) == ["First aid", "River guide"]
