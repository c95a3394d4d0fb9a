"""Door links: who may stand at a door, until when, and who makes and ends links."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from server.door import services
from server.door.models import DoorDevice, DoorLink
from server.occurrences.models import Occurrence
from server.organisers import offering
from server.organisers.models import Organiser
from tests.cast import NOON, Museum
from tests.door.at_the_door import (
    DoorPhone,
    ask,
    check_ins,
    digest,
    hold_session,
    make_link,
    new_phone,
    new_secret,
    open_door,
    show_pass,
)
from tests.phone import Phone, milliseconds


def opened(phone: Phone, secret: str) -> dict[str, object]:
    event = phone.record("door.open", {"link": secret})
    phone.sync()
    result: dict[str, object] = phone.results[event]
    return result


def test_a_link_opens_one_door_until_the_days_end(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    result = opened(new_phone(app), make_link(db, held)[1])
    ends = datetime(2026, 6, 1, 21, 59, 59, tzinfo=UTC)  # 23:59:59 in Amsterdam
    assert result["effect"] == {"occurrence": held.id, "role": "helper", "ends": milliseconds(ends)}
    organiser = opened(new_phone(app), make_link(db, held, "organiser")[1])
    assert organiser["effect"] == {
        "occurrence": held.id, "role": "organiser", "ends": milliseconds(NOON + timedelta(hours=14)),
    }  # fmt: skip


def test_what_is_no_link_opens_nothing(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    id, secret = make_link(db, held)
    other = make_link(db, held)[1]
    eve = new_phone(app)
    for wrong in ("", "x", id, f"{id}.", f"{id}.{other.partition('.')[2]}", f"x{secret}", secret[:-1]):
        result = opened(eve, wrong)
        assert (result["state"], result["why"]) == ("rejected", "door_closed"), wrong
    assert ask(eve, held.id).get_json()["code"] == "door_closed"


def test_a_revoked_or_ended_link_opens_nothing_more(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    id, secret = make_link(db, held)
    services.revoke(db.get_one(DoorLink, id), NOON - timedelta(minutes=1))
    late, over = make_link(db, held)[1], make_link(db, held, "organiser")[1]
    db.commit()
    phone = new_phone(app)
    assert opened(phone, secret)["why"] == "door_closed"
    phone.wait(hours=10)
    assert opened(phone, late)["why"] == "door_closed"
    assert opened(phone, over)["state"] == "ok"
    phone.wait(hours=5)
    assert opened(phone, over)["why"] == "door_closed"


def test_what_a_door_did_offline_before_it_was_revoked_counts(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum)
    door, ada, bob = open_door(app, db, held), new_phone(app), new_phone(app)
    door.phone.wait(minutes=10)
    ada.wait(minutes=10)
    before = door.let_in(pass_=show_pass(ada))
    services.revoke(link_of(db, door), NOON + timedelta(minutes=20))
    db.commit()
    door.phone.wait(minutes=30)
    bob.wait(minutes=40)
    after = door.let_in(pass_=show_pass(bob))
    door.phone.sync()
    assert (door.effect(before)["time"], door.why(after)) == ("claimed", "door_closed")
    assert (check_ins(db, ada), check_ins(db, bob)) == ([(4, before)], [])
    assert (door.ask().status_code, door.ask().get_json()["code"]) == (403, "door_closed")


def test_a_door_is_closed_while_its_organiser_is_suspended_and_opens_again(
    app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum)
    door, ada, bob = open_door(app, db, held), new_phone(app), new_phone(app)
    before = door.let_in(pass_=show_pass(ada))
    organiser = db.get_one(Organiser, museum.organiser.id)
    offering.suspend(organiser, "Nobody answers.", NOON + timedelta(minutes=20))
    db.commit()
    for phone in (door.phone, bob):
        phone.wait(minutes=30)
    during = door.let_in(pass_=show_pass(bob))
    door.phone.sync()
    assert (door.effect(before)["time"], door.why(during)) == ("claimed", "door_closed")
    assert (door.ask().status_code, door.ask().get_json()["code"]) == (403, "door_suspended")
    assert opened(new_phone(app, minutes=30), make_link(db, held)[1])["why"] == "door_closed"
    offering.bring_back(organiser)
    db.commit()
    again = door.let_in(pass_=show_pass(bob))
    door.phone.sync()
    assert (door.ask().status_code, door.why(again), check_ins(db, bob)) == (200, "", [(4, again)])


def link_of(db: Session, door: DoorPhone) -> DoorLink:
    db.rollback()
    return db.get_one(DoorLink, db.get_one(DoorDevice, (door.occurrence, door.phone.device)).link_id)


def test_an_organisers_phone_makes_and_ends_helpers_links(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    organiser, secret = open_door(app, db, held, "organiser"), new_secret()
    made = organiser.phone.record(
        "door.link", {"occurrence": held.id, "digest": digest(secret), "label": " Sam "}
    )
    organiser.phone.sync()
    link = organiser.effect(made)
    assert link["ends"] == milliseconds(datetime(2026, 6, 1, 21, 59, 59, tzinfo=UTC))
    sam = new_phone(app)
    assert opened(sam, f"{link['link']}.{secret}")["state"] == "ok"
    listed = {one["id"]: one for one in organiser.ask().get_json()["links"]}[link["link"]]
    assert (listed["label"], listed["role"], listed["revoked"], listed["opened"]) == (
        "Sam",
        "helper",
        False,
        True,
    )
    assert ask(sam, held.id).get_json()["links"] == [], "helpers see no links"
    ended = organiser.phone.record("door.revoke", {"link": link["link"]})
    organiser.phone.sync()
    assert organiser.effect(ended) == {"link": link["link"]}
    assert ask(sam, held.id).status_code == 403


def test_a_link_may_end_sooner_and_never_later(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    organiser = open_door(app, db, held, "organiser")
    day = milliseconds(datetime(2026, 6, 1, 21, 59, 59, tzinfo=UTC))
    soon = milliseconds(NOON + timedelta(hours=1))
    body = {"occurrence": held.id, "digest": digest("x"), "label": ""}
    for asked, ends in ((soon, soon), (day + 9_000_000, day), (None, day)):
        event = organiser.phone.record("door.link", {**body, "ends": asked})
        organiser.phone.sync()
        assert organiser.effect(event)["ends"] == ends
    for wrong in ({"digest": "x"}, {"digest": None}, {"ends": "soon"}, {"ends": -1}, {"label": "x" * 81}):
        event = organiser.phone.record("door.link", {**body, **wrong})
        organiser.phone.sync()
        assert organiser.why(event) == "malformed"
    past = organiser.phone.record("door.link", {**body, "ends": milliseconds(NOON - timedelta(hours=1))})
    organiser.phone.sync()
    assert organiser.why(past) == "door_closed"


def test_helpers_and_other_doors_make_and_end_no_links(app: Flask, museum: Museum, db: Session) -> None:
    held, elsewhere = hold_session(db, museum), hold_session(db, museum, 1)
    id, _ = make_link(db, held)
    helper, other = open_door(app, db, held), open_door(app, db, elsewhere, "organiser")
    for phone in (helper.phone, other.phone, new_phone(app)):
        made = phone.record("door.link", {"occurrence": held.id, "digest": digest("x"), "label": ""})
        ended = phone.record("door.revoke", {"link": id})
        phone.sync()
        assert [phone.results[one]["why"] for one in (made, ended)] == ["door_closed", "door_closed"]
    unknown = other.phone.record("door.revoke", {"link": "0199f1a0-0000-7000-8000-000000000009"})
    other.phone.sync()
    assert other.why(unknown) == "not_found"
    db.rollback()
    assert db.get_one(DoorLink, id).revoked_at is None


def test_a_device_keeps_the_link_that_reaches_further(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    phone = new_phone(app)
    for role, stays in (("helper", "helper"), ("organiser", "organiser"), ("helper", "organiser")):
        effect = opened(phone, make_link(db, held, role)[1])["effect"]
        assert isinstance(effect, dict)
        assert effect["role"] == stays


def test_a_session_called_off_closes_its_door(app: Flask, museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    door, ada = open_door(app, db, held), new_phone(app)
    db.get_one(Occurrence, held.id).cancelled_at = NOON + timedelta(minutes=5)
    db.commit()
    door.phone.wait(minutes=10)
    confirm = door.let_in(pass_=show_pass(ada))
    door.phone.sync()
    assert door.why(confirm) == "door_closed"
    assert door.ask().get_json()["occurrence"]["cancelled"], "its list stays to be seen"


def test_links_follow_the_session_when_its_time_changes(museum: Museum, db: Session) -> None:
    held = hold_session(db, museum)
    id, _ = make_link(db, held)
    held.ends_at += timedelta(days=1)
    services.follow(db, held)
    assert db.get_one(DoorLink, id).ends_at == datetime(2026, 6, 2, 21, 59, 59, tzinfo=UTC)
