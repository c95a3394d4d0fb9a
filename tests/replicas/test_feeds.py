"""Feeds stay bounded: after half a year they forget what is gone, and no phone is left with a wrong view."""

from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import db as database
from server.core.db import writing
from server.replicas import feeds, services
from server.replicas.models import FeedHead, FeedRow
from sync.messages import Row
from tests.cast import NOON, Museum
from tests.phone import Phone

HALF_A_YEAR = timedelta(days=180)


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    return Phone(app, at=NOON)


def forget(**after: float) -> int:
    with writing() as session:
        return services.forget_old(session, NOON + HALF_A_YEAR + timedelta(**after))


def keys(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(FeedRow.key).order_by(FeedRow.ver)))


def floor(db: Session) -> int:
    db.rollback()
    return db.scalars(select(FeedHead.floor)).one()


def test_final_verdicts_and_what_is_gone_are_forgotten_after_half_a_year(
    ada: Phone, museum: Museum, db: Session
) -> None:
    scan = ada.scan(museum.code(0))
    ada.sync()
    ada.record("event.withdraw", {"event": scan})
    photo = ada.photograph(museum.task(2, "photo"), b"never comes")
    ada.scan(museum.code(3))
    ada.sync()
    assert forget() == 0
    assert forget(seconds=1) == 1
    here = keys(db)
    assert f"checkin:{museum.activities[3].id}" in here
    assert f"checkin:{museum.activities[0].id}" not in here
    assert [key for key in here if key.startswith("verdict:")] == [f"verdict:{photo}"]  # it is on hold
    assert floor(db) > 0
    assert forget(seconds=1) == 0


def test_a_phone_that_was_away_for_too_long_begins_anew(ada: Phone, museum: Museum, db: Session) -> None:
    scan = ada.scan(museum.code(0))
    ada.scan(museum.code(1))
    ada.sync()
    away = copy(ada)
    away.view = dict(ada.view)
    ada.record("event.withdraw", {"event": scan})
    ada.sync()
    forget(days=1)
    feed = away.post([]).get_json()["feeds"][f"learner:{ada.learner}"]
    assert feed["reset"] is True
    away.sync()
    assert f"checkin:{museum.activities[0].id}" not in away.view
    new = copy(ada)
    new.cursor, new.view = 0, {}
    new.sync()
    assert away.view == new.view
    assert away.cursor == new.cursor >= floor(db)
    assert "reset" not in away.post([]).get_json()["feeds"][f"learner:{ada.learner}"]


def test_a_phone_that_knows_all_is_not_troubled(ada: Phone, museum: Museum) -> None:
    ada.scan(museum.code(0))
    ada.sync()
    forget(days=1)
    assert "reset" not in ada.post([]).get_json()["feeds"][f"learner:{ada.learner}"]
    ada.scan(museum.code(1))
    reply = ada.sync()
    assert "reset" not in reply["feeds"][f"learner:{ada.learner}"]


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
@pytest.mark.parametrize("cursor", [0, 1, 3, 8, 11])
def test_pages_of_any_size_lead_to_the_same_view(db: Session, limit: int, cursor: int) -> None:
    def rows(*names: str, gone: bool = False) -> dict[str, list[Row]]:
        return {"f": [Row("f", name, None if gone else {"n": name}) for name in names]}

    with writing() as session:
        feeds.bump(session, rows("a", "b", "c", "d", "e", "f"), NOON)
    full = view_of(feeds.read_page(db, "f", 0, 500).rows)
    before = {key: row for key, row in full.items() if "abcdef".index(key) < cursor}
    with writing() as session:
        feeds.bump(session, rows("b", "e", gone=True), NOON)
    with writing() as session:
        feeds.bump(session, rows("g", "h", "i"), NOON + timedelta(days=1))
    with writing() as session:
        assert feeds.forget(session, NOON + timedelta(hours=1), 9) == 1
    view = before if cursor <= 6 else {key: full[key] for key in "acdf"}
    if cursor == 11:
        view |= {key: {"n": key} for key in "ghi"}
    for _ in range(20):
        page = feeds.read_page(db, "f", cursor, limit)
        view = view_of(page.rows, {} if page.reset else view)
        cursor = page.next
        if not page.more:
            break
    assert view == {key: {"n": key} for key in "acdfghi"}
    assert feeds.read_page(db, "f", cursor, limit).to_json() == {"rows": [], "next": cursor, "more": False}


def view_of(rows: object, view: dict[str, object] | None = None) -> dict[str, object]:
    view = dict(view or {})
    for row in rows:  # type: ignore[attr-defined]
        if row["op"] == "put":
            view[row["key"]] = row["row"]
        else:
            view.pop(row["key"], None)
    return view


def test_all_that_was_new_may_be_forgotten(db: Session) -> None:
    with writing() as session:
        feeds.bump(session, {"f": [Row("f", "a", {})]}, NOON)
        feeds.bump(session, {"f": [Row("f", "a", None)]}, NOON)
        feeds.forget(session, NOON + timedelta(days=1), 9)
    page = feeds.read_page(db, "f", 1, 5)
    assert (page.rows, page.next, page.reset) == ([], 2, True)


@pytest.fixture
def asked(app: Flask) -> list[str]:
    statements: list[str] = []
    sqlalchemy_event.listen(database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    return statements


def test_the_floor_costs_no_question_of_its_own(asked: list[str], db: Session) -> None:
    with writing() as session:
        feeds.bump(session, {"f": [Row("f", "a", {})]}, NOON)
    before = len(asked)
    feeds.read_page(db, "f", 0, 5)
    assert len([one for one in asked[before:] if one.startswith("SELECT")]) == 1


def test_forgetting_while_phones_write_ends_with_one_truth(app: Flask, museum: Museum) -> None:
    def write(name: int) -> None:
        with app.app_context():
            for number in range(15):
                with writing() as session:
                    row = None if number % 3 else {"n": number}
                    feeds.bump(session, {"f": [Row("f", f"{name}:{number % 4}", row)]}, NOON)

    def clean() -> None:
        with app.app_context():
            for _ in range(15):
                with writing() as session:
                    feeds.forget(session, NOON + timedelta(days=1), 9)

    def read() -> tuple[dict[str, object], int]:
        view: dict[str, object] = {}
        cursor = 0
        with app.app_context():
            for _ in range(60):
                page = feeds.read_page(database.session(), "f", cursor, 3)
                database.session().rollback()
                view = view_of(page.rows, {} if page.reset else view)
                cursor = page.next
        return view, cursor

    def finish(view: dict[str, object], cursor: int) -> dict[str, object]:
        more = True
        while more:
            page = feeds.read_page(database.session(), "f", cursor, 3)
            view = view_of(page.rows, {} if page.reset else view)
            cursor, more = page.next, page.more
        return view

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(write, name) for name in range(3)]
        cleaner, readers = pool.submit(clean), [pool.submit(read) for _ in range(2)]
        for job in (*jobs, cleaner):
            job.result()
        views = [reader.result() for reader in readers]
    database.session().rollback()
    truth = finish({}, 0)
    assert truth
    assert [finish(*one) for one in views] == [truth, truth]
