"""Badges on the web: a page for people, files for wallets, and a check that needs no JavaScript."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image
from pypdfium2 import PdfDocument
from sqlalchemy import event
from sqlalchemy.orm import Session

from server.badges import baking, services
from server.core.db import utc_now
from tests.badges.conftest import Given
from tests.badges.making import badge, raw


def path(given: Given, ending: str = "") -> str:
    return f"/credentials/{given.award.credential_id}{ending}"


def test_people_get_a_page_that_says_who_what_and_how_surely(client: FlaskClient, given: Given) -> None:
    response = client.get(path(given))
    text = response.get_data(as_text=True)
    assert response.mimetype == "text/html"
    assert "Town Museum says that the holder of this badge earned it on June 1, 2026." in text
    assert "Genuine, and it still holds" in text
    assert "A photo of it could have been shared." in text
    assert 'property="og:image"' in text
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert {"Accept", "Accept-Language"} <= set(response.headers["Vary"].split(", "))


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_page_says_how_well_how_long_and_what_the_organiser_adds(
    client: FlaskClient, given: Given, db: Session
) -> None:
    award, achievement = given.award, given.award.achievement
    steps = [{"key": "good", "name": {"en": "Good"}, "description": {"en": "Sees most."}}, {"key": "great", "name": {"en": "Great"}, "description": {}}]  # fmt: skip
    achievement.level = "advanced"
    achievement.results = [
        {"key": "eye", "name": {"en": "Looking"}, "levels": steps},
        {"key": "ear", "name": {"en": "Listening"}, "levels": steps},
    ]
    award.results, award.note = {"eye": "good"}, "You saw the heron first."
    award.valid_until = utc_now() + timedelta(days=400)
    db.commit()
    text = client.get(path(given)).text
    said = text[text.index("Who says what") : text.index("What had to be done")]
    for words in ("Advanced", "Looking", "Good", "Sees most.", "until", "You saw the heron first."):
        assert words in said
    assert "Listening" not in said, "nobody judged it"
    assert text.index("Genuine") < text.index("says that the holder") < text.index("Who says what")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_certificate_has_the_whole_badge_where_it_is_ticked(client: FlaskClient, given: Given) -> None:
    assert 'type="checkbox" name="whole"' in client.get(path(given)).text
    pages = [len(PdfDocument(client.get(path(given, f".pdf?{asks}")).data)) for asks in ("", "whole=1")]
    assert pages == [1, 2]


@pytest.mark.parametrize("kind", ["application/vc", "application/vc+ld+json", "application/json"])
def test_wallets_get_the_signed_bytes_at_the_same_address(
    client: FlaskClient, given: Given, kind: str
) -> None:
    response = client.get(path(given), headers={"Accept": kind})
    assert response.data == given.award.signed
    assert response.mimetype == kind
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_files_by_ending(client: FlaskClient, given: Given) -> None:
    assert client.get(path(given, ".json")).data == given.award.signed
    picture = client.get(path(given, ".png"))
    assert baking.unbake(picture.data).encode() == given.award.signed
    assert 'filename="river-explorer.png"' in picture.headers["Content-Disposition"]
    preview = client.get(path(given, "/preview.png"))
    assert Image.open(BytesIO(preview.data)).size == (1200, 630)


def test_unknown_badges_are_not_found(client: FlaskClient, given: Given) -> None:
    for address in ("/credentials/nope", "/credentials/nope.json", "/achievements/nope", "/status/nope", "/orgs/nope/did.json"):  # fmt: skip
        assert client.get(address).status_code == 404


def test_a_withdrawn_badge_says_so_and_why(client: FlaskClient, given: Given, db: Session) -> None:
    services.revoke(given.award, "Given by mistake", utc_now())
    db.commit()
    text = client.get(path(given)).get_data(as_text=True)
    assert "Withdrawn on" in text
    assert "Given by mistake" in text
    assert "Genuine" not in text


@pytest.mark.parametrize("ending", [".json", ".png"])
def test_the_files_of_a_withdrawn_badge_stay_as_signed_and_say_that_it_was(
    client: FlaskClient, given: Given, db: Session, ending: str
) -> None:
    before = client.get(path(given, ending))
    services.revoke(given.award, "Given by mistake", utc_now())
    db.commit()
    after = client.get(path(given, ending))
    assert after.data == before.data
    assert "Streetwise-Withdrawn" not in before.headers
    assert after.headers["Streetwise-Withdrawn"][:10] == utc_now().date().isoformat()
    assert after.headers["Cache-Control"] == "no-cache"


def test_a_list_costs_the_same_however_many_badges_it_holds(
    client: FlaskClient, given: Given, db: Session
) -> None:
    address = f"/status/{given.award.status_list_id}"
    first = client.get(address)
    asked: list[str] = []
    event.listen(db.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert [one for one in asked if "status_lists" in one] and not [one for one in asked if "awards" in one]
    assert first.headers["Cache-Control"] == "public, max-age=300"


def test_an_achievement_has_a_page_in_each_language(client: FlaskClient, given: Given) -> None:
    address = f"/achievements/{given.award.achievement_id}"
    response = client.get(address, headers={"Accept-Language": "nl"})
    assert response.location == f"/nl{address}"
    assert "River explorer (nl)" in client.get(f"/nl{address}").get_data(as_text=True)
    picture = client.get(f"{address}/image.svg")
    assert picture.mimetype == "image/svg+xml"
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert client.get(f"{address}/image.png").mimetype == "image/png"
    assert client.get(f"/xx{address}").status_code == 404


def test_issuer_and_list_are_open_to_any_verifier(client: FlaskClient, given: Given) -> None:
    did = client.get(f"/orgs/{given.award.achievement.organiser_id}/did.json")
    assert did.json and did.json["id"] == given.document["issuer"]["id"]
    listing = client.get(f"/status/{given.award.status_list_id}")
    assert listing.headers["Access-Control-Allow-Origin"] == did.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(listing.data)["id"] == given.document["credentialStatus"]["statusListCredential"]
    assert client.get(f"/status/{given.award.status_list_id}").data == listing.data  # signed once, then kept


def check(client: FlaskClient, **form: object) -> tuple[int, str]:
    response = client.post("/verify", data=form, content_type="multipart/form-data")
    return response.status_code, response.get_data(as_text=True)


def test_a_pasted_badge_is_checked(client: FlaskClient, given: Given) -> None:
    status, text = check(client, badge=given.award.signed.decode())
    assert status == 200
    assert text.count('data-state="ok"') == 4
    assert 'data-verdict="ok"' in text


def test_an_uploaded_picture_is_checked(client: FlaskClient, given: Given) -> None:
    picture = client.get(path(given, ".png")).data
    assert 'data-verdict="ok"' in check(client, file=(BytesIO(picture), "badge.png"))[1]


def test_the_address_of_a_badge_of_ours_is_checked(client: FlaskClient, given: Given) -> None:
    address = given.row["url"]
    assert 'data-verdict="ok"' in client.get("/verify", query_string={"address": address}).get_data(
        as_text=True
    )
    assert 'data-verdict="ok"' in check(client, address=address)[1]
    assert 'data-verdict="ok"' in check(client, badge=address)[1]


def test_a_tampered_badge_fails(client: FlaskClient, given: Given) -> None:
    forged = given.award.signed.decode().replace("River explorer", "River master")
    text = check(client, badge=forged)[1]
    assert 'data-verdict="failed"' in text
    assert "Do not trust this badge" in text


def test_a_foreign_badge_could_not_be_checked(client: FlaskClient, given: Given) -> None:
    assert 'data-verdict="unchecked"' in check(client, badge=raw(badge()).decode())[1]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Please choose a file"),
        ({"address": "https://evil.example/credentials/1"}, "We only open addresses of this site"),
        ({"badge": "hello"}, "This is no badge we can read"),
        ({"badge": "[" * 200_000}, "This is no badge we can read"),
        ({"file": (BytesIO(b"\x89PNG\r\n\x1a\n"), "x.png")}, "damaged"),
    ],
)
def test_what_cannot_be_checked_is_said_in_plain_words(
    client: FlaskClient, given: Given, form: dict[str, object], says: str
) -> None:
    if "file" in form:
        form = {"file": (BytesIO(b"\x89PNG\r\n\x1a\n"), "x.png")}
    status, text = check(client, **form)
    assert 400 <= status < 500
    assert says in text


def test_words_in_a_foreign_badge_are_shown_as_text_only(client: FlaskClient, given: Given) -> None:
    evil = {**badge(), "name": "<script>alert(1)</script>"}
    text = check(client, badge=raw(evil).decode())[1]
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
