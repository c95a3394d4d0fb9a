"""What a learner's rows must say. Pure: a `Learner` with all their rows in, findings out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from server.replicas.history import doors
from server.replicas.history.rows import Learner
from server.replicas.keys import verify
from sync.messages import Event, Malformed, Signed, digest
from sync.signatures import Key, is_signed

HOLD_DAYS = {"review": 31}
"""A hold may be a day older than its policy says; all others end after five days."""
FORGOTTEN = timedelta(days=180)
FINAL = ("ok", "rejected")
EFFECTS = {
    "checkin.scan": "activity", "badge.claim": "award", "task.answer": "task", "evidence.submit": "task",
}  # fmt: skip
_OF_TASKS = ("answers", "evidence")

Check = Callable[[Learner], Iterable[tuple[str, str]]]
CHECKS: dict[str, Check] = {}


def check(look: Check) -> Check:
    CHECKS[look.__name__] = look
    return look


@check
def events_are_as_signed(learner: Learner) -> Iterator[tuple[str, str]]:
    """The bytes can be read, say what the columns say, and carry their device's signature.

    One without a signature let in somebody at a door who erased everything since: see `door/forgetting.py`.
    """
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
        elif row.signature and not is_signed(signed, Key(device.key_x, device.key_y), verify):
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
        if before and before.signature and event and event.prev != digest(before.payload):
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
    accepted = doors.accepted(learner)
    for name in ("check_ins", "answers", "evidence", "completions"):
        for row in learner.rows[name]:
            if row.event_id not in accepted:
                yield row.event_id, f"has an effect in {name} and is not accepted"
    for row in learner.rows["completions"]:
        if set(row.proofs) - accepted:
            yield row.id, "a completion rests on what is not accepted"
    for row in learner.rows["awards"]:
        if row.event_id is not None and row.event_id not in accepted:
            yield row.event_id, "has given a badge and is not accepted"


@check
def accepted_events_have_effects(learner: Learner) -> Iterator[tuple[str, str]]:
    there = {"activity": {row.activity_id for row in learner.rows["check_ins"]}}
    there["award"] = {row.id for row in learner.rows["awards"]}
    there["task"] = {row.task_id for name in _OF_TASKS for row in learner.rows[name]}
    taken_back = {_thing(learner, target) for target in _withdrawn(learner)}
    taken_back |= {("activity", row.activity_id) for row in learner.rows["flags"] if row.word == "voided"}
    erased = [row for row in learner.events if row.type == "award.erase" and row.state == "ok"]
    taken_back |= {("award", str(row.effect.get("award"))) for row in erased}
    for row in learner.events:
        what, thing = _thing(learner, row.id)
        if _went_with_the_door(learner, row):
            continue
        if row.state == "ok" and what and thing not in there[what] and (what, thing) not in taken_back:
            yield row.id, f"is accepted and its {what} has nothing of it"


def _went_with_the_door(learner: Learner, row: Any) -> bool:
    """Say whether a scan counted only by what a door said, which was taken back: a receipt, or what was there already."""
    event = learner.read.get(row.id)
    receipt = event is not None and str(event.body.get("proof")).startswith("5")
    undone = row.effect.get("occurrence") in learner.doors.undone
    return undone and (receipt or bool(row.effect.get("already")))


def _thing(learner: Learner, event_id: str) -> tuple[str, str]:
    """Name what an event is about: an activity it checks in at, a task, or the badge of a claim code."""
    row = learner.by_id.get(event_id)
    event = learner.read.get(event_id)
    what = EFFECTS.get(row.type) if row else None
    if row is None or event is None or what is None:
        return "", ""
    if "award" in row.effect:
        what = "award"  # also of a scan: its phone did not know what the code was for
    name = event.body.get("task") if what == "task" else row.effect.get(what)
    return what, str(name)


def _withdrawn(learner: Learner) -> set[str]:
    return {
        str(learner.read[row.id].body.get("event"))
        for row in learner.events
        if row.type == "event.withdraw" and row.state == "ok" and row.id in learner.read
    }


def _voided(learner: Learner) -> set[str]:
    return {row.event_id for row in learner.rows["flags"] if row.word == "voided"}


@check
def voids_hold(learner: Learner) -> Iterator[tuple[str, str]]:
    """Nothing rests on a voided check-in, a kept one is not voided too, and the learner was told of each void."""
    voided = _voided(learner)
    for row in learner.rows["check_ins"]:
        if row.event_id in voided:
            yield row.event_id, "was voided and counts"
    for row in learner.rows["completions"]:
        if voided & set(row.proofs):
            yield row.id, "a completion rests on what was voided"
    for row in learner.rows["awards"]:
        if row.event_id in voided and row.revoked_at is None:
            yield row.id, "a badge rests on what was voided"
    for event in voided:
        told = learner.feed.get(f"flag:{event}")
        if told is None or told.row.get("state") != "voided":
            yield event, "was voided and its learner was not told"


@check
def nothing_counts_twice(learner: Learner) -> Iterator[tuple[str, str]]:
    """One effect for each thing: the database's own indexes promise it, and may have been lost."""
    things: dict[str, Callable[[Any], object]] = {
        "check_ins": lambda one: (one.activity_id, one.occurrence), "answers": lambda one: one.task_id,
        "evidence": lambda one: one.task_id, "completions": lambda one: (one.activity_id, one.playlist_id),
        "awards": lambda one: (learner.series[one.achievement_id], one.period),  # in whichever version
    }  # fmt: skip
    for name, thing in things.items():
        for what, times in Counter(thing(row) for row in learner.rows[name]).items():
            if times > 1:
                yield str(what), f"counts {times} times in {name}"


@check
def awards_rest_on_something(learner: Learner) -> Iterator[tuple[str, str]]:
    """A completion, or a claim: a code and the event in which it was used. What was voided rests on nothing."""
    completions = {row.id for row in learner.rows["completions"]}
    for row in learner.rows["awards"]:
        if row.completion_id is not None and row.completion_id not in completions:
            yield row.id, "an award whose completion is not here"
        claimed = row.code_id is not None and row.event_id is not None
        by_name = row.given_by is not None or row.assurance.get("review") == "given"
        if by_name or row.assurance.get("parts"):  # an organiser's word; several things together
            continue
        if row.completion_id is None and not claimed and not (row.revoked_at and row.period):
            yield row.id, "an award that rests on nothing"


@check
def evidence_has_its_files(learner: Learner) -> Iterator[tuple[str, str]]:
    whole = {row.sha256 for row in learner.rows["blobs"] if row.complete_at and row.mime}
    for row in learner.rows["evidence"]:
        yield from ((row.event_id, f"its file {name} is not here") for name in row.files if name not in whole)


@check
def feed_says_what_is(learner: Learner) -> Iterator[tuple[str, str]]:
    """Check-ins, tasks, completions and awards stand in the feed, and nothing else does."""
    there = {_check_in_key(row): row.event_id for row in learner.rows["check_ins"]}
    there |= {f"task:{row.task_id}": "" for name in _OF_TASKS for row in learner.rows[name]}
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


def _check_in_key(row: Any) -> str:
    return f"checkin:{row.activity_id}" + (f":{row.occurrence}" if row.occurrence else "")


@check
def doors_let_in_who_is_there(learner: Learner) -> Iterator[tuple[str, str]]:
    yield from doors.check_entries(learner)


@check
def what_doors_said_was_done(learner: Learner) -> Iterator[tuple[str, str]]:
    yield from doors.check_words(learner)


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


def holes_of(learner: Learner) -> dict[str, list[tuple[int, int]]]:
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
