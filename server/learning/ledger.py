"""What learners did and what there is to do, as one batch of events sees it: read at once, written at once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from server.activities.models import Activity, ActivityRules, Task
from server.activities.rules import read_tasks
from server.badges.models import Achievement
from server.codes.finding import AtPoint, read_points
from server.codes.models import Code
from server.core.db import table
from server.core.rules_of_time import Versions
from server.core.shelf import Lookup, Shelf
from server.learning.following import FOLLOWS, Following, read_following
from server.learning.models import Answer, CheckIn, Completion, Evidence
from server.occurrences.models import Occurrence
from server.playlists.models import Playlist, PlaylistItem, PlaylistRules
from server.playlists.rules import Rule, Stop, read_rule
from server.replicas.effects import Work
from server.replicas.store import SqlStore
from sync.messages import Event

_ID = re.compile(r"[0-9A-Za-z-]{1,36}")
_activities, _tasks = table(Activity).c, table(Task).c
_asked, _ruled = table(ActivityRules).c, table(PlaylistRules).c
_sessions = table(Occurrence).c
_items, _playlists, _achievements = table(PlaylistItem).c, table(Playlist).c, table(Achievement).c
_ACTIVITIES = select(
    _activities.id,
    _activities.confirm,
    select(_sessions.id).where(_sessions.activity_id == _activities.id).exists().label("at_times"),
).where(_activities.id.in_(bindparam("ids", expanding=True)))
_SESSIONS = select(_sessions.id, _sessions.activity_id).where(
    _sessions.activity_id.in_(bindparam("ids", expanding=True))
)
_JUDGED = select(  # all of a task but its words
    _tasks.id, _tasks.activity_id, _tasks.kind, _tasks.required, _tasks.options,
    _tasks.accepted, _tasks.tolerance, _tasks.step, _tasks.max_length, _tasks.review, _tasks.removed_at,
    select(_asked.since).where(_asked.activity_id == _tasks.activity_id).exists().label("changed"),
)  # fmt: skip
_TASK = _JUDGED.where(_tasks.id == bindparam("id"))
_TASKS = _JUDGED.where(_tasks.activity_id.in_(bindparam("ids", expanding=True))).order_by(_tasks.position)
_STOPS = (
    select(
        _items.playlist_id,
        _items.activity_id,
        _items.required,
        _items.removed_at,
        _playlists.order,
        _playlists.choose,
        select(_ruled.since).where(_ruled.playlist_id == _items.playlist_id).exists().label("changed"),
    )
    .join_from(table(PlaylistItem), table(Playlist))
    .where(
        _items.playlist_id.in_(
            select(_items.playlist_id).where(_items.activity_id.in_(bindparam("ids", expanding=True)))
        )
    )
    .order_by(_items.playlist_id, _items.position)
)
_ASKED_BEFORE = (
    select(_asked.activity_id, _asked.since, _asked.tasks)
    .where(_asked.activity_id.in_(bindparam("ids", expanding=True)))
    .order_by(_asked.since)
)
_RULED_BEFORE = (
    select(_ruled.playlist_id, _ruled.since, _ruled.rule)
    .where(_ruled.playlist_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ruled.since)
)
_BADGES = select(
    _achievements.id, _achievements.activity_id, _achievements.playlist_id,
    _achievements.series, _achievements.needs, _achievements.milestone, _achievements.valid_months,
).where(
    _achievements.activity_id.in_(bindparam("ids", expanding=True))
    | _achievements.playlist_id.in_(bindparam("ids", expanding=True))
    | FOLLOWS,  # in the same query
    _achievements.replaced_at.is_(None),
    _achievements.state == "published",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Walk:
    """A playlist, as far as its completion depends on it."""

    playlist: str
    rules: Versions[Rule]

    @property
    def stops(self) -> list[str]:
        """All stops that it ever had."""
        rules = [self.rules.now, *(rule for _, rule in self.rules.before)]
        return list(dict.fromkeys(stop.activity for rule in rules for stop in rule.stops))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one checks in: at an activity, or at one session of it (ids)."""

    activity: str
    occurrence: str = ""


