"""Two guests turn out to be one person: nothing is lost, nothing counts twice, and what comes later counts too."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import Device, Learner, LearnerMail, MailToken
from server.badges.models import Award
from server.core.db import Base
from server.core.db import db as database
from server.core.storage import files
from server.door.models import DoorEntry
from server.families.models import Guardianship
from server.learning.models import Answer, CheckIn, Completion
from server.occurrences.models import Occurrence
from server.replicas import jobs
from server.replicas.history import check_history
from tests.cast import NOON, Museum
from tests.door.at_the_door import hold_session, open_door, show_pass
from tests.learning.walk import do_stop, picture, visit
from tests.phone import Phone, b64, milliseconds
from tests.portfolio.conftest import path
from tests.replicas.test_races import at_once


def new_phone(app: Flask, learner: str = "") -> Phone:
    phone = Phone(app, at=NOON, **({"learner": learner} if learner else {}))
    phone.hello()
    phone.sync()
    return phone


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    return new_phone(app)


@pytest.fixture
def ben(app: Flask, museum: Museum) -> Phone:
    """Another guest, who is Ada too."""
    return new_phone(app)


def invite(phone: Phone) -> str:
    secret = b64(secrets.token_bytes(32))
    until = milliseconds(phone.at + timedelta(hours=24))
    digest = b64(hashlib.sha256(secret.encode()).digest())
    phone.record("device.invite", {"invite": digest, "until": until})
    phone.sync()
    return secret


def join(ben: Phone, ada: Phone, secret: str | None = None) -> str:
    """Let one learner go into another, with the word of both; return the event."""
    body = {"into": ada.learner, "invite": secret or invite(ada)}
    merge = ben.record("learner.merge", body)
    ben.sync()
    while any(one["p"] for one in ben.outbox):
        ben.wait(seconds=1)
        ben.sync()
    return merge


def second(phone: Phone, secret: str, learner: str = "") -> Phone:
    other = Phone(phone.app, at=phone.at, learner=learner or phone.learner)
    other.record("device.hello", {"key": other.jwk(), "invite": secret})
    return other


def check(*phones: Phone) -> None:
    """Look at the whole history, and that these phones see the same."""
    for phone in phones:
        phone.sync()
    assert all(phone.view == phones[0].view for phone in phones)
    database.session().rollback()
    report = check_history(database.engine, files(), NOON)
    assert report.clean, report.findings
    database.session().rollback()


def names(old: str) -> list[str]:
    """Name the tables in which something is still that learner's."""
    found = []
    for table in Base.metadata.sorted_tables:
        columns = [c for c in table.c if c.name in ("learner_id", "who_id", "guardian_id", "child_id", "by_id", "merged_into")]  # fmt: skip
        for column in columns:
            if database.session.execute(select(column).where(column == old).limit(1)).first():
                found.append(f"{table.name}.{column.name}")
    return found


