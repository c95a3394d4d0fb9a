"""The history checker: reads what a server keeps and says where it breaks sync's invariants. Changes nothing.

It goes learner by learner, some thousand events at a time, so a million need no more memory than these.
The checks themselves are pure: a `Learner` with all their rows in, findings out.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table, func, select

from server.core.db import Base
from server.replicas.keys import verify
from sync.messages import Event, Malformed, Signed, digest
from sync.signatures import Key, is_signed

AT_ONCE, EVENTS_AT_ONCE = 200, 5_000
"""Learners that are read together, and how many events they may have; one learner may have more."""
HOLD_DAYS = {"review": 31}
"""A hold may be a day older than its policy says; all others end after five days."""
FORGOTTEN = timedelta(days=180)
FINAL = ("ok", "rejected")
EFFECTS = {"checkin.scan": "activity", "task.answer": "task", "evidence.submit": "task"}
_KINDS = {"activity": ("check_ins",), "task": ("answers", "evidence")}
_ROWS = ("check_ins", "answers", "evidence", "completions", "awards", "blobs")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: which check found it, where, and what in English."""

    check: str
    where: str
    what: str


@dataclass
class Report:
    """What was looked at, what was found, and the holes in devices' chains, which are no damage by themselves."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    holes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        return {
            "clean": self.clean,
            "counts": dict(self.counts),
            "findings": [{"check": f.check, "where": f.where, "what": f.what} for f in self.findings],
            "holes": {device: [list(hole) for hole in holes] for device, holes in self.holes.items()},
        }


class Files(Protocol):
    """Where evidence files are."""

    def exists(self, key: str) -> bool: ...


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

    @cached_property
    def by_id(self) -> dict[str, Any]:
        return {row.id: row for row in self.events}


Check = Callable[[Learner], Iterable[tuple[str, str]]]
CHECKS: dict[str, Check] = {}


def check(look: Check) -> Check:
    CHECKS[look.__name__] = look
    return look


def check_history(engine: Engine, files: Files, now: datetime, log: Iterable[str] = ()) -> Report:
    """Check everything in one consistent view of the database, which changes nothing and blocks nobody.

    `log` are JSON lines that phones wrote. Raises ValueError when it is no log.
    """
    options: dict[str, Any] = {"sqlite_begin": "DEFERRED"}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        return _check(connection, files, now, log)


def _check(connection: Connection, files: Files, now: datetime, log: Iterable[str]) -> Report:
    report = Report()
    said = _read_log(log, report)
    report.counts["devices"] = connection.scalar(select(func.count()).select_from(_table("devices"))) or 0
    for learners in _groups(connection):
        for learner in _load(connection, learners, now):
            _check_learner(learner, files, report)
            _check_said(learner, said.pop(learner.id, []), report)
    for learner_id, lines in said.items():
        _check_said(Learner(learner_id, now, {}), lines, report)
    _check_codes(connection, report)
    return report


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _groups(connection: Connection) -> Iterator[list[str]]:
    """Name all learners, some at a time; also those of events whose learner is not there."""
    column, last = _table("events").c.learner_id, ""
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


def _load(connection: Connection, ids: Sequence[str], now: datetime) -> Iterator[Learner]:
    devices = _load_devices(connection, ids)
    learners = {id: Learner(id, now, devices) for id in ids}
    events = _table("events")
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(
        select(events).where(events.c.learner_id.in_(ids)).order_by(events.c.device_id, events.c.seq)
    ):
        found[row.learner_id].append(row)
    for name in _ROWS:
        table = _table(name)
        for row in connection.execute(select(table).where(table.c.learner_id.in_(ids))):
            learners[row.learner_id].rows[name].append(row)
    feeds, heads = _table("feed_rows"), _table("feed_heads")
    names = {f"learner:{id}": id for id in ids}
    for row in connection.execute(select(feeds).where(feeds.c.feed.in_(list(names)))):
        learners[names[row.feed]].feed[row.key] = row
    for row in connection.execute(select(heads).where(heads.c.feed.in_(list(names)))):
        learners[names[row.feed]].head = row.ver
    for id in ids:
        learners[id].events = found[id]
        yield learners[id]


def _load_devices(connection: Connection, learners: Sequence[str]) -> dict[str, Any]:
    """Read the devices that sent something for these learners, whoever they belong to."""
    events, devices = _table("events").c, _table("devices")
    sent = select(events.device_id).where(events.learner_id.in_(learners))
    return {row.id: row for row in connection.execute(select(devices).where(devices.c.id.in_(sent)))}


def _check_learner(learner: Learner, files: Files, report: Report) -> None:
    report.counts.update(learners=1, events=len(learner.events), feed_rows=len(learner.feed))
    report.counts.update({name: len(rows) for name, rows in learner.rows.items()})
    for name, look in CHECKS.items():
        report.findings += [Finding(name, where, what) for where, what in look(learner)]
    for blob in learner.rows["blobs"]:
        key = f"evidence/{learner.id}/{blob.sha256}"
        if blob.complete_at and blob.mime and not files.exists(key):
            report.findings.append(Finding("files", blob.sha256, "was complete and is not stored"))
    for device, holes in _holes(learner).items():
        report.holes[device] = holes


# What each learner's rows must say


@check
def events_are_as_signed(learner: Learner) -> Iterator[tuple[str, str]]:
    """The bytes can be read, say what the columns say, and carry their device's signature."""
    for row in learner.events:
        signed = Signed(row.payload, row.signature)
        try:
            event = learner.read[row.id] = Event.read(signed)
        except Malformed as error:
            yield row.id, f"cannot be read: {error}"
            continue
        if (event.id, event.learner, event.device, event.seq, event.type) != (
            row.id, row.learner_id, row.device_id, row.seq, row.type,
        ):  # fmt: skip
            yield row.id, "its columns differ from its bytes"
        device = learner.devices.get(row.device_id)
        if device is None:
            yield row.id, "its device is not registered"
        elif device.learner_id != row.learner_id:
            yield row.id, "its device belongs to another learner"
        elif not is_signed(signed, Key(device.key_x, device.key_y), verify):
            yield row.id, "its signature is not its device's"


