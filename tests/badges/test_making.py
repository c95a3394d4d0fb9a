"""Badges are drafted from tasks, published by a person, and changed by a new version."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import giving, holding, making, series, services
from server.badges.drafting import draft_for_activity, draft_for_playlist
from server.badges.models import Achievement, Award
from tests.badges.conftest import complete
from tests.cast import NOON, Museum, texts

LATER = NOON + timedelta(days=1)


def published(db: Session, museum: Museum, **told: object) -> Achievement:
    words = {"name": {"en": "Guide"}, "description": {"en": "Guides"}, "criteria": {"en": "- Led a tour"}}
    draft = making.start_draft(db, museum.organiser.id, {**words, **told}, NOON)
    making.publish(db, draft, NOON)
    return draft


def test_a_draft_says_what_is_done_in_each_task(db: Session, museum: Museum) -> None:
    draft = draft_for_activity(db, museum.activities[2], NOON)
    assert draft.state == "draft"
    assert draft.criteria["en"].splitlines() == [
        "- Was there, and checked in.", "- Wrote: What of text?", "- Handed in a photo: What of photo?"
    ]  # fmt: skip
    assert "Stop 2" in draft.description["en"] and "Town Museum" in draft.description["en"]
    assert draft_for_activity(db, museum.activities[2], LATER) is draft


def test_a_playlists_draft_names_its_stops_and_the_choice(db: Session, museum: Museum) -> None:
    db.delete(museum.achievement)
    db.flush()
    said = draft_for_playlist(db, museum.playlist, NOON).criteria["en"]
    assert "Did all of these:\n\n- **Stop 0**: checked in, answered a question" in said
    assert "Did 1 of these:\n\n- **Stop 3**" in said


def test_nobody_gets_a_draft(db: Session, museum: Museum) -> None:
    draft = making.edit(db, museum.achievement, {"name": texts("River master")}, LATER)
    assert services.offered(db, [museum.playlist.id])[museum.playlist.id] is museum.achievement
    assert (draft.version, draft.state, museum.achievement.name["en"]) == (2, "draft", "River explorer")
    making.publish(db, draft, LATER)
    assert services.offered(db, [museum.playlist.id])[museum.playlist.id] is draft
    assert (museum.achievement.replaced_at, draft.reviewed_at) == (LATER, LATER)


def test_drafts_are_edited_in_place_and_there_is_one(db: Session, museum: Museum) -> None:
    first = making.edit(db, museum.achievement, {"level": "expert"}, LATER)
    assert making.edit(db, museum.achievement, {"tags": ["boat"]}, LATER) is first
    assert (first.level, first.tags) == ("expert", ["boat"])


def test_who_holds_an_older_version_holds_the_badge(db: Session, museum: Museum, ada: Learner) -> None:
    done = complete(db, museum, ada)
    row = giving.award(db, ada.id, museum.achievement, done, NOON)
    draft = making.edit(db, museum.achievement, {"name": texts("River master")}, LATER)
    making.publish(db, draft, LATER)
    again = giving.award(db, ada.id, draft, done, LATER)
    assert again["id"] == row["id"] and again["name"]["en"] == "River explorer"
    assert series.count_holders(db, draft.series) == 1


def test_who_holds_the_second_version_does_not_get_the_third(
    db: Session, museum: Museum, ada: Learner
) -> None:
    done, rows = complete(db, museum, ada), []
    for name in ("River master", "River sage"):
        version = making.edit(
            db,
            series.current(db, museum.achievement.series) or museum.achievement,
            {"name": texts(name)},
            LATER,
        )
        making.publish(db, version, LATER)
        rows.append(giving.award(db, ada.id, version, done, LATER))
    assert rows[0]["id"] == rows[1]["id"]
    assert holding.find_held(db, ada.id, version.series)


def test_a_language_is_whole_or_left_out(db: Session, museum: Museum) -> None:
    told = {"name": {"en": "Guide", "nl": "Gids"}, "description": {"en": "Guides"}, "criteria": {"en": "x"}}
    draft = making.start_draft(db, museum.organiser.id, told, NOON)
    with pytest.raises(making.NotReady) as error:
        making.publish(db, draft, NOON)
    assert [field for field, _ in error.value.problems] == ["description-nl", "criteria-nl"]
    assert draft.state == "draft"


def test_undoing_is_one_more_version(db: Session, museum: Museum) -> None:
    second = making.edit(db, museum.achievement, {"name": texts("River master")}, LATER)
    making.publish(db, second, LATER)
    third = making.bring_back(db, museum.achievement, LATER)
    making.publish(db, third, LATER)
    assert (third.version, third.name["en"]) == (3, "River explorer")
    assert [one.version for one in series.versions(db, third.series)] == [3, 2, 1]
    assert making.changed_fields(third, second) == ["name"]
    with pytest.raises(making.NotNow):
        making.edit(db, second, {"level": "expert"}, LATER)


@pytest.mark.parametrize(
    ("at", "months", "until"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
        ((2026, 12, 5), 24, (2028, 12, 5)),
    ],
)
def test_a_badge_holds_until_the_same_day(
    at: tuple[int, int, int], months: int, until: tuple[int, int, int]
) -> None:
    made = Achievement(valid_months=months)
    end = holding.valid_until(made, datetime(*at, 9, tzinfo=NOON.tzinfo), None)
    assert end and (end.year, end.month, end.day) == until
    assert holding.valid_until(Achievement(valid_months=None), NOON, None) is None


def test_an_award_knows_when_it_ends(db: Session, museum: Museum, ada: Learner) -> None:
    museum.achievement.valid_months = 12
    row = giving.award(db, ada.id, museum.achievement, complete(db, museum, ada), NOON)
    assert db.get_one(Award, row["id"]).valid_until == NOON.replace(year=2027, hour=0)