def test_what_both_did_finishes_a_playlist_and_each_counts_once(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    visit(ada, museum, (0, 2))
    visit(ben, museum, (0, 1, 3))
    ada.sync()
    ben.sync()
    old = ben.learner
    assert not ada.badges() and not ben.badges()
    merge = join(ben, ada)
    assert (ben.state(merge), ben.learner) == ("ok", ada.learner)
    check(ada, ben)
    assert len(ada.badges()) == 1
    assert len([key for key in ada.view if key.startswith("checkin:")]) == 4
    assert db.query(CheckIn).filter_by(learner_id=ada.learner).count() == 4
    assert names(old) == []
    assert db.get_one(Learner, old).merged_into == ada.learner


def test_work_that_was_signed_before_and_comes_later_counts(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    """Also what stands behind the merge in its own batch, and what another phone of theirs had not sent yet."""
    other = second(ben, invite(ben))
    other.sync()
    late = do_stop(other, museum, 1)
    secret = invite(ada)
    ben.record("learner.merge", {"into": ada.learner, "invite": secret})
    behind = do_stop(ben, museum, 0)
    ben.sync()
    other.sync()
    assert (ben.state(behind), other.state(late)) == ("ok", "ok")
    assert other.learner == ada.learner
    after = do_stop(other, museum, 3)
    other.sync()
    check(ada, ben, other)
    assert {ada.state(one) for one in (late, behind, after)} == {"ok"}
    assert {db.get_one(Device, one.device).learner_id for one in (ben, other)} == {ada.learner}


def test_it_takes_the_word_of_both(ada: Phone, ben: Phone, app: Flask, museum: Museum, db: Session) -> None:
    eve = new_phone(app)
    theirs = ada.learner, ben.learner
    for secret in (b64(secrets.token_bytes(32)), invite(eve), None):
        event = ben.record("learner.merge", {"into": ada.learner, "invite": secret})
        ben.sync()
        assert ben.results[event]["why"] == "unknown_invitation"
    nobody = ben.record("learner.merge", {"into": eve.device, "invite": invite(ada)})
    ben.sync()
    assert ben.results[nobody]["state"] == "rejected"
    secret = invite(ada)
    join(ben, ada, secret)
    event = eve.record("learner.merge", {"into": ada.learner, "invite": secret})
    eve.sync()
    assert eve.results[event]["why"] == "unknown_invitation"  # it worked once
    assert db.scalars(select(Learner.id).where(Learner.merged_into.is_not(None))).all() == [theirs[1]]


def test_the_stronger_of_both_counts(ada: Phone, ben: Phone, museum: Museum, db: Session) -> None:
    ada.answer(museum.task(0, "choice"), choices=["b"])
    ada.answer(museum.task(3, "choices"), choices=["a", "c"])
    ben.answer(museum.task(0, "choice"), choices=["a"])
    ben.answer(museum.task(3, "choices"), choices=["b"])
    for phone in (ada, ben):
        phone.scan(museum.code(0))
        phone.sync()
    join(ben, ada)
    check(ada, ben)
    assert {one.state for one in db.scalars(select(Answer))} == {"right"}
    assert ada.view[f"task:{museum.task(0, 'choice').id}"]["state"] == "right"
    assert f"completion:activity:{museum.activities[0].id}" in ada.view


def test_of_the_same_badge_both_stay_good_and_one_is_shown(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    for phone in (ada, ben):
        visit(phone, museum)
        phone.sync()
    addresses = [path(phone.badges()[0]["url"]) for phone in (ada, ben)]
    doubled = ben.badges()[0]["id"]
    join(ben, ada)
    check(ada, ben)
    assert len(ada.badges()) == 2
    assert ada.view["arrangement"]["hidden"] == [doubled]
    assert {ada.app.test_client().get(one).status_code for one in addresses} == {200}
    assert db.query(Completion).filter(Completion.playlist_id.is_not(None)).count() == 1
    assert {one.completion_id for one in db.scalars(select(Award))} == {
        db.scalars(select(Completion.id).where(Completion.playlist_id.is_not(None))).one()
    }


def test_a_file_that_is_awaited_and_one_that_is_here_are_kept(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    here, awaited = picture("blue"), picture("green")
    ben.write(museum.task(2, "text"), "Loud.")
    first = ben.photograph(museum.task(2, "photo"), here)
    ben.sync()
    ben.upload(here)
    second = ben.photograph(museum.task(2, "photo"), awaited)
    ben.sync()
    ben.send_piece(awaited, 0, 100)
    old = ben.learner
    join(ben, ada)
    assert ben.upload(awaited).status_code == 204
    jobs.forget_merged_files(NOON)
    check(ada, ben)
    assert (ada.state(first), ada.state(second)) == ("ok", "ok")
    assert not [one for one in files().names() if old in one]


def test_a_place_at_a_session_is_held_once_and_who_was_let_in_twice_is_in_once(
    ada: Phone, ben: Phone, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum, capacity=2)
    door = open_door(ada.app, db, held)
    ada.record("session.reserve", {"occurrence": held.id, "name": "Ada", "picture": None})
    ada.sync()
    entries = [door.let_in(pass_=show_pass(one)) for one in (ada, ben)]
    door.phone.sync()
    old = ben.learner
    join(ben, ada)
    check(ada, ben)
    assert db.get_one(Occurrence, held.id).taken == 1
    assert db.query(DoorEntry).filter(DoorEntry.undone_at.is_(None)).one().who_id == ada.learner
    again = door.let_in(learner=old)  # its list is from before
    door.phone.sync()
    assert door.effect(again)["already"] is True
    for one in (*entries, again):
        door.undo(one)
    door.phone.sync()
    check(ada, ben)
    assert db.get_one(Occurrence, held.id).taken == 1  # reserved again
    assert db.query(CheckIn).count() == 0


def test_what_a_door_took_back_stays_so_when_its_phone_is_another_learners(
    ada: Phone, app: Flask, museum: Museum, db: Session
) -> None:
    held = hold_session(db, museum)
    one, other = open_door(app, db, held), open_door(app, db, held)
    cas = new_phone(app)
    entries = [door.let_in(pass_=show_pass(cas)) for door in (one, other)]
    for door in (one, other):
        door.phone.sync()
    one.undo(entries[0])
    one.phone.sync()
    join(one.phone, ada)
    other.undo(entries[1])
    other.phone.sync()
    check(cas)
    assert db.query(CheckIn).count() == 0


def test_three_become_one_and_an_invitation_of_before_holds(
    ada: Phone, ben: Phone, app: Flask, museum: Museum, db: Session
) -> None:
    cas = new_phone(app)
    scan = do_stop(cas, museum, 0)
    cas.sync()
    secret, old = invite(cas), cas.learner
    join(cas, ben)
    join(ben, ada)
    late = second(cas, secret, learner=old)
    done = do_stop(late, museum, 1)
    late.sync()
    assert late.learner == ada.learner
    check(ada, ben, cas, late)
    assert (ada.state(scan), ada.state(done)) == ("ok", "ok")
    event = late.record("learner.merge", {"into": old, "invite": None})  # they are one already
    late.sync()
    assert late.state(event) == "ok"


def test_an_address_that_both_confirmed_stays_once(ada: Phone, ben: Phone, db: Session) -> None:
    for phone, at in ((ada, None), (ben, NOON)):
        mail = LearnerMail(learner_id=phone.learner, address="ada@example.org", lang="en", created_at=NOON, confirmed_at=at)  # fmt: skip
        db.add(mail)
        db.flush()
        db.add(MailToken(digest=phone.device, mail_id=mail.id, purpose="enter", expires_at=NOON))
    db.commit()
    join(ben, ada)
    db.rollback()
    kept = db.query(LearnerMail).one()
    assert (kept.learner_id, kept.confirmed_at) == (ada.learner, NOON)
    assert {one.mail_id for one in db.query(MailToken)} == {kept.id}


def test_a_server_that_went_back_to_before_says_so(ada: Phone, ben: Phone, db: Session) -> None:
    old = ben.learner
    join(ben, ada)
    db.execute(update(Device).where(Device.id == ben.device).values(learner_id=old))
    db.execute(update(Learner).where(Learner.id == old).values(merged_into=None))
    db.commit()
    answer = ben.post([])
    assert (answer.status_code, answer.get_json()["code"]) == (401, "wrong_learner")
    assert "gone back to before" in answer.get_json()["detail"]


def test_a_guardian_and_their_child_stay_two(ada: Phone, ben: Phone, db: Session) -> None:
    db.add(Guardianship(guardian_id=ada.learner, child_id=ben.learner, country="NL", since=NOON))
    db.commit()
    event = ben.record("learner.merge", {"into": ada.learner, "invite": invite(ada)})
    ben.sync()
    assert ben.results[event]["why"] == "own_child"
    assert db.query(Learner).filter(Learner.merged_into.is_not(None)).count() == 0


def test_work_that_arrives_in_the_very_moment_counts(app: Flask, museum: Museum, db: Session) -> None:
    """Both send while they become one, and each asks to go into the other."""
    for _ in range(5):
        ada, ben = new_phone(app), new_phone(app)
        others = [second(one, invite(one)) for one in (ada, ben)]
        for other in others:
            other.sync()
        secrets = [invite(one) for one in (ben, ada)]
        ids = ben.learner, ada.learner
        for phone, into, secret in zip((ada, ben), ids, secrets, strict=True):
            phone.record("learner.merge", {"into": into, "invite": secret})
        works = [do_stop(one, museum, number) for one, number in ((others[0], 0), (others[1], 1), (ben, 3))]
        at_once([one.sync for one in (ada, ben, *others)])
        db.rollback()  # our own view of the database is older than that
        for one in (ada, ben, *others) * 2:
            one.wait(seconds=1)
            one.sync()
        check(ada, ben, *others)
        assert ada.learner == ben.learner
        assert {ada.state(one) for one in works} == {"ok"}
        assert db.query(CheckIn).filter_by(learner_id=ada.learner).count() == 3


# Any order of things

ACTS = st.sampled_from(
    [(who, act) for who in (0, 1, 2) for act in (*(("do", n) for n in (0, 1, 3)), ("wrong", 0), ("sync", 0))]
)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@given(before=st.lists(ACTS, max_size=8), after=st.lists(ACTS, max_size=8))
@settings(
    max_examples=25, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate], derandomize=True
)  # fmt: skip
def test_in_any_order_nothing_is_lost_and_nothing_counts_twice(
    app: Flask, museum: Museum, before: list[Any], after: list[Any]
) -> None:
    """Ada, and Ben with two phones; one of his is never asked when the two become one."""
    ada, ben = new_phone(app), new_phone(app)
    phones = [ada, ben, second(ben, invite(ben))]
    phones[2].sync()
    done: set[int] = set()
    recorded: list[str] = []

    def act(who: int, what: tuple[str, int]) -> None:
        phone = phones[who]
        if what[0] == "do":
            recorded.append(do_stop(phone, museum, what[1]))
            done.add(what[1])
        elif what[0] == "wrong":
            recorded.append(phone.answer(museum.task(0, "choice"), choices=["b"]))
        else:
            phone.sync()

    for one in before:
        act(*one)
    phones[1].record("learner.merge", {"into": ada.learner, "invite": invite(ada)})
    for one in after:
        act(*one)
    for _ in range(3):
        for phone in phones:
            phone.sync()
    check(*phones)
    assert {ada.state(one) for one in recorded} <= {"ok"}
    session = database.session()
    counted = session.query(CheckIn).filter_by(learner_id=ada.learner).all()
    assert {one.activity_id for one in counted} == {museum.activities[n].id for n in done}
    finished = session.query(Completion).filter_by(learner_id=ada.learner).all()
    assert {one.activity_id for one in finished} == {museum.activities[n].id for n in done}
    assert names(ada.learner) and ben.learner == ada.learner
