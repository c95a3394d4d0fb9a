"""A void takes a check-in and all that rests on it away, tells the learner, hears them, and can be taken back."""

import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.badges import status
from server.badges.models import Award, StatusList
from server.codes.making import make_code
from server.core.db import db as database
from server.core.db import writing
from server.core.storage import files
from server.learning import leaks
from server.learning.decisions import WrongWord
from server.learning.leaks import NoLeak, alarm_of
from server.learning.models import CheckIn, Completion, Flag
from server.occurrences.models import Occurrence
from server.occurrences.services import PRINTED, code_of, point_of
from server.replicas.history import check_history
from tests.cast import NOON, Museum
from tests.door.at_the_door import hold_session, open_door, scan_poster, show_pass
from tests.learning.flagging import crowd, look_now, new_phone, say, scan
from tests.learning.walk import visit
from tests.phone import Phone

FAR = {"is": "out", "accuracy": "fine"}


@pytest.fixture(autouse=True)
def placed(museum: Museum, db: Session) -> None:
    for code in museum.codes:
        code.latitude, code.longitude, code.radius_m = 52.0, 5.0, 100
    db.commit()


def history(phone: Phone) -> list[tuple[str, str, str]]:
    database.session.rollback()
    report = check_history(database.engine, files(), phone.at)
    return [(one.check, one.where, one.what) for one in report.findings]


def come(app: Flask, museum: Museum, db: Session, number: int = 0) -> tuple[Phone, str]:
    """Come to a stop from far away, and do what it asks for."""
    ada = new_phone(app)
    event = scan(ada, museum.code(number), place=FAR)
    if number == 0:
        ada.answer(museum.task(0, "choice"), choices=["a"])
    ada.sync()
    look_now(db)
    return ada, event


def finish(app: Flask, museum: Museum, db: Session) -> tuple[Phone, str]:
    """Complete the playlist; the stop that is far away among the rest."""
    ada, event = come(app, museum, db)
    visit(ada, museum, (1, 2, 3))
    ada.sync()
    assert len(ada.badges()) == 1
    return ada, event


def test_a_void_takes_everything_away_that_rests_on_it(app: Flask, db: Session, museum: Museum) -> None:
    ada, event = finish(app, museum, db)
    [badge] = ada.badges()
    assert say(db, museum.omar, "voided", (ada, event), reason="We did not see you there.") == 1
    ada.sync()
    stop = museum.activities[0].id
    assert (
        not {f"checkin:{stop}", f"completion:activity:{stop}", f"completion:playlist:{museum.playlist.id}"}
        & ada.view.keys()
    )
    assert ada.view[f"flag:{event}"] == {
        "state": "voided", "reason": "We did not see you there.", "activity": stop,
        "at": "2026-06-01T12:00:00.000Z", "appeal": "",
    }  # fmt: skip
    assert ada.view[f"award:{badge['id']}"]["revoked_at"] and ada.view[f"award:{badge['id']}"]["reason"]
    award = db.get_one(Award, badge["id"])
    assert status.is_set(db.get_one(StatusList, award.status_list_id).bits, award.status_index)
    assert f"task:{museum.task(0, 'choice').id}" in ada.view  # what they answered was not doubted
    assert history(ada) == []


def test_an_event_is_voided_and_its_verdict_stays(app: Flask, db: Session, museum: Museum) -> None:
    ada, event = come(app, museum, db)
    say(db, museum.omar, "voided", (ada, event))
    ada.sync()
    assert ada.view[f"verdict:{event}"]["state"] == "ok"
    assert (db.scalars(select(CheckIn)).all(), history(ada)) == ([], [])


def test_keeping_says_nothing_to_who_never_heard_of_a_doubt_but_is_remembered(
    app: Flask, db: Session, museum: Museum
) -> None:
    ada, event = come(app, museum, db)
    say(db, museum.omar, "kept", (ada, event))
    ada.sync()
    assert ada.view[f"checkin:{museum.activities[0].id}"]["event"] == event
    assert db.scalars(select(Flag.word)).all() == ["kept"]
    look_now(db)
    assert db.scalars(select(Flag.word)).all() == ["kept"]


def test_a_void_that_is_taken_back_puts_the_check_in_back_and_gives_a_new_badge(
    app: Flask, db: Session, museum: Museum
) -> None:
    ada, event = finish(app, museum, db)
    [badge] = ada.badges()
    before = ada.view[f"checkin:{museum.activities[0].id}"]
    say(db, museum.omar, "voided", (ada, event))
    say(db, museum.omar, "kept", (ada, event))
    ada.sync()
    assert ada.view[f"checkin:{museum.activities[0].id}"] == before
    assert ada.view[f"flag:{event}"]["state"] == "kept"
    assert f"completion:playlist:{museum.playlist.id}" in ada.view
    old, new = sorted(ada.badges(), key=lambda one: one["id"] != badge["id"])
    assert (bool(old["revoked_at"]), new["revoked_at"]) == (True, None)
    assert history(ada) == []


