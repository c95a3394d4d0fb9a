"""Rules in force at the time judge the work: nobody loses by a later change, nobody is kept from finishing."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from server.activities.models import Task
from server.activities.services import changing_tasks, remove_task
from server.core.db import db as database
from server.learning.changes import finish_activity, finish_playlist
from server.playlists.models import Playlist, PlaylistRules
from server.playlists.rules import Rule, Stop
from server.playlists.services import change_rule, changing_rule, remove_stop
from tests.cast import NOON, Museum
from tests.learning.walk import do_stop, visit
from tests.phone import Phone

CHANGED = NOON + timedelta(hours=1)
LATER = {"hours": 2}


@pytest.fixture
def ada(app: Flask) -> Phone:
    return Phone(app, at=NOON)


def require(db: Session, museum: Museum, *required: int, choose: int = 0, order: str = "any") -> None:
    """Change the rule at CHANGED: these stops are required, and so many of the rest."""
    stops = tuple(Stop(one.id, number in required) for number, one in enumerate(museum.activities))
    change_rule(db, db.get_one(Playlist, museum.playlist.id), Rule(stops, choose, order), CHANGED)
    db.commit()


def ask_no_photo(db: Session, museum: Museum) -> None:
    """Require the first two stops only: the third one's photo cannot be handed in without the network."""
    museum.playlist.items[2].required, museum.playlist.choose = False, 0
    db.commit()


def add_task(db: Session, museum: Museum, number: int = 0) -> Task:
    activity = museum.activities[number]
    with changing_tasks(db, activity, CHANGED):
        task = Task(
            position=9, kind="number", prompt={"en": "How many?"}, hint={}, unit={}, options=[],
            accepted=["4"], salt="s", required=True,
        )  # fmt: skip
        activity.tasks.append(task)
    db.commit()
    return task


def test_who_did_all_before_a_stricter_rule_gets_the_badge_though_sent_after(
    ada: Phone, museum: Museum, db: Session
) -> None:
    ask_no_photo(db, museum)
    visit(ada, museum, stops=(0, 1))
    require(db, museum, 0, 1, 2, 3)
    ada.wait(**LATER)
    ada.sync()
    assert len(ada.badges()) == 1


def test_who_began_after_a_stricter_rule_must_satisfy_it(ada: Phone, museum: Museum, db: Session) -> None:
    ask_no_photo(db, museum)
    require(db, museum, 0, 1, 2, 3)
    ada.wait(**LATER)
    visit(ada, museum, stops=(0, 1, 2))
    ada.sync()
    assert ada.badges() == []
    do_stop(ada, museum, 3)
    ada.sync()
    assert len(ada.badges()) == 1


def test_an_easier_rule_finishes_for_who_sends_old_work_after_it(
    ada: Phone, museum: Museum, db: Session
) -> None:
    visit(ada, museum, stops=(0, 1))
    require(db, museum, 0, 1)
    ada.wait(**LATER)
    ada.sync()
    assert len(ada.badges()) == 1


def test_an_easier_rule_finishes_for_who_has_nothing_left_to_send(
    ada: Phone, museum: Museum, db: Session
) -> None:
    visit(ada, museum, stops=(0, 1))
    ada.sync()
    require(db, museum, 0, 1)
    finish_playlist(db, museum.playlist.id, CHANGED)
    finish_playlist(db, museum.playlist.id, CHANGED)
    ada.wait(**LATER)
    ada.sync()
    assert len(ada.badges()) == 1


def test_a_stop_removed_since_counts_for_those_who_did_it_then(
    ada: Phone, museum: Museum, app: Flask, db: Session
) -> None:
    ask_no_photo(db, museum)
    visit(ada, museum, stops=(0, 1))
    eve = Phone(app, at=NOON)
    playlist = db.get_one(Playlist, museum.playlist.id)
    with changing_rule(db, playlist, CHANGED):
        remove_stop(playlist.items[0], CHANGED)
        playlist.items[3].required = True
    db.commit()
    ada.wait(**LATER)
    ada.sync()
    assert len(ada.badges()) == 1
    eve.wait(**LATER)
    visit(eve, museum, stops=(1,))
    eve.sync()
    assert eve.badges() == []
    do_stop(eve, museum, 3)
    eve.sync()
    assert len(eve.badges()) == 1, "without the removed stop, when begun after"


def test_a_fixed_order_set_later_does_not_judge_what_was_done_before(
    ada: Phone, museum: Museum, db: Session
) -> None:
    for number in (3, 2, 1, 0):
        ada.wait(minutes=5)
        do_stop(ada, museum, number)
    require(db, museum, 0, 1, 2, 3, order="fixed")
    ada.wait(**LATER)
    ada.sync()
    assert len(ada.badges()) == 1


def test_a_task_added_later_is_not_asked_of_who_was_done(ada: Phone, museum: Museum, db: Session) -> None:
    do_stop(ada, museum, 0)
    add_task(db, museum)
    ada.wait(**LATER)
    ada.sync()
    assert f"completion:activity:{museum.activities[0].id}" in ada.view


