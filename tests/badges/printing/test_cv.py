"""The CV: badges with what was handed in for them, over as many pages as they need, each with its code."""

from dataclasses import replace
from itertools import combinations

import pypdfium2
import pytest
from flask import Flask

from server.badges.printing.check import read_all
from server.badges.printing.cv import Cv, CvBadge, cv_pdf, draw_cv
from server.badges.printing.facts import printed
from tests.badges.conftest import Given
from tests.badges.printing.test_certificate import tags_of, words_of
from tests.codes.test_sheets import LONG, overlap

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def test_a_cv_has_every_badge_with_its_evidence_and_code(app: Flask, given: Given) -> None:
    with app.test_request_context():
        badge = printed(given.award)
        one = CvBadge(badge, "2 photos, 1 answer", ["think analytically"])
        pdf = cv_pdf(Cv("Ada Lovelace", "I build engines.", [one] * 9, "https://learn.example/cv/1"))
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 2
    document.close()
    assert read_all(pdf) == [badge.short] * 9
    words = words_of(pdf)
    for said in (
        "Ada Lovelace",
        "I build engines.",
        "2 photos, 1 answer",
        "think analytically",
        "Town Museum",
    ):
        assert said in words
    kinds = [kind for kind, _ in tags_of(pdf)]
    assert kinds[0] == "H1" and "H2" in kinds and "H3" in kinds


def test_long_words_stay_in_their_place(app: Flask, given: Given) -> None:
    with app.test_request_context():
        for lang in ("en", "uk", "ar"):
            badge = replace(printed(given.award), name=LONG[lang], description=LONG[lang] * 3, lang=lang)
            one = CvBadge(badge, LONG[lang] * 4, [LONG[lang]])
            paper = draw_cv(Cv(LONG[lang], LONG[lang] * 9, [one] * 5))
            assert [pair for pair in combinations(paper.placed, 2) if overlap(*pair)] == []
            assert all(placed.box.y + placed.box.h < 290 for placed in paper.placed)


def test_a_cv_may_have_no_badges_and_no_name(app: Flask) -> None:
    with app.test_request_context():
        assert read_all(cv_pdf(Cv("", "", []))) == []
