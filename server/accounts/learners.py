"""What befalls all that is a learner's: two turn out to be one person, or one wants to be forgotten.

Each domain does its part and registers it here; nobody needs to know all of them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

Told = tuple[str, dict[str, Any] | None]
"""A row of a learner's feed, by its key; None takes it away."""
Merge = Callable[[Session, str, str, datetime], list[Told]]
Forget = Callable[[Session, str, datetime], None]
MERGES: list[Merge] = []
FORGETS: list[Forget] = []


def when_merged(merge: Merge) -> Merge:
    """Register how rows go from one learner to another: `merge(session, old, new, at)`; returns what the feed of `new` tells.

    Where both have the same thing (a natural key), the stronger one counts and nothing doubles.
    """
    MERGES.append(merge)
    return merge


def when_forgotten(forget: Forget) -> Forget:
    """Register what goes with a learner who erases everything: `forget(session, learner, at)`. Safe to do twice."""
    FORGETS.append(forget)
    return forget