def test_who_comes_again_after_a_void_earns_the_badge_anew(app: Flask, db: Session, museum: Museum) -> None:
    ada, event = finish(app, museum, db)
    say(db, museum.omar, "voided", (ada, event))
    ada.wait(hours=1)
    scan(ada, museum.code(0), place={"is": "in", "accuracy": "fine"})
    ada.sync()
    assert [
        bool(one["revoked_at"]) for one in sorted(ada.badges(), key=lambda one: str(one["revoked_at"]))
    ] == [True, False]
    say(db, museum.omar, "kept", (ada, event))
    assert len(db.scalars(select(CheckIn).where(CheckIn.activity_id == museum.activities[0].id)).all()) == 1
    ada.sync()
    assert history(ada) == []


def test_a_stronger_check_in_since_is_not_taken_away_with_a_weaker_one(
    app: Flask, db: Session, museum: Museum
) -> None:
    ada, event = come(app, museum, db)
    stronger = make_code(db, museum.code(0).point, level=2, at=NOON - timedelta(days=1), opens_at=NOON - timedelta(hours=1), closes_at=NOON + timedelta(hours=9))  # fmt: skip
    db.commit()
    again = scan(ada, stronger)
    ada.sync()
    say(db, museum.omar, "voided", (ada, event))
    ada.sync()
    assert ada.view[f"checkin:{museum.activities[0].id}"]["event"] == again
    assert history(ada) == []


def test_a_badge_that_is_as_sure_without_the_check_in_stays(app: Flask, db: Session, museum: Museum) -> None:
    occurrence = hold_session(db, museum)
    ada, event = finish(app, museum, db)
    scan_poster(ada, db, occurrence)
    ada.sync()
    before = ada.badges()
    say(db, museum.omar, "voided", (ada, event))
    ada.sync()
    assert ada.badges() == before
    assert f"checkin:{museum.activities[0].id}" not in ada.view
    db.expire_all()
    assert all(event not in one.proofs for one in db.scalars(select(Completion)))
    assert history(ada) == []


def test_what_a_door_confirmed_is_voided_with_its_place(app: Flask, db: Session, museum: Museum) -> None:
    occurrence = hold_session(db, museum, capacity=5)
    door, ada = open_door(app, db, occurrence), new_phone(app)
    old = show_pass(ada)
    door.phone.wait(minutes=9)
    event = door.let_in(pass_=old)
    door.phone.sync()
    look_now(db)
    assert say(db, museum.omar, "voided", (ada, event), reason="A picture of a pass.") == 1
    ada.sync()
    assert f"checkin:{occurrence.activity_id}:{occurrence.id}" not in ada.view
    assert ada.view[f"flag:{event}"]["occurrence"] == occurrence.id
    assert db.get_one(Occurrence, occurrence.id, populate_existing=True).taken == 0
    entry = door.entries()[ada.learner]
    assert (entry["state"], entry["why"]) == ("voided", "A picture of a pass.")
    say(db, museum.omar, "kept", (ada, event))
    assert db.get_one(Occurrence, occurrence.id, populate_existing=True).taken == 1
    assert door.entries()[ada.learner]["state"] == "in"
    assert history(ada) == []


def test_what_was_voided_is_not_what_a_door_can_fall_back_on(app: Flask, db: Session, museum: Museum) -> None:
    occurrence = hold_session(db, museum)
    for code in point_of(db, occurrence).codes:
        code.latitude, code.longitude, code.radius_m = 52.0, 5.0, 100
    db.commit()
    door, ada = open_door(app, db, occurrence), new_phone(app)
    event = scan(ada, code_of(db, occurrence, PRINTED), place=FAR)
    ada.sync()
    look_now(db)
    say(db, museum.omar, "voided", (ada, event))
    confirmed = door.let_in(pass_=show_pass(ada))
    door.undo(confirmed)
    door.phone.sync()
    ada.sync()
    assert f"checkin:{occurrence.activity_id}:{occurrence.id}" not in ada.view
    assert history(ada) == []


def test_a_learner_answers_a_void_once_and_is_answered(app: Flask, db: Session, museum: Museum) -> None:
    ada, event = come(app, museum, db)
    say(db, museum.omar, "voided", (ada, event), reason="Not seen")
    ada.wait(hours=1)
    said = ada.record("checkin.appeal", {"event": event, "text": "I stood by the wheel.\u0000"})
    again = ada.record("checkin.appeal", {"event": event, "text": "Really"})
    ada.sync()
    assert (ada.state(said), ada.results[again]["why"]) == ("ok", "appealed")
    row = ada.view[f"flag:{event}"]
    assert (row["state"], row["appeal"], "answered" in row) == ("voided", "I stood by the wheel.", False)
    say(db, museum.omar, "voided", (ada, event), reason="Nobody saw you", at=ada.at + timedelta(hours=1))
    ada.wait(hours=2)
    ada.sync()
    row = ada.view[f"flag:{event}"]
    assert (row["state"], row["reason"], row["answered"]) == ("voided", "Nobody saw you", True)
    say(db, museum.omar, "kept", (ada, event))
    ada.sync()
    assert ada.view[f"flag:{event}"]["state"] == "kept"
    assert f"checkin:{museum.activities[0].id}" in ada.view
    assert history(ada) == []


