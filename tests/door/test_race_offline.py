"""Forty for ten places, many of whom arrived while there was no network: ten have one, nobody is lost."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.core.db import db as database
from server.core.storage import files
from server.door.models import DoorEntry
from server.learning.models import CheckIn
from server.occurrences.models import Occurrence, Reservation
from server.replicas.history import check_history
from server.replicas.models import Event
from tests.cast import Museum
from tests.door.at_the_door import (
    DoorPhone,
    hold_session,
    new_phone,
    open_door,
    point,
    scan_poster,
    scan_receipt,
    show_pass,
)
from tests.phone import Phone
from tests.replicas.test_races import at_once

PLACES, GUESTS = 10, 6
GROUPS = {"reserved before": 2, "reserve": 8, "scan": 8, "two doors": 8, "receipt": 8}
"""How many come in which way; with the guests they are forty."""


@dataclass
class Crowd:
    """Who wants a place, by the way in which they want it."""

    held: Occurrence
    doors: list[DoorPhone]
    by: dict[str, list[Phone]] = field(default_factory=dict)
    wishes: dict[str, str] = field(default_factory=dict)
    """Reservations that are asked for in the race: learner → event."""

    @property
    def phones(self) -> list[Phone]:
        return [one for group in self.by.values() for one in group]

    @property
    def everybody(self) -> list[Phone]:
        return [*(door.phone for door in self.doors), *self.phones]


@pytest.fixture
def crowd(app: Flask, museum: Museum, db: Session) -> Crowd:
    """A session for ten, two doors, and forty who are on their way."""
    held = hold_session(db, museum, capacity=PLACES)
    crowd = Crowd(held, [open_door(app, db, held, role) for role in ("organiser", "helper")])
    crowd.by = {way: [new_phone(app) for _ in range(count)] for way, count in GROUPS.items()}
    for phone in crowd.by["reserved before"]:
        ask_for_a_place(phone, held)
        phone.sync()
    assert len(crowd.phones) + GUESTS == 40
    return crowd


def ask_for_a_place(phone: Phone, held: Occurrence) -> str:
    return phone.record("session.reserve", {"occurrence": held.id, "name": "", "picture": ""})


def arrive_offline(crowd: Crowd, db: Session) -> None:
    """An hour before anybody has a network again, most of them are let in, each door on its own."""
    one = crowd.doors[0]
    where = point(db, crowd.held)
    for phone in crowd.by["two doors"]:
        for door in crowd.doors:
            door.let_in(pass_=show_pass(phone))
    for number, phone in enumerate(crowd.by["receipt"]):
        door = crowd.doors[number % 2]
        door.let_in(pass_=show_pass(phone))
        scan_receipt(phone, where, door.receipt(phone, where))
    for phone in crowd.by["reserved before"]:
        one.let_in(pass_=show_pass(phone))
    for number in range(GUESTS):
        crowd.doors[number % 2].let_in(guest=f"Guest {number}")
    for phone in crowd.by["scan"][::2]:
        scan_poster(phone, db, crowd.held)
    for someone in crowd.everybody:
        someone.wait(hours=1)


def arrive_online(crowd: Crowd, db: Session) -> None:
    """At the moment of the race the others scan, or ask for a place."""
    for phone in crowd.by["scan"][1::2]:
        scan_poster(phone, db, crowd.held)
    crowd.wishes = {phone.learner: ask_for_a_place(phone, crowd.held) for phone in crowd.by["reserve"]}


def test_forty_for_ten_places_of_whom_most_arrived_offline(crowd: Crowd, db: Session) -> None:
    arrive_offline(crowd, db)
    arrive_online(crowd, db)
    recorded = Counter({one.learner: one.seq for one in crowd.everybody})
    db.rollback()
    at_once([one.sync for one in crowd.everybody])
    for phone in crowd.everybody:
        phone.sync()  # what the others' phones said of them
    db.rollback()

    came = db.query(CheckIn).filter_by(occurrence=crowd.held.id).all()
    entries = db.query(DoorEntry).filter_by(occurrence_id=crowd.held.id).all()
    guests = [one for one in entries if one.who_id is None]
    reserved = db.query(Reservation).filter_by(occurrence_id=crowd.held.id, state="reserved").count()
    refused = [one for one in crowd.by["reserve"] if one.results[crowd.wishes[one.learner]].get("why") == "full"]  # fmt: skip

    assert db.get_one(Occurrence, crowd.held.id).taken == PLACES
    assert sum(not one.over for one in (*came, *guests)) + reserved == PLACES
    assert sum(one.over for one in (*came, *guests)) + len(refused) == 30
    assert len(refused) + reserved == len(crowd.by["reserve"])
    everybody_is_there_once(crowd, came, entries)
    assert recorded == Counter(learner for (learner,) in db.query(Event.learner_id))  # none lost, none twice
    assert check_history(database.engine, files(), crowd.phones[0].at, []).findings == []


def everybody_is_there_once(crowd: Crowd, came: list[CheckIn], entries: list[DoorEntry]) -> None:
    """Who came is checked in once, at the level of their way, and reads so; both doors list the same people."""
    ways = {phone.learner: way for way, group in crowd.by.items() for phone in group if way != "reserve"}
    assert Counter(one.learner_id for one in came) == dict.fromkeys(ways, 1)
    assert {one.learner_id: one.level for one in came} == {
        who: 2 if way == "scan" else 4 for who, way in ways.items()
    }
    at_doors = {one.who_id: one for one in entries if one.who_id}
    assert at_doors.keys() == {who for who, way in ways.items() if way != "scan"}
    over = {one.learner_id: one.over for one in came}
    assert {who: entry.over for who, entry in at_doors.items()} == {who: over[who] for who in at_doors}
    assert not any(over[phone.learner] for phone in crowd.by["reserved before"]), (
        "who had reserved has a place"
    )
    key = f"checkin:{crowd.held.activity_id}:{crowd.held.id}"
    assert all((key in phone.view) == (phone.learner in ways) for phone in crowd.phones)
    lists = [{who: (one["state"], one["over"]) for who, one in door.entries().items()} for door in crowd.doors]  # fmt: skip
    assert lists[0] == lists[1]
    assert len(lists[0]) == len(ways) + GUESTS
