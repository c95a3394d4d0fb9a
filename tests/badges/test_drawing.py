"""Badge pictures: every choice draws, and no text can break out of the drawing."""

from io import BytesIO

import pytest
from lxml import etree
from PIL import Image

from server.badges import drawing
from server.badges.drawing import Card, Design
from server.badges.icons import ICONS


@pytest.mark.parametrize("shape", drawing.SHAPES)
def test_every_shape_and_sign_is_well_formed(shape: str) -> None:
    for icon in ICONS:
        design = Design.read(
            {"shape": shape, "icon": icon, "colours": ["#112233", "#aabbcc"], "text": {"en": "1856"}}
        )
        etree.fromstring(drawing.badge_svg(design).encode())


def test_a_badge_is_a_square_picture_with_clear_corners() -> None:
    picture = Image.open(BytesIO(drawing.badge_png(Design(icon="museum", ribbon="Museum"))))
    assert picture.size == (512, 512)
    assert picture.getpixel((2, 2))[3] == 0  # type: ignore[index]
    assert len(picture.getcolors(100_000) or []) > 20


def test_unknown_choices_still_draw() -> None:
    design = Design.read({"shape": "cube", "icon": "dragon", "colours": ["red", "url(#x)"], "text": None})
    assert design == Design()


def test_words_are_text_and_nothing_more() -> None:
    design = Design.read({"text": {"en": "<b>&\x00 \"'"}})
    tree = etree.fromstring(drawing.badge_svg(design).encode())
    assert [node.text for node in tree.iter("{*}text")] == ["<b>& \"'"]


@pytest.mark.parametrize(
    "name",
    [
        "Museum",
        "A very long name for a badge that will never fit into one line",
        "مستكشف النهر",
        "河川探险家",
        "",
    ],
)
def test_the_preview_has_the_size_that_networks_want(name: str) -> None:
    card = Card(name, "Town <Museum>", "Testbridge", "Anyone can check this badge.")
    assert Image.open(BytesIO(drawing.preview_png(Design(), card))).size == (1200, 630)


def test_the_ribbon_speaks_the_readers_language() -> None:
    stored = {"text": {"en": "Guide", "nl": "Gids"}}
    assert [Design.read(stored, lang).ribbon for lang in ("nl", "en", "es", "")] == ["Gids", "Guide", "Guide", "Guide"]  # fmt: skip
    assert Design.read({"text": {"en": "2026"}}, "nl").ribbon == "2026"


@pytest.mark.parametrize(
    ("field", "accent", "ribbon", "hidden"),
    [
        ("#14506b", "#e8a33d", "Guide", []),
        ("#fff8e0", "#e8a33d", "", ["sign"]),
        ("#14506b", "#14506b", "", ["accent"]),
        ("#14506b", "#333399", "Guide", ["accent", "ribbon"]),
    ],
)
def test_colours_that_hide_something_are_named(
    field: str, accent: str, ribbon: str, hidden: list[str]
) -> None:
    design = Design(field=field, accent=accent, ribbon=ribbon)
    assert drawing.hard_to_see(design) == hidden


def test_contrast_is_that_of_the_guidelines() -> None:
    assert drawing.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert drawing.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
