"""The parts of a milestone by name: activities, playlists and badges of all organisers, in all languages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from server.activities.models import Activity
from server.activities.services import activity_url
from server.badges import series
from server.badges.models import Achievement
from server.core.db import Texts
from server.learning.following import Thing
from server.playlists.models import Playlist
from server.playlists.services import playlist_url


@dataclass(frozen=True, slots=True)
class Part:
    """One of them. `path` lacks the language: `/activities/bridge`."""

    kind: str
    id: str
    name: Texts
    by: Texts  # its organiser's name
    path: str


def name_parts(session: Session, things: Iterable[Thing]) -> dict[Thing, Part]:
    """Name things, in three queries at most; what is gone is left out."""
    wanted: dict[str, list[str]] = {"activity": [], "playlist": [], "series": []}
    for kind, id in sorted(things):
        wanted.setdefault(kind, []).append(id)
    found: dict[Thing, Part] = {}
    for activity in session.scalars(_with_owner(Activity, wanted["activity"])) if wanted["activity"] else ():
        path = activity_url(activity, "")[1:]
        found["activity", activity.id] = Part(
            "activity", activity.id, activity.title, activity.organiser.name, path
        )
    for playlist in session.scalars(_with_owner(Playlist, wanted["playlist"])) if wanted["playlist"] else ():
        path = playlist_url(playlist, "")[1:]
        found["playlist", playlist.id] = Part(
            "playlist", playlist.id, playlist.title, playlist.organiser.name, path
        )
    badges = series.currents(session, wanted["series"]) if wanted["series"] else {}
    return found | {("series", id): badge_part(one) for id, one in badges.items()}


def badge_part(one: Achievement) -> Part:
    return Part("series", one.series, one.name, one.organiser.name, f"/achievements/{one.id}")


T = TypeVar("T", Activity, Playlist)


def _with_owner(model: type[T], ids: list[str]) -> Select[T]:
    return select(model).options(joinedload(model.organiser)).where(model.id.in_(ids))
