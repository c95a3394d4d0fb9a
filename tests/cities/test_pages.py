"""The city's pages: for everyone, in every language, with or without JavaScript."""

import json
import re

import pytest
from flask.testing import FlaskClient

from tests.cast import Museum

LANGUAGES = ("en", "nl", "es")
PATHS = (
    "",
    "playlists/museum-visit",
    "activities/stop-0",
    "scan",
    "learning",
    "badges",
    "people",
    "pass",
    "join",
    "account",
    "enter",
    "door",
    "offline",
    "shell",
)


def main_of(html: str) -> str:
    found = re.search(r'<main id="main".*</main>', html, re.S)
    assert found
    return found.group()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_opens_in_every_language(client: FlaskClient, museum: Museum, lang: str) -> None:
    for path in PATHS:
        answer = client.get(f"/{lang}/{path}")
        assert answer.status_code == 200, path
        assert f'<html lang="{lang}"' in answer.text
        assert answer.headers["Content-Language"] == lang


def test_a_part_is_the_main_of_the_whole_page(client: FlaskClient, museum: Museum) -> None:
    for path in PATHS:
        whole, part = client.get(f"/en/{path}"), client.get(f"/en/{path}?part=1")
        assert part.text.startswith("<title>")
        assert main_of(part.text) == main_of(whole.text)
        title = re.search(r"<title>.*?</title>", whole.text)
        assert title
        assert title.group() in part.text
        assert part.headers["ETag"] != whole.headers["ETag"]


def test_pages_may_be_kept_but_must_be_asked_for_again(client: FlaskClient, museum: Museum) -> None:
    for path in PATHS:
        first = client.get(f"/en/{path}")
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "Cookie" not in first.headers.get("Vary", "")
        again = client.get(f"/en/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, path
        assert not again.data


def test_home_shows_what_there_is_without_javascript(client: FlaskClient, museum: Museum) -> None:
    home = client.get("/nl/").text
    assert 'href="/nl/playlists/museum-visit"' in home
    assert home.count('href="/nl/activities/') == 4
    assert "Museum visit (nl)" in home


def test_places_of_islands_say_something_without_javascript(client: FlaskClient, museum: Museum) -> None:
    for name in ("scan", "learning", "badges", "people", "pass", "join", "account", "enter", "door"):
        main = main_of(client.get(f"/en/{name}").text)
        assert len(re.sub(r"<[^>]+>|\s+", " ", main)) > 100
        assert "<noscript>" in main


def test_the_shell_is_an_empty_layout(client: FlaskClient, museum: Museum) -> None:
    assert re.search(r'<main id="main"[^>]*></main>', client.get("/en/shell").text)


def test_the_front_door_leads_to_the_visitors_language(client: FlaskClient, museum: Museum) -> None:
    answer = client.get("/", headers={"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/es/")
    assert "Accept-Language" in answer.headers["Vary"]


def test_pages_name_themselves_in_other_languages(client: FlaskClient, museum: Museum) -> None:
    page = client.get("/en/playlists/museum-visit").text
    assert '<link rel="canonical" href="http://localhost:8000/en/playlists/museum-visit">' in page
    assert 'hreflang="es" href="http://localhost:8000/es/playlists/museum-visit"' in page
    assert '<a href="/nl/playlists/museum-visit" hreflang="nl"' in page


def test_no_page_needs_an_exception_from_the_policy(client: FlaskClient, museum: Museum) -> None:
    for path in PATHS:
        page = client.get(f"/en/{path}").text
        assert "<style" not in page
        assert not re.search(r"\sstyle=|\son\w+=", page)
        assert all("src=" in s or "ld+json" in s for s in re.findall(r"<script[^>]*>", page))


def test_unknown_addresses_are_friendly_in_the_layout(client: FlaskClient, museum: Museum) -> None:
    for path in ("/en/nothing", "/de/", "/en/playlists/none", "/nl/activities/none", "/media/ab.svg"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404, path
        assert '<main id="main"' in answer.text


def test_an_empty_instance_says_so(client: FlaskClient) -> None:
    answer = client.get("/en/", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "no city here yet" in answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_manifest_makes_the_city_installable(client: FlaskClient, museum: Museum, lang: str) -> None:
    answer = client.get(f"/{lang}/manifest.webmanifest")
    manifest = json.loads(answer.data)
    assert answer.mimetype == "application/manifest+json"
    assert answer.headers["ETag"]
    assert (manifest["name"], manifest["lang"], manifest["display"]) == ("Testbridge", lang, "standalone")
    assert manifest["start_url"].startswith(manifest["scope"])
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("192x192", "maskable"), ("512x512", "maskable"),
    }  # fmt: skip
    for shortcut in manifest["shortcuts"]:
        assert client.get(shortcut["url"]).status_code == 200


def test_robots_stay_out_of_desk_and_codes(client: FlaskClient, museum: Museum) -> None:
    robots = client.get("/robots.txt").text
    assert "Disallow: /desk/" in robots
    assert "Disallow: /s/" in robots
    assert "Disallow: /S/" in robots
