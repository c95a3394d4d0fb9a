"""A code is used by a check-in or a claim, and only those count that were made by the codes one asks about."""

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from server.codes.models import Code, Point
from server.insights.uses import Uses, uses_by_batch, uses_of
from tests.cast import NOON, Museum
from tests.learning.test_claims import add_code, claim, festival
from tests.phone import Phone

__all__ = ["festival"]


def scan(app: Flask, code: Code, minutes: int) -> None:
    phone = Phone(app, at=NOON + timedelta(minutes=minutes))
    phone.scan(code)
    phone.sync()


def test_a_batch_has_the_uses_of_its_own_points_alone(app: Flask, db: Session, museum: Museum) -> None:
    points = [db.get_one(Point, museum.code(stop).point_id) for stop in (0, 1)]
    first, second, elsewhere = (add_code(db, point, batch="Summer") for point in (points[0], *points))
    for minutes, code in enumerate((first, second, second, elsewhere)):
        scan(app, code, minutes)
    three = Uses(3, NOON, NOON + timedelta(minutes=2))
    assert uses_by_batch(db, [points[0].id]) == {"Summer": three}
    assert uses_by_batch(db, [point.id for point in points])["Summer"].count == 4
    assert uses_of(db, [first.id]) == {first.id: Uses(1, NOON, NOON)}


def test_claims_are_uses_too(app: Flask, db: Session, festival: Point) -> None:
    code, ada = add_code(db, festival, batch="Gate"), Phone(app, at=NOON)
    claim(ada, code)
    ada.sync()
    assert uses_of(db, [code.id])[code.id].count == 1
    assert uses_by_batch(db, [festival.id])["Gate"].count == 1
