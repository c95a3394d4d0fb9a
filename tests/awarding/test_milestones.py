"""Badges that follow: milestones across organisers, badges that wait for others, and those that are renewed."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.awarding import catching_up, services
from server.awarding.columns import Line
from server.awarding.jobs import catch_up
from server.awarding.models import CatchUp, Recipient
from server.awarding.recipients import secret_of
from server.awarding.services import Upload
from server.awarding.withdrawing import Said, take_back
from server.badges.models import Achievement, Award
from server.codes.making import make_claim_point, make_code
from server.core.db import db as database
from server.core.storage import files
from server.replicas.history import check_history
from tests.awarding.conftest import keep, make_badge, run
from tests.cast import NOON, Museum, make_organiser, texts
from tests.door.at_the_door import add_check_in_only
from tests.learning.test_claims import claim
from tests.phone import Phone


def bring(db: Session, museum: Museum, activity: Activity, name: str = "Walker", **more: Any) -> Achievement:
    made = make_badge(db, museum, name, activity_id=activity.id, **more)
    db.commit()
    return made


def names(phone: Phone) -> list[str]:
    return sorted(one["name"]["en"] for one in phone.badges())


def come(phone: Phone, activity: Activity) -> None:
    """Come to an activity that has no code."""
    phone.record("checkin.scan", {"point": None, "proof": None, "typed": None, "activity": activity.id})
    phone.sync()


@pytest.fixture
def walk(db: Session, museum: Museum) -> Activity:
    return add_check_in_only(db, museum)


@pytest.fixture
def swim(db: Session, museum: Museum) -> Activity:
    """An activity of another organiser."""
    pool, _ = make_organiser(db, museum.city, "Town Pool", "pia@example.org")
    made = Activity(
        organiser_id=pool.id, slug="swim", title=texts("Swim"), summary=texts("Swim"), body=texts("Swim"),
        place=texts("Pool"), signal=True, minutes=60, languages=["en"], skills=[], picture_alt={}, audio_text={},
        updated_at=NOON,
    )  # fmt: skip
    db.add(made)
    db.commit()
    return made


def milestone(*of: tuple[str, str], count: int = 0) -> dict[str, Any]:
    return {"count": count or len(of), "of": [{"kind": kind, "id": id} for kind, id in of]}


def test_a_milestone_comes_with_the_last_thing_it_counts_whoever_offers_it(
    app: Flask, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    bring(db, museum, walk)
    make_badge(db, museum, "All-rounder", milestone=milestone(("activity", walk.id), ("activity", swim.id)))
    db.commit()
    ada = Phone(app, at=NOON)
    come(ada, walk)
    assert names(ada) == ["Walker"]
    [row] = [row for key, row in ada.view.items() if key.startswith("milestone:")]
    assert (row["count"], row["done"]) == (2, [["activity", walk.id]])
    assert [(one["by"]["en"], one["path"]) for one in row["missing"]] == [("Town Pool", "/activities/swim")]
    come(ada, swim)
    assert names(ada) == ["All-rounder", "Walker"]
    assert check_history(database.engine, files(), NOON + timedelta(days=1)).findings == []


def test_a_milestone_may_count_badges_also_those_given_by_name_and_once_only(
    app: Flask, db: Session, museum: Museum, walk: Activity
) -> None:
    badge, aid = bring(db, museum, walk), make_badge(db, museum, "First aid")
    make_badge(db, museum, "Helper", milestone=milestone(("series", badge.series), ("series", aid.series)))
    db.commit()
    run(db, keep(db, museum, aid, "mail\nada@example.org\n"))
    ada = Phone(app, at=NOON)
    come(ada, walk)
    ada.record("award.take", {"link": secret_of(db.scalars(select(Recipient)).one())})
    ada.sync()
    assert names(ada) == ["First aid", "Helper", "Walker"]
    come(ada, walk)
    assert names(ada) == ["First aid", "Helper", "Walker"]


def test_a_milestone_says_the_weakest_of_its_parts(
    app: Flask, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    make_badge(
        db, museum, "Either", milestone=milestone(("activity", walk.id), ("activity", swim.id), count=1)
    )
    db.commit()
    ada = Phone(app, at=NOON)
    come(ada, swim)
    [award] = db.scalars(select(Award)).all()
    assert award.assurance == {"level": 0, "time": "claimed", "review": "automatic", "parts": 1}


def test_a_badge_waits_for_the_one_it_needs_and_then_comes_by_itself(
    app: Flask, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    base = bring(db, museum, walk)
    bring(db, museum, swim, "Swimmer", needs=[base.series])
    ada = Phone(app, at=NOON)
    come(ada, swim)
    assert names(ada) == []
    come(ada, walk)
    assert names(ada) == ["Swimmer", "Walker"]


def test_a_withdrawn_badge_counts_for_nothing(
    app: Flask, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    base = bring(db, museum, walk)
    bring(db, museum, swim, "Swimmer", needs=[base.series])
    ada = Phone(app, at=NOON)
    come(ada, walk)
    take_back(db, db.scalars(select(Award)).all(), Said("Not there", museum.omar.id), NOON)
    db.commit()
    come(ada, swim)
    assert [one["name"]["en"] for one in ada.badges() if not one["revoked_at"]] == []


def test_a_claim_says_which_badge_is_missing(app: Flask, db: Session, museum: Museum, walk: Activity) -> None:
    base = bring(db, museum, walk)
    badge = make_badge(db, museum, "Guest", needs=[base.series])
    code = make_code(db, make_claim_point(db, badge.id, texts("Gate")), level=1, at=NOON - timedelta(days=1))
    db.commit()
    ada = Phone(app, at=NOON)
    refused = claim(ada, code)
    ada.sync()
    assert (ada.results[refused]["why"], ada.results[refused]["effect"]) == (
        "needs_badges", {"badges": [base.series]},
    )  # fmt: skip
    come(ada, walk)
    claim(ada, code)
    ada.sync()
    assert names(ada) == ["Guest", "Walker"]


def test_a_badge_that_runs_out_is_renewed_by_coming_again(app: Flask, db: Session, museum: Museum) -> None:
    """The first stop has a poster; its badge holds for a year."""
    stop, code = museum.activities[0], museum.code(0)
    badge = bring(db, museum, stop, "Regular", valid_months=12)
    ada = Phone(app, at=NOON)
    ada.scan(code)
    ada.answer(museum.task(0, "choice"), choices=["a"])
    ada.sync()
    [first] = db.scalars(select(Award).where(Award.achievement_id == badge.id)).all()
    assert first.valid_until == NOON.replace(year=2027, hour=0)  # days, as it is signed
    ada.wait(days=30)
    ada.scan(code)
    ada.sync()
    assert len(ada.badges()) == 1  # far too early
    ada.wait(days=300)
    ada.scan(code)
    ada.scan(code)
    ada.sync()
    db.expire_all()
    second = db.scalars(select(Award).order_by(Award.id.desc())).first()
    assert second is not None and second.period.startswith("renewal 2027-04-27")
    assert second.valid_until == NOON.replace(year=2028, hour=0)  # nothing of the first year is lost
    assert len(ada.badges()) == 2
    assert check_history(database.engine, files(), ada.at).findings == []


def test_a_code_that_was_withdrawn_renews_nothing(app: Flask, db: Session, museum: Museum) -> None:
    bring(db, museum, museum.activities[0], "Regular", valid_months=12)
    ada = Phone(app, at=NOON)
    ada.scan(museum.code(0))
    ada.answer(museum.task(0, "choice"), choices=["a"])
    ada.sync()
    museum.code(0).revoked_at = NOON + timedelta(days=200)
    db.commit()
    ada.wait(days=330)
    ada.scan(museum.code(0))
    ada.sync()
    assert len(ada.badges()) == 1


def test_no_milestone_costs_no_query(app: Flask, db: Session, museum: Museum, walk: Activity) -> None:
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    bring(db, museum, walk)
    first, ada, bea = (Phone(app, at=NOON) for _ in range(3))
    for phone in (first, ada, bea):
        phone.hello()
        phone.sync()
    come(first, walk)  # the first award of all makes keys and a list
    db.refresh(walk)
    asked.clear()
    come(ada, walk)
    without = len([one for one in asked if one.lstrip().startswith("SELECT")])
    make_badge(db, museum, "Else", milestone=milestone(("activity", museum.activities[0].id)))
    db.commit()
    db.refresh(walk)
    asked.clear()
    come(bea, walk)
    assert len([one for one in asked if one.lstrip().startswith("SELECT")]) <= without


def test_a_new_milestone_comes_at_once_to_those_who_reached_it_before(
    app: Flask, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    ada, bea = Phone(app, at=NOON), Phone(app, at=NOON)
    for activity in (walk, swim):
        come(ada, activity)
    come(bea, walk)
    made = make_badge(
        db, museum, "All-rounder", milestone=milestone(("activity", walk.id), ("activity", swim.id))
    )
    db.commit()
    for _ in range(2):
        catch_up(NOON)
    ada.sync()
    bea.sync()
    assert (names(ada), names(bea)) == (["All-rounder"], [])
    assert len(bea.view[f"milestone:{made.series}"]["done"]) == 1
    run_of = db.get_one(CatchUp, made.id)
    assert (run_of.total, run_of.done, run_of.given) == (2, 2, 1)
    assert run_of.finished_at is not None


def test_catching_up_goes_on_from_where_it_stopped(
    app: Flask, db: Session, museum: Museum, walk: Activity
) -> None:
    phones = [Phone(app, at=NOON) for _ in range(3)]
    for phone in phones:
        come(phone, walk)
    made = make_badge(db, museum, "Walker of old", milestone=milestone(("activity", walk.id)))
    db.commit()
    assert catching_up.run_piece(db, made.id, NOON, most=2)
    db.commit()
    assert db.get_one(CatchUp, made.id).done == 2
    assert not catching_up.run_piece(db, made.id, NOON, most=2)
    db.commit()
    assert len(db.scalars(select(Award)).all()) == 3


def test_a_badge_published_later_comes_to_those_who_finished_before_if_it_is_wanted(
    app: Flask, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    ada, bea = Phone(app, at=NOON), Phone(app, at=NOON)
    come(ada, walk)
    come(bea, swim)
    came, swum = bring(db, museum, walk), bring(db, museum, swim, "Swimmer")
    assert [catching_up.count_waiting(db, one, NOON) for one in (came, swum)] == [1, 1]
    make_badge(db, museum, "Wanderer", milestone=milestone(("series", came.series)))
    catching_up.ask_after(db, came, True, NOON)
    catching_up.ask_after(db, swum, False, NOON)
    db.commit()
    for _ in range(2):
        catch_up(NOON)
    ada.sync()
    bea.sync()
    assert (names(ada), names(bea)) == (["Walker", "Wanderer"], [])
    assert catching_up.count_waiting(db, came, NOON) == 0
    assert check_history(database.engine, files(), NOON + timedelta(days=1)).findings == []


def test_a_milestone_says_which_badge_it_needs_besides_until_that_is_held(
    app: Flask, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    base = bring(db, museum, walk)
    made = make_badge(
        db, museum, "All-rounder", needs=[base.series], milestone=milestone(("activity", swim.id))
    )
    db.commit()
    ada = Phone(app, at=NOON)
    come(ada, swim)
    row = ada.view[f"milestone:{made.series}"]
    assert [one["name"]["en"] for one in row["needs"]] == ["Walker"] and row["missing"] == []
    come(ada, walk)
    assert ada.view[f"milestone:{made.series}"]["needs"] == []
    assert names(ada) == ["All-rounder", "Walker"]


def test_steps_of_a_milestone_are_told_and_taken_back_with_a_badge_given_by_name(
    app: Flask, db: Session, museum: Museum, walk: Activity
) -> None:
    aid = make_badge(db, museum, "First aid")
    made = make_badge(
        db, museum, "Helper", milestone=milestone(("series", aid.series), ("activity", walk.id))
    )
    db.commit()
    ada = Phone(app, at=NOON)
    ada.hello()
    ada.sync()
    upload = Upload(aid, museum.omar.id, "", NOON)
    run(db, services.keep_named(db, upload, [services.Named(ada.learner, "")], Line(0)))
    ada.sync()
    assert ada.view[f"milestone:{made.series}"]["done"] == [["series", aid.series]]
    take_back(db, db.scalars(select(Award)).all(), Said("Not there", museum.omar.id), NOON)
    db.commit()
    ada.sync()
    assert ada.view[f"milestone:{made.series}"]["done"] == []


def test_the_city_lists_its_milestones_and_what_counts(
    client: FlaskClient, db: Session, museum: Museum, walk: Activity, swim: Activity
) -> None:
    assert "/en/milestones" not in client.get("/en/").text
    base = bring(db, museum, walk)
    made = make_badge(
        db, museum, "All-rounder", needs=[base.series],
        milestone=milestone(("activity", walk.id), ("activity", swim.id), count=1),
    )  # fmt: skip
    make_badge(db, museum, "Draft", state="draft", milestone=milestone(("activity", walk.id)))
    db.commit()
    assert "1 milestone: " in client.get("/en/").text
    page = client.get("/en/milestones").text
    for link in (f"/en/achievements/{made.id}", "/en/activities/swim", f"/en/achievements/{base.id}"):
        assert f'href="{link}"' in page
    assert "1 of these:" in page and "Town Pool" in page and "Draft" not in page
