"""Badge pictures: every choice draws, and no text can break out of the drawing."""

from io import BytesIO

import pytest
from lxml import etree
from PIL import Image

from server.badges import drawing
from server.badges.drawing import Card, Design
from server.badges.icons import ICONS


@pytest.mark.parametrize("shape", ["circle", "hexagon", "shield", "drop"])
def test_every_shape_and_sign_is_well_formed(shape: str) -> None:
    for icon in ICONS:
        design = Design.read(
            {"shape": shape, "icon": icon, "colours": ["#112233", "#aabbcc"], "ribbon": "1856"}
        )
        etree.fromstring(drawing.badge_svg(design).encode())


def test_a_badge_is_a_square_picture_with_clear_corners() -> None:
    picture = Image.open(BytesIO(drawing.badge_png(Design(icon="museum", ribbon="Museum"))))
    assert picture.size == (512, 512)
    assert picture.getpixel((2, 2))[3] == 0  # type: ignore[index]
    assert len(picture.getcolors(100_000) or []) > 20


def test_unknown_choices_still_draw() -> None:
    design = Design.read({"shape": "cube", "icon": "dragon", "colours": ["red", "url(#x)"], "ribbon": None})
    assert design == Design()


def test_words_are_text_and_nothing_more() -> None:
    design = Design.read({"ribbon": "<b>&\x00 \"'"})
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
