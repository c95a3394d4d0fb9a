"""The engine's store in memory: the same promises as the database, for tests that need thousands of steps."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sync.engine import CHAIN_BROKEN, Known, Place
from sync.messages import Event, Row, Verdict, digest


class MemoryStore:
    """Events by learner and id, places by device and seq, feeds as key → (version, row)."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str], Known] = {}
        self.places: dict[tuple[str, int], Event] = {}
        self.feeds: dict[str, dict[str, tuple[int, Mapping[str, object] | None]]] = {}
        self.heads: dict[str, int] = {}
        self.done: list[str] = []  # what effects did, by event id

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        before = copy.copy(self.events), copy.copy(self.places), copy.copy(self.done)
        try:
            yield
        except BaseException:
            self.events, self.places, self.done = before
            raise

    def known(self, learner: str, event_id: str) -> Known | None:
        return self.events.get((learner, event_id))

    def place(self, event: Event) -> Place:
        before = self.places.get((event.device, event.seq - 1))
        after = self.places.get((event.device, event.seq + 1))
        here = (event.device, event.seq) in self.places
        strays = not before and event.prev in self._strays(event.device, event.seq - 1)
        return Place(before.signed.p if before else None, here, after.prev if after else None, strays)

    def _strays(self, device: str, seq: int) -> set[str]:
        broken = [one for one in self.events.values() if one.verdict.why == CHAIN_BROKEN]
        return {digest(one.signed.p) for one in broken if (one.event.device, one.event.seq) == (device, seq)}

    def chain_end(self, device: str) -> tuple[int, str]:
        mine = {seq: event for (one, seq), event in self.places.items() if one == device}
        return (max(mine), mine[max(mine)].signed.p) if mine else (0, "")

    def add(self, event: Event, verdict: Verdict, received_at: int) -> None:
        self.events[event.learner, event.id] = Known(event.signed, verdict, received_at)
        if verdict.why != CHAIN_BROKEN:
            self.places[event.device, event.seq] = event

    def decide(self, event: Event, verdict: Verdict) -> None:
        received_at = self.events[event.learner, event.id].received_at
        self.events[event.learner, event.id] = Known(event.signed, verdict, received_at)

    def held(self, learners: Iterable[str], why: str) -> Sequence[Known]:
        wanted = set(learners)
        found = [
            k
            for k in self.events.values()
            if k.event.learner in wanted and k.verdict == Verdict("hold", why, k.verdict.effect)
        ]
        return sorted(found, key=lambda known: (known.event.device, known.event.seq))

    def bump(self, rows: Mapping[str, Sequence[Row]]) -> None:
        for feed in sorted(rows):
            for row in rows[feed]:
                self.heads[feed] = self.heads.get(feed, 0) + 1
                self.feeds.setdefault(feed, {})[row.key] = (self.heads[feed], row.row)
