"""The codes desk: Omar makes, finds, hands out, withdraws and replaces codes; Eve sees none of it."""

import csv
import io
import logging
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.badges.models import Achievement
from server.codes import history
from server.codes.finding import find_by_typed
from server.codes.history import By
from server.codes.listing import harmless
from server.codes.making import make_code, make_point
from server.codes.models import Code, CodeChange, Point
from server.core.db import utc_now
from server.occurrences.models import Occurrence
from server.organisers.models import Member
from tests.cast import NOON, Museum, make_organiser, texts
from tests.learning.test_claims import claim, festival
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

__all__ = ["festival"]
STOP = "/desk/activities/stop-0/codes"


def form(**more: Any) -> dict[str, Any]:
    return {"level": "1", "count": "1", "cap_person": "1", "radius": "100", "in": ["nl", "en"], **more}


def badge(point: Point) -> str:
    return f"/desk/achievements/{point.achievement_id}/codes"


def newest(db: Session) -> Code:
    db.expire_all()
    return db.scalars(select(Code).order_by(Code.id.desc())).first()  # type: ignore[return-value]


def test_omar_makes_a_code_with_all_its_facts(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    asked = form(level="2", opens="2026-12-05T10:00", closes="2026-12-05T18:30", cap_total="40", cap_person="2",
                 where="there", latitude="52,37403", longitude="4.88969", radius="80", batch="Saint Nicholas")  # fmt: skip
    answer = client.post(f"{STOP}/new", data=asked, follow_redirects=True)
    code = newest(db)
    assert (code.level, code.cap_total, code.cap_person, code.batch) == (2, 40, 2, "Saint Nicholas")
    assert (code.latitude, code.longitude, code.radius_m, code.languages) == (
        52.37403,
        4.88969,
        80,
        ["nl", "en"],
    )
    assert (code.opens_at, code.closes_at) == (
        datetime(2026, 12, 5, 9, tzinfo=UTC),
        datetime(2026, 12, 5, 17, 30, tzinfo=UTC),
    )
    assert code.point_id == museum.code(0).point_id
    assert code.typed and f"{code.typed[:4]}-{code.typed[4:]}" in answer.text
    for words in ("Not yet", "Sat 5 Dec 2026, 10:00 to", "40 times in total, 2 times a person", "Within 80 m of 52.37403", "Nederlands", "Made", "Town Museum"):  # fmt: skip
        assert words in answer.text, words
    assert code.secret not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"level": "3"}, "level"), ({"level": "x"}, "level"), ({"level": "2"}, "closes"),
        ({"opens": "2026-12-05T10:00", "closes": "2026-12-05T10:00"}, "closes"),
        ({"opens": "2026-03-29T02:30"}, "opens"), ({"closes": "soon"}, "closes"), ({"cap_total": "0"}, "cap_total"),
        ({"cap_person": "-1"}, "cap_person"), ({"count": "51", "batch": "x"}, "count"), ({"count": "2"}, "batch"),
        ({"where": "there", "latitude": "91", "longitude": ""}, "latitude"), ({"where": "there"}, "longitude"),
        ({"where": "here"}, "where"), ({"where": "there", "latitude": "nan", "longitude": "1"}, "latitude"),
        ({"where": "there", "latitude": "1", "longitude": "1", "radius": "5"}, "radius"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(
    client: FlaskClient, db: Session, museum: Museum, wrong: dict[str, str], field: str
) -> None:
    sign_in(client, db, museum.omar)
    before = newest(db).id
    answer = client.post(f"{STOP}/new", data=form(batch="Kept", **wrong) if "batch" not in wrong and field != "batch" else form(**wrong))  # fmt: skip
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    marked = re.findall(r'id="(\w+)"[^>]*aria-invalid="true"', answer.text)
    assert field in marked or 'class="code-wrong"' in answer.text
    assert all(value in answer.text for value in wrong.values())
    assert newest(db).id == before


def test_an_hour_that_comes_twice_is_the_first(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    client.post(f"{STOP}/new", data=form(closes="2026-10-25T02:30"))
    assert newest(db).closes_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_new_place_gets_its_own_point(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    client.post(f"{STOP}/new", data=form(place="At the back door"))
    code = newest(db)
    assert (code.point.place, code.point.activity_id) == ({"en": "At the back door"}, museum.activities[0].id)
    client.post(f"{STOP}/new", data=form(place="By the door"))
    assert newest(db).point_id == museum.code(0).point_id


def test_each_state_is_said(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    now, hour, point = utc_now(), timedelta(hours=1), db.get_one(Point, museum.code(0).point_id)
    for facts in ({"opens_at": now + hour}, {"closes_at": now - hour}, {"cap_total": 3}):
        code = make_code(db, point, level=1, at=now, **facts)  # type: ignore[arg-type]
        code.claimed = 3
    make_code(db, point, level=1, at=now).revoked_at = now
    db.commit()
    page = client.get(STOP).text
    states = re.findall(r"code-state\">([^<]+)<", page)
    assert sorted(states) == ["Holds", "Not yet", "Over", "Used up", "Withdrawn"]


def test_eve_and_rita_see_no_codes(client: FlaskClient, db: Session, museum: Museum, festival: Point) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    rita = User(name="Rita", email="rita@example.org", created_at=NOON)
    db.add(rita)
    db.flush()
    db.add(Member(organiser_id=museum.organiser.id, user_id=rita.id, role="reviewer"))
    code = museum.code(0).id
    for user in (eve, rita):
        sign_in(client, db, user)
        for path in (
            STOP,
            f"{STOP}/new",
            f"{STOP}.csv",
            f"/desk/codes/{code}",
            badge(festival),
            f"{badge(festival)}.csv",
        ):
            answer = client.get(path, headers={"Accept": "text/html"})
            assert (path, answer.status_code) == (path, 404)
        for path, data in ((f"{STOP}/new", form()), (f"{STOP}/batch", {"batch": "x", "do": "revoked"}), (f"{STOP}/search", {"q": "A"}), (f"/desk/codes/{code}", {"do": "revoked"})):  # fmt: skip
            assert client.post(path, data=data).status_code == 404
    assert "Stop 0" not in client.get("/desk/codes").text
    client.post("/desk/sign-out")
    g.pop("_login_user", None)
    for path in (STOP, f"{STOP}.csv", f"/desk/codes/{code}", "/desk/codes"):
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 401


def test_a_withdrawn_code_is_replaced_in_one_tap(
    client: FlaskClient, db: Session, museum: Museum, app: Flask
) -> None:
    sign_in(client, db, museum.omar)
    old = make_code(db, db.get_one(Point, museum.code(0).point_id), level=1, at=NOON, cap_total=9)
    db.commit()
    ada = Phone(app, at=NOON)
    ada.scan(old)
    ada.sync()
    page = client.post(f"/desk/codes/{old.id}", data={"do": "revoked"}, follow_redirects=True).text
    assert "Withdrawn on" in page
    assert "One check-in or badge came by it, on Mon 1 Jun 2026, 14:00." in page
    page = client.post(f"/desk/codes/{old.id}", data={"do": "reissued"}, follow_redirects=True).text
    new = newest(db)
    assert new.id != old.id and new.secret != old.secret and new.typed != old.typed
    assert (new.level, new.cap_total, new.claimed, new.point_id) == (1, 9, 0, old.point_id)
    assert "Made in place of an old one" in page
    assert {one.what for one in db.scalars(select(CodeChange))} == {"revoked", "reissued"}


def test_a_replaced_code_holds_no_longer(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    old = museum.code(0).id
    client.post(f"/desk/codes/{old}", data={"do": "reissued"})
    assert newest(db).id != old
    assert db.get_one(Code, old).revoked_at is not None
    assert "Withdrawn" in client.get(f"/desk/codes/{old}").text


def test_a_batch_is_made_handed_out_withdrawn_and_replaced(
    client: FlaskClient, db: Session, museum: Museum, festival: Point
) -> None:
    sign_in(client, db, museum.omar)
    base = badge(festival)
    page = client.post(
        f"{base}/new", data=form(count="40", cap_total="1", batch="Gate A"), follow_redirects=True
    ).text
    assert "40 made" in page and "40 are left." in page
    page = client.post(f"{base}/batch", data={"batch": "Gate A", "do": "handed_out", "number": "30"}, follow_redirects=True).text  # fmt: skip
    assert "30 handed out" in page and "10 are left." in page
    page = client.post(f"{base}/batch", data={"batch": "Gate A", "do": "handed_out", "number": "30"}, follow_redirects=True).text  # fmt: skip
    assert "10 handed out" in page and "How many did you hand out?" not in page
    page = client.post(f"{base}/batch", data={"batch": "Gate A", "do": "revoked"}, follow_redirects=True).text
    assert "40 withdrawn" in page
    page = client.post(
        f"{base}/batch", data={"batch": "Gate A", "do": "reissued"}, follow_redirects=True
    ).text
    assert "40 made in place of old ones" in page
    db.expire_all()
    codes = list(db.scalars(select(Code).where(Code.batch == "Gate A")))
    assert (len(codes), sum(code.revoked_at is None for code in codes)) == (80, 40)
    assert len({code.secret for code in codes}) == len({code.typed for code in codes}) == 80
    said = [(one.what, one.count) for one in db.scalars(select(CodeChange).order_by(CodeChange.id))]
    assert said == [("made", 40), ("handed_out", 30), ("handed_out", 10), ("revoked", 40), ("reissued", 40)]
    listed = client.get(base).text
    assert "Gate A" in listed and "0 claimed · 0 printed · 40 handed out" in listed


def test_only_cards_that_count_once_are_made_by_the_thousand(
    client: FlaskClient, db: Session, museum: Museum, festival: Point
) -> None:
    sign_in(client, db, museum.omar)
    for asked, status in (
        ({"count": "51"}, 422),
        ({"count": "5001", "cap_total": "1"}, 422),
        ({"count": "50"}, 303),
    ):
        assert client.post(f"{badge(festival)}/new", data=form(batch="x", **asked)).status_code == status


def test_five_thousand_cards_are_made_found_and_downloaded(
    client: FlaskClient, db: Session, museum: Museum, festival: Point, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, db, museum.omar)
    base, begin = badge(festival), time.perf_counter()
    client.post(f"{base}/new", data=form(count="5000", cap_total="1", batch="=Gate"))
    made = time.perf_counter() - begin
    begin = time.perf_counter()
    answer = client.get(f"{base}.csv?batch=%3DGate")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    sent = time.perf_counter() - begin
    print(f"5,000 cards made in {made:.2f} s, sent in {sent:.2f} s")
    assert made < 30 and sent < 30  # on a busy machine; alone it takes a second or two
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert len(rows) == len({row["typed"] for row in rows}) == len({row["url"] for row in rows}) == 5000
    assert {row["batch"] for row in rows} == {"'=Gate"}
    one = rows[4321]
    code = find_by_typed(db, one["typed"], 0)
    assert one["url"] == f"http://localhost:8000/s/{festival.id}#1{code.secret}"
    page = client.post(f"{base}/search", data={"q": one["typed"].lower()}).text
    assert re.findall(r'class="code-name">([^<]+)<', page) == [one["typed"]]
    for path in (base, f"{base}?batch=%3DGate", f"{base}?batch=%3DGate&page=100"):
        page = client.get(path).text
        assert code.secret not in page
    assert "Page 100 of 100" in page
    assert one["typed"] not in caplog.text


def test_typed_forms_of_cards_are_spread_over_all_hints_that_no_stop_has(
    client: FlaskClient, db: Session, museum: Museum, festival: Point
) -> None:
    sign_in(client, db, museum.omar)
    client.post(f"{badge(festival)}/new", data=form(count="2000", cap_total="1", batch="x"))
    hints = {
        typed[:2] for typed in db.scalars(select(Code.typed).where(Code.point_id == festival.id)) if typed
    }
    assert len(hints) > 500
    assert not hints & set(db.scalars(select(Point.hint)))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert str(harmless(cell)).startswith("'")


def test_a_search_is_posted_so_that_no_log_has_it(
    client: FlaskClient, db: Session, museum: Museum, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, db, museum.omar)
    code = make_code(db, db.get_one(Point, museum.code(0).point_id), level=1, at=NOON, batch="Summer")
    db.commit()
    with caplog.at_level(logging.DEBUG):
        found = client.post(f"{STOP}/search", data={"q": code.typed})
        by_batch = client.post(f"{STOP}/search", data={"q": "summ"})
        nothing = client.post(f"{STOP}/search", data={"q": "ZZZZ%_"})
    assert code.typed and f"{code.typed[:4]}-{code.typed[4:]}" in found.text
    assert f"{code.typed[:4]}-{code.typed[4:]}" in by_batch.text
    assert "No code of this begins like that." in nothing.text
    assert 'method="post"' in client.get(STOP).text
    assert client.get(f"{STOP}/search").status_code == 405


def test_printing_is_counted_and_remembered(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    code = db.get_one(Code, museum.code(0).id)
    history.mark_printed(db, [code], By(museum.omar.id, NOON))
    history.mark_printed(db, [code], By(museum.omar.id, NOON))
    db.commit()
    page = client.get(f"/desk/codes/{code.id}").text
    assert db.get_one(Code, code.id).printed == 2
    assert page.count("<strong>Printed</strong>") == 2


def test_a_sessions_codes_stand_by_themselves(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    activity = museum.activities[0]
    session = Occurrence(activity_id=activity.id, starts_at=utc_now(), ends_at=utc_now() + timedelta(hours=2), capacity=None, taken=0, place={}, created_at=NOON)  # fmt: skip
    db.add(session)
    db.commit()
    base = f"/desk/sessions/{session.id}/codes"
    client.post(f"{base}/new", data=form(level="3"))
    code = newest(db)
    assert (code.level, code.typed, code.point.occurrence_id, code.point.activity_id) == (3, None, session.id, activity.id)  # fmt: skip
    assert code.id in client.get(base).text
    assert code.id not in client.get(STOP).text
    assert f"/desk/sessions/{session.id}/codes" in client.get("/desk/codes").text


def test_the_badges_page_counts_claims(
    client: FlaskClient, db: Session, museum: Museum, festival: Point, app: Flask
) -> None:
    sign_in(client, db, museum.omar)
    client.post(f"{badge(festival)}/new", data=form(cap_total="5"))
    code, ada = newest(db), Phone(app, at=utc_now())
    claim(ada, code)
    ada.sync()
    assert "1 claimed · 0 printed · 0 handed out" in client.get(badge(festival)).text
    assert "Whoever scans or types one of these codes gets the badge" in client.get(badge(festival)).text


def test_a_badges_codes_give_its_next_version(
    client: FlaskClient, db: Session, museum: Museum, festival: Point, app: Flask
) -> None:
    sign_in(client, db, museum.omar)
    base, old = f"/desk/{museum.organiser.slug}/badges", festival.achievement_id
    assert f'href="{base}/new?lang=en"' in client.get("/desk/codes").text
    client.post(f"/desk/achievements/{old}/codes/new", data=form())
    code, ada = newest(db), Phone(app, at=utc_now())
    asked = {"name-en": "Quiz king", "description-en": "Was clever", "criteria-en": "Answered."}
    page = client.post(f"{base}/{old}/edit", data=asked, follow_redirects=True)
    draft = db.scalars(select(Achievement).order_by(Achievement.id.desc())).first()
    assert draft and "Draft of version 2" in page.text
    assert client.get(f"/desk/achievements/{draft.id}/codes").status_code == 404  # nobody gets a draft
    client.post(f"{base}/{draft.id}/publish")
    assert "Codes: Quiz king" in client.get(f"/desk/achievements/{draft.id}/codes").text
    claim(ada, code)
    ada.sync()
    assert [row["name"] for row in ada.badges()] == [{"en": "Quiz king"}]
    assert client.get(f"/desk/achievements/{old}/codes").status_code == 404  # the newest has them


def test_an_older_versions_codes_are_with_the_newest(
    client: FlaskClient, db: Session, museum: Museum, festival: Point
) -> None:
    sign_in(client, db, museum.omar)
    db.get_one(Achievement, festival.achievement_id).replaced_at = NOON
    db.commit()
    assert client.get(badge(festival)).status_code == 404


def test_another_stops_batch_is_out_of_reach(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    other = make_point(db, museum.activities[1], texts("Elsewhere"))
    for _ in range(2):
        make_code(db, other, level=1, at=NOON, batch="Theirs")
    db.commit()
    assert client.get(f"{STOP}?batch=Theirs").status_code == 404
    assert client.post(f"{STOP}/batch", data={"batch": "Theirs", "do": "revoked"}).status_code == 404
    assert (
        client.post("/desk/activities/stop-1/codes/batch", data={"batch": "Theirs", "do": "x"}).status_code
        == 404
    )


def test_a_sheet_that_was_downloaded_is_counted_as_printed(
    client: FlaskClient, db: Session, museum: Museum, festival: Point
) -> None:
    sign_in(client, db, museum.omar)
    base = badge(festival)
    client.post(f"{base}/new", data=form(count="12", cap_total="1", batch="Gate A"))
    page = client.get(f"{base}?batch=Gate+A").text
    link = re.search(r'href="([^"]+/sheet[^"]+)"', page)
    assert link is not None
    sheet = client.get(link[1].replace("&amp;", "&"))
    assert sheet.status_code == 200 and "Festival guest" in sheet.text
    pdf = client.get(link[1].replace("&amp;", "&").replace("/sheet?", "/sheet.pdf?"))
    assert pdf.data.startswith(b"%PDF")
    page = client.get(f"{base}?batch=Gate+A").text
    assert "<strong>12 printed</strong>" in page
    db.expire_all()
    assert {code.printed for code in db.scalars(select(Code).where(Code.batch == "Gate A"))} == {1}
    code = newest(db)
    assert client.get(f"/desk/codes/{code.id}.png").status_code == 200
    assert client.get(f"/desk/codes/{code.id}/sheet").status_code == 200
    assert "<dt>Printed</dt><dd>2</dd>" in client.get(f"/desk/codes/{code.id}").text
