"""The sync engine with this server's effects, and which faults of the database end a whole transaction."""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError, OperationalError

from server.replicas.effects import EFFECTS
from server.replicas.moments import milliseconds
from server.replicas.store import SqlStore
from sync.engine import Engine, Known
from sync.messages import Event

_log = logging.getLogger(__name__)
_TRANSIENT = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock not available


def engine(fatal: Callable[[Exception], bool]) -> Engine[SqlStore]:
    return Engine(EFFECTS, fatal=fatal, on_fault=_note_fault)


def wake(store: SqlStore, waiting: Sequence[Known]) -> None:
    """Judge events on hold again; the learners' feeds tell what became of them."""
    engine(is_transient).wake(waiting, store, milliseconds(store.at))


def is_database_fault(error: Exception) -> bool:
    return isinstance(error, DBAPIError)


def is_transient(error: Exception) -> bool:
    """Say whether the whole transaction failed and may succeed when it is tried again."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    locked = isinstance(error, OperationalError) and "locked" in str(error.orig)
    return state in _TRANSIENT or locked


def _note_fault(event: Event, error: Exception) -> None:
    _log.error("Event %s of type %s was put off", event.id, event.type, exc_info=error)
