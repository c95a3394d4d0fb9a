"""Each mail, of whichever domain, can be written in each language, twice the same, and with nothing that is fetched."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta

from server.config import Config
from server.core.i18n import LANGUAGES
from server.post.services import write
from tests.cast import NOON, Museum

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
SERVER = Path(__file__).parents[2] / "server"
OWN = {"layout", "parts"}
NAMES = sorted({one.stem for one in SERVER.glob("*/templates/post/*.*")} - OWN)
FACTS = {"at": NOON, "until": NOON, "count": 3, "number": 3, "badges": ["River <explorer>"], "url": "https://learn.example/en/x#secret"}  # fmt: skip
"""What a mail may be told, by name; whatever else it names is a text."""


def facts_of(app: Flask, name: str) -> dict[str, object]:
    named: set[str] = set()
    for form in ("txt", "html"):
        source, *_ = app.jinja_env.loader.get_source(app.jinja_env, f"post/{name}.{form}")  # type: ignore[union-attr]
        named |= meta.find_undeclared_variables(app.jinja_env.parse(source))
    named -= {"city", "lang", *app.jinja_env.globals}
    return {one: FACTS.get(one, f"<{one}> & co") for one in named}


def links(text: str) -> set[str]:
    return set(re.findall(r"https?://[^\s\"<>]+", text))


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_can_be_written_in_every_language(name: str, app: Flask, museum: Museum) -> None:
    for lang in LANGUAGES:
        mail = write(museum.city, "ada@example.org", name, lang, at=NOON, **facts_of(app, name))
        assert mail.subject and len(mail.subject) < 120 and not mail.text.startswith("Subject")
        assert "{" not in mail.text + mail.subject and "None" not in mail.text
        assert f'lang="{lang}"' in mail.html and unescape(mail.html).count(mail.subject) >= 2
        assert links(unescape(mail.html)) == links(mail.text)
        assert all(one.startswith(("http://localhost:8000/", "https://learn.example/")) for one in links(mail.text))  # fmt: skip
        assert not re.search(r"<(img|script|link|iframe|form|video)\b|url\(|src=", mail.html)
        assert not re.search(r"<[a-z_]+> & co", mail.html), "what is told is escaped"


def test_each_mail_has_both_forms(config: Config) -> None:
    for name in NAMES:
        assert {one.suffix for one in SERVER.glob(f"*/templates/post/{name}.*")} == {".txt", ".html"}, name


def test_a_language_that_we_do_not_speak_becomes_the_citys_first(app: Flask, museum: Museum) -> None:
    museum.city.languages = ["xx", "nl", "en"]
    assert (
        write(museum.city, "ada@example.org", "test", "", at=NOON, url="https://learn.example/").lang == "nl"
    )
