"""The demo city is complete, in three languages, and its questions can be answered."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from server.demo.content import KINDS, PICTURES, City
from server.demo.reading import FOLDER, read
from server.demo.table import LANGUAGES, ContentInvalid, Texts

MUSEUM = "museum-visit"


@pytest.fixture(scope="module")
def city() -> City:
    return read()


def _texts(value: object) -> list[Texts]:
    """Find every text below a value."""
    if isinstance(value, dict):
        return [value] if set(value) == set(LANGUAGES) else []
    parts = value if isinstance(value, tuple) else vars(value).values() if hasattr(value, "__dict__") else ()
    return [text for part in parts for text in _texts(part)]


def test_it_is_as_large_as_promised(city: City) -> None:
    assert len(city.organisers) == 3
    assert len(city.activities) >= 12
    assert len(city.playlists) == 3
    assert {o.slug for o in city.organisers} == {a.organiser for a in city.activities}


def test_every_text_is_written_in_three_languages_and_translated(city: City) -> None:
    texts = _texts(city)
    assert len(texts) > 200
    long = [text for text in texts if len(text["en"]) > 30]
    assert all(len(set(text.values())) == 3 for text in long)
    assert all(0.6 < len(text[lang]) / len(text["en"]) < 1.7 for text in long for lang in LANGUAGES)


def test_the_museum_has_seven_stops_in_seventy_minutes(city: City) -> None:
    museum = next(p for p in city.playlists if p.slug == MUSEUM)
    stops = [a for a in city.activities if a.slug in museum.shown]
    assert (len(museum.required), len(museum.optional), museum.choose, museum.order) == (4, 3, 1, "any")
    assert sum(stop.minutes for stop in stops) == museum.minutes == 70
    assert sum(not stop.signal for stop in stops) == 2
    assert {stop.code.level for stop in stops} == {1, 2}
    assert {task.kind for stop in stops for task in stop.tasks} == set(KINDS) - {
        "audio"
    }  # of which the library asks


def test_the_visit_closes_with_a_reflection_that_has_no_wrong_answer(city: City) -> None:
    last = next(p for p in city.playlists if p.slug == MUSEUM).shown[-1]
    tasks = next(a for a in city.activities if a.slug == last).tasks
    assert any(task.kind == "text" and not task.accepted and task.sample for task in tasks)


def test_every_activity_begins_with_a_check_in_and_has_more_to_do(city: City) -> None:
    for activity in city.activities:
        assert [t.kind for t in activity.tasks].index("checkin") == 0, activity.slug
        assert 2 <= len([t for t in activity.tasks if t.required]) <= 3, activity.slug


def test_badges_point_to_a_real_skill_and_to_our_own_page_of_a_competence(city: City) -> None:
    uri = re.compile(r"http://data\.europa\.eu/esco/skill/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    for playlist in city.playlists:
        esco, lifecomp = playlist.achievement.alignments
        assert uri.fullmatch(esco["url"])
        assert lifecomp["url"] == f"/frameworks/lifecomp/{lifecomp['code']}"


def test_pictures_are_small_quiet_and_all_used(city: City) -> None:
    used = {city.picture} | {one.picture for one in (*city.activities, *city.playlists)}
    assert used == {path.name for path in PICTURES.iterdir()}
    for path in PICTURES.iterdir():
        root = ElementTree.fromstring(path.read_bytes())  # noqa: S314 - our own file
        assert path.stat().st_size <= 6144, path.name
        assert root.attrib["viewBox"] == "0 0 800 500"
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"text", "script", "image", "style", "foreignObject"}, path.name
        links = re.findall(r'(?:href|url)\W+([^")]+)', path.read_text())
        assert all(link.startswith("#") or len(link) == 1 for link in links), path.name


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('accepted = ["c,e"]', 'accepted = ["c,z"]', "must be among the options"),
        ('title.nl = "De paal die niets vergeet"', "", "must be written in en, nl, es"),
        ('picture = "flood-pole.svg"', 'picture = "gone.svg"', "there is no picture gone.svg"),
        ('tolerance = "1"', 'tolerance = "a bit"', "a number needs"),
        ("latitude = 51.87210", "latitud = 51.87210", "“latitude” must be float"),
        ("latitude = 51.87210", "latitude = 51.87210\nheight = 3", "nobody knows “height”"),
        ('required = ["flood-pole"', 'required = ["flood-pool"', "there is no activity “flood-pool”"),
        ("minutes = 8", "minutes 8", "museum.toml: "),
    ],
)
def test_a_mistake_in_the_content_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:

    for path in FOLDER.glob("*.toml"):
        text = path.read_text("utf-8")
        changed = text.replace(old, new, 1) if path.name == "museum.toml" else text
        (tmp_path / path.name).write_text(changed, "utf-8")
    with pytest.raises(ContentInvalid, match=re.escape(complaint)):
        read(tmp_path)
