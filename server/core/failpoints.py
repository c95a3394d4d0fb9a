"""Failpoints: named moments of a write at which a test may stop the server, to see that nothing is lost.

In the order of a batch: `after_begin`, `after_event_insert`, `before_bump`, `before_commit` (of any write),
`after_commit_before_reply`; of a file: `after_piece` (stored, not counted), `before_complete` (stored, not said).
"""

import logging
import os
import signal
from collections.abc import Callable
from itertools import count

_log = logging.getLogger(__name__)
hook: Callable[[str], None] | None = None
"""What is told of every failpoint that is reached: a test's own, or None, which is how a server runs."""


def reach(name: str) -> None:
    """Say that the write has come to this moment."""
    if hook is not None:
        hook(name)


def arm(wish: str) -> Callable[[str], None] | None:
    """Return the hook that kills this process at a failpoint: `name`, or `name:3` for the third time there."""
    name, _, number = wish.partition(":")
    reached, last = count(1), int(number or 1)

    def kill(here: str) -> None:
        if here == name and next(reached) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    if name:
        _log.warning("STREETWISE_FAILPOINT is set: this process kills itself at %s. For tests only.", wish)
    return kill if name else None


hook = arm(os.environ.get("STREETWISE_FAILPOINT", ""))
