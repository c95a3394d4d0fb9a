"""Printed sheets: every code can be read, nothing overlaps, every script comes out as it is written."""

import io
import subprocess
import sys
from datetime import timedelta
from itertools import combinations
from typing import get_args

import pypdfium2
import pytest
from flask import Flask
from PIL import Image, ImageDraw

from server.codes.printing.check import check_pdf
from server.codes.printing.pdf import draw, make_pdf, unprintable
from server.codes.printing.pictures import draw_png, draw_svg
from server.codes.sheets import A_PAGE, Card, Layout, Sheet, when
from server.core.paper import Box, Paper, Placed
from server.core.qr import QUIET, draw_qr, in_capitals
from server.core.read_back import read_codes
from tests.cast import NOON

LAYOUTS = get_args(Layout)
TITLE = {"en": "The old water mill", "uk": "Старий водяний млин", "el": "Ο παλιός νερόμυλος", "ar": "محمد"}
LONG = {
    "en": "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz, "
    + "and how a law got its name " * 2,
    "uk": "Старий водяний млин біля річки і як він молов пшеницю " * 2 + "сто років",
    "ar": "الطاحونة المائية القديمة على النهر وكيف كانت تطحن القمح " * 2 + "للناس",
}


def cards(many: int, **facts: object) -> list[Card]:
    given = {
        "title": TITLE,
        "place": {"en": "By the wheel", "ar": "بجانب العجلة"},
        "batch": "Summer",
        **facts,
    }
    return [
        Card(
            code=str(number),
            point=f"PQRS{number:04}",
            address=f"HTTPS://LEARN.VELAMOND/S/PQRS{number:04}#1ABCDEFGHJKMN{number:04}",
            typed="7KQM-4XTN",
            number=number + 1,
            **given,  # type: ignore[arg-type]
        )
        for number in range(many)
    ]


def sheet(layout: Layout = "poster-a4", *languages: str) -> Sheet:
    return Sheet(
        "Museum visit",
        "Velamond",
        {"en": "Museum"},
        "learn.velamond",
        languages or ("en", "ar", "uk"),
        layout,
    )


@pytest.fixture(autouse=True)
def _words(app: Flask) -> None:
    """Sheets speak through the application's catalogues."""


pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_code_of_each_layout_is_read_from_its_page(layout: Layout) -> None:
    many = A_PAGE[layout] * 2 + 1
    report = check_pdf(make_pdf(cards(many), sheet(layout), NOON), cards(many), layout)
    assert (report.good, report.read) == (True, many)


def test_a_code_that_cannot_be_read_is_named() -> None:
    paper = draw(cards(4), sheet("cards"), NOON)
    third = [one for one in paper.placed if one.what == "QR"][2].box
    paper.fill(third.inside(third.w / 4), "#ffffff")
    report = check_pdf(bytes(paper.output()), cards(4), "cards")
    assert [card.code for card in report.missing] == ["2"]
    assert (report.good, report.read) == (False, 3)


def test_a_code_on_the_wrong_page_is_found() -> None:
    one, other = cards(2)
    report = check_pdf(make_pdf([other, one], sheet(), NOON), [one, other], "poster-a4")
    assert (len(report.missing), len(report.strange), report.read) == (2, 2, 0)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("languages", [("en",), ("en", "uk", "ar"), ("ar", "uk", "en")])
def test_long_titles_wrap_and_nothing_overlaps(layout: Layout, languages: tuple[str, ...]) -> None:
    """120 characters in each of three languages, one of them with a word that no line can hold."""
    assert all(100 < len(text) <= 121 for text in LONG.values())
    ends = NOON + timedelta(days=400)
    many = cards(A_PAGE[layout], title=LONG, place=LONG, starts_at=NOON, ends_at=ends)
    paper = draw(many, sheet(layout, *languages), NOON)
    for one in paper.placed:
        assert one.box.x > 1 and one.box.x + one.box.w < paper.w - 1, one
        assert one.box.y > 1 and one.box.y + one.box.h < paper.h - 1, one
    assert [pair for pair in combinations(paper.placed, 2) if overlap(*pair)] == []
    assert {"7KQM-4XTN", "learn.velamond"} <= {one.what for one in paper.placed}
    assert check_pdf(bytes(paper.output()), many, layout).good


def overlap(one: Placed, other: Placed) -> bool:
    a, b, slack = one.box, other.box, 0.05
    return (
        one.page == other.page
        and a.x + a.w > b.x + slack
        and b.x + b.w > a.x + slack
        and a.y + a.h > b.y + slack
        and b.y + b.h > a.y + slack
    )


@pytest.mark.parametrize("layout", ["poster-a4", "poster-a3", "cards"])
def test_three_languages_stand_on_it_whole(layout: Layout) -> None:
    placed = {one.what for one in draw(cards(1), sheet(layout, "el", "uk", "ar"), NOON).placed}
    assert {TITLE["el"], TITLE["uk"], TITLE["ar"]} <= placed
    assert {"Σαρώστε με την κάμερα του κινητού σας.", "امسح الرمز بكاميرا هاتفك."} <= placed
    assert not [text for text in placed if "…" in text]