@check
def chains_hold(learner: Learner) -> Iterator[tuple[str, str]]:
    """Each place of a chain is taken once, and each event names the one before it."""
    places: dict[tuple[str, int], Any] = {}
    for row in _in_chain(learner):
        place = row.device_id, row.seq
        if place in places:
            yield row.id, f"place {row.seq} of its chain is taken twice"
        before, event = places.get((row.device_id, row.seq - 1)), learner.read.get(row.id)
        if before and event and event.prev != digest(before.payload):
            yield row.id, f"does not follow what is at {row.seq - 1}"
        places[place] = row


@check
def verdicts_are_told(learner: Learner) -> Iterator[tuple[str, str]]:
    """The feed says of each event what its row says; old ones may be forgotten."""
    for row in learner.events:
        told = learner.feed.get(f"verdict:{row.id}")
        if row.state not in (*FINAL, "hold"):
            yield row.id, f"has no verdict but {row.state!r}"
        elif told is None:
            if learner.now - row.received_at < FORGOTTEN:
                yield row.id, "its verdict is not in the feed"
        elif (told.row.get("state"), told.row.get("why")) != (row.state, row.why):
            yield row.id, f"is {row.state} and was told {told.row.get('state')}"
    known = {f"verdict:{row.id}" for row in learner.events}
    for key in learner.feed:
        if key.startswith("verdict:") and key not in known:
            yield key.partition(":")[2], "was promised and is not here"


@check
def holds_end(learner: Learner) -> Iterator[tuple[str, str]]:
    for row in learner.events:
        days = HOLD_DAYS.get(row.why, 41 if row.why == "needs" else 6)
        if row.state == "hold" and learner.now - row.received_at > timedelta(days=days):
            yield row.id, f"has been on hold ({row.why}) for more than {days} days"


