"""Omar's badge to give by name, with a rubric, and lists of people to give it to."""

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.awarding import services
from server.awarding.columns import read_lines
from server.awarding.models import AwardBatch
from server.awarding.reading import read_table
from server.awarding.services import Upload
from server.badges.models import Achievement
from server.core.db import new_id
from tests.cast import NOON, Museum, texts

RUBRIC = [
    {
        "key": "team", "name": {"en": "Teamwork", "nl": "Samenwerken"},
        "levels": [
            {"key": "some", "name": {"en": "Takes part", "nl": "Doet mee"}, "description": {"en": "Takes part"}},
            {"key": "much", "name": {"en": "Leads", "nl": "Leidt"}, "description": {"en": "Leads others"}},
        ],
    }
]  # fmt: skip


def make_badge(db: Session, museum: Museum, name: str = "River guide", **more: object) -> Achievement:
    made = Achievement(
        organiser_id=museum.organiser.id, name=texts(name), description=texts("Guides others"),
        criteria=texts("Guided a group along the river."), design={}, alignments=[], tags=[], created_at=NOON, **more,
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


@pytest.fixture
def guide(db: Session, museum: Museum) -> Achievement:
    made = make_badge(db, museum, results=RUBRIC)
    db.commit()
    return made


def make_learner(db: Session, museum: Museum) -> Learner:
    learner = Learner(id=new_id(), city_id=museum.city.id, created_at=NOON)
    db.add(learner)
    db.commit()
    return learner


def keep(db: Session, museum: Museum, badge: Achievement, text: str | bytes) -> AwardBatch:
    content = text.encode() if isinstance(text, str) else text
    upload = Upload(badge, museum.omar.id, "class.csv", NOON)
    batch = services.keep_list(db, upload, read_lines(read_table(content), badge))
    db.commit()
    return batch


def run(db: Session, batch: AwardBatch, at: object = NOON) -> None:
    services.begin(db, batch, batch.user_id, NOON)
    while services.run_piece(db, batch.id, NOON):
        pass
    db.commit()


def outcomes(db: Session, batch: AwardBatch) -> dict[int, str]:
    return {row.number: f"{row.state} {row.why}".strip() for row in services.rows_of(db, batch.id)}
