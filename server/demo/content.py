"""The demo city's content as typed values; `reading.py` reads and checks them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.demo.table import Texts

PICTURES = Path(__file__).parent / "pictures"
KINDS = ("checkin", "choice", "choices", "number", "text", "photo", "audio")


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    role: str


@dataclass(frozen=True)
class Organiser:
    slug: str
    name: Texts
    about: Texts
    url: str
    email: str
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Option:
    id: str
    text: Texts


@dataclass(frozen=True)
class Task:
    """What a learner does; `accepted` is canonical as in the database, `sample` answers an open text."""

    kind: str
    prompt: Texts
    hint: Texts
    required: bool
    options: tuple[Option, ...]
    accepted: tuple[str, ...]
    tolerance: str | None
    step: str | None
    unit: Texts
    max_length: int | None
    review: str
    sample: str


@dataclass(frozen=True)
class Code:
    """Where an activity's code hangs, and how strong it is: 1 poster, 2 window."""

    level: int
    place: Texts


@dataclass(frozen=True)
class Session:
    """When an activity takes place: so many minutes from now, on that day at a full `hour` of the city if one is
    given, for so many minutes. `cancelled` says why it does not."""

    from_now: int
    hour: int | None
    minutes: int
    capacity: int | None
    cancelled: str


@dataclass(frozen=True)
class Activity:
    organiser: str
    slug: str
    title: Texts
    summary: Texts
    body: Texts
    place: Texts
    latitude: float
    longitude: float
    signal: bool
    confirm: bool
    minutes: int
    age_from: int | None
    age_to: int | None
    cost_cents: int
    skills: tuple[Texts, ...]
    picture: str
    picture_alt: Texts
    audio: str | None
    audio_text: Texts
    code: Code
    sessions: tuple[Session, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Achievement:
    name: Texts
    description: Texts
    criteria: Texts
    design: dict[str, Any]
    tags: tuple[str, ...]
    alignments: tuple[dict[str, str], ...]
    level: str
    valid_months: int | None
    renewal: Texts
    results: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Badge:
    """A badge that no playlist leads to: an activity's, a milestone, or one that is given by hand or by code.

    By code: one for up to `cap` people for a month, and `cards` that count once. What it needs and counts is
    named by slugs of playlists, activities and badges that come before it.
    """

    organiser: str
    slug: str
    place: Texts
    cap: int | None
    cards: int
    activity: str
    needs: tuple[str, ...]
    count: int
    of: tuple[str, ...]
    achievement: Achievement


@dataclass(frozen=True)
class Playlist:
    organiser: str
    slug: str
    title: Texts
    summary: Texts
    body: Texts
    picture: str
    picture_alt: Texts
    minutes: int
    order: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    choose: int
    shown: tuple[str, ...]
    achievement: Achievement


@dataclass(frozen=True)
class City:
    slug: str
    name: str
    tagline: Texts
    about: Texts
    picture: str
    picture_alt: Texts
    colour: str
    timezone: str
    languages: tuple[str, ...]
    country: str
    people: tuple[Person, ...]
    organisers: tuple[Organiser, ...]
    activities: tuple[Activity, ...]
    playlists: tuple[Playlist, ...]
    badges: tuple[Badge, ...]
