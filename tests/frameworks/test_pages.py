"""Competences of the demo's badges have a page, for whoever meets their address in a credential."""

from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.core.i18n import pick
from server.demo.reading import read
from server.frameworks.catalogue import frameworks
from server.frameworks.services import align
from tests.cast import Museum
from tests.test_caching import fetch

LINKED = sorted(
    {
        one["url"]
        for playlist in read().playlists
        for one in playlist.achievement.alignments
        if one["url"].startswith("/")
    }
)


@pytest.mark.parametrize("url", LINKED)
def test_every_linked_competence_is_explained_in_every_language(
    client: FlaskClient, museum: Museum, url: str
) -> None:
    pages = [fetch(client, url, Accept_Language=lang) for lang in ("en", "nl", "es")]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len({page.text for page in pages}) == 3
    assert all("LifeComp" in page.text and "Accept-Language" in page.headers["Vary"] for page in pages)


def test_a_competence_has_the_name_that_the_badge_gives_it(client: FlaskClient, museum: Museum) -> None:
    for playlist in read().playlists:
        for one in playlist.achievement.alignments:
            if one["url"].startswith("/"):
                assert f"<h1>{one['name']}</h1>" in client.get(one["url"]).text


@pytest.mark.parametrize("path", ["lifecomp/X9", "lifecomp/l2", "other/L2", "lifecomp/%00"])
def test_no_other_competence_is_made_up(client: FlaskClient, museum: Museum, path: str) -> None:
    assert client.get(f"/frameworks/{path}").status_code == 404


def test_a_competence_leads_to_the_badges_of_this_city_that_stand_for_it(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    museum.achievement.alignments = [align(db, "/frameworks/lifecomp/L2")]
    db.commit()
    assert "River explorer" in client.get("/frameworks/lifecomp/L2").text
    assert "River explorer" not in client.get("/frameworks/lifecomp/L1").text
    museum.achievement.state = "draft"
    db.commit()
    assert "River explorer" not in client.get("/frameworks/lifecomp/L2").text


def test_every_framework_lists_what_it_holds_and_can_be_searched(client: FlaskClient, museum: Museum) -> None:
    shown = client.get("/frameworks").text
    for key, told in frameworks().items():
        assert f'href="/frameworks/{key}"' in shown
        page = client.get(f"/frameworks/{key}").text
        assert all(pick(one.labels, "en") in unescape(page) for one in told.entries)
    assert "demonstrate curiosity" in client.get("/frameworks?q=curios").text


def test_an_esco_skill_has_a_page_that_names_its_own_address_and_language(
    client: FlaskClient, museum: Museum
) -> None:
    page = client.get("/frameworks/esco/429062f1-a958-43ea-83dd-4e1af078c156?lang=nl").text
    assert 'href="http://data.europa.eu/esco/skill/429062f1-a958-43ea-83dd-4e1af078c156"' in page
    assert '<h1 lang="en">demonstrate curiosity</h1>' in page


def test_every_alignment_of_the_demo_is_a_term(db: Session) -> None:
    for playlist in read().playlists:
        for one in playlist.achievement.alignments:
            known = align(db, one["url"])
            assert {**known, "url": one["url"]} == one
            assert known["url"].endswith(one["url"])
