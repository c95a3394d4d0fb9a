"""Drafts a badge from what is done in an activity or a playlist. A person reads it before it is given to anybody."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.activities.models import Activity, Task
from server.badges.models import Achievement
from server.core.db import Texts
from server.core.i18n import gettext, ngettext, pick, speaking
from server.organisers.models import Organiser

ACCENT = "#e8a33d"
_ICONS = {"photo": "camera", "audio": "music", "text": "pencil", "number": "compass", "choice": "bulb", "choices": "bulb"}  # fmt: skip


class Stop(Protocol):
    """What a draft needs to know of a playlist's item."""

    required: Any
    activity: Any


class Walk(Protocol):
    """What a draft needs to know of a playlist."""

    id: Any
    organiser: Any
    title: Any
    choose: Any
    items: Any


def draft_for_activity(session: Session, activity: Activity, at: datetime) -> Achievement:
    """Draft an activity's badge from its tasks. One that has a badge, or a draft, keeps it."""
    known = _known(session, Achievement.activity_id == activity.id)
    if known:
        return known
    words = activity_words(activity)
    design = _design("hexagon", _icon(activity.tasks), activity.organiser)
    return _keep(session, activity.organiser, {**words, "design": design, "activity_id": activity.id}, at)


def draft_for_playlist(session: Session, playlist: Walk, at: datetime) -> Achievement:
    """Draft a playlist's badge from its stops, like `draft_for_activity`."""
    known = _known(session, Achievement.playlist_id == playlist.id)
    if known:
        return known
    words = playlist_words(playlist)
    design = _design("circle", "star", playlist.organiser)
    return _keep(session, playlist.organiser, {**words, "design": design, "playlist_id": playlist.id}, at)


def _known(session: Session, about: Any) -> Achievement | None:
    query = select(Achievement).where(about, Achievement.replaced_at.is_(None))
    return session.scalars(query.order_by(Achievement.version)).first()


def _keep(session: Session, organiser: Organiser, told: dict[str, Any], at: datetime) -> Achievement:
    made = Achievement(
        organiser_id=organiser.id, state="draft", alignments=[], tags=[], created_at=at, **told
    )
    session.add(made)
    session.flush()
    return made


def activity_words(activity: Activity) -> dict[str, Texts]:
    """Draft name, description and criteria, in each language in which the activity has a title."""

    def say(lang: str) -> tuple[str, str]:
        title, organiser = pick(activity.title, lang), pick(activity.organiser.name, lang)
        description = gettext("Did “%(title)s” with %(organiser)s.", title=title, organiser=organiser)
        return description, _list([task_words(task, lang) for task in activity.tasks if task.required])

    return _words(activity.title, say)


def playlist_words(playlist: Walk) -> dict[str, Texts]:
    """Draft name, description and criteria, in each language in which the playlist has a title."""

    def say(lang: str) -> tuple[str, str]:
        title, organiser = pick(playlist.title, lang), pick(playlist.organiser.name, lang)
        description = gettext("Finished “%(title)s” by %(organiser)s.", title=title, organiser=organiser)
        return description, _walk_words(playlist, lang)

    return _words(playlist.title, say)


def _words(titles: Texts, say: Callable[[str], tuple[str, str]]) -> dict[str, Texts]:
    told: dict[str, Texts] = {"name": dict(titles), "description": {}, "criteria": {}}
    for lang in titles:
        with speaking(lang):
            told["description"][lang], told["criteria"][lang] = say(lang)
    return told


def _walk_words(playlist: Walk, lang: str) -> str:
    """List what must be done, then of what one chooses."""
    must = [one.activity for one in playlist.items if one.required]
    may = [one.activity for one in playlist.items if not one.required]
    parts = []
    if must:
        parts += [gettext("Did all of these:"), _list([stop_words(one, lang) for one in must])]
    if may and playlist.choose:
        lead = ngettext("Did %(num)s of these:", "Did %(num)s of these:", playlist.choose)
        parts += [lead, _list([stop_words(one, lang) for one in may])]
    return "\n\n".join(parts)


def stop_words(activity: Activity, lang: str) -> str:
    """Say in a line what is done at one stop: its title, and each kind of deed once."""
    deeds = dict.fromkeys(_deed(task) for task in activity.tasks if task.required)
    said = ", ".join(deeds)
    return f"**{pick(activity.title, lang)}**: {said}" if said else f"**{pick(activity.title, lang)}**"


def task_words(task: Task, lang: str) -> str:
    """Say what somebody did who did a task: “Answered: …”."""
    prompt = " ".join(pick(task.prompt, lang).split())
    if task.kind == "checkin":
        return gettext("Was there, and checked in.")
    if task.kind == "photo":
        return gettext("Handed in a photo: %(prompt)s", prompt=prompt)
    if task.kind == "audio":
        return gettext("Handed in a recording: %(prompt)s", prompt=prompt)
    if task.kind == "number":
        return gettext("Found out: %(prompt)s", prompt=prompt)
    if task.kind == "text" and not task.accepted:
        return gettext("Wrote: %(prompt)s", prompt=prompt)
    return gettext("Answered: %(prompt)s", prompt=prompt)


def _deed(task: Task) -> str:
    names = {
        "checkin": gettext("checked in"),
        "photo": gettext("handed in a photo"),
        "audio": gettext("handed in a recording"),
        "number": gettext("found something out"),
        "text": gettext("wrote something") if not task.accepted else gettext("answered a question"),
    }
    return names.get(task.kind, gettext("answered a question"))


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "- " + gettext("Was there, and checked in.")


def _icon(tasks: Sequence[Task]) -> str:
    return next((_ICONS[task.kind] for task in reversed(tasks) if task.kind in _ICONS), "star")


def _design(shape: str, icon: str, organiser: Organiser) -> dict[str, Any]:
    return {"shape": shape, "icon": icon, "colours": [organiser.city.colour, ACCENT], "text": {}}
