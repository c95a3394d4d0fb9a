"""The effect of the last event: a learner erases everything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.privacy.erasing import ERASE, carry_out
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
