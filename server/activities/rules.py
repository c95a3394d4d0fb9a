"""What an activity asked for at other times than now: all of its tasks but their words."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from server.activities.models import Task

JUDGED = ("id", "kind", "required", "options", "accepted", "tolerance", "step", "max_length", "review")
"""What of a task decides whether work satisfies it."""


def write_tasks(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Write tasks as `activity_rules` keeps them."""
    return [{name: getattr(task, name) for name in JUDGED} for task in tasks]


def read_tasks(activity_id: str, tasks: Sequence[dict[str, Any]]) -> list[Task]:
    """Read tasks as `activity_rules` keeps them: like the model, but only its values, and no words."""
    return [cast(Task, SimpleNamespace(**one, activity_id=activity_id)) for one in tasks]
