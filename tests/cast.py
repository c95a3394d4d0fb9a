"""The cast: Ada learns, Omar organises the museum, Rita reviews, Eve must see nothing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.activities.models import Activity, Task
from server.badges.models import Achievement
from server.cities.models import City
from server.codes.models import Code, Point
from server.organisers.models import Member, Organiser
from server.playlists.models import Playlist, PlaylistItem

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""A quiet Monday, so that tests need no clock."""


@dataclass
class Museum:
    """A small museum: four stops (three required, one of the rest), all kinds of tasks, posters and a window."""

    city: City
    organiser: Organiser
    omar: User
    playlist: Playlist
    achievement: Achievement
    activities: list[Activity] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    mark: str = ""

    def code(self, number: int) -> Code:
        return self.codes[number]

    def task(self, number: int, kind: str) -> Task:
        return next(t for t in self.activities[number].tasks if t.kind == kind)


def texts(english: str) -> dict[str, str]:
    return {"en": english, "nl": f"{english} (nl)", "es": f"{english} (es)"}


def make_organiser(session: Session, city: City, name: str, email: str) -> tuple[Organiser, User]:
    slug = name.lower().replace(" ", "-")
    organiser = Organiser(city_id=city.id, slug=slug, name=texts(name), about=texts(f"About {name}"))
    user = User(name=name, email=email, created_at=NOON)
    session.add_all([organiser, user])
    session.flush()
    session.add(Member(organiser_id=organiser.id, user_id=user.id, role="owner"))
    return organiser, user


def make_city(session: Session, slug: str, host: str | None = None) -> City:
    city = City(slug=slug, host=host, name=slug.capitalize(), tagline=texts("A river town"), about=texts("About"), picture_alt={}, languages=["en", "nl", "es"], timezone="Europe/Amsterdam")  # fmt: skip
    session.add(city)
    session.flush()
    return city


def make_museum(session: Session, city: City | None = None, mark: str = "") -> Museum:
    """Build the museum that most tests walk through; with a mark, another one like it beside it.

    A mark is one capital letter: it ends names and addresses, and stands in the codes.
    """
    city = city or make_city(session, "testbridge")
    end = f"-{mark.lower()}" if mark else ""
    organiser, omar = make_organiser(session, city, f"Town Museum {mark}".strip(), f"omar{end}@example.org")
    playlist = Playlist(organiser_id=organiser.id, slug=f"museum-visit{end}", title=texts(f"Museum visit {mark}".strip()), summary=texts("See it"), body=texts("**Come** in."), picture_alt={}, minutes=70, choose=1, updated_at=NOON)  # fmt: skip
    session.add(playlist)
    session.flush()
    achievement = Achievement(
        organiser_id=organiser.id, playlist_id=playlist.id, name=texts("River explorer"),
        description=texts("Explored the museum"), criteria=texts("Visited the stops and answered."),
        design={"shape": "circle", "colours": ["#14506b", "#e9b44c"], "icon": "river", "text": {"en": "2026"}},
        alignments=[{"name": "think analytically", "url": "http://data.europa.eu/esco/skill/x", "framework": "ESCO", "code": "", "type": "ext:esco:Skill"}],
        tags=["river"], created_at=NOON,
    )  # fmt: skip
    session.add(achievement)
    session.flush()
    museum = Museum(city, organiser, omar, playlist, achievement, mark=mark)
    kinds: list[list[dict[str, Any]]] = [
        [{"kind": "checkin"}, {"kind": "choice", "options": [{"id": "a", "text": texts("Salt")}, {"id": "b", "text": texts("Gold")}], "accepted": ["a"]}],
        [{"kind": "checkin"}, {"kind": "number", "accepted": ["1856"], "tolerance": "2", "step": "1"}],
        [{"kind": "checkin"}, {"kind": "text", "max_length": 200}, {"kind": "photo"}],
        [{"kind": "checkin"}, {"kind": "choices", "options": [{"id": c, "text": texts(c)} for c in "abc"], "accepted": ["a,c"]}],
    ]  # fmt: skip
    for number, tasks in enumerate(kinds):
        _add_stop(session, museum, number, tasks)
    session.flush()
    return museum


def _add_stop(session: Session, museum: Museum, number: int, tasks: list[dict[str, Any]]) -> None:
    mark, end = museum.mark, f"-{museum.mark.lower()}" if museum.mark else ""
    activity = Activity(
        organiser_id=museum.organiser.id, slug=f"stop-{number}{end}", title=texts(f"Stop {number} {mark}".strip()),
        summary=texts("A stop"), body=texts("Look *closely*."), place=texts("Room"), signal=number != 2,
        minutes=10, languages=["en"], skills=[], picture_alt={}, audio_text={}, updated_at=NOON,
    )  # fmt: skip
    session.add(activity)
    session.flush()
    for position, task in enumerate(tasks):
        defaults: dict[str, Any] = {
            "options": [],
            "accepted": [],
            "hint": {},
            "unit": {},
            "salt": f"salt{number}{position}",
        }
        prompt = texts("Check in here" if task["kind"] == "checkin" else f"What of {task['kind']}?")
        session.add(Task(activity_id=activity.id, position=position, prompt=prompt, **{**defaults, **task}))
    session.add(
        PlaylistItem(
            playlist_id=museum.playlist.id, activity_id=activity.id, position=number, required=number < 3
        )
    )
    point = Point(
        id=f"TEST{mark or 'P'}00{number}",
        activity_id=activity.id,
        place=texts("By the door"),
        hint=f"A{number}",
    )
    window = (
        {"opens_at": NOON - timedelta(hours=3), "closes_at": NOON + timedelta(hours=3)} if number == 1 else {}
    )
    code = Code(
        point_id=point.id, level=2 if window else 1, secret=f"SECRET000000{mark or 0}{number:03}",
        typed=None, created_at=NOON - timedelta(days=9), **window,
    )  # fmt: skip
    session.add(point)
    session.flush()
    session.add(code)
    session.flush()
    museum.activities.append(activity)
    museum.codes.append(code)