def test_schema_and_server_take_the_same_appeals(app: Flask, db: Session, museum: Museum) -> None:
    definitions = json.loads((Path(__file__).parents[2] / "sync/schema.json").read_text())["$defs"]
    schema = jsonschema.Draft202012Validator({"$ref": "#/$defs/event", "$defs": definitions})
    ada, event = come(app, museum, db)
    say(db, museum.omar, "voided", (ada, event))
    for text in ("", None, "x" * 1001, 5, "I was there"):
        body = {"event": event, "text": text}
        said = ada.record("checkin.appeal", body)
        ada.sync()
        fits = schema.is_valid(ada.event("checkin.appeal", body))
        assert fits == (ada.results[said].get("why") != "malformed"), text


@pytest.mark.parametrize("body", [{"text": ""}, {"text": None}, {"text": "x" * 1001}, {"text": 5}])
def test_an_appeal_has_some_words_and_not_too_many(
    app: Flask, db: Session, museum: Museum, body: dict[str, object]
) -> None:
    ada, event = come(app, museum, db)
    say(db, museum.omar, "voided", (ada, event))
    said = ada.record("checkin.appeal", {"event": event, **body})
    ada.sync()
    assert ada.results[said]["why"] == "malformed"


def test_nobody_appeals_against_what_was_not_voided_or_is_anothers(
    app: Flask, db: Session, museum: Museum
) -> None:
    ada, event = come(app, museum, db)
    first = ada.record("checkin.appeal", {"event": event, "text": "But"})
    ada.sync()
    say(db, museum.omar, "voided", (ada, event))
    eve = new_phone(app)
    second = eve.record("checkin.appeal", {"event": event, "text": "But"})
    eve.sync()
    assert (ada.results[first]["why"], eve.results[second]["why"]) == ("unknown_event", "unknown_event")


def test_there_are_two_words(app: Flask, db: Session, museum: Museum) -> None:
    ada, event = come(app, museum, db)
    with pytest.raises(WrongWord):
        say(db, museum.omar, "maybe", (ada, event))


def test_a_leaked_code_is_withdrawn_and_what_came_by_it_is_marked_also_what_comes_late(
    app: Flask, db: Session, museum: Museum
) -> None:
    code = museum.code(0)
    late = new_phone(app)
    scan(late, code)  # offline, before it is withdrawn
    people = crowd(app, code, 12, place=FAR)
    look_now(db)
    assert alarm_of(db, code.id)
    with writing(db) as session:
        assert leaks.answer(session, code, museum.omar, NOON + timedelta(minutes=1), withdraw=True) == 12
    late.wait(hours=2)
    late.sync()
    look_now(db, late.at)
    marked = db.scalars(select(Flag.learner_id).where(Flag.kind == "leaked_code")).all()
    assert set(marked) == {one.learner for one, _ in people} | {late.learner}
    assert alarm_of(db, code.id) is None
    with writing(db) as session, pytest.raises(NoLeak):
        leaks.answer(session, code, museum.omar, NOON, withdraw=True)
    refused = new_phone(app, NOON + timedelta(hours=3))
    event = scan(refused, code)
    refused.sync()
    assert refused.results[event]["why"] == "code_revoked"


def test_an_alarm_that_is_answered_is_silent_for_a_day(app: Flask, db: Session, museum: Museum) -> None:
    code = museum.code(0)
    crowd(app, code, 12, place=FAR)
    look_now(db)
    with writing(db) as session:
        leaks.answer(session, code, museum.omar, NOON, withdraw=False)
    crowd(app, code, 3, place=FAR)
    look_now(db)
    assert alarm_of(db, code.id) is None
    look_now(db, NOON + timedelta(days=2))
    assert alarm_of(db, code.id) is not None


def test_the_history_checker_finds_a_void_that_does_not_hold(app: Flask, db: Session, museum: Museum) -> None:
    ada, event = come(app, museum, db)
    with writing(db):
        db.execute(update(Flag).values(word="voided"))
    found = {
        "was voided and counts",
        "a completion rests on what was voided",
        "was voided and its learner was not told",
    }
    assert {what for _, _, what in history(ada)} == found
    with writing(db):
        db.execute(update(Flag).values(word=""))
    say(db, museum.omar, "voided", (ada, event))
    assert history(ada) == []
    with writing(db):
        db.execute(update(Flag).values(word="kept"))
    assert {check for check, _, _ in history(ada)} == {"accepted_events_have_effects"}
