"""Choosing skills in a form, with and without a script: nothing that was typed is lost."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from server.frameworks.picking import FIND, MOST_CHOSEN, Picker, read_picker
from tests.cast import Museum
from tests.frameworks.a_form import add_form, served

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


@pytest.fixture
def form(app: Flask, museum: Museum) -> Any:
    if app.config["STREETWISE"].database_url:
        pytest.skip("looks the same over each database")
    add_form(app)
    with served(app) as address:
        yield address + "/try-picker"


@pytest.mark.browser
def test_skills_are_chosen_by_keys_alone_and_taken_away_again(form: str, other_browser: Browser) -> None:
    page = other_browser.new_page(viewport={"width": 360, "height": 740}, service_workers="block")
    page.goto(form)
    field = page.get_by_role("combobox", name="Look for a skill")
    field.fill("critical")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(4)
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "skill-option-0"
    field.press("Enter")
    field.press("ArrowUp")
    field.press("Enter")
    chosen = page.get_by_role("list", name="Chosen").get_by_role("listitem")
    expect(chosen).to_have_count(2)
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.get_by_role("button", name="Take away: Critical thinking").press("Enter")
    expect(chosen).to_have_count(1)
    page.get_by_text("Go through the lists").press("Enter")
    for name in ("LifeComp", "Social", "Empathy"):
        page.get_by_role("button", name=name).press("Enter")
    expect(page.get_by_role("button", name="Empathy LifeComp S1")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("Name", exact=True).fill("My badge")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("body")).to_contain_text("My badge")
    assert [one in page.content() for one in ("think critically", "Empathy", "Critical thinking")] == [
        True,
        True,
        False,
    ]
    page.close()


@pytest.mark.browser
def test_skills_are_chosen_without_a_script(form: str, other_browser: Browser) -> None:
    plain = other_browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(form)
    page.get_by_label("Name", exact=True).fill("My badge")
    for words in ("critical thinking", "curios"):
        page.get_by_label("Look for a skill").fill(words)
        page.get_by_role("button", name="Search").click()
        page.get_by_role("list", name="Found").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Save").click()
    for said in ("My badge", "Critical thinking", "demonstrate curiosity"):
        expect(page.locator("body")).to_contain_text(said)
    plain.close()
