"""Uploads in pieces: killed anywhere, sent twice, from two phones, with the wrong bytes or too many of them."""

import hashlib
import io
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from random import Random

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.activities.models import Task
from server.config import Config
from server.core import failpoints
from server.core.db import db as database
from server.core.db import writing
from server.core.storage import files
from server.learning.models import Evidence
from server.replicas import blobs, holds, jobs
from server.replicas.blobs import Name
from server.replicas.models import Blob
from tests.cast import NOON, Museum, texts
from tests.learning.deciding import TERMS
from tests.learning.walk import picture
from tests.phone import Phone
from tests.replicas.test_races import at_once
from tests.replicas.test_sounds import KINDS, sound

MEGABYTE = 1 << 20
_numbers = count()


@pytest.fixture
def ada(app: Flask, museum: Museum) -> Phone:
    phone = Phone(app, at=NOON)
    phone.hello()
    phone.sync()
    return phone


@pytest.fixture
def photo(museum: Museum) -> Task:
    return museum.task(2, "photo")


@pytest.fixture
def audio(museum: Museum, db: Session) -> Task:
    task = Task(
        activity_id=museum.activities[2].id, position=9, kind="audio", prompt=texts("What do you hear?"),
        hint={}, required=False, options=[], accepted=[], unit={}, salt="salt",
    )  # fmt: skip
    db.add(task)
    db.commit()
    return task


def large_picture(size: int) -> bytes:
    """A picture of that many bytes, each time another one."""
    start = picture(format="PNG")
    return start + Random(next(_numbers)).randbytes(size - len(start))


def name_of(phone: Phone, content: bytes) -> Name:
    return Name(phone.learner, hashlib.sha256(content).hexdigest())


def staged(phone: Phone, content: bytes) -> list[str]:
    folder = files().root / name_of(phone, content).staged  # type: ignore[attr-defined]
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_evidence_waits_until_all_its_files_are_here(ada: Phone, photo: Task, db: Session) -> None:
    all_three = [picture(colour) for colour in ("red", "green", "blue")]
    event = ada.hand_in(photo, *all_three)
    assert len(ada.sync()["want_blobs"]) == 3
    for number, content in enumerate(all_three):
        assert (ada.state(event), f"task:{photo.id}" in ada.view) == ("hold", False), number
        ada.upload(content)
        ada.sync()
    assert ada.state(event) == "ok"
    kept = db.query(Evidence).one()
    assert kept.files == [hashlib.sha256(content).hexdigest() for content in all_three]


def test_the_first_version_of_the_event_still_hands_in_its_one_file(
    ada: Phone, photo: Task, db: Session
) -> None:
    event = ada.photograph(photo, picture())
    ada.upload(picture())
    ada.sync()
    assert ada.state(event) == "ok"
    assert db.query(Evidence).one().files == [hashlib.sha256(picture()).hexdigest()]


def test_eleven_files_are_too_many_and_ten_are_not(ada: Phone, photo: Task) -> None:
    ten = [picture(f"#{n}{n}0000") for n in range(10)]
    for content in ten:
        ada.upload(content)
    taken, refused = ada.hand_in(photo, *ten), ada.hand_in(photo, *ten, picture())
    reply = ada.sync()
    assert ada.state(taken) == "ok"
    assert ada.state(refused) != "ok"
    assert [(one["state"], one["why"]) for one in reply["results"][1:]] == [("rejected", "malformed")]


@pytest.mark.parametrize(("name", "mime"), KINDS.items())
def test_a_sound_answers_a_task_that_asks_for_one(ada: Phone, audio: Task, name: str, mime: str) -> None:
    event = ada.hand_in(audio, sound(name), mime=mime)
    ada.sync()
    ada.upload(sound(name))
    ada.sync()
    assert ada.state(event) == "ok"
    assert b"at home" not in files().get(name_of(ada, sound(name)).key)


def test_a_file_of_another_kind_than_asked_for_is_declined(ada: Phone, photo: Task, audio: Task) -> None:
    named = ada.hand_in(photo, sound(), mime="audio/ogg")
    disguised = ada.hand_in(audio, picture(), mime="audio/ogg")
    film = ada.hand_in(audio, sound("film.mp4"), mime="audio/mp4")
    nothing = ada.hand_in(audio)
    ada.sync()
    for content in (picture(), sound("film.mp4")):
        ada.upload(content)
    ada.sync()
    assert ada.results[named]["why"] == "wrong_media_type"
    assert ada.results[nothing]["why"] == "answer_form"
    for event in (disguised, film):
        assert ada.view[f"verdict:{event}"]["why"] == "blob_unreadable"


def test_one_unusable_file_declines_at_once_though_others_are_not_here(ada: Phone, photo: Task) -> None:
    event = ada.hand_in(photo, b"no picture", picture())
    ada.sync()
    ada.upload(b"no picture")
    ada.sync()
    assert ada.view[f"verdict:{event}"]["why"] == "blob_unreadable"


