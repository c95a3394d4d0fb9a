"""Ada, and the badge that Omar's museum gave her."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import giving
from server.badges.models import Award
from server.core.db import new_id
from server.learning.models import Completion
from tests.cast import NOON, Museum


@pytest.fixture
def ada(db: Session, museum: Museum) -> Learner:
    learner = Learner(id=new_id(), city_id=museum.city.id, created_at=NOON)
    db.add(learner)
    db.flush()
    return learner


@dataclass
class Given:
    award: Award
    row: dict[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.award.signed)
        return found


def complete(db: Session, museum: Museum, learner: Learner) -> Completion:
    done = Completion(learner_id=learner.id, playlist_id=museum.playlist.id, event_id=new_id(), proofs=[], assurance={"level": 1, "time": "claimed", "review": "automatic"}, first_at=NOON, at=NOON)  # fmt: skip
    db.add(done)
    db.flush()
    return done


@pytest.fixture
def given(db: Session, museum: Museum, ada: Learner) -> Given:
    row = giving.award(db, ada.id, museum.achievement, complete(db, museum, ada), NOON)
    db.commit()
    return Given(db.get_one(Award, row["id"]), row)
