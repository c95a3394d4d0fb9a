"""Activities as pages, phones and search engines read them; and the media they show."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.activities.models import Activity, ActivityRules, MediaFile, Task
from server.activities.rules import write_tasks
from server.activities.solutions import accepted_hashes
from server.cities.models import City
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick, speaking
from server.core.rules_of_time import BEGINNING, keep_change
from server.core.storage import files
from server.core.text import fold
from server.organisers.models import Organiser
from server.organisers.offering import OFFERED

MIMES = {
    "svg": "image/svg+xml",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
}
PREVIEW = (1200, 750)
"""Width and height of the picture that chats and social networks show: they want no SVG."""


def store_media(session: Session, content: bytes, ending: str) -> MediaFile:
    """Keep a picture or sound under the hash of its content, once. Raises KeyError for an unknown ending."""
    sha256 = hashlib.sha256(content).hexdigest()
    found = session.get(MediaFile, sha256)
    if found:
        return found
    files().put(media_key(sha256, ending), content)
    media = MediaFile(sha256=sha256, ending=ending, mime=MIMES[ending], size=len(content))
    session.add(media)
    session.flush()
    return media


def media_key(sha256: str, ending: str) -> str:
    return f"media/{sha256}.{ending}"


def preview_of(media: MediaFile) -> bytes:
    """Draw an SVG as PNG, once; other pictures are their own preview."""
    if media.ending != "svg":
        return files().get(media_key(media.sha256, media.ending))
    key = f"previews/{media.sha256}.png"
    if not files().exists(key):
        files().put(key, _draw(files().get(media_key(media.sha256, "svg")).decode()))
    return files().get(key)


def _draw(svg: str) -> bytes:
    import resvg_py

    width, height = PREVIEW
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height))


def preview_path(media: MediaFile | None) -> str | None:
    """Return the address of a picture that previews can show."""
    if media is None:
        return None
    return f"/media/{media.sha256}.png" if media.ending == "svg" else media.url


@dataclass(frozen=True, slots=True)
class NewActivity:
    """What an organiser says of a new activity, in their language."""

    title: str
    place: str
    minutes: int
    lang: str


class TitleNeeded(DomainError):
    status, code = 422, "title_needed"

    def explain(self) -> str:
        return gettext("Give it a title: people see it first.")


def activities_of(session: Session, city: City) -> list[Activity]:
    """List what a city offers, organiser by organiser."""
    query = select(Activity).join(Activity.organiser).where(Organiser.city_id == city.id, OFFERED)
    query = query.options(joinedload(Activity.picture), joinedload(Activity.organiser))
    return list(session.scalars(query.order_by(Activity.id)))


def find_activity(session: Session, city: City, slug: str) -> Activity:
    """Find an activity of a city by its slug; of two organisers with the same slug the first one has it."""
    query = (
        select(Activity).join(Activity.organiser).where(Organiser.city_id == city.id, Activity.slug == slug)
    )
    found = session.scalars(query.options(selectinload(Activity.tasks)).order_by(Activity.id)).first()
    if not found:
        raise NotFound()
    return found


def make_activity(session: Session, organiser: Organiser, told: NewActivity, at: datetime) -> Activity:
    """Make an activity from a title: one comes and checks in. Raises TitleNeeded.

    What was typed is in the writer's language; the task is asked in all of the city's.
    """
    if not told.title:
        raise TitleNeeded()
    city = organiser.city
    activity = Activity(
        organiser=organiser,
        slug=_free_slug(session, city, told.title),
        title={told.lang: told.title},
        summary={},
        body={},
        place={told.lang: told.place} if told.place else {},
        latitude=None,
        longitude=None,
        signal=True,
        minutes=told.minutes,
        age_from=None,
        age_to=None,
        languages=list(city.languages),
        skills=[],
        picture_alt={},
        audio_text={},
        updated_at=at,
    )
    prompt = {lang: _check_in_words(lang) for lang in city.languages}
    activity.tasks = [
        Task(position=0, kind="checkin", prompt=prompt, hint={}, options=[], accepted=[], unit={}, salt="")
    ]
    session.add(activity)
    session.flush()
    return activity


def _check_in_words(lang: str) -> str:
    with speaking(lang):
        return gettext("Scan the code when you are there.")


def _free_slug(session: Session, city: City, title: str) -> str:
    """Make a part of an address from a title, one that no activity of the city has."""
    slug = "-".join(fold(title).encode("ascii", "ignore").decode().split())[:60].strip("-") or "activity"
    query = select(Activity.slug).join(Activity.organiser).where(Organiser.city_id == city.id)
    taken = set(session.scalars(query.where(Activity.slug.startswith(slug))))
    numbered = (f"{slug}-{n}" for n in count(2))
    return slug if slug not in taken else next(one for one in numbered if one not in taken)


def activity_url(activity: Activity, lang: str) -> str:
    return f"/{lang}/activities/{activity.slug}"


def task_view(task: Task, lang: str) -> dict[str, Any]:
    """Write a task as the phone gets it: in one language, with hashes where answers can be checked."""
    return {
        "id": task.id,
        "kind": task.kind,
        "prompt": pick(task.prompt, lang),
        "hint": pick(task.hint, lang) or None,
        "required": task.required,
        "options": [{"id": one["id"], "text": pick(one["text"], lang)} for one in task.options],
        "unit": pick(task.unit, lang) or None,
        "step": task.step,
        "salt": task.salt,
        "accept": accepted_hashes(task),
        "max_length": task.max_length,
    }


def activity_view(activity: Activity, lang: str) -> dict[str, Any]:
    """Name an activity as islands and bundles do."""
    return {
        "id": activity.id,
        "slug": activity.slug,
        "title": pick(activity.title, lang),
        "url": activity_url(activity, lang),
    }


def open_tasks(activity: Activity) -> list[Task]:
    """List the tasks whose answers nobody knows beforehand: what somebody may want to look at."""
    return [task for task in activity.tasks if task.kind != "checkin" and not task.accepted]


def set_checks(activity: Activity, *, confirm: bool, reviewed: Iterable[str], at: datetime) -> None:
    """Say whether the organiser confirms who comes, and of which open tasks they look at the work."""
    activity.confirm, activity.updated_at = confirm, at
    chosen = set(reviewed)
    for task in open_tasks(activity):
        task.review = "organiser" if task.id in chosen else "none"


def media_of(activity: Activity) -> list[MediaFile]:
    return [one for one in (activity.picture, activity.audio) if one]


@contextmanager
def changing_tasks(session: Session, activity: Activity, at: datetime) -> Iterator[None]:
    """Change an activity's tasks inside: what was done before `at` is judged by what they asked for before.

    Add to `activity.tasks`, change the tasks in it, take one out by `remove_task`. Work of another kind is
    another task. Afterwards `learning.changes` finishes for those who have done enough by now.
    """
    before = write_tasks(activity.tasks)
    yield
    session.flush()
    session.expire(activity, ["tasks"])
    after = write_tasks(activity.tasks)
    activity.updated_at = at
    if before != after:
        first = ActivityRules(activity_id=activity.id, since=BEGINNING, tasks=before)
        keep_change(session, first, ActivityRules(activity_id=activity.id, since=at, tasks=after))


def remove_task(task: Task, at: datetime) -> None:
    """Ask for a task no more. It stays, for what was done in it; only inside `changing_tasks`."""
    task.removed_at = at
