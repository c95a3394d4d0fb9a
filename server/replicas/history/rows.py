"""All that a server keeps of a learner, read some learners at a time, so a million events need no more memory."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from server.core.db import Base
from sync.messages import Event

AT_ONCE, EVENTS_AT_ONCE = 200, 5_000
"""Learners that are read together, and how many events they may have; one learner may have more."""
_ROWS = ("check_ins", "answers", "evidence", "completions", "awards", "blobs", "flags")


@dataclass
class Doors:
    """What doors said of a learner, and what came of it."""

    entries: list[Any] = field(default_factory=list)  # theirs
    words: dict[tuple[str, str], Any] = field(
        default_factory=dict
    )  # doors' accepted confirms, by learner and id
    let_in: dict[str, Any] = field(
        default_factory=dict
    )  # entries that this learner, at a door, made for others

    @property
    def undone(self) -> set[str]:
        """The sessions that they were taken out of."""
        return {one.occurrence_id for one in self.entries if one.undone_at is not None}


@dataclass
class Learner:
    """A learner's rows. `read` holds each event whose bytes could be read, by id."""

    id: str
    now: datetime
    devices: Mapping[str, Any]
    events: Sequence[Any] = ()
    rows: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    feed: dict[str, Any] = field(default_factory=dict)
    head: int = 0
    read: dict[str, Event] = field(default_factory=dict)
    doors: Doors = field(default_factory=Doors)
    merged: Mapping[str, str] = field(
        default_factory=dict
    )  # former ids of all learners, and who they are now
    series: dict[str, str] = field(default_factory=dict)  # of the badges they hold, by version

    def now_of(self, id: object) -> object:
        """Say who a learner is by now, whom something said then."""
        return self.merged.get(str(id), id)

    @cached_property
    def by_id(self) -> dict[str, Any]:
        return {row.id: row for row in self.events}


def kept(name: str) -> Table:
    """Return a table by its name."""
    return Base.metadata.tables[name]


def load_merged(connection: Connection) -> dict[str, str]:
    """Read which ids stand for another learner by now."""
    learners = kept("learners").c
    rows = connection.execute(
        select(learners.id, learners.merged_into).where(learners.merged_into.is_not(None))
    )
    return {row.id: row.merged_into for row in rows}


def groups(connection: Connection) -> Iterator[list[str]]:
    """Name all learners, some at a time; also those of events whose learner is not there."""
    column, last = kept("events").c.learner_id, ""
    counts = select(column, func.count()).group_by(column).order_by(column).limit(AT_ONCE)
    while found := connection.execute(counts.where(column > last)).all():
        some: list[str] = []
        events = 0
        for learner, count in found:
            if some and events + count > EVENTS_AT_ONCE:
                break
            some.append(learner)
            events += count
        yield some
        last = some[-1]


def load(
    connection: Connection, ids: Sequence[str], now: datetime, merged: Mapping[str, str]
) -> Iterator[Learner]:
    devices = _load_devices(connection, ids)
    learners = {id: Learner(id, now, devices, merged=merged) for id in ids}
    events = kept("events")
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(
        select(events).where(events.c.learner_id.in_(ids)).order_by(events.c.device_id, events.c.seq)
    ):
        found[row.learner_id].append(row)
    for name in _ROWS:
        table = kept(name)
        for row in connection.execute(select(table).where(table.c.learner_id.in_(ids))):
            learners[row.learner_id].rows[name].append(row)
    for row in connection.execute(_series_of(ids)):
        learners[row.learner_id].series[row.id] = row.series
    feeds, heads = kept("feed_rows"), kept("feed_heads")
    names = {f"learner:{id}": id for id in ids}
    for row in connection.execute(select(feeds).where(feeds.c.feed.in_(list(names)))):
        learners[names[row.feed]].feed[row.key] = row
    for row in connection.execute(select(heads).where(heads.c.feed.in_(list(names)))):
        learners[names[row.feed]].head = row.ver
    for id in ids:
        learners[id].events = found[id]
        yield learners[id]


def _series_of(learners: Sequence[str]) -> Select[Any]:
    """Select of which badge each version is that these learners hold."""
    awards, achievements = kept("awards").c, kept("achievements").c
    joined = kept("awards").join(kept("achievements"), awards.achievement_id == achievements.id)
    columns = awards.learner_id, achievements.id, achievements.series
    return select(*columns).distinct().select_from(joined).where(awards.learner_id.in_(learners))


def _load_devices(connection: Connection, learners: Sequence[str]) -> dict[str, Any]:
    """Read the devices that sent something for these learners, whoever they belong to."""
    events, devices = kept("events").c, kept("devices")
    sent = select(events.device_id).where(events.learner_id.in_(learners))
    return {row.id: row for row in connection.execute(select(devices).where(devices.c.id.in_(sent)))}
