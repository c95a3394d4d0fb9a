"""Competences of the demo's badges have a page, for whoever meets their address in a credential."""

import pytest
from flask.testing import FlaskClient

from server.demo import content
from tests.cast import Museum
from tests.test_caching import fetch

LINKED = sorted(
    {
        one["url"]
        for playlist in content.read().playlists
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
    for playlist in content.read().playlists:
        for one in playlist.achievement.alignments:
            if one["url"].startswith("/"):
                assert f"<h1>{one['name']}</h1>" in client.get(one["url"]).text


@pytest.mark.parametrize("path", ["lifecomp/X9", "lifecomp/l2", "other/L2", "lifecomp/%00"])
def test_no_other_competence_is_made_up(client: FlaskClient, museum: Museum, path: str) -> None:
    assert client.get(f"/frameworks/{path}").status_code == 404
