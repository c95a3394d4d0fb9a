"""The desk's sheets: Omar chooses, looks, has them checked and downloads; Eve gets nothing."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from server.codes.making import make_code, make_point
from server.codes.models import Code, Point
from server.codes.printing.check import check_pdf
from server.codes.sheets import MOST, Card, Layout, card_of, when
from server.core.db import utc_now
from server.core.read_back import read_codes
from server.occurrences.models import Occurrence
from tests.cast import NOON, Museum, make_organiser
from tests.organisers.test_desk import sign_in

BASE = "http://localhost:8000"
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
SHEET = "/desk/playlists/museum-visit/sheet"


def printed(codes: list[Code]) -> list[Card]:
    return [card_of(code, {}, BASE, "UTC") for code in codes]


@pytest.fixture
def omar(client: FlaskClient, db: Session, museum: Museum) -> FlaskClient:
    """Omar's browser; the window of his second code is made to hold for ever."""
    museum.code(1).closes_at = None
    for number, code in enumerate(museum.codes):
        code.typed = f"TYPED{number}23"
    db.commit()
    sign_in(client, db, museum.omar)
    return client


@pytest.mark.parametrize("layout", MOST)
def test_omar_downloads_a_sheet_with_all_his_codes(omar: FlaskClient, museum: Museum, layout: Layout) -> None:
    answer = omar.get(f"{SHEET}.pdf?layout={layout}&in=nl,ar,uk")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="museum-visit-{layout}.pdf"'
    assert check_pdf(answer.data, printed(museum.codes), layout).good


def test_a_sheet_is_checked_on_request(omar: FlaskClient) -> None:
    assert "can be read" not in omar.get(SHEET).text
    assert "All 4 codes can be read." in omar.get(f"{SHEET}?check=1&layout=stickers").text


def test_the_page_names_letters_that_cannot_be_printed(
    omar: FlaskClient, db: Session, museum: Museum
) -> None:
    museum.activities[0].title = {"en": "Mill 水車"}
    db.commit()
    assert "We have no letters for: 水車" in omar.get(f"{SHEET}?check=1&lang=en").text


def test_a_sheet_speaks_up_to_three_languages_and_the_page_the_readers(omar: FlaskClient) -> None:
    page = omar.get(f"{SHEET}?in=ar&in=uk&in=nl&in=de&lang=en").text
    assert 'lang="ar" dir="rtl" class="sheet-lines"' in page
    assert "Наведіть камеру телефона на код." in page
    assert "Mit der Kamera" not in page
    assert "What do you want to print?" in page
    assert "sheet.png?lang=en&amp;layout=poster-a4&amp;in=ar%2Cuk%2Cnl&amp;part=1" in page


def test_the_first_page_is_shown_before_it_is_printed(omar: FlaskClient, museum: Museum) -> None:
    answer = omar.get(f"{SHEET}.png?layout=poster-a3")
    assert answer.headers["Cache-Control"] == "private, no-store"
    picture = Image.open(io.BytesIO(answer.data))
    assert read_codes(picture) == [printed(museum.codes)[0].address]


def test_a_batch_is_printed_alone(omar: FlaskClient, db: Session, museum: Museum) -> None:
    summer = [make_code(db, museum.code(0).point, level=1, at=NOON, batch="Summer") for _ in range(3)]
    db.commit()
    wanted = printed(sorted(summer, key=lambda code: code.id))
    answer = omar.get("/desk/activities/stop-0/sheet.pdf?layout=cards&batch=Summer")
    assert check_pdf(answer.data, wanted, "cards").good
    assert "<option selected>Summer" in omar.get("/desk/activities/stop-0/sheet?batch=Summer").text
    assert "There are no codes in this batch." in omar.get(f"{SHEET}?batch=Winter&lang=en").text
    assert omar.get(f"{SHEET}.pdf?batch=Winter").status_code == 404


def test_a_batch_is_printed_in_the_languages_it_was_made_with(
    omar: FlaskClient, db: Session, museum: Museum
) -> None:
    older = make_code(db, museum.code(0).point, level=1, at=NOON)
    cards = make_code(db, museum.code(0).point, level=1, at=NOON, batch="Cards")
    older.languages, cards.languages = ["en", "nl"], ["es"]
    db.commit()
    page = omar.get("/desk/activities/stop-0/sheet?batch=Cards&lang=en").text
    assert '<option value="es" lang="es" selected>' in page
    assert '<option value="nl" lang="nl" selected>' not in page


def test_a_sheet_leads_back_to_its_codes(omar: FlaskClient, museum: Museum) -> None:
    code = museum.code(0)
    of_activity = omar.get("/desk/activities/stop-0/sheet?batch=Late+summer&lang=en").text
    assert 'href="/desk/activities/stop-0/codes?lang=en&amp;batch=Late+summer">Codes</a>' in of_activity
    of_one = omar.get(f"/desk/codes/{code.id}/sheet?lang=en").text
    assert f'href="/desk/codes/{code.id}?lang=en">Codes</a>' in of_one
    assert ">Codes</a>" not in omar.get(f"{SHEET}?lang=en").text


