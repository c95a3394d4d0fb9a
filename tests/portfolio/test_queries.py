"""A page that many open asks the database as often for many badges as for few."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from server.badges import giving
from server.badges.models import Achievement
from server.core.db import db as database
from server.core.db import new_id
from server.learning.models import Completion
from server.portfolio.links import digest
from server.portfolio.models import AwardChoice, Portfolio, ShareLink
from tests.awarding.conftest import make_badge
from tests.cast import NOON, Museum, make_organiser
from tests.phone import Phone
from tests.portfolio.conftest import Made

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def count(client: FlaskClient, address: str) -> int:
    """Count the statements behind a page, with nothing in the session from before."""
    seen: list[str] = []

    def note(*said: object) -> None:
        seen.append(str(said[2]))

    database.session.remove()
    event.listen(database.engine, "before_cursor_execute", note)
    try:
        answer = client.get(address)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert answer.status_code == 200, address
    return len(seen)


def test_many_badges_cost_no_more_queries_than_few(
    client: FlaskClient, db: Session, museum: Museum, ada: Phone
) -> None:
    done = db.query(Completion).filter_by(learner_id=ada.learner).first()
    assert done
    badges = []
    for number in range(9):
        other, _ = make_organiser(db, museum.city, f"Club {number}", f"club{number}@example.org")
        badge = make_badge(db, museum, f"Badge {number}")
        badge.organiser_id, badge.activity_id = other.id, museum.activities[number % 4].id
        badges.append(badge)
    link = Made(new_id(), "s" * 43)
    db.add(Portfolio(learner_id=ada.learner, slug="slug", visibility="public", name="Ada", about="", parts={}, cv={}, changed_at=NOON))  # fmt: skip
    db.add(ShareLink(id=link.id, learner_id=ada.learner, kind="cv", subject="", digest=digest(link.secret), evidence=[], created_at=NOON))  # fmt: skip
    token = link.path.removeprefix("/l/")
    addresses = ["/portfolio/slug", f"/cv/{token}", f"/cv/{token}/resume.json", f"/clr/portfolio/{token}"]

    def give(some: list[str]) -> list[int]:
        for id in some:
            row = giving.award(
                db, ada.learner, db.get_one(Achievement, id), db.get_one(Completion, completion), NOON
            )
            db.add(AwardChoice(award_id=row["id"], learner_id=ada.learner, visibility="public", evidence={}))
        db.commit()
        return [count(client, one) for one in addresses]

    ids, completion = [one.id for one in badges], done.id
    db.commit()
    few, many = give(ids[:2]), give(ids[2:])
    assert all(more <= less for more, less in zip(many, few, strict=True)), (few, many)