def test_a_task_added_before_is_asked(ada: Phone, museum: Museum, db: Session) -> None:
    task = add_task(db, museum)
    ada.wait(**LATER)
    do_stop(ada, museum, 0)
    ada.sync()
    done = f"completion:activity:{museum.activities[0].id}"
    assert done not in ada.view
    ada.answer(task, number="4")
    ada.sync()
    assert done in ada.view


def test_work_from_both_sides_of_a_change_satisfies_the_rules_of_today_together(
    ada: Phone, museum: Museum, db: Session
) -> None:
    ada.scan(museum.code(0))
    task = add_task(db, museum)
    ada.wait(**LATER)
    ada.answer(museum.task(0, "choice"), choices=["a"])
    ada.sync()
    done = f"completion:activity:{museum.activities[0].id}"
    assert done not in ada.view, "it was not done when the task was added"
    ada.answer(task, number="4")
    ada.sync()
    assert done in ada.view


@pytest.mark.parametrize("first", [0, 1])
def test_it_does_not_matter_which_phone_sends_first(
    ada: Phone, museum: Museum, app: Flask, db: Session, first: int
) -> None:
    task = museum.task(0, "choice")
    add_task(db, museum)
    ada.scan(museum.code(0))
    ada.answer(task, choices=["a"])
    hello, scan, answer = ada.outbox
    ada.wait(**LATER)
    order = [[hello, scan], [hello, answer]]
    for some in (order[first], order[1 - first], ada.outbox):
        assert ada.post(some).status_code == 200
    ada.outbox = []
    ada.sync()
    assert f"completion:activity:{museum.activities[0].id}" in ada.view


def test_a_removed_task_is_judged_by_the_rules_of_its_time(ada: Phone, museum: Museum, db: Session) -> None:
    task = museum.task(0, "choice")
    answer = ada.answer(task, choices=["a"])
    with changing_tasks(db, museum.activities[0], CHANGED):
        remove_task(task, CHANGED)
    db.commit()
    ada.wait(**LATER)
    late = ada.answer(task, choices=["b"])
    ada.sync()
    assert ada.results[answer]["effect"]["state"] == "right"
    assert ada.state(late) == "ok", "an old page is no fault of its reader"
    assert [one.kind for one in museum.activities[0].tasks] == ["checkin"]


def test_a_task_removed_finishes_for_who_did_the_rest(ada: Phone, museum: Museum, db: Session) -> None:
    ada.scan(museum.code(0))
    ada.sync()
    with changing_tasks(db, museum.activities[0], CHANGED):
        remove_task(museum.task(0, "choice"), CHANGED)
    db.commit()
    finish_activity(db, museum.activities[0].id, CHANGED)
    ada.wait(**LATER)
    ada.sync()
    assert f"completion:activity:{museum.activities[0].id}" in ada.view


@pytest.mark.parametrize(("before", "chosen", "state"), [(True, "a", "right"), (True, "b", "right"), (False, "a", "wrong"), (False, "b", "right")])  # fmt: skip
def test_an_answer_right_at_its_time_or_today_is_right(
    ada: Phone, museum: Museum, db: Session, before: bool, chosen: str, state: str
) -> None:
    task = museum.task(0, "choice")
    if not before:
        ada.wait(**LATER)
    answer = ada.answer(task, choices=[chosen])
    with changing_tasks(db, museum.activities[0], CHANGED):
        task.accepted = ["b"]
    db.commit()
    ada.wait(**LATER)
    ada.sync()
    assert ada.results[answer]["effect"]["state"] == state


def test_an_option_that_is_gone_was_one_then(ada: Phone, museum: Museum, db: Session) -> None:
    task = museum.task(0, "choice")
    answer = ada.answer(task, choices=["a"])
    with changing_tasks(db, museum.activities[0], CHANGED):
        task.options, task.accepted = [{"id": "z", "text": {"en": "Zinc"}}], ["z"]
    db.commit()
    ada.wait(**LATER)
    ada.sync()
    assert ada.results[answer]["effect"]["state"] == "right"


def test_the_first_change_also_keeps_the_rule_before_it(museum: Museum, db: Session) -> None:
    require(db, museum, 0, 1)
    require(db, museum, 0, 1)
    kept = db.scalars(select(PlaylistRules).order_by(PlaylistRules.since)).all()
    assert [[one["required"] for one in row.rule["stops"]] for row in kept] == [
        [True, True, True, False],
        [True, True, False, False],
    ]
    assert kept[0].since.year == 1970
    assert kept[1].since == museum.playlist.updated_at == CHANGED


def test_rules_that_never_changed_cost_no_query(ada: Phone, museum: Museum, db: Session) -> None:
    seen: list[str] = []
    engine = database.engine
    listen = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listen)
    try:
        visit(ada, museum)
        ada.sync()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert [one for one in seen if one.startswith(("SELECT playlist_rules", "SELECT activity_rules"))] == []
    assert any("playlist_rules" in one for one in seen), "looked up on the way"
