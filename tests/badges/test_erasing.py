"""What is left of a badge that was erased: an address that says so, and one bit."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import giving, lists, services, status
from server.badges.models import Award, StatusList
from server.core.db import new_id
from server.learning.models import Completion
from tests.badges.conftest import Given, complete
from tests.cast import NOON, Museum

KEPT = {
    "id",
    "credential_id",
    "achievement_id",
    "status_list_id",
    "status_index",
    "key_number",
    "erased",
    "period",
}
"""What says nothing of anybody: addresses and places, which are random."""


def test_nothing_is_left_of_an_erased_badge_but_its_place(given: Given, db: Session) -> None:
    services.erase(given.award, NOON)
    db.commit()
    left = {
        column.name: getattr(given.award, column.name)
        for column in Award.__table__.columns
        if column.name not in KEPT and getattr(given.award, column.name)
    }
    assert left == {"awarded_at": NOON, "revoked_at": NOON}
    assert status.is_set(given.award.status_list.bits, given.award.status_index)


@pytest.mark.parametrize("ending", ["", ".json", ".png", "/preview.png"])
def test_its_addresses_say_that_it_is_gone(
    given: Given, db: Session, client: FlaskClient, ending: str
) -> None:
    services.erase(given.award, NOON)
    db.commit()
    answer = client.get(f"/credentials/{given.award.credential_id}{ending}", headers={"Accept": "text/html"})
    assert answer.status_code == 410
    assert "erased" in answer.text


def test_the_badge_itself_stays_and_can_be_earned_again(
    given: Given, db: Session, museum: Museum, ada: Learner, client: FlaskClient
) -> None:
    old, done = given.award.subject, db.get_one(Completion, given.award.completion_id)
    services.erase(given.award, NOON)
    db.commit()
    row = giving.award(db, ada.id, museum.achievement, done, NOON)
    db.commit()
    assert row["id"] != given.row["id"]
    assert db.get_one(Award, row["id"]).subject != old
    assert db.scalar(select(func.count(Award.id))) == 2
    assert client.get(f"/en/achievements/{museum.achievement.id}").status_code == 200


def test_other_domains_forget_with_it(given: Given, db: Session) -> None:
    seen: list[str] = []

    def note(_: Session, award: Award, at: datetime) -> list[services.Told]:
        seen.append(award.learner_id)
        return [("note:1", None)]

    forget = services.when_erased(note)
    try:
        learner = given.award.learner_id
        told = services.erase(given.award, NOON)
    finally:
        services._forgets.remove(forget)
    assert seen == [learner]
    assert told == [(f"award:{given.award.id}", None), ("note:1", None)]


def test_a_place_is_never_given_twice_even_when_two_choose_it_at_once(
    given: Given, db: Session, museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looked before the other committed sees the place free; the database knows better."""
    chosen = iter([given.award.status_index, given.award.status_index + 1])
    monkeypatch.setattr(status, "random_index", lambda *_: next(chosen) % status.SIZE)
    eve = Learner(id=new_id(), city_id=museum.city.id, created_at=NOON)
    db.add(eve)
    db.flush()
    row = giving.award(db, eve.id, museum.achievement, complete(db, museum, eve), NOON)
    second = db.get_one(Award, row["id"])
    assert second.status_index == (given.award.status_index + 1) % status.SIZE
    assert f"#{second.status_index}" in second.signed.decode()


def test_a_full_list_is_followed_by_a_new_one_and_kinds_have_their_own(
    given: Given, db: Session, museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endorsed(Award.__mro__[1]):  # type: ignore[misc,name-defined]
        __abstract__ = True
        __tablename__ = "endorsements"
        status_list_id, status_index = Award.status_list_id, Award.status_index

    first = given.award.status_list
    other = lists.take_place(db, museum.organiser.id, Endorsed, lambda listing, _: listing)
    assert (other.holds, other.id != first.id) == ("endorsements", True)
    monkeypatch.setattr(lists, "_is_taken", lambda *_: True)
    second = lists.take_place(db, museum.organiser.id, Award, lambda listing, _: listing)
    assert (second.holds, second.id != first.id) == ("awards", True)
    assert db.scalar(select(func.count(StatusList.id))) == 3
