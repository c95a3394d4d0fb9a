"""Other sites show a badge well: by Open Graph, oEmbed, a frame; and programs for CVs read what it says."""

import json
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from flask.testing import FlaskClient

from tests.phone import Phone
from tests.portfolio.conftest import make_link, path


class Head(HTMLParser):
    """What a site reads of a page's head."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[said.get("property") or said.get("name", "")] = said.get("content", "")
        if tag == "link":
            self.links[said.get("type") or said.get("rel", "")] = said.get("href", "")


def test_a_chat_previews_a_badge_with_its_picture(badge: dict[str, Any], client: FlaskClient) -> None:
    meta = Head(client.get(path(badge["url"])).text).meta
    assert meta["og:title"] == "River explorer" and meta["og:url"] == badge["url"]
    picture = client.get(path(meta["og:image"]))
    assert picture.mimetype == "image/png"
    size = [int.from_bytes(picture.data[at : at + 4], "big") for at in (16, 20)]
    assert size == [int(meta["og:image:width"]), int(meta["og:image:height"])]


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_site_finds_oembed_from_the_page_and_gets_a_frame(
    badge: dict[str, Any], client: FlaskClient, kind: str
) -> None:
    found = Head(client.get(path(badge["url"])).text).links
    way = found["application/json+oembed" if kind == "json" else "text/xml+oembed"]
    answer = client.get(path(way))
    said = json.loads(answer.text) if kind == "json" else {e.tag: e.text for e in ElementTree.fromstring(answer.text)}  # fmt: skip  # noqa: S314
    assert (said["type"], said["version"], said["title"]) == ("rich", "1.0", "River explorer")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert f'<iframe src="{badge["url"]}/embed"' in str(said["html"])
    assert client.get(path(said["thumbnail_url"])).mimetype == "image/png"


def test_oembed_keeps_to_the_room_there_is_and_knows_badges_only(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    def ask(url: str, **more: str) -> Any:
        return client.get(
            "/oembed", query_string={"url": url, **more}, headers={"Accept": "application/json"}
        )

    small = ask(badge["url"], maxwidth="200", maxheight="100").json
    assert (small["width"], small["height"]) == (200, 100) and 'width="200"' in small["html"]
    assert ask(badge["url"], maxwidth="-1").json["width"] == 360
    assert ask(badge["url"] + "?lang=nl").status_code == 200
    assert ask(badge["url"], format="yaml").status_code == 501
    for wrong in (
        "",
        badge["url"].rsplit("/", 1)[1],
        "https://elsewhere.example/credentials/x",
        badge["url"] + ".json",
        badge["url"] + "/x",
    ):
        assert ask(wrong).status_code == 404, wrong
    ada.record("award.show", {"award": badge["id"], "visibility": "private"})
    ada.sync()
    assert ask(badge["url"]).status_code == 401


def test_only_the_frame_may_be_framed_and_it_runs_nothing(badge: dict[str, Any], client: FlaskClient) -> None:
    page, frame = client.get(path(badge["url"])), client.get(path(badge["url"]) + "/embed")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    policy = frame.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "script-src" not in policy and "default-src 'none'" in policy
    assert "<script" not in frame.text and "Genuine, and it still holds" in frame.text
    assert f'href="{badge["url"]}"' in frame.text


RESUME = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "basics": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                **{name: {"type": "string"} for name in ("name", "label", "image", "phone", "summary")},
                "email": {"type": "string", "format": "email"},
                "url": {"type": "string", "format": "uri"},
                "location": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
        },
        "certificates": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "date": {
                        "type": "string",
                        "pattern": "^([1-2][0-9]{3}-[0-1][0-9]-[0-3][0-9]|[1-2][0-9]{3}-[0-1][0-9]|[1-2][0-9]{3})$",
                    },
                    "url": {"type": "string", "format": "uri"},
                    "issuer": {"type": "string"},
                },
            },
        },
        "skills": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "level": {"type": "string"},
                    "keywords": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "meta": {"type": "object", "properties": {"version": {"type": "string"}}},
    },
}
"""The rules of JSON Resume 1.0.0 for the parts that we write; it allows further names, we take them for slips."""


def test_a_cv_is_a_page_and_a_file_that_other_programs_read(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    cv = {"label": "Miller", "email": "ada@example.org", "url": "https://ada.example", "city": "Testbridge"}
    said = {"visibility": "private", "name": "Ada", "about": "I like rivers.", "parts": {}, "cv": cv}
    ada.record("portfolio.show", said)
    link = make_link(ada, kind="cv")
    others = [make_link(ada, kind="portfolio"), make_link(ada, badge["id"])]
    ada.sync()
    address = link.path.replace("/l/", "/cv/")
    page = client.get(address).text
    assert "Ada" in page and "Miller" in page and "River explorer" in page and "ada@example.org" in page
    answer = client.get(f"{address}/resume.json")
    found = answer.json
    assert found
    jsonschema.validate(found, RESUME, format_checker=jsonschema.FormatChecker())
    assert found["basics"] == {"name": "Ada", "label": "Miller", "email": "ada@example.org", "url": "https://ada.example", "summary": "I like rivers.", "location": {"city": "Testbridge"}}  # fmt: skip
    assert found["certificates"] == [{"name": "River explorer", "date": "2026-06-01", "issuer": "Town Museum", "url": badge["url"]}]  # fmt: skip
    assert found["skills"] == [{"name": "think analytically", "keywords": ["River explorer"]}]
    for other in others:  # who was shown the badges was not given the mail address
        assert client.get(f"{other.path.replace('/l/', '/cv/')}/resume.json").status_code == 403
        assert "ada@example.org" not in client.get(other.path).text


def test_a_cv_leaves_out_what_only_its_learner_sees(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    link = make_link(ada, kind="cv")
    ada.record("award.show", {"award": badge["id"], "visibility": "private"})
    ada.sync()
    assert "River explorer" not in client.get(link.path).text
    found = client.get(f"{link.path.replace('/l/', '/cv/')}/resume.json").json
    assert found and "certificates" not in found
