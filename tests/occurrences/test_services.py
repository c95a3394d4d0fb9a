"""Sessions keep the city's hours, their codes follow them, and what is cancelled counts no more."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from server.occurrences.models import Occurrence
from server.occurrences.services import (
    CLOSES_AFTER,
    ON_SCREEN,
    OPENS_BEFORE,
    PRINTED,
    Plan,
    PlanRefused,
    TooLate,
    cancel,
    change,
    code_of,
    coming,
    copy,
    make,
    past,
    point_of,
    restore,
)
from server.occurrences.times import start_of_day, understand
from tests.cast import NOON, Museum
from tests.occurrences.conftest import BEFORE, plan

ZONE = "Europe/Amsterdam"


def test_a_session_has_its_own_point_with_a_code_for_print_and_one_for_the_screen(
    db: Session, museum: Museum, occurrence: Occurrence
) -> None:
    point = point_of(db, occurrence)
    assert (point.activity_id, point.occurrence_id) == (museum.activities[0].id, occurrence.id)
    assert point.id != museum.code(0).point_id
    printed, on_screen = (code_of(db, occurrence, level) for level in (PRINTED, ON_SCREEN))
    assert printed.typed and printed.typed.startswith(point.hint)
    assert on_screen.typed is None and len(on_screen.secret) == 32
    for code in (printed, on_screen):
        assert (code.opens_at, code.closes_at) == (
            NOON - OPENS_BEFORE, NOON + timedelta(hours=1) + CLOSES_AFTER,
        )  # fmt: skip


def test_a_changed_time_moves_the_hours_of_the_codes_and_keeps_what_is_printed(
    db: Session, occurrence: Occurrence
) -> None:
    secret = code_of(db, occurrence, PRINTED).secret
    change(db, occurrence, plan(hours=3, place="The attic"), BEFORE)
    printed = code_of(db, occurrence, PRINTED)
    assert (printed.secret, printed.opens_at) == (secret, NOON + timedelta(hours=3) - OPENS_BEFORE)
    assert printed.point.place == {"en": "The attic"}


def test_cancelling_withdraws_its_codes_and_undoing_it_brings_just_these_back(
    db: Session, occurrence: Occurrence
) -> None:
    code_of(db, occurrence, ON_SCREEN).revoked_at = BEFORE - timedelta(hours=1)
    cancel(db, occurrence, "Rain", BEFORE)
    cancel(db, occurrence, "Snow", BEFORE + timedelta(hours=1))
    assert (occurrence.reason, code_of(db, occurrence, PRINTED).revoked_at) == ("Rain", BEFORE)
    restore(db, occurrence, BEFORE + timedelta(hours=2))
    assert (occurrence.cancelled_at, occurrence.reason) == (None, "")
    assert code_of(db, occurrence, PRINTED).revoked_at is None
    assert code_of(db, occurrence, ON_SCREEN).revoked_at is not None


def test_what_would_have_started_stays_cancelled(db: Session, occurrence: Occurrence) -> None:
    cancel(db, occurrence, "Rain", BEFORE)
    with pytest.raises(TooLate):
        restore(db, occurrence, NOON)


@pytest.mark.parametrize(
    "wrong",
    [
        Plan(NOON, NOON),
        Plan(NOON, NOON - timedelta(hours=1)),
        Plan(NOON, NOON + timedelta(days=8)),
        Plan(NOON, NOON + timedelta(hours=1), 0),
        Plan(NOON, NOON + timedelta(hours=1), -3),
    ],
)
def test_what_cannot_be_is_refused(db: Session, museum: Museum, wrong: Plan) -> None:
    with pytest.raises(PlanRefused):
        make(db, museum.activities[0], wrong, BEFORE)


def test_the_same_again_keeps_the_hour_on_the_wall_when_the_clocks_change(
    db: Session, museum: Museum
) -> None:
    start = datetime(2026, 10, 18, 12, tzinfo=UTC)  # 14:00 in summer; the clocks go back on the 25th
    first = make(db, museum.activities[0], Plan(start, start + timedelta(hours=2), 8), BEFORE)
    second, third = copy(db, first, 2, BEFORE)
    assert second.starts_at == datetime(2026, 10, 25, 13, tzinfo=UTC)
    assert third.starts_at == datetime(2026, 11, 1, 13, tzinfo=UTC)
    assert (third.ends_at - third.starts_at, third.capacity) == (timedelta(hours=2), 8)
    assert len({point_of(db, one).id for one in (first, second, third)}) == 3


def test_an_hour_that_the_night_leaves_out_is_moved_on_and_said() -> None:
    found = understand(date(2026, 3, 29), time(2, 30), ZONE)
    assert found.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert "no 02:30" in found.said and "03:30" in found.said


def test_an_hour_that_comes_twice_means_the_first_and_is_said() -> None:
    found = understand(date(2026, 10, 25), time(2, 30), ZONE)
    assert found.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "twice" in found.said


def test_any_other_hour_is_taken_as_it_is() -> None:
    for day, hour in ((date(2026, 3, 29), 3), (date(2026, 10, 25), 3), (date(2026, 7, 1), 14)):
        found = understand(day, time(hour), ZONE)
        assert found.said == ""
        assert found.at.astimezone(UTC) == found.at


def test_a_day_begins_at_midnight_in_the_city() -> None:
    assert start_of_day(datetime(2026, 6, 1, 22, 30, tzinfo=UTC), ZONE) == datetime(
        2026, 6, 1, 22, tzinfo=UTC
    )


def test_coming_and_past_are_told_apart_by_the_end(
    db: Session, museum: Museum, occurrence: Occurrence
) -> None:
    activity = museum.activities[0]
    later = make(db, activity, plan(hours=48), BEFORE)
    during, after = NOON + timedelta(minutes=59), NOON + timedelta(hours=1)
    assert coming(db, [activity.id], during) == [occurrence, later]
    assert coming(db, [activity.id], after) == [later]
    assert past(db, [activity.id], after, 10) == [occurrence]
    assert past(db, [activity.id], during, 10) == []
