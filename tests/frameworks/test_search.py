"""Skills are found by words in any language, and go into credentials in the credential's."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.badges import stating
from server.frameworks.catalogue import frameworks
from server.frameworks.services import align, in_language, search
from tests.cast import Museum

CURIOUS = "http://data.europa.eu/esco/skill/429062f1-a958-43ea-83dd-4e1af078c156"


def names(session: Session, text: str, framework: str = "") -> list[str]:
    return [one.labels["en"] for one in search(session, text, framework)]


@pytest.mark.parametrize(
    "text", ["CURIOS", "demonstrate cur", "nieuwsgier", "mostrar curiosidad", "cúriosïdad"]
)
def test_a_skill_is_found_by_parts_of_its_name_in_any_language(db: Session, text: str) -> None:
    assert "demonstrate curiosity" in names(db, text)


def test_the_nearest_name_comes_first_and_a_framework_narrows(db: Session) -> None:
    assert names(db, "creativity")[0] == "Creativity"
    assert names(db, "critical thinking", "lifecomp") == ["Critical thinking"]
    assert "communicating" not in names(db, "communicating"), "an area is no skill"
    assert names(db, " % _ ") == names(db, "xyzzy") == []


def test_the_api_names_the_language_of_a_name_that_is_not_there_in_ours(client: FlaskClient) -> None:
    asked = client.get("/api/frameworks/terms?q=nieuwsgierigheid&lang=nl").json
    found = next(one for one in asked["terms"] if one["uri"] == CURIOUS)
    assert (found["name"], found["lang"], found["other"]) == ("demonstrate curiosity", "en", "English")
    spanish = client.get("/api/frameworks/terms?q=time+manage&framework=esco&lang=es").json["terms"][0]
    assert (spanish["name"], spanish["other"]) == ("gestionar el tiempo", "")


def test_the_api_goes_through_a_framework_by_what_stands_in_what(client: FlaskClient) -> None:
    top = client.get("/api/frameworks/terms?framework=digcomp&lang=nl").json["terms"]
    assert [one["area"] for one in top] == [True] * 5
    inside = client.get(f"/api/frameworks/terms?framework=digcomp&under={top[4]['uri']}").json["terms"]
    assert [one["code"] for one in inside] == ["5.1", "5.2", "5.3", "5.4"]
    assert client.get(f"/api/frameworks/terms?q={'x' * 201}").status_code == 422


def test_the_lists_are_whole() -> None:
    count = {
        key: len([one for one in told.entries if one.kind != "area"]) for key, told in frameworks().items()
    }
    assert count == {
        "lifecomp": 9,
        "keycomp": 8,
        "digcomp": 21,
        "entrecomp": 15,
        "greencomp": 12,
        "esco": 157,
    }
    for told in frameworks().values():
        uris = {one.uri for one in told.entries}
        assert len(uris) == len(told.entries)
        assert all(one.broader in uris | {""} and one.labels["en"] for one in told.entries)
        if told.key != "esco":
            assert all(set(one.labels) == {"en", "nl", "es"} for one in told.entries)


def test_an_alignment_says_what_its_address_leads_to(db: Session) -> None:
    assert align(db, CURIOUS.upper().replace("HTTP", "https").replace("DATA.EUROPA.EU/ESCO/SKILL", "data.europa.eu/esco/skill")) == {
        "name": "demonstrate curiosity", "url": CURIOUS, "framework": "ESCO",
        "code": "429062f1-a958-43ea-83dd-4e1af078c156", "type": "ext:esco:Skill",
    }  # fmt: skip
    ours = align(db, "/frameworks/lifecomp/L2", lang="nl")
    assert (ours["name"], ours["code"], ours["type"]) == ("Kritisch denken", "L2", "ceasn:Competency")
    assert ours["url"].startswith("http") and ours["url"].endswith("/frameworks/lifecomp/L2")


def test_an_esco_skill_that_is_not_here_gets_the_name_somebody_types(db: Session) -> None:
    uri = "http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000001"
    assert align(db, uri, "juggle")["name"] == "juggle"
    assert align(db, uri, "juggle")["type"] == "ext:esco:Skill"
    assert align(db, "https://skills.example/7", "juggle")["type"] == ""


def test_a_credential_names_skills_in_its_own_language(db: Session, museum: Museum) -> None:
    museum.achievement.alignments = [align(db, "/frameworks/lifecomp/L2"), {"name": "own words", "url": "https://x.example/1"}]  # fmt: skip
    told = stating._definition(museum.achievement, "es").alignments
    assert [one["name"] for one in told] == ["Pensamiento crítico", "own words"]
    assert in_language(db, [], "es") == []
