"""The stop's page: readable by people, phones and search engines; and the media it shows."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from server.activities.models import MediaFile
from server.activities.services import store_media
from tests.cast import Museum

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 5"><rect width="8" height="5" fill="#14506b"/></svg>'


def props_of(html: str, island: str) -> dict[str, Any]:
    found = re.search(rf"data-island=\"{island}\" data-props='([^']*)'", html)
    assert found
    props: dict[str, Any] = json.loads(found.group(1))
    return props


def schema_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    assert found
    schema: dict[str, Any] = json.loads(found.group(1))
    return schema


def with_picture(db: Session, museum: Museum) -> MediaFile:
    picture = store_media(db, SVG, "svg")
    museum.activities[0].picture_id = picture.sha256
    museum.activities[0].picture_alt = {"en": "A blue square"}
    db.commit()
    return picture


def test_a_stop_is_readable_without_javascript(client: FlaskClient, museum: Museum) -> None:
    page = client.get("/en/activities/stop-0").text
    assert "<h1>Stop 0</h1>" in page
    assert "<em>closely</em>" in page  # Markdown
    assert "What of choice?" in page
    assert "Salt" in page
    assert "10 minutes" in page
    assert "Free" in page
    assert "Stop 1 of 4" in page


def test_a_stop_with_no_signal_says_so(client: FlaskClient, museum: Museum) -> None:
    assert "No signal here" in client.get("/en/activities/stop-2").text
    assert "No signal here" not in client.get("/en/activities/stop-0").text


def test_a_stop_leads_on_to_the_next(client: FlaskClient, museum: Museum) -> None:
    assert 'href="/en/activities/stop-1"' in client.get("/en/activities/stop-0").text
    assert "Next stop" not in client.get("/en/activities/stop-3").text


def test_tasks_never_carry_the_answer_in_clear(client: FlaskClient, museum: Museum) -> None:
    page = client.get("/en/activities/stop-1").text
    task = props_of(page, "stop")["tasks"][1]
    assert "1856" not in page
    assert len(task["accept"]) == 5  # 1854 to 1858
    assert props_of(client.get("/en/activities/stop-2").text, "stop")["tasks"][1]["accept"] is None


def test_props_survive_every_quote(client: FlaskClient, db: Session, museum: Museum) -> None:
    wild = """It's "so" <b>wild</b> & </script>"""
    museum.activities[0].title = {"en": wild}
    db.commit()
    page = client.get("/en/activities/stop-0").text
    assert props_of(page, "stop")["activity"]["title"] == wild
    assert schema_of(page)["name"] == wild
    assert "<b>wild" not in page


def test_search_engines_and_chats_read_what_it_is(client: FlaskClient, db: Session, museum: Museum) -> None:
    picture = with_picture(db, museum)
    page = client.get("/en/activities/stop-0").text
    schema = schema_of(page)
    assert (schema["@type"], schema["timeRequired"]) == ("LearningResource", "PT10M")
    assert schema["provider"]["name"] == "Town Museum"
    assert f'property="og:image" content="http://localhost:8000/media/{picture.sha256}.png"' in page
    assert 'property="og:title" content="Stop 0"' in page
    assert 'alt="A blue square"' in page


def test_media_are_kept_for_ever_under_their_hash(client: FlaskClient, db: Session, museum: Museum) -> None:
    picture = with_picture(db, museum)
    answer = client.get(picture.url)
    assert answer.data == SVG
    assert answer.mimetype == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(picture.url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_svg_has_a_png_for_previews(client: FlaskClient, db: Session, museum: Museum) -> None:
    picture = with_picture(db, museum)
    for _ in range(2):  # drawn, then kept
        answer = client.get(f"/media/{picture.sha256}.png")
        assert answer.mimetype == "image/png"
        assert Image.open(BytesIO(answer.data)).size == (1200, 750)


def test_sound_can_be_played_from_the_middle(client: FlaskClient, db: Session, museum: Museum) -> None:
    sound = store_media(db, bytes(range(100)), "wav")
    museum.activities[0].audio_id = sound.sha256
    museum.activities[0].audio_text = {"en": "A clack"}
    db.commit()
    answer = client.get(sound.url, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.data) == (206, bytes(range(10, 20)))
    assert answer.headers["Content-Range"] == "bytes 10-19/100"
    page = client.get("/en/activities/stop-0").text
    assert "<audio controls" in page
    assert "A clack" in page


def test_the_same_file_is_kept_once(db: Session, museum: Museum) -> None:
    assert store_media(db, SVG, "svg") is store_media(db, SVG, "svg")


@pytest.mark.parametrize(
    ("headers", "status", "size"),
    [
        ({"Range": "bytes=90-"}, 206, 10),
        ({"Range": "bytes=-5"}, 206, 5),
        ({"Range": "bytes=95-999"}, 206, 5),
        ({"Range": "bytes=100-"}, 416, None),
        ({"Range": "bytes=0-9", "If-Range": '"another"'}, 200, 100),
    ],
)
def test_players_get_the_stretch_of_sound_that_they_ask_for(
    client: FlaskClient, db: Session, museum: Museum, headers: dict[str, str], status: int, size: int | None
) -> None:
    sound = store_media(db, bytes(range(100)), "mp3")
    db.commit()
    answer = client.get(sound.url, headers=headers)
    assert answer.status_code == status
    if size is not None:
        assert len(answer.data) == size
    same = client.get(sound.url, headers={"Range": "bytes=0-9", "If-Range": answer.headers.get("ETag", "")})
    assert status == 416 or same.status_code == 206
    asked = client.head(sound.url)
    assert (asked.status_code, asked.data, asked.content_length) == (200, b"", 100)
    assert asked.headers["Accept-Ranges"] == "bytes"
