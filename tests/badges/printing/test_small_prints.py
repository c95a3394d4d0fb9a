"""Wallet cards and stickers: the right size, every code read back, nothing over the edge."""

from itertools import combinations

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.badges import giving, services
from server.badges.models import Achievement
from server.badges.printing.card import draw_card
from server.badges.printing.certificate import Wishes, draw_certificate
from server.badges.printing.check import CodeUnreadable, checked, read_all
from server.badges.printing.facts import Printed, printed, short_address
from server.badges.printing.stickers import draw_stickers
from server.badges.printing.tagged import TaggedPaper
from server.core.paper import Box
from server.core.qr import QUIET, draw_qr
from tests.badges.conftest import Given
from tests.badges.printing.test_certificate import tags_of, words_of
from tests.cast import NOON, Museum
from tests.codes.test_sheets import LONG, overlap

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def sizes(pdf: bytes) -> list[tuple[int, int]]:
    document = pypdfium2.PdfDocument(pdf)
    found = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in document]
    document.close()
    return found  # type: ignore[return-value]


def test_a_wallet_card_is_a6_with_its_code_and_a_typed_name(client: FlaskClient, given: Given) -> None:
    address = f"/credentials/{given.award.credential_id}/card.pdf"
    pdf = client.post(address, data={"name": "Ada Lovelace"}).data
    assert sizes(pdf) == [(105, 148)]
    assert "Ada" not in words_of(
        client.get(address, query_string={"name": "Ada"}).data
    )  # names are in no address
    assert "Ada Lovelace" in words_of(pdf) and "River explorer" in words_of(pdf)
    assert read_all(pdf) == read_all(client.get(f"/credentials/{given.award.credential_id}.pdf").data)
    assert [kind for kind, _ in tags_of(pdf)].count("H1") == 1


def test_a_page_has_24_stickers_of_one_badge(client: FlaskClient, given: Given) -> None:
    pdf = client.get(f"/credentials/{given.award.credential_id}/stickers.pdf").data
    assert sizes(pdf) == [(210, 297)]
    assert len(read_all(pdf)) == 24


def test_all_badges_of_a_learner_are_on_one_page(
    client: FlaskClient, given: Given, db: Session, museum: Museum, ada: Learner
) -> None:
    like = museum.achievement
    other = Achievement(organiser_id=like.organiser_id, name={"en": "Bridge builder"}, description={"en": "x"}, criteria={"en": "x"}, design=like.design, alignments=[], tags=[], created_at=NOON)  # fmt: skip
    db.add(other)
    db.flush()
    claim = giving.Claim(museum.codes[0].id, given.award.id, {"level": 1}, NOON)
    second = giving.award_claimed(db, ada.id, other, claim, NOON)
    db.commit()
    ids = [given.award.credential_id, second.credential_id]
    pdf = client.post(f"/credentials/{ids[0]}/stickers.pdf", data={"badge": ids}).data
    assert len(set(read_all(pdf))) == 2
    assert "Bridge builder" in words_of(pdf)
    lost = client.post(f"/credentials/{ids[0]}/stickers.pdf", data={"badge": [*ids, "nope"]})
    assert lost.status_code == 404


def test_a_code_that_cannot_be_read_is_handed_to_nobody(app: Flask, given: Given) -> None:
    with app.test_request_context():
        badge = printed(given.award)
        paper = draw_card(badge)
        code = next(one.box for one in paper.placed if one.what == "QR")
        paper.fill(code.inside(code.w / 4), "#ffffff")
        with pytest.raises(CodeUnreadable):
            checked(paper, [badge.short])


@pytest.mark.parametrize("lang", ["en", "uk", "ar"])
def test_long_words_fit_on_every_print(app: Flask, given: Given, db: Session, lang: str) -> None:
    achievement = given.award.achievement
    achievement.name = achievement.description = LONG
    achievement.criteria = {one: f"{text}\n\n" * 12 for one, text in LONG.items()}
    achievement.organiser.name = LONG
    db.flush()
    with app.test_request_context():
        badge = printed(given.award, lang)
        for paper in _all(badge):
            on_paper(paper)
            assert read_all(bytes(paper.output()))


def _all(badge: Printed) -> list[TaggedPaper]:
    name = "Ада Лавлейс " * 6
    certificate = draw_certificate(badge, Wishes(name, draw_qr("OB3:" + "A" * 900)))
    return [certificate, draw_card(badge, name), draw_stickers([badge])]


def on_paper(paper: TaggedPaper) -> None:
    for one in paper.placed:
        inside = Box(one.box.x, one.box.y, one.box.w, one.box.h)
        assert inside.x > 1 and inside.x + inside.w < paper.w - 1, one
        assert inside.y > 1 and inside.y + inside.h < paper.h - 1, one
    assert [pair for pair in combinations(paper.placed, 2) if overlap(*pair)] == []


def test_a_printed_address_makes_a_small_code(app: Flask, given: Given) -> None:
    """Version 3 (29 modules) for most hosts, version 2 (25) for one of eleven characters."""
    with app.test_request_context():
        said = short_address(given.award.credential_id)
    assert said == f"HTTP://LOCALHOST:8000/C/{given.award.credential_id[:16].upper()}"
    for host, modules in (("learn.velamond", 29), ("b.velamo.nd", 25)):
        address = f"https://{host}/C/{given.award.credential_id[:16]}".upper()
        assert draw_qr(address).size - 2 * QUIET == modules


def test_a_withdrawn_badge_is_on_no_card(client: FlaskClient, given: Given, db: Session) -> None:
    services.revoke(given.award, "Given by mistake", NOON)
    db.commit()
    for kind in ("card", "stickers"):
        assert client.get(f"/credentials/{given.award.credential_id}/{kind}.pdf").status_code == 410
