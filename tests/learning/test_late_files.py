"""Work whose file came late never takes the place of newer work."""

from flask import Flask
from sqlalchemy.orm import Session

from server.learning.models import Evidence
from tests.cast import NOON, Museum
from tests.learning.walk import picture
from tests.phone import Phone


def test_the_newest_evidence_counts_though_the_file_of_an_earlier_one_comes_later(
    app: Flask, museum: Museum, db: Session
) -> None:
    ada, photo = Phone(app, at=NOON), museum.task(2, "photo")
    earlier = ada.hand_in(photo, picture("red"))
    ada.sync()
    ada.wait(minutes=5)
    ada.upload(picture("green"))
    newer = ada.hand_in(photo, picture("green"))
    ada.sync()
    ada.wait(minutes=5)
    ada.upload(picture("red"))
    ada.sync()
    assert (ada.state(earlier), ada.state(newer)) == ("ok", "ok")
    assert db.query(Evidence).one().event_id == newer