@check
def effects_have_accepted_events(learner: Learner) -> Iterator[tuple[str, str]]:
    accepted = {row.id for row in learner.events if row.state == "ok"}
    for name in ("check_ins", "answers", "evidence", "completions"):
        for row in learner.rows[name]:
            if row.event_id not in accepted:
                yield row.event_id, f"has an effect in {name} and is not accepted"
    for row in learner.rows["completions"]:
        if set(row.proofs) - accepted:
            yield row.id, "a completion rests on what is not accepted"


@check
def accepted_events_have_effects(learner: Learner) -> Iterator[tuple[str, str]]:
    there = {"activity": {row.activity_id for row in learner.rows["check_ins"]}}
    there["task"] = {row.task_id for name in _KINDS["task"] for row in learner.rows[name]}
    taken_back = {_thing(learner, target) for target in _withdrawn(learner)}
    for row in learner.events:
        what = EFFECTS.get(row.type)
        thing = _thing(learner, row.id)
        if row.state == "ok" and what and thing[1] not in there[what] and thing not in taken_back:
            yield row.id, f"is accepted and its {what} has nothing of it"


def _thing(learner: Learner, event_id: str) -> tuple[str, str]:
    """Name what an event is about: an activity it checks in at, or a task."""
    row = learner.by_id.get(event_id)
    event = learner.read.get(event_id)
    what = EFFECTS.get(row.type) if row else None
    if row is None or event is None or what is None:
        return "", ""
    name = row.effect.get("activity") if what == "activity" else event.body.get("task")
    return what, str(name)


def _withdrawn(learner: Learner) -> set[str]:
    return {
        str(learner.read[row.id].body.get("event"))
        for row in learner.events
        if row.type == "event.withdraw" and row.state == "ok" and row.id in learner.read
    }


@check
def nothing_counts_twice(learner: Learner) -> Iterator[tuple[str, str]]:
    """One effect for each thing: the database's own indexes promise it, and may have been lost."""
    things: dict[str, Callable[[Any], object]] = {
        "check_ins": lambda one: (one.activity_id, one.occurrence), "answers": lambda one: one.task_id,
        "evidence": lambda one: one.task_id, "completions": lambda one: (one.activity_id, one.playlist_id),
        "awards": lambda one: (one.achievement_id, one.period),
    }  # fmt: skip
    for name, thing in things.items():
        for what, times in Counter(thing(row) for row in learner.rows[name]).items():
            if times > 1:
                yield str(what), f"counts {times} times in {name}"


@check
def awards_rest_on_completions(learner: Learner) -> Iterator[tuple[str, str]]:
    completions = {row.id for row in learner.rows["completions"]}
    for row in learner.rows["awards"]:
        if row.completion_id is not None and row.completion_id not in completions:
            yield row.id, "an award whose completion is not here"


@check
def evidence_has_its_files(learner: Learner) -> Iterator[tuple[str, str]]:
    whole = {row.sha256 for row in learner.rows["blobs"] if row.complete_at and row.mime}
    for row in learner.rows["evidence"]:
        yield from ((row.event_id, f"its file {name} is not here") for name in row.files if name not in whole)


@check
def feed_says_what_is(learner: Learner) -> Iterator[tuple[str, str]]:
    """Check-ins, tasks, completions and awards stand in the feed, and nothing else does."""
    there = {f"checkin:{row.activity_id}": row.event_id for row in learner.rows["check_ins"]}
    there |= {f"task:{row.task_id}": "" for name in _KINDS["task"] for row in learner.rows[name]}
    there |= {f"award:{row.id}": "" for row in learner.rows["awards"]}
    for row in learner.rows["completions"]:
        what = f"activity:{row.activity_id}" if row.activity_id else f"playlist:{row.playlist_id}"
        there[f"completion:{what}"] = ""
    told = {key: row for key, row in learner.feed.items() if row.op == "put"}
    for key, event in there.items():
        if key not in told:
            yield key, "is not in the feed"
        elif event and told[key].row.get("event") != event:
            yield key, "the feed names another event"
    for key in told:
        if key.startswith(("checkin:", "task:", "award:", "completion:")) and key not in there:
            yield key, "is in the feed and nowhere else"