def test_arabic_letters_are_joined_and_begin_at_the_right() -> None:
    """The four letters of Muhammad are one stroke; unjoined ones would be four."""
    paper = draw(cards(1), sheet("poster-a4", "en", "ar"), NOON)
    box = next(one.box for one in paper.placed if one.what == TITLE["ar"])
    picture = rendered(paper, box)
    assert strokes(picture) == 1
    assert picture.getbbox()[2] > picture.width * 0.98  # type: ignore[index]


def test_columns_follow_the_direction_of_the_first_language() -> None:
    """What to do in Arabic stands at the right when Arabic comes first, and after Greek when Greek does."""

    def left_of(*languages: str) -> dict[str, float]:
        return {one.what: one.box.x for one in draw(cards(1), sheet("poster-a4", *languages), NOON).placed}

    greek, arabic = "Σαρώστε με την κάμερα του κινητού σας.", "امسح الرمز بكاميرا هاتفك."
    assert left_of("ar", "el")[arabic] > left_of("ar", "el")[greek]
    assert left_of("el", "ar")[arabic] > left_of("el", "ar")[greek]


def rendered(paper: Paper, box: Box) -> Image.Image:
    """Render what is in a box of the first page: light ink on black."""
    scale = 6.0
    document = pypdfium2.PdfDocument(bytes(paper.output()))
    page = document[0].render(scale=scale, grayscale=True).to_pil()
    document.close()
    dots = scale * 72 / 25.4
    part = page.crop(tuple(int(edge * dots) for edge in (box.x, box.y, box.x + box.w, box.y + box.h)))  # type: ignore[arg-type]
    return part.point(lambda light: 255 if light > 170 else 0)


def strokes(picture: Image.Image) -> int:
    """Count the pieces of connected ink."""
    rest, found = picture.copy(), 0
    while box := rest.getbbox():
        x = next(x for x in range(box[0], box[2]) if rest.getpixel((x, box[1])))
        ImageDraw.floodfill(rest, (x, box[1]), 0)
        found += 1
    return found


def test_words_repeated_on_a_page_and_on_the_next_look_the_same() -> None:
    many = [*cards(1), *cards(1), *cards(1)]
    document = pypdfium2.PdfDocument(make_pdf(many, sheet(), NOON))
    pictures = [document[number].render(scale=1).to_pil() for number in range(3)]
    document.close()
    above_the_foot = (0, 0, pictures[0].width, 780)
    assert len({picture.crop(above_the_foot).tobytes() for picture in pictures}) == 1


def test_a_sheet_is_text_and_vectors_with_title_and_language() -> None:
    pdf = make_pdf(cards(1), sheet("poster-a4", "uk", "el"), NOON)
    document = pypdfium2.PdfDocument(pdf)
    words = document[0].get_textpage()
    text = words.get_text_range()
    words.close()
    facts = document.get_metadata_dict()
    assert (facts["Title"], facts["CreationDate"]) == ("Museum visit", "D:20260601120000Z")
    document.close()
    assert TITLE["uk"] in text and TITLE["el"] in text and "7KQM-4XTN" in text and "Summer" in text
    assert b"/Lang (uk)" in pdf and b"/DisplayDocTitle true" in pdf
    assert b"/Subtype /Image" not in pdf


def test_the_same_cards_give_the_same_file() -> None:
    assert make_pdf(cards(3), sheet("cards"), NOON) == make_pdf(cards(3), sheet("cards"), NOON)


def test_a_session_says_its_time_in_each_language_in_the_citys_zone() -> None:
    card = cards(1, starts_at=NOON, ends_at=NOON + timedelta(hours=2), timezone="Europe/Amsterdam")[0]
    assert when(card, "nl") == "1 jun 2026, 14:00 – 16:00"
    placed = [one.what for one in draw([card], sheet("poster-a4", "en", "ar"), NOON).placed]
    assert any(text.startswith("By the wheel · Jun 1, 2026, 14:00") for text in placed)
    assert any(text.startswith("بجانب العجلة · ") for text in placed)


def test_letters_without_a_font_are_named() -> None:
    assert unprintable(cards(1), sheet()) == ""
    assert unprintable(cards(1, title={"en": "Mill 水車"}), sheet()) == "水車"


def test_a_picture_of_one_code_is_large_and_has_its_margin() -> None:
    card = cards(1)[0]
    picture = Image.open(io.BytesIO(draw_png(card, "learn.velamond"))).convert("L")
    assert picture.width >= 1000
    assert read_codes(picture) == [card.address]
    module = picture.width / card.qr.size
    ink = picture.crop((0, 0, picture.width, picture.width)).point(lambda light: 255 - light).getbbox()
    assert ink and ink[0] >= QUIET * module - 1 and ink[1] >= QUIET * module - 1
    svg = draw_svg(card, "learn.velamond")
    assert card.typed in svg and card.qr.path in svg


def test_an_address_is_spelt_for_small_codes() -> None:
    """Version 3 (29 modules) for a host of 15 characters."""
    printed = in_capitals("https://learn.velamond/s/ABCDEFGH#1ABCDEFGHJKMNPQRS")
    assert printed == "HTTPS://LEARN.VELAMOND/S/ABCDEFGH#1ABCDEFGHJKMNPQRS"
    assert draw_qr(printed).size - 2 * QUIET == 29


def test_a_start_does_not_wait_for_what_makes_pdfs() -> None:
    code = "import sys, server.app, server.codes.routes; print({'fpdf', 'pypdfium2', 'zxingcpp'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
    )
