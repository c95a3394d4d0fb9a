"""Taking: what was given by name moves to the phone that has the link, once, with all that follows from it."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding.models import Recipient
from server.awarding.recipients import end_link, secret_of
from server.badges.models import Achievement, Award
from server.core.db import db as database
from server.core.storage import files
from server.replicas.history import check_history
from tests.awarding.conftest import keep, make_badge, run
from tests.cast import NOON, Museum
from tests.phone import Phone


@pytest.fixture
def link(db: Session, museum: Museum, guide: Achievement) -> str:
    """What Ada's link says after the `#`, for the one badge that she was given by mail."""
    run(db, keep(db, museum, guide, "mail,name\nada@example.org,Ada\n"))
    return secret_of(db.scalars(select(Recipient)).one())


def take(phone: Phone, link: str) -> dict[str, object]:
    event = phone.record("award.take", {"link": link})
    phone.sync()
    return phone.results[event]


def test_a_link_brings_the_badges_to_the_phone_and_later_ones_too(
    app: Flask, db: Session, museum: Museum, guide: Achievement, link: str
) -> None:
    ada = Phone(app, at=NOON)
    result = take(ada, link)
    [row] = ada.badges()
    assert (result["state"], result["effect"]) == ("ok", {"awards": [row["id"]]})
    assert row["name"]["en"] == "River guide"
    run(db, keep(db, museum, make_badge(db, museum, "First aid"), "mail\nAda@example.org\n"))
    ada.sync()
    assert sorted(one["name"]["en"] for one in ada.badges()) == ["First aid", "River guide"]
    assert check_history(database.engine, files(), NOON).findings == []


def test_taking_again_changes_nothing_and_nobody_else_can(app: Flask, db: Session, link: str) -> None:
    ada, eve = Phone(app, at=NOON), Phone(app, at=NOON)
    take(ada, link)
    assert take(ada, link)["effect"] == {"awards": []}
    refused = take(eve, link)
    assert (refused["state"], refused["why"], eve.badges()) == ("rejected", "taken", [])
    assert len(ada.badges()) == 1


@pytest.mark.parametrize("spoil", [lambda one: one[:-1] + ("A" if one[-1] != "A" else "B"), lambda one: "x", lambda one: one[:36] + "." + "A" * 32])  # fmt: skip
def test_a_wrong_link_takes_nothing(app: Flask, db: Session, link: str, spoil: object) -> None:
    eve = Phone(app, at=NOON)
    refused = take(eve, spoil(link))  # type: ignore[operator]
    assert (refused["state"], refused["why"]) == ("rejected", "unknown_link")
    assert db.scalars(select(Recipient)).one().taken_at is None


def test_a_new_link_ends_the_old_one(app: Flask, db: Session, link: str) -> None:
    end_link(db.scalars(select(Recipient)).one())
    db.commit()
    assert take(Phone(app, at=NOON), link)["why"] == "unknown_link"
    assert take(Phone(app, at=NOON), secret_of(db.scalars(select(Recipient)).one()))["state"] == "ok"


def test_guessing_links_must_wait(app: Flask, db: Session, link: str) -> None:
    eve = Phone(app, at=NOON)
    for _ in range(20):
        eve.record("award.take", {"link": link[:-4] + "AAAA"})
    eve.sync()
    assert take(eve, link)["state"] == "later"


def test_a_badge_that_one_has_already_does_not_come_twice(
    app: Flask, db: Session, museum: Museum, guide: Achievement, link: str
) -> None:
    run(db, keep(db, museum, guide, "mail\nada.other@example.org\n"))
    other = db.scalars(select(Recipient).where(Recipient.address == "ada.other@example.org")).one()
    ada = Phone(app, at=NOON)
    take(ada, link)
    assert take(ada, secret_of(other))["effect"] == {"awards": []}
    assert len(ada.badges()) == 1
    assert all(one.revoked_at is None for one in db.scalars(select(Award)))
    assert check_history(database.engine, files(), NOON).findings == []