@check
def feeds_are_numbered(learner: Learner) -> Iterator[tuple[str, str]]:
    numbers = Counter(row.ver for row in learner.feed.values())
    for ver, times in numbers.items():
        if times > 1:
            yield learner.id, f"{times} rows of the feed have number {ver}"
    if numbers and max(numbers) > learner.head:
        yield learner.id, f"the feed's head is {learner.head}, and a row has {max(numbers)}"


def _in_chain(learner: Learner) -> list[Any]:
    return [row for row in learner.events if row.why != "chain_broken"]


def _holes(learner: Learner) -> dict[str, list[tuple[int, int]]]:
    """Return the holes in each device's chain that were not declared lost."""
    seqs: defaultdict[str, set[int]] = defaultdict(set)
    for row in _in_chain(learner):
        seqs[row.device_id].add(row.seq)
        lost = (
            learner.read[row.id].body.get("seq")
            if row.type == "event.lost" and row.id in learner.read
            else None
        )
        if row.state == "ok" and isinstance(lost, list):
            seqs[row.device_id] |= set(range(lost[0], min(lost[1], row.seq) + 1))
    found: dict[str, list[tuple[int, int]]] = {}
    for device, here in seqs.items():
        expected = 1
        for seq in sorted(here):
            if seq > expected:
                found.setdefault(device, []).append((expected, seq - 1))
            expected = seq + 1
    return found


def _check_codes(connection: Connection, report: Report) -> None:
    """No code gave out more places than it has."""
    codes, check_ins = _table("codes"), _table("check_ins")
    taken = select(func.count()).where(check_ins.c.code_id == codes.c.id).scalar_subquery().label("taken")
    for row in connection.execute(select(codes.c.id, codes.c.cap_total, codes.c.claimed, taken)):
        report.counts["codes"] += 1
        if row.cap_total is not None and max(row.claimed, row.taken) > row.cap_total:
            what = f"{max(row.claimed, row.taken)} came in by a code for {row.cap_total}"
            report.findings.append(Finding("capacity", row.id, what))


# Phones' logs: {"told": "durable", "learner", "id", "state", "why"}, one a line


def _read_log(log: Iterable[str], report: Report) -> dict[str, list[dict[str, Any]]]:
    """Read what phones were told, by learner. Raises ValueError for what is no log."""
    said: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in log:
        one = json.loads(line)
        if not isinstance(one, dict) or not {"told", "learner", "id"} <= one.keys():
            raise ValueError("A line of the log is not of a phone.")
        report.counts[f"log_{one['told']}"] += 1
        said[one["learner"]].append(one)
    return said


def _check_said(learner: Learner, lines: Sequence[Mapping[str, Any]], report: Report) -> None:
    for one in lines:
        row = learner.by_id.get(one["id"])
        if one["told"] != "durable":
            continue
        if row is None:
            report.findings.append(Finding("promises", one["id"], "was told to be kept and is not here"))
        elif one.get("state") in FINAL and (row.state, row.why) != (one["state"], one.get("why", "")):
            what = f"was told {one['state']} {one.get('why', '')} and is {row.state} {row.why}"
            report.findings.append(Finding("promises", one["id"], what))


def describe(report: Report) -> str:
    """Say in words what was looked at and found."""
    counts = report.counts
    looked = (
        f"{counts['events']:,} events of {counts['learners']:,} learners on {counts['devices']:,} devices"
    )
    lines = [f"Looked at {looked}, with {counts['feed_rows']:,} feed rows."]
    for name, times in sorted(Counter(one.check for one in report.findings).items()):
        lines.append(f"{name.replace('_', ' ')}: {times:,}")
        some = [one for one in report.findings if one.check == name][:10]
        lines += [f"  {one.where}: {one.what}" for one in some]
    for device, holes in sorted(report.holes.items()):
        spans = ", ".join(f"{first}–{last}" for first, last in holes)
        lines.append(f"Device {device} has not sent {spans} yet.")
    found = len(report.findings)
    return "\n".join([*lines, "Nothing is wrong." if not found else f"Found {found:,}."])
