"""A batch that is written at once says and leaves what it would event by event."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.badges.models import Award
from server.codes.making import make_code
from server.core.db import db as database
from server.learning.ledger import Spot, ledger_of
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.replicas.effects import EFFECTS
from server.replicas.models import Event, FeedRow
from server.replicas.store import SqlStore
from sync.messages import digest
from tests.cast import NOON, Museum
from tests.learning.walk import do_stop
from tests.phone import Phone

STEPS = (
    "scan 0", "scan 1", "scan 2", "scan 3", "full", "wrong code", "no such point", "null point", "typed",
    "right", "wrong", "no form", "number", "write", "long text", "choices", "photo", "feedback", "needs last",
    "withdraw last", "unknown", "rubbish", "fork", "later",
)  # fmt: skip


def take(phone: Phone, museum: Museum, full: Any, step: str) -> None:
    """Let a phone record one step, sensible or not."""
    last = phone.last
    body = {"point": "TESTP000", "proof": None, "typed": None, "activity": None}
    activity = museum.activities[0].id
    match step.split():
        case ["scan", number]:
            phone.scan(museum.code(int(number)))
        case ["full"]:
            phone.scan(full)
        case ["wrong", "code"]:
            phone.record("checkin.scan", {**body, "proof": "1SECRET0000000009"})
        case ["no", "such", "point"]:
            phone.record("checkin.scan", {**body, "point": "N0SVCHP0"})
        case ["null", "point"]:
            phone.record("checkin.scan", {**body, "point": "TEST\x00001", "proof": "1SECRET0000000000"})
        case ["typed"]:
            phone.type_in("ABCD-EFGH")
        case ["right"]:
            phone.answer(museum.task(0, "choice"), choices=["a"])
        case ["wrong"]:
            phone.answer(museum.task(0, "choice"), choices=["b"])
        case ["no", "form"]:
            phone.answer(museum.task(0, "choice"), choices=["z"])
        case ["number"]:
            phone.answer(museum.task(1, "number"), number="1856")
        case ["write"]:
            phone.write(museum.task(2, "text"), "It was loud.")
        case ["long", "text"]:
            phone.write(museum.task(2, "text"), "x" * 201)
        case ["choices"]:
            phone.answer(museum.task(3, "choices"), choices=["a", "c"])
        case ["photo"]:
            phone.photograph(museum.task(2, "photo"), b"not here")
        case ["feedback"]:
            phone.record("feedback.give", {"activity": activity, "stars": 4})
        case ["needs", "last"]:
            phone.record("feedback.give", {"activity": activity, "stars": 4}, needs=[last] if last else [])
        case ["withdraw", "last"]:
            phone.record("event.withdraw", {"event": last or activity})
        case ["unknown"]:
            phone.record("coffee.drink", {})
        case ["rubbish"]:
            phone.record("task.answer", {"task": ["x"], "answer": 7})
        case ["fork"]:
            phone.record("feedback.give", {"activity": activity, "stars": 4}, seq=max(phone.seq, 1))
        case ["later"]:
            phone.record("playlist.save", {"playlist": museum.playlist.id}, tv=2)


class Remembering(Phone):
    """A phone that knows its last event."""

    last: str = ""

    def record(self, type: str, body: Any, **more: Any) -> str:
        self.last = super().record(type, body, **more)
        return self.last


def state_of(db: Session, phone: Phone, names: dict[str, str]) -> str:
    """All that is stored about a learner, with events named by their place in the outbox."""
    db.rollback()
    found: list[Any] = []
    for model in (CheckIn, Answer, Evidence, Completion):
        skipped = {"id", "learner_id"}
        columns = [column for column in model.__table__.columns if column.key not in skipped]
        rows = db.execute(select(*columns).where(model.learner_id == phone.learner)).all()
        found.append(sorted(json.dumps(list(row), default=str) for row in rows))
    rows = db.execute(
        select(Event.id, Event.seq, Event.state, Event.why, Event.effect).where(
            Event.learner_id == phone.learner
        )
    )
    found.append(sorted(json.dumps(list(row)) for row in rows))
    feed = db.scalars(select(FeedRow).where(FeedRow.feed == f"learner:{phone.learner}").order_by(FeedRow.ver))
    for row in feed:
        if not row.key.startswith("award:"):
            row_id = {"id": ""} if row.key.startswith("completion:") else {}
            found.append([row.ver, row.key, row.op, {**row.row, **row_id}])
    found.append(db.scalar(select(func.count(Award.id)).where(Award.learner_id == phone.learner)))
    written = json.dumps(found)
    for id, name in names.items():
        written = written.replace(id, name)
    return written


def run(
    app: Flask, db: Session, museum: Museum, full: Any, batches: Sequence[Sequence[str]]
) -> tuple[list[Any], str]:
    """Let a new phone take steps, some a batch; return the answers and what is stored."""
    phone = Remembering(app, at=NOON)
    phone.hello()
    answers, names = [], {phone.learner: "learner", phone.device: "device"}
    for steps in batches:
        for step in steps:
            take(phone, museum, full, step)
        results = phone.post(phone.outbox).get_json()["results"]
        for signed in phone.outbox:
            names[digest(signed["p"])] = f"digest {len(names)}"
        for result in results:
            names.setdefault(result["id"] or "-", f"event {len(names)}")
        answers.append(json.dumps(results))
        phone.outbox = []
        phone.wait(minutes=7)
    for id, name in names.items():
        answers = [one.replace(id, name) for one in answers]
    return answers, state_of(db, phone, names)


@pytest.fixture
def full(museum: Museum, db: Session) -> Any:
    """A code that has places for everybody, but gives one to each."""
    code = make_code(db, museum.code(3).point, level=1, cap_total=10_000, at=NOON)
    db.commit()
    return code


@given(st.lists(st.lists(st.sampled_from(STEPS), min_size=1, max_size=12), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_written_at_once_or_one_by_one_is_the_same(
    app: Flask, db: Session, museum: Museum, full: Any, batches: list[list[str]]
) -> None:
    many = {"device_rate": "100000 per minute", "typed_rate": "100000 per minute"}
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], **many)
    at_once = run(app, db, museum, full, batches)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            SqlStore, "careful", property(lambda self: True, lambda self, value: None), raising=False
        )
        one_by_one = run(app, db, museum, full, batches)
    assert at_once == one_by_one


def test_one_event_that_the_database_refuses_does_not_block_the_others(
    app: Flask, museum: Museum, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_in_nowhere(work: Any) -> dict[str, Any]:
        ledger_of(work).keep_check_in(
            work.event.learner, Spot("nowhere"), code_id=None, event_id="", level=1, time="claimed",
            place="", over=False, at=NOON,
        )  # fmt: skip
        return {}

    monkeypatch.setitem(EFFECTS, "feedback.give", check_in_nowhere)
    ada = Phone(app, at=NOON)
    before = ada.scan(museum.code(0))
    broken = ada.record("feedback.give", {})
    after = ada.scan(museum.code(3))
    results = {one["id"]: one for one in ada.post(ada.outbox).get_json()["results"]}
    assert [results[one]["state"] for one in (before, broken, after)] == ["ok", "later", "ok"]
    assert results[broken]["durable"] is False
    db.rollback()
    assert db.scalar(select(func.count(CheckIn.id))) == 2


def test_what_an_effect_wrote_before_it_failed_is_undone_in_memory_too(
    app: Flask, museum: Museum, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = EFFECTS["checkin.scan"]

    def scan_then_fail(work: Any) -> Any:
        scan(work)
        if work.event.tv == 1 and work.event.at.tz == 0:
            work.store.session.execute(select(1))  # asks for a savepoint, late
            raise ZeroDivisionError
        return {}

    monkeypatch.setitem(EFFECTS, "checkin.scan", scan_then_fail)
    ada = Phone(app, at=NOON)
    ada.hello()
    failing = ada.event("checkin.scan", {"point": "TESTP000", "proof": "1SECRET0000000000"})
    failing["at"]["tz"] = 0
    ada.outbox.append(ada.seal(failing))
    again = ada.scan(museum.code(0))
    results = {one["id"]: one for one in ada.post(ada.outbox).get_json()["results"]}
    assert (results[failing["id"]]["state"], results[again]["state"]) == ("later", "ok")
    db.rollback()
    assert [one.event_id for one in db.scalars(select(CheckIn))] == [again]


def test_a_batch_asks_no_more_than_a_single_event(app: Flask, museum: Museum) -> None:
    asked: list[str] = []
    sqlalchemy_event.listen(database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def count_for(stops: Sequence[int]) -> int:
        phone = Phone(app, at=NOON + timedelta(seconds=len(asked)))
        phone.hello()
        phone.sync()
        for number in stops:
            do_stop(phone, museum, number, answer=False)
        before = len(asked)
        phone.post(phone.outbox)
        return len(asked) - before

    assert count_for([0, 1, 2, 3]) <= count_for([0]) + 2