def test_pieces_out_of_order_or_twice_are_told_where_to_go_on(ada: Phone) -> None:
    content = large_picture(300_000)
    assert ada.send_piece(content, 100_000, 200_000).get_json()["offset"] == 0
    assert ada.send_piece(content, 0, 100_000).status_code == 204
    assert ada.send_piece(content, 0, 100_000).get_json()["offset"] == 100_000
    assert ada.send_piece(content, 200_000, 300_000).get_json()["offset"] == 100_000
    assert ada.send_pieces(content, 100_000).status_code == 204
    assert ada.send_piece(content, 0, 100_000).headers["Upload-Offset"] == "300000"
    assert staged(ada, content) == []


def test_a_piece_that_was_stored_and_not_counted_is_sent_again(ada: Phone) -> None:
    """Killed between the two; the phone may cut the file differently the next time."""
    content = large_picture(300_000)
    ada.send_piece(content, 0, 100_000)
    files().put(name_of(ada, content).piece(100_000, 250_000), content[100_000:250_000])
    assert ada.blob("HEAD", content).headers["Upload-Offset"] == "100000"
    assert ada.send_pieces(content, 50_000).status_code == 204
    assert "Upload-Offset" not in ada.blob("HEAD", content).headers
    assert staged(ada, content) == []


@pytest.mark.parametrize("kept", [False, True])
def test_an_upload_killed_before_it_was_finished_is_finished_by_an_empty_piece(
    ada: Phone, photo: Task, kept: bool
) -> None:
    content = large_picture(300_000)
    event = ada.hand_in(photo, content, mime="image/png")
    ada.sync()
    ada.send_piece(content, 0, 200_000)
    name = name_of(ada, content)
    files().put(name.piece(200_000, 300_000), content[200_000:])
    with writing() as session:
        blobs.advance(session, name, 200_000, 300_000, total=300_000, at=NOON)
    if kept:
        joined = blobs.join(files(), name, [200_000, 300_000])
        assert joined
        blobs.keep(files(), name, joined)
    assert ada.blob("HEAD", content).headers["Upload-Offset"] == "300000"
    assert ada.send_piece(content, 300_000, 300_000).status_code == 204
    assert "Upload-Offset" not in ada.blob("HEAD", content).headers
    ada.sync()
    assert ada.state(event) == "ok"


def test_a_file_that_was_kept_and_not_woken_for_wakes_its_event_when_it_comes_again(
    ada: Phone, photo: Task
) -> None:
    event = ada.hand_in(photo, picture())
    ada.sync()
    blobs.keep(files(), name_of(ada, picture()), io.BytesIO(picture()))
    assert ada.upload(picture()).status_code == 204
    assert ada.upload(picture()).status_code == 204
    ada.sync()
    assert ada.state(event) == "ok"


def test_wrong_bytes_are_found_at_the_end_and_the_right_ones_taken_then(ada: Phone, photo: Task) -> None:
    content = large_picture(300_000)
    event = ada.hand_in(photo, content, mime="image/png")
    ada.sync()
    wrong, sha256 = bytes(300_000), hashlib.sha256(content).hexdigest()
    ada.send_piece(wrong, 0, 150_000, sha256)
    answer = ada.send_piece(wrong, 150_000, 300_000, sha256)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "hash_mismatch")
    assert ada.blob("HEAD", content).status_code == 404
    assert ada.send_pieces(content, 100_000).status_code == 204
    ada.sync()
    assert ada.state(event) == "ok"
    assert staged(ada, content) == []


def test_a_piece_that_is_gone_begins_the_upload_again(ada: Phone) -> None:
    content = large_picture(300_000)
    ada.send_piece(content, 0, 200_000)
    files().delete(name_of(ada, content).piece(0, 200_000))
    assert ada.send_piece(content, 200_000, 300_000).status_code == 422
    assert ada.send_pieces(content, 200_000).status_code == 204


def test_two_phones_of_a_learner_send_the_same_file_at_once(
    app: Flask, ada: Phone, photo: Task, db: Session
) -> None:
    content = large_picture(2 * MEGABYTE)
    other = Phone(app, at=NOON, learner=ada.learner)
    other.device, other.key = ada.device, ada.key  # the same device twice: only the bytes matter here
    event = ada.hand_in(photo, content, mime="image/png")
    ada.sync()
    answers = at_once(
        [lambda: ada.send_pieces(content, 200_000), lambda: other.send_pieces(content, 333_333)]
    )
    assert [one.status_code for one in answers] == [204, 204], [one.get_data() for one in answers]
    db.rollback()  # our own view of the database is older than the race
    ada.sync()
    assert ada.state(event) == "ok"
    assert staged(ada, content) == []
    assert db.query(Blob).one().received == len(content)


def test_twenty_megabytes_are_taken_and_held_in_memory_once(ada: Phone, photo: Task) -> None:
    content = large_picture(20 * MEGABYTE)
    event = ada.hand_in(photo, content, mime="image/png")
    ada.sync()
    for offset in range(0, 19 * MEGABYTE, MEGABYTE):
        assert ada.send_piece(content, offset, offset + MEGABYTE).status_code == 204
    tracemalloc.start()
    assert ada.send_piece(content, 19 * MEGABYTE, 20 * MEGABYTE).status_code == 204
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * MEGABYTE
    ada.sync()
    assert ada.state(event) == "ok"
    assert ada.send_piece(content + b"x", 0, 1, "a" * 64).status_code == 413


