"""The effect of the last event: a learner erases everything; and what follows when a guardian does it for a child."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.core.db import db
from server.families.events import ERASE as CHILD_ERASE
from server.privacy.erasing import ERASE, carry_out, wishes
from server.replicas.effects import Work, afterwards, on, read_text
from sync.engine import Refused

MOST_WORD = 60


@on(ERASE)
def erase(work: Work) -> Mapping[str, Any]:
    """Accept the word, as its writer typed it. It is carried out once this is committed."""
    if not read_text(work, "word", MOST_WORD):
        raise Refused("malformed", where="body.word")
    return {}


@afterwards(ERASE)
def carry_out_now(learners: set[str], at: datetime) -> None:
    carry_out(learners, at)


@afterwards(CHILD_ERASE)
def carry_out_for_children(guardians: set[str], at: datetime) -> None:
    carry_out(wishes(db.session()), at)
