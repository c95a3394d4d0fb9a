"""What a museum of 40 stops costs to save, and to update when one stop has changed: bytes on the wire, without media.

What is fetched here is what a phone fetches: the manifest, and the files in it that it does not have
(`tests/pwa/saved-playlists.test.js` holds it to that).
"""

import json
import re
import secrets
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.activities.models import Activity, Task
from server.app import create_app
from server.codes.making import make_code, make_point
from server.config import Config
from server.core.db import db, writing
from server.playlists.models import Playlist, PlaylistItem
from tests.e2e.city import RunningCity

STOPS = 40
PERSONAL = ("scan", "learning", "badges", "offline", "")


@dataclass(frozen=True)
class Saved:
    """Bytes on the wire."""

    shell: int
    manifest: int
    pages: int
    update: int
    files_in_update: int


def measure(city: RunningCity) -> Saved:
    """Save a museum of 40 stops from a running city, change one stop, and update."""
    app = create_app(Config(instance=city.instance, base_url=city.base_url))
    with app.app_context():
        with writing() as session:
            playlist = _museum(session).id
        before, manifest = _bundle(city, playlist)
        pages = sum(len(_get(city, one["url"])) for one in before["pages"])
        with writing() as session:
            _change_one(session, playlist)
        after, again = _bundle(city, playlist)
        db.session.remove()
    had = {one["sha256"] for one in before["pages"]}
    changed = [one["url"] for one in after["pages"] if one["sha256"] not in had]
    update = again + sum(len(_get(city, url)) for url in changed)
    return Saved(_shell(city), manifest, pages, update, len(changed))


def _museum(session: Session) -> Playlist:
    """Make a playlist of 40 stops as long as the demo city's own, each with its code."""
    models = session.scalars(select(Activity).order_by(Activity.id)).all()
    at = datetime.now(UTC)
    playlist = Playlist(
        organiser_id=models[0].organiser_id, slug="forty", title={"en": "Forty stops"}, summary={"en": "All of it"},
        body={}, picture_alt={}, minutes=300, choose=0, updated_at=at,
    )  # fmt: skip
    session.add(playlist)
    for number in range(STOPS):
        stop = _copy(models[number % len(models)], number, at)
        stop.organiser_id = models[0].organiser_id
        playlist.items.append(PlaylistItem(activity=stop, position=number, required=True))
        session.flush()
        make_code(session, make_point(session, stop, stop.place), level=1, at=at)
    return playlist


def _copy(model: Activity, number: int, at: datetime) -> Activity:
    tasks = [
        Task(**{**_values(task, "id", "activity_id", "salt"), "salt": secrets.token_hex(16)})
        for task in model.tasks
    ]
    own = _values(model, "id", "organiser_id", "slug", "updated_at")
    return Activity(**own, slug=f"forty-{number}", updated_at=at, tasks=tasks)


def _values(row: Any, *but: str) -> dict[str, Any]:
    return {one.key: getattr(row, one.key) for one in row.__table__.c if one.key not in but}


def _change_one(session: Session, playlist_id: str) -> None:
    stop = session.get_one(Playlist, playlist_id).items[7].activity
    stop.body = {**stop.body, "en": stop.body["en"] + "\n\nThe lift is out of order this week."}
    stop.updated_at += timedelta(minutes=1)


def _bundle(city: RunningCity, playlist: str) -> tuple[dict[str, Any], int]:
    wire = _get(city, f"/api/playlists/{playlist}/bundle?lang=en")
    bundle: dict[str, Any] = json.loads(brotli.decompress(wire))
    return bundle, len(wire)


def _shell(city: RunningCity) -> int:
    """Weigh the worker, all that it keeps by itself, and what it keeps of a language."""
    worker = _get(city, "/service-worker.js")
    precached = re.findall(r'url:"(/[^"]+)"', brotli.decompress(worker).decode())
    layout = _get(city, "/en/shell")
    named = re.findall(r'(?:src|href|data-messages)="(/static/[^"]+)"', brotli.decompress(layout).decode())
    urls = dict.fromkeys([*precached, *named, *(f"/en/{name}?part=1" for name in PERSONAL)])
    return len(worker) + len(layout) + sum(len(_get(city, url)) for url in urls)


def _get(city: RunningCity, path: str) -> bytes:
    """Return what goes over the wire."""
    request = urllib.request.Request(city.base_url + path, headers={"Accept-Encoding": "br"})
    with urllib.request.urlopen(request) as reply:
        content: bytes = reply.read()
    return content