@pytest.fixture
def small_quota(app: Flask) -> None:
    config: Config = app.config["STREETWISE"]
    object.__setattr__(config, "learner_quota_mb", 1)


@pytest.mark.usefixtures("small_quota")
def test_a_learners_files_take_no_more_than_their_share(app: Flask, ada: Phone, photo: Task) -> None:
    assert ada.send_pieces(large_picture(600_000), 300_000).status_code == 204
    more = large_picture(600_000)
    event = ada.hand_in(photo, more, mime="image/png")
    ada.sync()
    for answer in (ada.upload(more), ada.send_piece(more, 0, 300_000)):
        assert (answer.status_code, answer.get_json()["code"]) == (507, "quota")
    assert ada.state(event) == "hold"
    eve = Phone(app, at=NOON)
    eve.hello()
    eve.sync()
    assert eve.upload(more).status_code == 204


@pytest.mark.usefixtures("small_quota")
def test_an_upload_that_was_begun_counts_in_full(ada: Phone) -> None:
    assert ada.send_piece(large_picture(900_000), 0, 1000).status_code == 204
    assert ada.upload(large_picture(200_000)).status_code == 507


def forget(days: float) -> int:
    """Do the clock's job after so many days; return how many files are gone."""
    before = database.session.query(Blob).count()
    jobs.forget_abandoned_uploads(NOON + timedelta(days=days))
    return before - database.session.query(Blob).count()


def test_what_nobody_names_is_forgotten_after_a_week_with_its_file(ada: Phone, db: Session) -> None:
    given_up, unnamed = large_picture(5000), picture("green")
    ada.send_piece(given_up, 0, 1000)
    ada.upload(unnamed)
    assert forget(6.9) == 0
    assert forget(7.1) == 2
    assert db.query(Blob).count() == 0
    assert staged(ada, given_up) == []
    assert not files().exists(name_of(ada, unnamed).key)
    assert forget(7.1) == 0
    assert ada.send_pieces(given_up, 1000).status_code == 204


def test_what_evidence_shows_or_an_event_waits_for_is_not_forgotten(ada: Phone, photo: Task) -> None:
    waiting = large_picture(5000)
    ada.upload(picture())
    ada.hand_in(photo, picture())
    ada.hand_in(photo, waiting, mime="image/png")
    ada.sync()
    ada.send_piece(waiting, 0, 1000)
    assert forget(30) == 0
    assert files().exists(name_of(ada, picture()).key)
    assert ada.send_pieces(waiting).status_code == 204
    ada.sync()
    assert forget(30) == 1  # the newest evidence counts, and the earlier is not shown any more
    assert not files().exists(name_of(ada, picture()).key)


def test_a_file_stays_when_forgetting_it_was_undone(ada: Phone) -> None:
    ada.upload(picture())
    with pytest.raises(ZeroDivisionError), writing() as session:
        assert blobs.forget(session, ada.learner, NOON + timedelta(days=8))
        raise ZeroDivisionError
    assert files().exists(name_of(ada, picture()).key)
    assert ada.blob("HEAD", picture()).status_code == 200


def test_a_file_that_comes_again_while_it_is_forgotten_stays(ada: Phone) -> None:
    ada.upload(picture())
    with writing() as session:
        gone = blobs.forget(session, ada.learner, NOON + timedelta(days=8))
    assert ada.upload(picture()).status_code == 204
    with writing() as session:
        blobs.delete_files(session, files(), gone)
    assert len(gone) == 1
    assert files().exists(name_of(ada, picture()).key)


def test_a_file_that_is_forgotten_while_it_comes_again_stays(
    ada: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.send_piece(picture(), 0, 100)
    forgotten: list[int] = []

    def meanwhile(failpoint: str) -> None:
        if failpoint == "before_complete":
            forgotten.append(forget(8))

    monkeypatch.setattr(failpoints, "hook", meanwhile)
    assert ada.upload(picture()).status_code == 204
    assert forgotten == [1]
    assert files().exists(name_of(ada, picture()).key)
    assert ada.blob("HEAD", picture()).status_code == 200


def test_an_event_and_the_file_it_names_arrive_at_once_without_standing_in_each_others_way(
    ada: Phone, photo: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would wait for what the other has locked; the database would stop one of them, a second later."""
    event, name = ada.hand_in(photo, picture()), name_of(ada, picture())
    begun: list[str] = []
    monkeypatch.setattr(failpoints, "hook", begun.append)
    kind = blobs.keep(files(), name, io.BytesIO(picture()))
    with ThreadPoolExecutor(1) as pool:
        with writing() as session:
            blobs.complete(session, name, size=len(picture()), mime=kind, at=NOON)
            batch = pool.submit(ada.post, ada.outbox)
            time.sleep(0.5)
            holds.wake_blob(session, name, TERMS, NOON)
        assert [one["state"] for one in batch.result().get_json()["results"]] == ["ok"]
    assert begun.count("after_begin") == 1
    ada.sync()
    assert ada.state(event) == "ok"
