"""A learner who has everything erases it: no table, no file and no log says anything of them any more."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from server.accounts import erasures
from server.badges import status
from server.config import Config
from server.core.db import Base, utc_now
from server.core.db import db as database
from server.core.storage import files
from server.learning.models import CheckIn
from server.privacy import erasing
from server.replicas.history import check_history
from server.replicas.models import FeedRow
from sync.messages import decode
from tests.cast import Museum
from tests.phone import Phone
from tests.privacy.everything import Whole, everything

ONLY_SQLITE = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


@pytest.fixture
def ada(app: Flask, db: Session, museum: Museum) -> Whole:
    return everything(app, db, museum)


def kept(db: Session) -> Iterator[tuple[str, str]]:
    """Read all that the database holds, and what was signed in the clear."""
    for table in Base.metadata.sorted_tables:
        for row in db.execute(select(table)):
            for column, value in zip(table.columns, row, strict=True):
                if isinstance(column.type, LargeBinary) and value:
                    yield f"{table.name}.{column.name}", bytes(value).decode(errors="replace")
                elif column.name == "payload":
                    yield f"{table.name}.{column.name}", decode(value).decode()
                elif value is not None:
                    yield f"{table.name}.{column.name}", json.dumps(value, default=str)


def naming() -> set[str]:
    """Name the tables that say by a column whose their rows are."""
    whose = re.compile(r"(^|_)(learner|who|child|guardian|by)_id$|^merged_into$")
    return {one.name for one in Base.metadata.sorted_tables if any(whose.search(c.name) for c in one.columns)}


def erase(phone: Phone) -> str:
    event = phone.record("learner.erase", {"word": "erase"})
    phone.sync()
    return phone.results[event]["state"]


def test_no_table_no_file_and_no_log_has_a_trace(
    ada: Whole, db: Session, config: Config, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    before = list(kept(db))
    assert [one for one in ada.traces if not any(one in text for _, text in before)] == []
    folders = {Path(one).parts[1] for one in files().names()}
    assert set(ada.traces) & folders >= {ada.phone.learner, ada.formerly}
    full = {where.split(".")[0] for where, text in before if ada.phone.learner in text}
    assert naming() - full == set(), "Ada should have a row in each table that may name her"
    caplog.set_level(logging.DEBUG)

    assert erase(ada.phone) == "ok"
    db.expire_all()
    assert {(where, one) for where, text in kept(db) for one in ada.traces if one in text} == set()
    folder = Path(config.instance)
    held = [(path, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    assert [path for path, _ in held if any(one in str(path) for one in ada.traces)] == []
    assert {
        (path.name, one) for path, content in held for one in ada.traces if one.encode() in content
    } == set()
    assert [one for one in ada.traces if one in caplog.text] == []
    assert status.is_set(ada.award.status_list.bits, ada.award.status_index)
    assert client.get(f"/credentials/{ada.award.credential_id}").status_code == 410


@ONLY_SQLITE
def test_others_keep_what_is_theirs(ada: Whole, db: Session) -> None:
    others = CheckIn.learner_id != ada.phone.learner
    before = db.scalar(select(func.count()).where(others))
    erase(ada.phone)
    db.expire_all()
    assert db.scalar(select(func.count()).where(others)) == before == 1
    feed = f"learner:{ada.child}"
    told = [
        (one.key.partition(":")[0], one.op) for one in db.scalars(select(FeedRow).where(FeedRow.feed == feed))
    ]
    assert sorted(told) == [("consent", "del"), ("guardian", "del")]
    ada.helper.sync()
    assert check_history(database.engine, files(), utc_now()).findings == []


@ONLY_SQLITE
def test_every_phone_of_theirs_is_told_and_none_brings_them_back(app: Flask, ada: Whole) -> None:
    ada.second.record("award.reflect", {"award": ada.award.id, "text": "Too late"})
    waiting = list(ada.second.outbox)
    erase(ada.phone)
    late = Phone(app, at=ada.phone.at, learner=ada.formerly)
    late.hello()
    for phone in (ada.phone, ada.second, ada.former, late):
        answer = phone.post(phone.outbox)
        assert (answer.status_code, answer.get_json()["code"]) == (410, "erased")
    anew = Phone(app, at=ada.phone.at, learner=ada.phone.learner)
    anew.hello()
    assert anew.post(anew.outbox).status_code == 410
    carrier = Phone(app, at=ada.phone.at)
    carrier.hello()
    carrier.sync()
    (result,) = carrier.post(waiting).get_json()["results"]
    assert (result["state"], result["why"], result["durable"]) == ("rejected", "erased", True)


@ONLY_SQLITE
def test_what_failed_is_done_by_the_clock(ada: Whole, db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no disk")

    with monkeypatch.context() as broken:
        broken.setattr(erasing, "forget", fail)
        assert erase(ada.phone) == "ok"
    assert erasing.wishes(db) == [ada.phone.learner]
    assert erasing.carry_out(erasing.wishes(db), utc_now()) == 1
    assert erasing.wishes(db) == []
    assert erasures.erased(db, [ada.phone.learner]) == {ada.phone.learner}


@ONLY_SQLITE
def test_a_restored_backup_brings_nobody_back(ada: Whole, db: Session, app: Flask, museum: Museum) -> None:
    erase(ada.phone)
    other = Phone(app, at=ada.phone.at + timedelta(minutes=1))
    other.hello()
    other.sync()
    erasures.write_down(app.config["STREETWISE"].instance, [erasures.digest_of(other.learner)])
    assert erasing.again(utc_now()) == 1
    assert erasures.erased(db, [other.learner]) == {other.learner}
    assert other.post([]).status_code == 410
    assert erasing.again(utc_now()) == 0
