"""The playlist's page, and its rule in words."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.playlists.services import rule_words
from tests.activities.test_stop_page import props_of, schema_of
from tests.cast import Museum


def test_a_playlist_lists_its_stops_and_badge_without_javascript(client: FlaskClient, museum: Museum) -> None:
    page = client.get("/en/playlists/museum-visit").text
    for number in range(4):
        assert f'href="/en/activities/stop-{number}"' in page
    assert page.count("No signal here") == 1
    assert page.count(">Required<") == 3
    assert "River explorer" in page
    assert "<strong>Come</strong> in." in page


def test_the_rule_is_a_sentence(museum: Museum, db: Session) -> None:
    assert rule_words(museum.playlist) == "Do the 3 required stops and any 1 of the other 1."
    museum.playlist.items[0].required = False
    museum.playlist.choose = 2
    assert rule_words(museum.playlist) == "Do the 2 required stops and any 2 of the other 2."
    for item in museum.playlist.items:
        item.required = True
    assert rule_words(museum.playlist) == "Do all 4 required stops."
    for item in museum.playlist.items:
        item.required = False
    assert rule_words(museum.playlist) == "Do any 2 of the 4 stops."


def test_the_island_knows_the_rule(client: FlaskClient, museum: Museum) -> None:
    props = props_of(client.get("/nl/playlists/museum-visit").text, "playlist")
    assert props["playlist"]["title"] == "Museum visit (nl)"
    assert props["rules"]["required"] == [one.id for one in museum.activities[:3]]
    assert props["rules"]["choose"] == 1
    assert [one["required"] for one in props["activities"]] == [True, True, True, False]


def test_search_engines_read_a_course(client: FlaskClient, museum: Museum) -> None:
    schema = schema_of(client.get("/en/playlists/museum-visit").text)
    assert (schema["@type"], len(schema["hasPart"])) == ("Course", 4)
