"""The check page before every form of our own badges, before endorsements, and before issuers that nobody here knows."""

import io
import json
import warnings
from dataclasses import replace
from typing import Any

import pytest
import qrcode
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.badges import resolver, services
from server.badges.printing.whole import draw_whole
from server.badges.verification import Fetched
from server.core.db import utc_now
from server.endorsements import services as endorsements
from server.endorsements.services import Words
from server.endorsements.targets import BADGE, find_target
from tests.badges.conftest import Given
from tests.badges.test_pages import check, path
from tests.cast import Museum, make_organiser
from tests.independent import material

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
OK, FAILED = 'data-verdict="ok"', 'data-verdict="failed"'


def ob2(given: Given) -> str:
    return f"http://localhost:8000/ob2/assertions/{given.award.credential_id}"


def test_a_badge_of_2_0_holds_until_it_is_withdrawn(client: FlaskClient, given: Given, db: Session) -> None:
    assertion = client.get(ob2(given)).get_data(as_text=True)
    for form in ({"badge": assertion}, {"badge": ob2(given)}, {"address": ob2(given)}):
        text = check(client, **form)[1]
        assert OK in text and text.count('data-state="ok"') == 4
        assert "River explorer" in text
    services.revoke(given.award, "Given by mistake", utc_now())
    db.commit()
    for form in ({"badge": assertion}, {"badge": ob2(given)}, {"address": ob2(given)}):
        text = check(client, **form)[1]
        assert FAILED in text and "The issuer has withdrawn it." in text


def test_a_changed_badge_of_2_0_fails(client: FlaskClient, given: Given) -> None:
    assertion = json.loads(client.get(ob2(given)).data)
    assert FAILED in check(client, badge=json.dumps({**assertion, "issuedOn": "2020-01-01T00:00:00Z"}))[1]


@pytest.mark.parametrize("ending", [".svg", ".jwt", ".png"])
def test_every_file_of_a_badge_is_checked(client: FlaskClient, given: Given, ending: str) -> None:
    content = client.get(path(given, ending)).data
    assert OK in check(client, file=(io.BytesIO(content), f"badge{ending}"))[1]


def test_the_code_of_a_certificate_is_read_from_text_and_picture(client: FlaskClient, given: Given) -> None:
    whole = draw_whole(given.award)
    assert whole and whole.text.startswith("OB3:")
    assert OK in check(client, badge=f"  {whole.text}\n")[1]
    assert OK not in check(client, badge=whole.text[:-9] + "000000000")[1]
    picture = io.BytesIO()
    qrcode.make(whole.text, box_size=4, error_correction=qrcode.ERROR_CORRECT_L).get_image().convert("RGB").save(picture, "JPEG")  # fmt: skip
    assert OK in check(client, file=(io.BytesIO(picture.getvalue()), "photo.jpg"))[1]


def test_a_record_names_its_badges_and_fails_with_one_of_them(
    client: FlaskClient, given: Given, db: Session
) -> None:
    record = client.get(f"/clr/playlists/{given.award.credential_id}").get_data(as_text=True)
    text = check(client, badge=record)[1]
    assert OK in text and "This is a record" in text and "<bdi>River explorer</bdi>" in text
    services.revoke(given.award, "Given by mistake", utc_now())
    db.commit()
    text = check(client, badge=record)[1]
    assert FAILED in text and "“River explorer”: The issuer has withdrawn it." in text


def test_an_endorsement_says_who_says_what_about_what(
    client: FlaskClient, given: Given, museum: Museum, db: Session
) -> None:
    school, sara = make_organiser(db, museum.city, "River School", "sara@example.org")
    about = find_target(db, BADGE, museum.achievement.series)
    said = endorsements.endorse(db, school, sara, about, Words("They <b>know</b> it.", "en"), utc_now())
    db.commit()
    text = check(client, badge=said.signed.decode())[1]
    assert OK in text and "This is an endorsement" in text and "It is no badge itself" in text
    assert "They &lt;b&gt;know&lt;/b&gt; it." in text and about.subject in text
    assert "<bdi>River School</bdi>" in text
    endorsements.revoke(db, said, "", utc_now())
    db.commit()
    text = check(client, badge=said.signed.decode())[1]
    assert FAILED in text and "Do not trust this endorsement" in text


class Elsewhere:
    """The network, as far as these tests go: the museum that `material` knows."""

    def fetch(self, url: str) -> Fetched | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one of its keys is weak, as a forger's may be
            page: Any = material.pages().get(url)
        return Fetched(200, json.dumps(page).encode()) if page else None


def test_an_issuer_that_nobody_here_knows_never_looks_like_one_of_ours(
    app: Flask, client: FlaskClient, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], verify_fetch=True)
    monkeypatch.setattr(resolver, "Outside", Elsewhere)
    signed = material.signed(
        material.credential(validFrom="2026-01-01T00:00:00Z"), created="2026-01-01T00:00:00Z"
    )
    text = check(client, badge=json.dumps(signed))[1]
    assert 'data-vouched="no"' in text and text.count("state-domain") == 2
    assert "Signed by museum.example, and it still holds" in text
    assert "Genuine" not in text and "Nobody here vouches" in text and "web site only" in text
    assert 'data-vouched="yes"' in check(client, badge=given.award.signed.decode())[1]
