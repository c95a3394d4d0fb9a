"""What came of a soak: lost, doubled, unseen, sent again; counted in the database and on the phones."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from server.core.db import Base
from server.core.db import db as database
from server.core.storage import files
from server.replicas.history import check_history
from server.replicas.history.report import Report
from server.replicas.moments import moment
from tests.faults.phone import Seat

Key = tuple[str, str]
"""Learner and event."""


@dataclass
class Tally:
    """What happened, and what was found in the end."""

    events: int = 0
    sent: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    unseen: int = 0
    seconds: float = 0
    report: Report | None = None

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.unseen) and bool(self.report and self.report.clean)

    @property
    def rate(self) -> int:
        return round(self.events / max(self.seconds, 0.1))

    @property
    def line(self) -> str:
        """Say all that counts in one line."""
        found = len(self.report.findings) if self.report else 0
        return (
            f"{self.events:,} events, lost {self.lost}, doubled {self.doubled}, unseen {self.unseen}, "
            f"retransmitted {self.sent - self.events:,}, {self.seconds:.0f} s, {self.rate:,} events/s, "
            f"history {'clean' if not found else f'has {found} findings'}"
        )

    def to_json(self) -> dict[str, Any]:
        assert self.report is not None
        return {
            "good": self.good, "events": self.events, "lost": self.lost, "doubled": self.doubled,
            "unseen": self.unseen, "retransmitted": self.sent - self.events, "requests": self.requests,
            "faults": dict(sorted(self.faults.items())), "seconds": round(self.seconds, 1),
            "events_per_second": self.rate,
            "history": {"clean": self.report.clean, "counts": dict(self.report.counts),
                        "findings": [f"{f.check} {f.where} {f.what}" for f in self.report.findings[:10]]},
        }  # fmt: skip


@dataclass
class Seen:
    """What a soak knows: what was recorded (its type; "gone" when a phone lost it), about which task, told for good."""

    recorded: dict[Key, str] = field(default_factory=dict)
    tasks: dict[Key, str] = field(default_factory=dict)
    told: dict[Key, dict[str, str]] = field(default_factory=dict)


def count(tally: Tally, seen: Seen, seats: Iterable[Seat], now: int) -> None:
    """Count what is kept against what was recorded, and let the history checker look."""
    database.session.remove()
    events = Base.metadata.tables["events"]
    columns = events.c.learner_id, events.c.id, events.c.type, events.c.state
    with database.engine.connect() as connection:
        kept = {(r.learner_id, r.id): r for r in connection.execute(select(*columns))}
    tally.events = len(kept)
    tally.lost = sum(type != "gone" and key not in kept for key, type in seen.recorded.items())
    tally.unseen = _count_unseen(kept, seats)
    # What a phone's storage lost is nobody's, should a restore lose it too.
    promises = (json.dumps(one) for key, one in seen.told.items() if seen.recorded[key] != "gone")
    tally.report = check_history(database.engine, files(), moment(now), promises)
    twice = ("nothing_counts_twice", "chains_hold")
    tally.doubled = _count_doubled(kept, seen) + sum(one.check in twice for one in tally.report.findings)


def _count_doubled(kept: Mapping[Key, Any], seen: Seen) -> int:
    """Count answers that were counted more often than they were given: each counts one more try."""
    given = Counter(
        (key[0], seen.tasks[key])
        for key, row in kept.items()
        if (row.type, row.state) == ("task.answer", "ok") and key in seen.tasks
    )
    answers = Base.metadata.tables["answers"]
    with database.engine.connect() as connection:
        rows = connection.execute(select(answers.c.learner_id, answers.c.task_id, answers.c.tries)).all()
    return sum(max(0, row.tries - given[row.learner_id, row.task_id]) for row in rows)


def _count_unseen(kept: Mapping[Key, Any], seats: Iterable[Seat]) -> int:
    """Count what a phone shows otherwise than it is, and what still has no end."""
    shown = sum(
        item.state not in ("replaced", kept[seat.learner, id].state)
        for seat in seats
        for id, item in seat.items.items()
        if (seat.learner, id) in kept
    )
    return shown + sum(row.state == "hold" for row in kept.values())