class Ledger:
    """A batch's view of learning; see `server.replicas.store.Part`. Rows are by learner and what they did."""

    def __init__(self, store: SqlStore) -> None:
        reader, self._store = store.reader, store
        self._tasks_by_id: dict[str, Task] = {}
        self._changed: set[str] = set()  # activities that once asked for something else
        self._at_times: set[str] = set()  # activities that have sessions
        self.activities = Lookup[str, Activity | None](self._read_activities, None)
        self.sessions = Lookup[str, Sequence[str]](self._read_sessions, ())
        self.points = Lookup[str, AtPoint | None](lambda ids: {**read_points(reader, ids)}, None)
        self.tasks = Lookup[str, Sequence[Task]](self._read_tasks, ())  # with those removed since
        self._asked_before = Lookup[str, Sequence[tuple[datetime, Sequence[Task]]]](
            lambda ids: _read_asked_before(reader, ids), ()
        )
        self.walks = Lookup[str, Sequence[Walk]](lambda ids: _read_walks(reader, ids), ())
        self.badges = Lookup[str, Sequence[str]](self._read_badges, ())
        self._following: Sequence[Following] | None = None
        self.expiring: set[str] = set()  # badges that run out, of those that were read
        self._check_ins = Shelf(reader, CheckIn, ("learner_id", "activity_id"), occurrence="")
        self._came = Shelf(reader, CheckIn, ("learner_id", "occurrence"))
        self.answers = Shelf(reader, Answer, ("learner_id", "task_id"))
        self.evidence = Shelf(reader, Evidence, ("learner_id", "task_id"))
        self.done = Shelf(reader, Completion, ("learner_id", "activity_id"))
        self.walked = Shelf(reader, Completion, ("learner_id", "playlist_id"))

    @property
    def session(self) -> Session:
        """The session, to write to it past this ledger."""
        return self._store.session

    @property
    def reader(self) -> Connection:
        """Where to read what this ledger does not hold."""
        return self._store.reader

    @property
    def _shelves(self) -> tuple[Shelf[CheckIn] | Shelf[Answer] | Shelf[Evidence] | Shelf[Completion], ...]:
        return self._check_ins, self._came, self.answers, self.evidence, self.done, self.walked

    def waited(self, learner: str, event_id: str) -> bool:
        """Say whether an event was on hold before."""
        return self._store.known(learner, event_id) is not None

    def expect(self, events: Sequence[Event]) -> None:
        self.points.expect(one for event in events for one in _ids(event, "point"))
        places = [(event.learner, id) for event in events for id in self._activity_ids(event)]
        activities = {activity for _, activity in places}
        for lookup in (self.activities, self.tasks, self.walks, self.badges):
            lookup.expect(activities)
        self._check_ins.expect(places)
        self._came.expect((learner, one) for learner, id in places for one in self.sessions.get(id))
        self.done.expect(places)
        questions = [(learner, task.id) for learner, id in set(places) for task in self.tasks.get(id)]
        self.answers.expect(questions)
        self.evidence.expect(questions)

    def _activity_ids(self, event: Event) -> Iterable[str]:
        """Return the activities that an event may be about; one may be about none."""
        yield from _ids(event, "activity")
        for one in _ids(event, "point"):
            if (point := self.points.get(one)) and point.activity_id:
                yield point.activity_id

    def spot_of(self, code: Code) -> Spot:
        """Return where a code stands."""
        point = self.points.get(code.point_id)
        return Spot(point.activity_id, point.occurrence_id) if point else Spot("")

    def gives_badge(self, code: Code) -> bool:
        """Say whether a code stands for a badge alone."""
        point = self.points.get(code.point_id)
        return point is not None and point.achievement_id != ""

    def check_in(self, learner: str, spot: Spot) -> CheckIn | None:
        """Return a learner's check-in at an activity, or at one session of it."""
        if spot.occurrence:
            return self._came.get((learner, spot.occurrence))
        return self._check_ins.get((learner, spot.activity))

    def check_ins(self, learner: str, activity_id: str) -> list[CheckIn]:
        """Return all check-ins of a learner at an activity, in its sessions and outside of them."""
        spots = [Spot(activity_id), *(Spot(activity_id, one) for one in self.sessions.get(activity_id))]
        return [found for spot in spots if (found := self.check_in(learner, spot))]

    def keep_check_in(self, learner: str, spot: Spot, **values: Any) -> CheckIn:
        """Keep a new check-in, or change the one there is."""
        shelf = self._came if spot.occurrence else self._check_ins
        key = {"learner_id": learner, "activity_id": spot.activity, "occurrence": spot.occurrence}
        return shelf.put(**key, **values)

    def task(self, task_id: str) -> Task | None:
        """Find a task, also one of an activity that nobody announced."""
        if task_id not in self._tasks_by_id:
            row = self.reader.execute(_TASK, {"id": task_id}).first()
            return self._note(row) if row else None
        return self._tasks_by_id[task_id]

    def _note(self, row: Any) -> Task:
        if row.changed:
            self._changed.add(row.activity_id)
        task = self._tasks_by_id[row.id] = cast(Task, row)
        return task

    def asked(self, activity_id: str) -> Versions[Sequence[Task]]:
        """Return the tasks that an activity asks for, and what it asked for before."""
        now = [task for task in self.tasks.get(activity_id) if task.removed_at is None]
        return Versions(now, self._asked_before.get(activity_id) if activity_id in self._changed else ())

    def versions(self, task: Task, at: datetime) -> Sequence[Task]:
        """Return a task as it was asked at a time, if it was then, and as it stands."""
        if task.activity_id not in self._changed:
            return [task]
        of_then = self.asked(task.activity_id).at(at)
        return [*(one for one in of_then if one.id == task.id), task]

    def _read_activities(self, ids: Sequence[str]) -> Mapping[str, Activity | None]:
        """Read which activities there are, and whether their organisers say who came; nothing else of them."""
        rows = self.reader.execute(_ACTIVITIES, {"ids": ids}).all()
        self._at_times.update(row.id for row in rows if row.at_times)
        return {row.id: cast(Activity, row) for row in rows}

    def _read_badges(self, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Find the badges that activities and playlists bring now, and with them all that follow from something."""
        rows = self.reader.execute(_BADGES, {"ids": ids}).all()
        if self._following is None:
            self._following = read_following(rows)
        wanted, found = set(ids), defaultdict[str, list[str]](list)
        for row in rows:
            if row.valid_months:
                self.expiring.add(row.id)
            if (thing := row.activity_id or row.playlist_id) in wanted:
                found[thing].append(row.id)
        return found

    @property
    def following(self) -> Sequence[Following]:
        """List the badges that follow from other things: milestones, and those that need another badge."""
        if self._following is None:
            self.badges.get("")
        return self._following or ()

    def _read_sessions(self, activity_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Read the sessions of activities. Most have none, and cost nothing."""
        ids = [id for id in activity_ids if self.activities.get(id) and id in self._at_times]
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in self.reader.execute(_SESSIONS, {"ids": ids}) if ids else ():
            found[row.activity_id].append(row.id)
        return found

    def _read_tasks(self, activity_ids: Sequence[str]) -> Mapping[str, Sequence[Task]]:
        found: defaultdict[str, list[Task]] = defaultdict(list)
        for row in self.reader.execute(_TASKS, {"ids": activity_ids}):
            found[row.activity_id].append(self._note(row))
        return found

    def begin(self) -> None:
        for shelf in self._shelves:
            shelf.begin()

    def undo(self) -> None:
        for shelf in self._shelves:
            shelf.undo()

    def settle(self) -> None:
        for shelf in self._shelves:
            shelf.settle()

    def write(self) -> None:
        for shelf in self._shelves:
            shelf.write()

    def forget(self) -> None:
        """Read what learners did anew: it was changed past this ledger."""
        for shelf in self._shelves:
            shelf.forget()


def ledger_of(work: Work) -> Ledger:
    """Return the ledger of an event's batch."""
    return work.store.part(Ledger)


def _ids(event: Event, name: str) -> Iterable[str]:
    """Return an id that an event's body names, if it can be one: what a phone wrote may be anything."""
    value = event.body.get(name)
    if isinstance(value, str) and _ID.fullmatch(value):
        yield value.upper() if name == "point" else value


def _read_walks(reader: Connection, activity_ids: Sequence[str]) -> Mapping[str, Sequence[Walk]]:
    """Read all playlists that these activities are, or were, stops of; by activity."""
    rows = reader.execute(_STOPS, {"ids": activity_ids}).all()
    stops: defaultdict[str, list[Stop]] = defaultdict(list)
    for row in rows:
        if row.removed_at is None:
            stops[row.playlist_id].append(Stop(row.activity_id, row.required))
    rules = {row.playlist_id: Rule(tuple(stops[row.playlist_id]), row.choose, row.order) for row in rows}
    before = _read_ruled_before(reader, [row.playlist_id for row in rows if row.changed])
    found: defaultdict[str, list[Walk]] = defaultdict(list)
    for playlist, rule in rules.items():
        walk = Walk(playlist, Versions(rule, before.get(playlist, ())))
        for activity in walk.stops:
            found[activity].append(walk)
    return found


def _read_ruled_before(
    reader: Connection, playlist_ids: Sequence[str]
) -> Mapping[str, Sequence[tuple[datetime, Rule]]]:
    """Read the rules that these playlists ever had. Most never had another one, and cost nothing."""
    found: defaultdict[str, list[tuple[datetime, Rule]]] = defaultdict(list)
    ids = list(dict.fromkeys(playlist_ids))
    for row in reader.execute(_RULED_BEFORE, {"ids": ids}) if ids else ():
        found[row.playlist_id].append((row.since, read_rule(row.rule)))
    return found


def _read_asked_before(
    reader: Connection, activity_ids: Sequence[str]
) -> Mapping[str, Sequence[tuple[datetime, Sequence[Task]]]]:
    found: defaultdict[str, list[tuple[datetime, Sequence[Task]]]] = defaultdict(list)
    for row in reader.execute(_ASKED_BEFORE, {"ids": activity_ids}):
        found[row.activity_id].append((row.since, read_tasks(row.activity_id, row.tasks)))
    return found