def test_many_codes_come_in_parts(omar: FlaskClient, db: Session, museum: Museum) -> None:
    for _ in range(MOST["poster-a4"]):
        make_code(db, museum.code(0).point, level=1, at=NOON)
    db.commit()
    page = omar.get("/desk/activities/stop-0/sheet?lang=en").text
    assert page.count("sheet.pdf?") == 2
    assert "These are the first 60 of 101." in page
    last = omar.get("/desk/activities/stop-0/sheet.pdf?part=2")
    assert last.headers["Content-Disposition"] == 'attachment; filename="stop-0-poster-a4-2.pdf"'
    assert omar.get("/desk/activities/stop-0/sheet.pdf?part=3").status_code == 404


def test_one_code_is_a_picture(omar: FlaskClient, museum: Museum) -> None:
    code = museum.code(0)
    svg, png = (omar.get(f"/desk/codes/{code.id}.{form}") for form in ("svg", "png"))
    assert (svg.mimetype, png.mimetype) == ("image/svg+xml", "image/png")
    assert 'filename="stop-0-TYPE-D023.svg"' in svg.headers["Content-Disposition"]
    assert read_codes(Image.open(io.BytesIO(png.data)).convert("L")) == [printed([code])[0].address]


def test_a_session_has_a_sheet_with_its_times_and_its_stop_has_its_own(
    omar: FlaskClient, db: Session, museum: Museum
) -> None:
    activity, start = museum.activities[0], utc_now() + timedelta(days=1)
    point = make_point(db, activity, {"en": "At the gate"})
    session = Occurrence(activity_id=activity.id, starts_at=start, ends_at=start + timedelta(hours=2), place={}, created_at=NOON)  # fmt: skip
    db.add(session)
    db.flush()
    point.occurrence_id = session.id
    opens = start - timedelta(minutes=30)
    code = make_code(db, point, level=2, at=NOON, opens_at=opens, closes_at=start + timedelta(hours=3))
    db.commit()
    sheet = f"/desk/sessions/{session.id}/sheet"
    assert check_pdf(omar.get(f"{sheet}.pdf").data, printed([code]), "poster-a4").good
    make_code(db, point, level=1, at=NOON)
    db.commit()
    alone = f"/desk/codes/{code.id}/sheet"
    assert check_pdf(omar.get(f"{alone}.pdf").data, printed([code]), "poster-a4").good
    page, card = omar.get(f"{alone}?lang=en").text, card_of(code, {}, BASE, "Europe/Amsterdam")
    assert "At the gate" in page
    assert when(replace(card, starts_at=start, ends_at=start + timedelta(hours=2)), "en") in page
    assert code.point_id not in omar.get("/desk/activities/stop-0/sheet").text


def test_a_badge_to_claim_has_a_sheet_with_its_name(omar: FlaskClient, db: Session, museum: Museum) -> None:
    point = Point(id="CLA1MPNT", achievement_id=museum.achievement.id, place={}, hint="ZZ")
    db.add(point)
    codes = [make_code(db, point, level=1, at=NOON, cap_total=1) for _ in range(12)]
    codes[0].languages = ["uk", "nl"]
    db.commit()
    sheet = f"/desk/achievements/{museum.achievement.id}/sheet"
    assert check_pdf(omar.get(f"{sheet}.pdf?layout=cards").data, printed(codes), "cards").good
    page = omar.get(f"{sheet}?lang=en").text
    assert page.count(">River explorer</h3>") == 12
    assert "Наведіть камеру телефона на код." in page  # the codes were made in these languages


def test_one_code_alone_has_a_poster(omar: FlaskClient, museum: Museum) -> None:
    pdf = omar.get(f"/desk/codes/{museum.code(2).id}/sheet.pdf").data
    assert check_pdf(pdf, printed([museum.code(2)]), "poster-a4").good


def test_a_withdrawn_code_is_no_longer_drawn(omar: FlaskClient, db: Session, museum: Museum) -> None:
    museum.code(0).revoked_at = NOON
    db.commit()
    assert omar.get(f"/desk/codes/{museum.code(0).id}.svg").status_code == 404


def test_eve_gets_no_sheet_and_no_picture(client: FlaskClient, db: Session, museum: Museum) -> None:
    paths = [f"{SHEET}.pdf", f"{SHEET}.png", f"{SHEET}?check=1", f"/desk/codes/{museum.code(0).id}.svg"]
    assert [client.get(path).status_code for path in paths] == [401] * 4
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, eve)
    assert [client.get(path).status_code for path in paths] == [404] * 4
