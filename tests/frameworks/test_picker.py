"""Choosing skills in a form, with and without a script: nothing that was typed is lost."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from server.frameworks.picking import FIND, MOST_CHOSEN, Picker, read_picker
from tests.cast import Museum
from tests.organisers.test_desk import sign_in

CURIOUS = "http://data.europa.eu/esco/skill/429062f1-a958-43ea-83dd-4e1af078c156"


def read(db: Session, *fields: tuple[str, str]) -> Picker:
    return read_picker(db, MultiDict(list(fields)), "en")


def test_chosen_and_pasted_skills_become_alignments_each_once(db: Session) -> None:
    picker = read(
        db, ("skill", f"{CURIOUS} whatever was sent"), ("skill", "/frameworks/lifecomp/L2 x"),
        ("skill_url", CURIOUS.replace("http:", "https:") + "/"), ("do", "save"),
    )  # fmt: skip
    assert [one["name"] for one in picker.chosen] == ["demonstrate curiosity", "Critical thinking"]
    assert not picker.problem and not picker.searched


def test_a_search_leaves_out_what_is_chosen_and_keeps_what_was_typed(db: Session) -> None:
    picker = read(
        db, ("skill", f"{CURIOUS} x"), ("skill_text", "curios"), ("skill_url", "not yet"), ("do", FIND)
    )
    assert picker.searched and CURIOUS not in [one["url"] for one in picker.found]
    assert picker.problem and picker.typed["skill_url"] == "not yet"
    listed = read(db, ("skill_framework", "lifecomp"), ("do", FIND)).found
    assert len(listed) == 9, "with no words a short framework is shown whole"


@pytest.mark.parametrize(
    "url", ["http://x.example/1", "curiosity", "/frameworks/lifecomp/X9", "https://x.example/1"]
)
def test_a_skill_from_elsewhere_needs_an_address_and_a_name(db: Session, url: str) -> None:
    assert read(db, ("skill_url", url)).problem
    assert (
        read(db, ("skill_url", "https://x.example/1"), ("skill_name", "juggle")).chosen[0]["name"] == "juggle"
    )


def test_a_badge_stands_for_a_few_skills(db: Session) -> None:
    many = [("skill", f"https://x.example/{n} skill {n}") for n in range(MOST_CHOSEN + 1)]
    assert read(db, *many).problem and not read(db, *many[1:]).problem


def test_without_a_script_the_form_looks_for_skills_and_keeps_all_that_was_typed(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    typed = {
        "name-en": "Guides others",
        "skill": "/frameworks/lifecomp/L2 x",
        "skill_text": "curios",
        "do": FIND,
    }
    page = client.post(f"/desk/{museum.organiser.slug}/badges/new", data=typed)
    assert page.status_code == 200 and "Guides others" in page.text and 'value="curios"' in page.text
    assert (
        'Critical thinking" checked' in page.text and f'value="{CURIOUS} demonstrate curiosity">' in page.text
    )
    del typed["do"]
    saved = client.post(f"/desk/{museum.organiser.slug}/badges/new", data=typed, follow_redirects=True)
    assert "Critical thinking" in saved.text
