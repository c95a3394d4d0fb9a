"""What a badge may rest on: activities, playlists and badges of all organisers, as lists name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.activities.models import Activity
from server.activities.services import activity_url
from server.badges import series
from server.badges.models import Achievement
from server.core.db import db
from server.core.i18n import gettext, language, pick
from server.playlists.models import Playlist
from server.playlists.services import playlist_url

KINDS: dict[str, type[Activity] | type[Playlist]] = {"playlist": Playlist, "activity": Activity}


@dataclass(frozen=True)
class Thing:
    """One of them: how a form refers to it (`kind:id`), its name with its organiser's, and its page."""

    key: str
    name: str
    path: str


def things_of(milestone: Mapping[str, Any]) -> list[Thing]:
    """Name what a milestone counts; what is gone is left out."""
    found = (find_thing(one["kind"], one["id"]) for one in milestone.get("of", []))
    return [one for one in found if one]


def find_thing(kind: str, id: str) -> Thing | None:
    """Find an activity, a playlist or a badge (by its series) of any organiser."""
    if kind == "series":
        badge = series.current(db.session(), id)
        return badge_thing(badge) if badge else None
    found = db.session.get(KINDS[kind], id) if kind in KINDS else None
    return thing(found) if isinstance(found, Activity | Playlist) else None


def badge_thing(badge: Achievement) -> Thing:
    words = gettext("Badge: %(name)s", name=series.named(badge))
    return Thing(f"series:{badge.series}", words, path_of(badge, language()))


def thing(about: Activity | Playlist) -> Thing:
    name = f"{pick(about.title)} · {pick(about.organiser.name)}"
    if isinstance(about, Activity):
        return Thing(
            f"activity:{about.id}", gettext("Activity: %(name)s", name=name), path_of(about, language())
        )
    return Thing(f"playlist:{about.id}", gettext("Playlist: %(name)s", name=name), path_of(about, language()))


def path_of(about: Activity | Playlist | Achievement, lang: str) -> str:
    if isinstance(about, Achievement):
        return f"/{lang}/achievements/{about.id}"
    return activity_url(about, lang) if isinstance(about, Activity) else playlist_url(about, lang)
