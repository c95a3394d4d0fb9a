"""Keys in their life: the next one takes over, a compromised one goes, and what it signed is signed again."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import giving, issuers, jobs, lists, resigning, services, signing, status, verification
from server.badges.models import Award, Resigning, SigningKey, StatusList
from server.badges.resolver import OwnRecords
from server.core.db import new_id, writing
from server.organisers.models import Organiser
from server.replicas.feeds import read_page
from sync.engine import learner_feed
from tests.badges.conftest import Given, complete
from tests.badges.test_independent import verified_elsewhere
from tests.cast import NOON, Museum
from tests.organisers.test_desk import sign_in

DAY = timedelta(days=1)


def report(award: Award, at: Any = NOON + DAY) -> verification.Report:
    return verification.verify(award.signed, OwnRecords(at), at)


def methods(award: Award) -> set[str]:
    return {proof["verificationMethod"].rpartition("#")[2] for proof in json.loads(award.signed)["proof"]}


def compromise(db: Session, museum: Museum, number: int = 1, at: Any = NOON + DAY) -> str:
    with writing() as session:
        return resigning.compromise(session, session.get_one(Organiser, museum.organiser.id), number, at).id


def go_on(task: str, at: Any) -> bool:
    with writing() as session:
        return resigning.sign_some(session, task, at)


def another(db: Session, museum: Museum) -> Award:
    learner = Learner(id=new_id(), city_id=museum.city.id, created_at=NOON)
    db.add(learner)
    db.flush()
    row = giving.award(db, learner.id, museum.achievement, complete(db, museum, learner), NOON)
    db.commit()
    return db.get_one(Award, row["id"])


def test_rotation_keeps_old_badges_valid_and_signs_new_ones_with_the_next_key(
    given: Given, db: Session, museum: Museum
) -> None:
    issuers.rotate(db, museum.organiser, NOON)
    db.commit()
    new = another(db, museum)
    assert (methods(given.award), methods(new)) == ({"key-1"}, {"key-2"})
    assert (given.award.key_number, new.key_number) == (1, 2)
    assert [report(one).state for one in (given.award, new)] == ["ok", "ok"]
    first, second = issuers.signing_keys(db, museum.organiser.id)
    assert first.retired_at and not second.retired_at
    assert len(issuers.did_document(museum.organiser)["assertionMethod"]) == 2


def test_dropping_a_key_breaks_what_it_signed_here_and_elsewhere(
    given: Given, db: Session, museum: Museum
) -> None:
    issuers.rotate(db, museum.organiser, NOON)
    listing = json.loads(lists.current(given.award.status_list, NOON))
    known = {listing["id"]: listing, given.document["issuer"]["id"]: issuers.did_document(museum.organiser)}
    assert verified_elsewhere(given.document, known)["exit"] == 0
    issuers.signing_keys(db, museum.organiser.id)[0].compromised_at = NOON
    db.commit()
    dropped = {**known, given.document["issuer"]["id"]: issuers.did_document(museum.organiser)}
    assert report(given.award).signature.state == "failed"
    assert verified_elsewhere(given.document, dropped)["exit"] == 1


def test_a_compromised_key_leaves_and_its_badges_are_signed_again(
    given: Given, client: FlaskClient, db: Session, museum: Museum, app: Flask
) -> None:
    address = f"/credentials/{given.award.credential_id}"
    before, etag = given.document, client.get(f"{address}.json").headers["ETag"]
    assert client.get(f"/status/{given.award.status_list_id}").status_code == 200
    task = compromise(db, museum)
    assert report(given.award).signature.state == "failed"
    with app.test_request_context():
        assert go_on(task, NOON + DAY)
    db.expire_all()
    after = json.loads(given.award.signed)
    assert (methods(given.award), report(given.award).state) == ({"key-2"}, "ok")
    assert [after[name] for name in ("id", "awardedDate", "credentialStatus")] == [
        before[name] for name in ("id", "awardedDate", "credentialStatus")
    ]
    assert after["validFrom"] > before["validFrom"]
    assert client.get(f"{address}.json").headers["ETag"] != etag
    (row,) = read_page(db, learner_feed(given.award.learner_id), 0, 9).rows
    assert row["row"]["corrected_at"] == "2026-06-02T12:00:00Z"
    assert "nl" in row["row"]["assurance"]["words"]
    assert json.loads(client.get(f"/status/{given.award.status_list_id}").data)["proof"][0][
        "verificationMethod"
    ].endswith("#key-2")
    assert {key["multibase"] for key in issuers.public_keys(museum.organiser)} == {
        issuers.signing_keys(db, museum.organiser.id)[1].multibase
    }


def test_signing_again_goes_on_where_it_was_cut_off(
    given: Given, db: Session, museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resigning, "PIECE", 2)
    others = [another(db, museum) for _ in range(4)]
    issuers.rotate(db, museum.organiser, NOON)
    db.commit()
    newest = another(db, museum)
    kept, at = newest.signed, NOON + DAY
    task = compromise(db, museum)
    assert go_on(task, at)
    with pytest.raises(RuntimeError), monkeypatch.context() as patch:
        patch.setattr(resigning, "bump", _fail)
        go_on(task, at)
    db.expire_all()
    assert (db.get_one(Resigning, task).done, db.get_one(Resigning, task).total) == (2, 5)
    late = NOON + DAY + 2 * resigning.LATE
    while go_on(task, late):
        pass
    db.expire_all()
    done = db.get_one(Resigning, task)
    assert (done.done, done.failed, done.total, done.finished_at) == (5, 0, 5, late)
    assert {report(one).state for one in (given.award, *others, newest)} == {"ok"}
    assert newest.signed == kept  # another key signed it


def _fail(*_: object) -> None:
    raise RuntimeError("the machine went away")


def test_what_the_old_key_signed_in_the_last_moment_is_found_too(
    given: Given, db: Session, museum: Museum
) -> None:
    task, at = compromise(db, museum), NOON + DAY
    assert go_on(task, at)
    given.award.key_number = 1  # as of somebody who had opened the key just before
    db.commit()
    assert not go_on(task, at)
    assert go_on(task, at)
    assert not go_on(task, at + 2 * resigning.LATE)
    assert db.get_one(Resigning, task).finished_at


def test_a_badge_that_cannot_be_signed_again_is_counted_and_stops_no_other(
    given: Given, db: Session, museum: Museum
) -> None:
    other = another(db, museum)
    given.award.signed = signing.write({**given.document, "mood": "happy"})
    db.commit()
    task = compromise(db, museum)
    go_on(task, NOON + DAY)
    db.expire_all()
    found = db.get_one(Resigning, task)
    assert (found.done, found.failed, methods(other)) == (1, 1, {"key-2"})


def test_two_who_rotate_at_once_agree_on_what_signs(app: Flask, db: Session, museum: Museum) -> None:
    organiser = museum.organiser.id
    issuers.ensure_keys(museum.organiser, NOON)
    db.commit()

    def rotate(_: int) -> str:
        with app.app_context(), writing() as session:
            return issuers.rotate(session, session.get_one(Organiser, organiser), NOON).multibase

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(rotate, range(4)))
    db.expire_all()
    rows = issuers.signing_keys(db, organiser)
    assert {row.multibase for row in rows[1:]} == made
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [bool(row.retired_at) for row in rows] == [True] * (len(rows) - 1) + [False]
    assert issuers.ensure_keys(db.get_one(Organiser, organiser)).multibase == rows[-1].multibase


def test_the_desk_shows_how_far_it_is(given: Given, client: FlaskClient, db: Session, museum: Museum) -> None:
    task = compromise(db, museum)
    sign_in(client, db, museum.omar)
    assert "0 of 1 done" in client.get("/desk/health").text
    go_on(task, NOON + DAY)
    assert "1 of 1 done" in client.get("/desk/health").text
    go_on(task, NOON + 2 * DAY)
    assert "signed again" not in client.get("/desk/health").text


def test_the_clock_signs_again_and_renews_lists(given: Given, db: Session, museum: Museum) -> None:
    listing = given.award.status_list_id
    jobs.renew_lists(NOON)
    first = db.get_one(StatusList, listing).signed
    jobs.renew_lists(NOON + timedelta(hours=20))
    db.expire_all()
    assert db.get_one(StatusList, listing).signed == first
    jobs.renew_lists(NOON + timedelta(hours=23))
    db.expire_all()
    assert json.loads(db.get_one(StatusList, listing).signed or b"")["validUntil"] == "2026-06-09T11:00:00Z"
    compromise(db, museum)
    jobs.sign_again(NOON + DAY)
    db.expire_all()
    assert methods(db.get_one(Award, given.award.id)) == {"key-2"}
    assert db.scalars(select(SigningKey.number).order_by(SigningKey.number)).all() == [1, 2]


def test_two_revocations_at_once_both_leave_their_bit(
    given: Given, app: Flask, db: Session, museum: Museum
) -> None:
    awards = [given.award.id, *(another(db, museum).id for _ in range(3))]
    db.rollback()

    def revoke(award: str) -> None:
        with app.app_context(), writing() as session:
            services.revoke(session.get_one(Award, award), "Given by mistake", NOON + DAY)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(revoke, awards))
    db.expire_all()
    found = [db.get_one(Award, one) for one in awards]
    assert all(status.is_set(one.status_list.bits, one.status_index) for one in found)
    assert {report(one, NOON + 2 * DAY).status.state for one in found} == {"failed"}
