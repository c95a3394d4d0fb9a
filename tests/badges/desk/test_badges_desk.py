"""The badges desk: Omar makes, publishes and changes the museum's badges; Eve sees none of it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding.jobs import catch_up
from server.badges import making
from server.badges.models import Achievement, Award
from server.core.db import new_id
from server.demo.load import fill
from server.learning.models import Completion
from server.organisers.models import Member
from tests.awarding.conftest import make_learner
from tests.cast import NOON, Museum, make_organiser, texts
from tests.organisers.test_desk import sign_in

BASE = "/desk/town-museum/badges"
WORDS = {
    "name-en": "Guide", "description-en": "Guides others", "criteria-en": "- Led a tour",
    "shape": "flower", "icon": "key", "field": "#112233", "accent": "#f4b93f", "text-en": "2026",
}  # fmt: skip


@pytest.fixture
def omar(client: FlaskClient, db: Session, museum: Museum) -> FlaskClient:
    sign_in(client, db, museum.omar)
    return client


def newest(db: Session) -> Achievement:
    db.expire_all()
    return db.scalars(select(Achievement).order_by(Achievement.id.desc())).first()  # type: ignore[return-value]


def post(client: FlaskClient, path: str, **data: Any) -> str:
    answer = client.post(f"{BASE}{path}", data=data, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_omar_makes_a_badge_and_publishes_it(omar: FlaskClient, db: Session, museum: Museum) -> None:
    assert f'href="{BASE}?lang=en"' in omar.get("/desk/").text
    page = post(omar, "/new", **WORDS)
    made = newest(db)
    assert (made.state, made.design["shape"], made.design["text"]) == ("draft", "flower", {"en": "2026"})
    assert "Draft of version 1" in page and "Led a tour" in page
    assert omar.get(f"/en/achievements/{made.id}").status_code == 404
    assert "Published." in post(omar, f"/{made.id}/publish")
    assert newest(db).state == "published" and newest(db).reviewed_at
    assert "Give this badge" not in page
    assert f'href="{BASE}/{made.id}/award?lang=en">Give this badge' in omar.get(f"{BASE}/{made.id}").text
    assert omar.get(f"/en/achievements/{made.id}").status_code == 200
    assert omar.get(BASE).headers["Cache-Control"] == "private, no-store"


def test_an_edit_is_a_draft_until_it_is_published(omar: FlaskClient, db: Session, museum: Museum) -> None:
    old = museum.achievement.id
    page = omar.get(f"{BASE}/{old}/edit").text
    assert "keeps it as it is" in page and 'value="River explorer (nl)"' in page
    post(omar, f"/{old}/edit", **WORDS)
    draft = newest(db)
    assert (draft.version, draft.state, draft.series) == (2, "draft", old)
    assert "Go on with the draft of version 2" in omar.get(f"{BASE}/{old}").text
    page = post(omar, f"/{draft.id}/publish")
    assert "Version 2" in page and "Changed: Name, What it says about its holder" in page
    assert omar.get(f"{BASE}/{old}/edit").status_code == 409
    page = post(omar, f"/{old}/bring-back")
    assert newest(db).version == 3 and newest(db).name == texts("River explorer")
    assert "Draft of version 3" in page
    post(omar, f"/{newest(db).id}/discard")
    assert newest(db).version == 2


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_an_edit_changes_nothing_that_was_not_touched(app: Flask, client: FlaskClient, db: Session) -> None:
    """With and without a rubric, skills, needs, an end, and what counts: every badge that the demo city gives."""
    fill(db, NOON)
    db.commit()
    badges = db.scalars(select(Achievement).where(Achievement.state == "published")).all()
    for badge in badges:
        owner = db.scalars(select(Member).where(Member.organiser_id == badge.organiser_id)).first()
        sign_in(client, db, owner.user)
        path = f"/desk/{badge.organiser.slug}/badges/{badge.id}/edit"
        form = max(html.fromstring(client.get(path).text).forms, key=lambda one: len(one.inputs))
        assert client.post(path, data=html_pairs(form)).status_code == 303
        draft = db.scalars(select(Achievement).where(Achievement.series == badge.series, Achievement.state == "draft")).one()  # fmt: skip
        for name in making.FIELDS:
            assert getattr(draft, name) == getattr(badge, name), (badge.name, name)
    assert len(badges) > 5


def html_pairs(form: Any) -> dict[str, list[str]]:
    """What a browser would send of a form in which nothing was touched."""
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def test_what_was_typed_stays_and_what_is_wrong_is_said(
    omar: FlaskClient, db: Session, museum: Museum
) -> None:
    before = newest(db).id
    asked = {**WORDS, "name-en": "", "name-nl": "x" * 61, "valid_months": "soon", "skill_url": "no address", "count": "3"}  # fmt: skip
    answer = omar.post(f"{BASE}/new", data=asked)
    assert answer.status_code == 422
    for words in ("Guides others", "- Led a tour", 'value="soon"', "no address", 'href="#valid_months"', 'href="#skills"', 'href="#count"', "x" * 61, 'href="#name-nl"'):  # fmt: skip
        assert words in answer.text, words
    assert 'value="nl" data-n="2" checked' in answer.text  # the tab with the mistake is open
    assert newest(db).id == before


def test_what_nobody_can_choose_is_not_taken(omar: FlaskClient, db: Session, museum: Museum) -> None:
    assert omar.post(f"{BASE}/new", data={**WORDS, "valid_months": "0000019999"}).status_code == 422
    many = [f"activity:{number}" for number in range(1_000)]  # the public page would look for each
    post(omar, "/new", **WORDS, of=many, count="3")
    assert len(newest(db).milestone["of"]) == 100


def test_rows_of_a_rubric_come_and_go_without_scripts(omar: FlaskClient, db: Session, museum: Museum) -> None:
    page = omar.post(f"{BASE}/new", data={**WORDS, "do": "add-result"}).text
    assert page.count('name="result"') == 1 and page.count('name="steps-') == 2 and "Guides others" in page
    rows = {"result": "a1", "steps-a1": ["b1", "b2"], "result-a1-en": "Telling", "step-a1-b1-name-en": "Shy", "step-a1-b2-name-en": "Bold"}  # fmt: skip
    page = omar.post(f"{BASE}/new", data={**WORDS, **rows, "do": "drop-step:a1:b1"}).text
    assert "Bold" in page and "Shy" not in page
    for do in ("drop-step", "drop-step:a1", "drop-result", "add-step", "::"):
        assert omar.post(f"{BASE}/new", data={**WORDS, **rows, "do": do}).status_code == 200, do
    post(omar, "/new", **WORDS, **rows)
    assert newest(db).results == [
        {"key": "a1", "name": {"en": "Telling"}, "levels": [
            {"key": "b1", "name": {"en": "Shy"}, "description": {}},
            {"key": "b2", "name": {"en": "Bold"}, "description": {}}]}
    ]  # fmt: skip


def test_a_badge_may_need_others_and_be_a_milestone(omar: FlaskClient, db: Session, museum: Museum) -> None:
    other, _ = make_organiser(db, museum.city, "Library", "lia@example.org")
    theirs = Achievement(organiser_id=other.id, name=texts("Reader"), description={}, criteria={}, design={}, alignments=[], tags=[], created_at=museum.achievement.created_at)  # fmt: skip
    db.add(theirs)
    db.commit()
    page = omar.post(f"{BASE}/new", data={**WORDS, "do": "find", "find_needs": "library reader"}).text
    assert f'name="need" value="{theirs.series}"' in page
    page = omar.post(f"{BASE}/new", data={**WORDS, "do": "find", "find_of": "reader"}).text
    assert f'name="of" value="series:{theirs.series}"' in page
    of = [f"series:{theirs.series}", f"activity:{museum.activities[0].id}"]
    page = post(omar, "/new", **WORDS, need=[theirs.series, "nothing"], of=of, count="2")
    assert newest(db).needs == [theirs.series]
    assert newest(db).milestone == {"count": 2, "of": [{"kind": "series", "id": theirs.series}, {"kind": "activity", "id": museum.activities[0].id}]}  # fmt: skip
    assert "Reader (Library)" in page and "Activity: Stop 0" in page
    own = omar.post(f"{BASE}/{museum.achievement.id}/edit", data={**WORDS, "need": museum.achievement.series})
    assert own.status_code == 422 and "cannot need itself" in own.text


def test_a_draft_that_repeats_the_advertisement_is_warned_of(
    omar: FlaskClient, db: Session, museum: Museum
) -> None:
    stop = museum.activities[2]
    stop.body = texts(
        "Come and see the famous salt barrel that was never weighed. It waits in our cellar for you."
    )
    db.commit()
    post(omar, "/drafts", about=f"activity:{stop.id}")
    draft = newest(db)
    assert "repeats the advertisement" not in omar.get(f"{BASE}/{draft.id}").text
    said = {"criteria-en": "See the famous salt barrel that was never weighed!"}
    page = post(omar, f"/{draft.id}/edit", **{**WORDS, **said})
    assert "repeats the advertisement (English)" in page and "See the famous salt barrel" in page
    page = post(omar, f"/{draft.id}/redraft", **{"in": "en"})
    assert "Handed in a photo" in page and "repeats the advertisement" not in page


def test_what_is_missing_stops_publishing(omar: FlaskClient, db: Session, museum: Museum) -> None:
    page = post(omar, "/new", **{**WORDS, "criteria-en": ""})
    draft = newest(db)
    assert f"{BASE}/{draft.id}/edit?lang=en#criteria-en" in page and "/publish" not in page
    assert omar.post(f"{BASE}/{draft.id}/publish").status_code == 422
    assert newest(db).state == "draft"


def test_a_new_activity_has_its_draft(omar: FlaskClient, db: Session, museum: Museum) -> None:
    omar.post("/desk/activities/new", data={"title": "Night walk", "place": "", "minutes": "60", "for": museum.organiser.id})  # fmt: skip
    assert (newest(db).name, newest(db).state) == ({"en": "Night walk"}, "draft")
    assert "Night walk" in omar.get(BASE).text


def test_the_picture_follows_the_choices(omar: FlaskClient, museum: Museum) -> None:
    answer = omar.get(f"{BASE}/preview.svg?shape=octagon&icon=paw&field=%23112233&accent=%23aabbcc&text=<b>")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "&lt;b&gt;" in answer.text and "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_eve_finds_no_badges_desk(client: FlaskClient, db: Session, museum: Museum) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, eve)
    id = museum.achievement.id
    for path in ("", "/new", f"/{id}", f"/{id}/edit", "/preview.svg"):
        assert client.get(f"{BASE}{path}").status_code == 404, path
    for path in ("/new", "/drafts", f"/{id}/edit", f"/{id}/publish", f"/{id}/bring-back", f"/{id}/discard", f"/{id}/redraft"):  # fmt: skip
        assert client.post(f"{BASE}{path}", data=WORDS).status_code == 404, path
    assert client.get(f"/desk/elsewhere/badges/{id}").status_code == 404  # not hers, at her own desk either


def test_badges_that_ask_for_each_other_are_not_published(
    omar: FlaskClient, db: Session, museum: Museum
) -> None:
    first = museum.achievement
    post(omar, "/new", **WORDS, of=[f"series:{first.series}"], count="1")
    counting = newest(db)
    assert "Published." in post(omar, f"/{counting.id}/publish")
    post(omar, f"/{first.id}/edit", **WORDS, need=counting.series)
    draft = newest(db)
    page = omar.get(f"{BASE}/{draft.id}").text
    assert "ask for each other: Guide · Town Museum, Guide · Town Museum" in page
    assert omar.post(f"{BASE}/{draft.id}/publish").status_code == 422
    assert newest(db).state == "draft"


@pytest.mark.parametrize("wanted", [True, False])
def test_publishing_asks_after_those_who_finished_before(
    omar: FlaskClient, db: Session, museum: Museum, wanted: bool
) -> None:
    stop = museum.activities[2]
    ada = make_learner(db, museum)
    db.add(
        Completion(
            learner_id=ada.id,
            activity_id=stop.id,
            event_id=new_id(),
            assurance={},
            proofs=[],
            first_at=NOON,
            at=NOON,
        )
    )
    db.commit()
    post(omar, "/drafts", about=f"activity:{stop.id}")
    draft = newest(db)
    page = omar.get(f"{BASE}/{draft.id}").text
    assert "also to 1 person who finished" in page and 'form="publish" checked' in page
    post(omar, f"/{draft.id}/publish", **({"ask_after": "on"} if wanted else {}))
    catch_up(NOON)
    assert len(db.scalars(select(Award).where(Award.achievement_id == draft.id)).all()) == wanted
    assert ("1 person got it for what they had done" in omar.get(f"{BASE}/{draft.id}").text) == wanted
