"""Holes of many devices are found at once: what may still come, and what is lost."""

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.core.db import table
from server.replicas import services
from server.replicas.chains import broken_chains
from server.replicas.models import Event as EventRow
from tests.cast import NOON, Museum
from tests.phone import Phone


@pytest.fixture
def phones(app: Flask, museum: Museum) -> list[Phone]:
    return [Phone(app, at=NOON) for _ in range(3)]


def drop_on_the_way(phone: Phone, museum: Museum, count: int) -> list[dict[str, str]]:
    """Record events that stay on the phone."""
    for _ in range(count):
        phone.scan(museum.code(0))
    kept, phone.outbox = phone.outbox[-count:], phone.outbox[:-count]
    return kept


def test_holes_of_all_phones_are_found_and_whole_chains_left_out(
    phones: list[Phone], museum: Museum, db: Session
) -> None:
    whole, holed, lossy = phones
    for phone in phones:
        phone.scan(museum.code(0))
    drop_on_the_way(holed, museum, 2)
    holed.scan(museum.code(0))
    drop_on_the_way(holed, museum, 1)
    holed.scan(museum.code(0))
    drop_on_the_way(lossy, museum, 3)
    lossy.record("event.lost", {"device": lossy.device, "seq": [3, 4]})
    for phone in phones:
        phone.sync()
    found = broken_chains(db, select(Device.id))
    assert whole.device not in found
    assert (found[holed.device].holes, found[holed.device].lost) == ([(3, 4), (6, 6)], [])
    assert (found[lossy.device].holes, found[lossy.device].lost) == ([(5, 5)], [(3, 4)])
    assert found[lossy.device].lost_count == 2
    asked_for = [services.missing(db, phone.device) for phone in phones]
    assert asked_for == [[], [(3, 4), (6, 6)], [(5, 5)]]


def test_what_was_declared_lost_and_came_all_the_same_is_not_lost(
    phones: list[Phone], museum: Museum, db: Session
) -> None:
    ada = phones[0]
    ada.hello()
    kept = drop_on_the_way(ada, museum, 2)
    ada.record("event.lost", {"device": ada.device, "seq": [2, 3]})
    ada.sync()
    assert broken_chains(db, select(Device.id))[ada.device].lost_count == 2
    ada.post(kept[:1])
    db.rollback()
    assert broken_chains(db, select(Device.id))[ada.device].lost == [(3, 3)]
    ada.post(kept[1:])
    db.rollback()
    assert broken_chains(db, select(Device.id)) == {}


def test_what_does_not_fit_its_chain_takes_no_place_in_it(
    phones: list[Phone], museum: Museum, db: Session
) -> None:
    ada = phones[0]
    ada.scan(museum.code(0))
    ada.sync()
    row = db.scalars(select(EventRow).where(EventRow.type == "checkin.scan")).one()
    stray = {column.key: getattr(row, column.key) for column in table(EventRow).c}
    stray |= {"id": "0" * 36, "seq": 9, "state": "rejected", "why": "chain_broken"}
    db.execute(insert(EventRow).values(**stray))
    db.commit()
    assert broken_chains(db, select(Device.id)) == {}
