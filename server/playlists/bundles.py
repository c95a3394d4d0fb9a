"""Bundles: what a phone fetches to have a playlist with no network, every file with its hash.

Nothing here depends on the time or on the app's version: pages are kept as parts, so the same content gives
the same bytes, and an update costs what changed.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from server.activities.models import Activity
from server.activities.services import activity_view, media_of, task_view
from server.core.db import Base, table
from server.playlists.models import Playlist
from server.playlists.services import playlist_url, playlist_view, rules_view

MONTHS_VALID = 3


@dataclass(frozen=True)
class Additions:
    """What other domains add: commitments of codes, sessions, issuers' keys, the badge, and files that are not media."""

    codes: Sequence[dict[str, Any]] = ()
    sessions: Sequence[dict[str, Any]] = ()
    keys: Sequence[dict[str, str]] = ()
    achievement: dict[str, str] | None = None
    files: Sequence[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Bundle:
    version: str
    body: bytes


def build(
    playlist: Playlist,
    lang: str,
    added: Additions,
    render: Callable[[Playlist | Activity], str],
    at: datetime,
) -> Bundle:
    """Write a bundle. `render` draws the part of one page."""
    activities = [item.activity for item in playlist.items]
    pages = [_page(playlist_url(playlist, lang), render(playlist))]
    pages += [_page(activity_view(one, lang)["url"], render(one)) for one in activities]
    media = _media(playlist, activities) + list(added.files)
    content = {
        "playlist": playlist_view(playlist, lang),
        "lang": lang,
        "valid_until": valid_until(at).isoformat().replace("+00:00", "Z"),
        "size": sum(one["size"] for one in [*pages, *media]),
        "pages": pages,
        "media": media,
        "rules": rules_view(playlist),
        "activities": [
            {
                **activity_view(item.activity, lang),
                "picture": item.activity.picture.url if item.activity.picture else None,
                "minutes": item.activity.minutes,
                "required": item.required,
                "signal": item.activity.signal,
                "tasks": [task_view(task, lang) for task in item.activity.tasks],
            }
            for item in playlist.items
        ],
        "sessions": list(added.sessions),
        "codes": list(added.codes),
        "keys": list(added.keys),
        "achievement": added.achievement,
    }
    version = hashlib.sha256(_json(content)).hexdigest()[:32]
    return Bundle(version, _json({**content, "version": version}))


def _page(url: str, part: str) -> dict[str, Any]:
    return {"url": f"{url}?part=1", **digest(part.encode())}


def _media(playlist: Playlist, activities: list[Activity]) -> list[dict[str, Any]]:
    """List pictures and sounds once each, however many stops show them."""
    wanted = [playlist.picture] if playlist.picture else []
    wanted += [media for activity in activities for media in media_of(activity)]
    unique = {one.sha256: one for one in wanted}
    return [{"url": m.url, "sha256": m.sha256, "size": m.size, "mime": m.mime} for m in unique.values()]


def digest(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def valid_until(at: datetime) -> datetime:
    """Return the first day of a month three months ahead: it moves once a month, and with it the version."""
    month = at.month - 1 + MONTHS_VALID
    return datetime(at.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def fingerprint(playlist: Playlist, lang: str, added: Additions, beside: Sequence[Any], at: datetime) -> str:
    """Say cheaply whether anything in a bundle may have changed, without rendering a page.

    Whatever a page could show counts, whether or not somebody noted the time of the change. `beside` is what
    the stops' pages say of other playlists.
    """
    activities = [item.activity for item in playlist.items]
    tasks = [task for activity in activities for task in activity.tasks]
    organisers = [playlist.organiser, *(activity.organiser for activity in activities)]
    shown = [_values(one) for one in (playlist, *playlist.items, *activities, *tasks, *organisers)]
    zone = playlist.organiser.city.timezone
    marks = [shown, beside, lang, valid_until(at), zone, asdict(added)]
    return hashlib.sha256(_json(marks)).hexdigest()


def _values(row: Base) -> list[Any]:
    return [getattr(row, column.key) for column in table(type(row)).c]


def _json(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)
    return text.encode()
