"""Badges given by a list: Omar uploads, mends and gives; Ada takes hers to her phone with no network."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from server.awarding.models import Recipient
from server.badges.models import Achievement, Award
from server.core.db import utc_now
from server.organisers.models import Organiser
from tests.awarding.conftest import RUBRIC
from tests.e2e.city import RunningCity
from tests.e2e.test_claim import desk
from tests.e2e.test_screens import look

LIST = "name;mail;date;teamwork;note\nAda Lovelace;ada@example.org;2026-05-30;Leads;Guided three groups\nBea;bea@example;;Takes part;\nCy Twombly-van-den-Achterhuis;ada@example.org;;;\n"


def snap(page: Page, name: str) -> None:
    """Keep a picture, when somebody wants to look: LOOK_AT=folder."""
    if folder := os.environ.get("LOOK_AT"):
        page.set_viewport_size({"width": 360, "height": 740})
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def badge(demo_city: RunningCity) -> str:
    """Where the museum gives a badge of its own."""
    with desk(demo_city) as session:
        museum = session.scalars(select(Organiser).where(Organiser.slug == "museum")).first()
        museum = museum or session.scalars(select(Organiser).order_by(Organiser.id)).first()
        assert museum
        made = Achievement(
            organiser_id=museum.id, name={"en": "Group guide"}, description={"en": "Guides."}, criteria={"en": "Guided."},
            design={"shape": "shield", "icon": "compass"}, alignments=[], tags=[], results=RUBRIC, created_at=utc_now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        return f"{demo_city.base_url}/desk/{museum.slug}/badges/{made.series}/award?lang=en"


def test_a_list_is_mended_and_given_and_a_badge_taken_offline(
    open_phone: Callable[..., Page], demo_city: RunningCity, badge: str, tmp_path: Path
) -> None:
    omar, ada = open_phone(), open_phone()
    omar.goto(demo_city.sign_in_link(badge.split("/desk/")[1].split("/")[0]))
    expect(omar.get_by_role("heading", name="Hello,")).to_be_visible()
    omar.goto(badge)
    snap(omar, "start")
    look(omar)
    omar.get_by_label("The list").set_input_files(
        {"name": "class.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    omar.get_by_role("button", name="Look at it first").click()
    expect(omar.get_by_text("not a whole mail address")).to_be_visible()
    snap(omar, "preview")
    look(omar)
    omar.locator("#row-3").get_by_label("Mail or number").fill("bea@example.org")
    omar.get_by_role("button", name="Save the row").first.click()
    omar.get_by_role("button", name="Give 2 badges now").click()
    expect(omar.get_by_text("2 badges were given.")).to_be_visible()
    snap(omar, "given")
    look(omar)
    with omar.expect_download() as found:
        omar.get_by_role("link", name="Table with the links (CSV)").click()
    rows = list(csv.reader(io.StringIO(found.value.path().read_text("utf-8-sig"))))
    omar.get_by_role("link", name="Its badge").first.click()
    omar.get_by_text("Correct it").click()
    omar.get_by_text("Withdraw it").click()
    snap(omar, "award")
    look(omar)
    omar.goto(badge.replace("/award?", "/award/people?"))
    snap(omar, "people")
    look(omar)

    ada.goto(rows[1][6])
    button = ada.get_by_role("button", name="Take my badges")
    expect(button).to_be_enabled()
    assert "#" not in ada.url
    snap(ada, "take")
    look(ada)
    ada.context.set_offline(True)
    button.click()
    expect(ada.get_by_text("Saved on this device")).to_be_visible()
    snap(ada, "take-offline")
    ada.context.set_offline(False)
    expect(ada.get_by_role("dialog").get_by_text("Group guide")).to_be_visible()
    ada.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(ada.get_by_text("1 badge is yours now")).to_be_visible()
    snap(ada, "taken")

    eve = open_phone()
    eve.goto(rows[1][6])
    eve.get_by_role("button", name="Take my badges").click()
    expect(eve.get_by_text("Somebody took them to another phone before")).to_be_visible()
    look(eve)
    with desk(demo_city) as session:
        taken = session.scalars(select(Recipient).where(Recipient.taken_at.is_not(None))).one()
        assert session.scalars(select(Award).where(Award.learner_id == taken.learner_id)).one()
