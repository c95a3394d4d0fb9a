"""Rules of their time: which of several versions was in force at a moment, when there were several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from sqlalchemy.orm import Session, object_mapper

from server.core.db import Base

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when the first version counts: before every deed."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Versions(Generic[R]):
    """All that ever was in force, earliest first, each from its moment to the next one's; and what is now.

    Of what never changed there is no history, and `before` is empty.
    """

    now: R
    before: Sequence[tuple[datetime, R]] = ()

    def at(self, moment: datetime) -> R:
        """Return what was in force at that moment."""
        of_then = [rule for since, rule in self.before if since <= moment]
        return of_then[-1] if of_then else self.now

    def chances(self, moments: Sequence[datetime]) -> Iterator[tuple[R, datetime | None]]:
        """Give each rule that may judge work, and up to when that must have been done (None: up to now).

        Work is whole when at any of its moments all that was done until then satisfied the rule then in
        force, or when all of it satisfies the rule of today. So nobody loses by a change that was made after
        what they did, and nobody is kept from finishing by the rule that the page shows. It does not
        depend on the order in which the work arrives here.
        """
        if self.before:
            yield from ((self.at(moment), moment) for moment in sorted(set(moments)))
        yield self.now, None


def keep_change(session: Session, first: Base, changed: Base) -> None:
    """Keep the rule that holds from now on; with the first change also `first`, in force since the BEGINNING.

    Both are rows of one table. A change at the same moment replaces the one before.
    """
    key = object_mapper(first).primary_key_from_instance(first)
    if session.get(type(first), tuple(key)) is None:
        session.add(first)
    session.merge(changed)
    session.flush()
