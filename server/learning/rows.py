"""What a learner's feed says about their learning: one row for each thing, under a key."""

from datetime import UTC, datetime
from typing import Any

from server.activities.models import Task
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.playlists.models import Playlist

Keyed = tuple[str, dict[str, Any]]
"""A key and its row."""


def write_time(at: datetime) -> str:
    """Write a moment as feeds have it: ISO 8601, UTC, with Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def saved_row(playlist: Playlist) -> Keyed:
    """A playlist that the learner saved on one of their phones: others offer it."""
    return f"saved:{playlist.id}", {"playlist": playlist.id, "title": playlist.title, "slug": playlist.slug}


def check_in_key(check_in: CheckIn) -> str:
    """Name a check-in: one for each activity outside sessions, and one for each session."""
    session = f":{check_in.occurrence}" if check_in.occurrence else ""
    return f"checkin:{check_in.activity_id}{session}"


def check_in_row(check_in: CheckIn, point: str | None) -> Keyed:
    """`occurrence` is left out of what happened outside sessions, `over` of who had a place."""
    row = {
        "activity": check_in.activity_id,
        "point": point,
        "level": check_in.level,
        "time": check_in.time,
        "at": write_time(check_in.at),
        "event": check_in.event_id,
    }
    session = {"occurrence": check_in.occurrence} if check_in.occurrence else {}
    over = {"over": True} if check_in.over else {}
    return check_in_key(check_in), {**row, **session, **over}


def task_row(task: Task, done: Answer | Evidence, note: str = "") -> Keyed:
    """`note` is what the organiser says of it; left out when there is none."""
    row = {
        "task": task.id,
        "activity": task.activity_id,
        "state": done.state,
        "tries": getattr(done, "tries", 1),  # of an answer
        "at": write_time(done.at),
        "event": done.event_id,
    }
    return f"task:{task.id}", {**row, "note": note} if note else row


def completion_row(completion: Completion) -> Keyed:
    what = (
        f"activity:{completion.activity_id}"
        if completion.activity_id
        else f"playlist:{completion.playlist_id}"
    )
    row = {"id": completion.id, "at": write_time(completion.at), "assurance": completion.assurance}
    return f"completion:{what}", row


def award_row(row: dict[str, Any]) -> Keyed:
    return f"award:{row['id']}", row
