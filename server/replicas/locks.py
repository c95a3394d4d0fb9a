"""Locks by learner: one transaction at a time works for each."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, select

_LOCK = select(func.pg_advisory_xact_lock(bindparam("number")))


def lock_learners(connection: Connection, learners: Iterable[str]) -> None:
    """Lock learners until the transaction ends, in order. SQLite has only one writer anyway."""
    if connection.dialect.name != "postgresql":
        return
    for number in sorted(int(learner.replace("-", ""), 16) % 2**63 for learner in learners):
        connection.execute(_LOCK, {"number": number})
