"""A session at the museum: of stop 0, Monday 12:00 to 13:00 UTC (14:00 in Testbridge), ten places."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from server.occurrences.models import Occurrence
from server.occurrences.services import Plan, make
from tests.cast import NOON, Museum

BEFORE = NOON - timedelta(days=2)


def plan(*, hours: float = 0, capacity: int | None = 10, place: str = "") -> Plan:
    start = NOON + timedelta(hours=hours)
    return Plan(start, start + timedelta(hours=1), capacity, {"en": place} if place else {})


@pytest.fixture
def occurrence(db: Session, museum: Museum) -> Occurrence:
    made = make(db, museum.activities[0], plan(), BEFORE)
    db.commit()
    return made
