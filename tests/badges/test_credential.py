"""The credential's form: what Open Badges 3.0 asks for, and what it must not tell."""

import json
from dataclasses import replace
from typing import Any

from server.badges import credential
from server.badges.canonical import n_quads
from server.badges.credential import Row, Step
from tests.badges.making import DEFINITION, STATEMENT


def everything(value: Any) -> list[Any]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(one for child in children for one in everything(child))]


def test_nothing_in_it_is_null_or_empty() -> None:
    bare = replace(DEFINITION, tags=[], alignments=[], translations={}, description="")
    document = credential.build(replace(STATEMENT, definition=bare))
    assert not [one for one in everything(document) if one in (None, "", [], {})]
    assert "tag" not in document["credentialSubject"]["achievement"]


def test_assurance_is_a_result_that_any_wallet_can_show() -> None:
    subject = credential.build(STATEMENT)["credentialSubject"]
    result, described = subject["result"][0], subject["achievement"]["resultDescription"][0]
    assert isinstance(result["value"], str)
    assert result["resultDescription"] == described["id"]
    assert result["achievedLevel"] == described["rubricCriterionLevel"][2]["id"]


def test_only_the_day_is_told() -> None:
    assert "12:34" not in json.dumps(credential.build(STATEMENT))


def test_status_index_is_a_string() -> None:
    assert credential.build(STATEMENT)["credentialStatus"]["statusListIndex"] == "17"


def test_own_kinds_of_skill_are_marked_as_extensions() -> None:
    document = credential.build(STATEMENT)
    skill = document["credentialSubject"]["achievement"]["alignment"][0]
    assert skill["targetType"] == "ext:esco:Skill"
    assert "targetCode" not in skill
    invented = replace(DEFINITION, alignments=[{"name": "x", "url": "https://x.example", "type": "Skill"}])
    document = credential.build(replace(STATEMENT, definition=invented))
    assert "targetType" not in document["credentialSubject"]["achievement"]["alignment"][0]


def test_odd_characters_are_cleaned_out() -> None:
    odd = replace(DEFINITION, name="Cafe\u0301\x00\x07\x7f\ufffe\ud800 \U0001f600")
    assert credential.build(replace(STATEMENT, definition=odd))["name"] == "Café \U0001f600"


def test_a_correction_keeps_the_date_of_the_award() -> None:
    later = STATEMENT.awarded_at.replace(day=20)
    document = credential.build(replace(STATEMENT, valid_from=later))
    assert document["awardedDate"].startswith("2026-06-01")
    assert document["validFrom"].startswith("2026-06-20")


RUBRIC = Row("a1", "Telling", [Step("b1", "Shy"), Step("b2", "Bold", "Looks at people")])
RICH = replace(
    DEFINITION,
    level="advanced",
    results=[RUBRIC],
    renewal="Come back.",
    needs={"https://x.example/a": "Key [1]"},
)


def test_level_and_rubric_are_results_with_their_own_description() -> None:
    document = credential.build(replace(STATEMENT, definition=RICH, results={"a1": "b2", "gone": "b9"}))
    subject = document["credentialSubject"]
    described = {one["id"]: one for one in subject["achievement"]["resultDescription"]}
    said = {one["value"]: one for one in subject["result"][1:]}
    assert list(said) == ["Advanced", "Bold"]
    for one in said.values():
        steps = described[one["resultDescription"]]["rubricCriterionLevel"]
        assert one["achievedLevel"] in [step["id"] for step in steps]
    assert [one for one in everything(document) if one in (None, "", [], {})] == []
    n_quads(document)  # safe mode: raises when a word has no defined meaning


def test_a_row_that_nobody_judged_is_described_and_not_claimed() -> None:
    subject = credential.build(replace(STATEMENT, definition=RICH))["credentialSubject"]
    assert len(subject["result"]) == 2 and len(subject["achievement"]["resultDescription"]) == 3


def test_what_it_needs_and_how_it_is_renewed_is_told_in_words() -> None:
    achievement = credential.build(replace(STATEMENT, definition=RICH))["credentialSubject"]["achievement"]
    narrative = achievement["criteria"]["narrative"]
    assert narrative.startswith(DEFINITION.criteria)
    assert "Needs these badges: [Key (1)](https://x.example/a)" in narrative and "Come back." in narrative
    assert {"id": "https://x.example/a", "type": ["Related"]} in achievement["related"]


def test_a_badge_that_ends_says_when() -> None:
    until = STATEMENT.awarded_at.replace(year=2028)
    assert credential.build(replace(STATEMENT, valid_until=until))["validUntil"] == "2028-06-01T00:00:00Z"
    assert "validUntil" not in credential.build(STATEMENT)
