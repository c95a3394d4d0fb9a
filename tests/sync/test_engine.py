"""The engine alone: at most once, one failure blocks nobody, holds end, feeds say what was decided."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sync.engine import LONGEST_NEED_MS, Engine, Held, Later, Refused, Work, learner_feed
from sync.messages import Event, Result, Signed, digest, encode
from tests.sync.memory import MemoryStore

LEARNER, DEVICE = "0199f1a0-0000-7000-8000-000000000001", "0199f1a0-0000-7000-8000-000000000002"


def make(seq: int, type: str = "deed.done", prev: str | None = None, **more: Any) -> Event:
    at = {"wall": seq, "mono": 1.0, "boot": "", "tz": 0, "anchor": None}
    id = f"0199f1a0-0000-7000-8000-{1000 + seq:012d}"
    content = {
        "v": 1, "id": id, "learner": LEARNER, "device": DEVICE, "seq": seq, "prev": prev or "", "type": type, "tv": 1,
        "at": at, "body": {}, **more,
    }  # fmt: skip
    return Event.read(Signed(encode(json.dumps(content).encode()), ""))


def chain(*types: str) -> list[Event]:
    events: list[Event] = []
    for seq, type in enumerate(types, 1):
        events.append(make(seq, type, digest(events[-1].signed.p) if events else ""))
    return events


def do(work: Work[MemoryStore]) -> Mapping[str, Any]:
    work.store.done.append(work.event.id)
    work.put("deed", {"last": work.event.id})
    return {"done": True}


def refuse(work: Work[MemoryStore]) -> Mapping[str, Any]:
    do(work)
    raise Refused("no", because="of this")


def wait(work: Work[MemoryStore]) -> Mapping[str, Any]:
    do(work)
    raise Held("file")


def break_down(work: Work[MemoryStore]) -> Mapping[str, Any]:
    do(work)
    raise ZeroDivisionError


def ask_later(work: Work[MemoryStore]) -> Mapping[str, Any]:
    raise Later("busy", 9)


EFFECTS = {
    "deed.done": do,
    "deed.refused": refuse,
    "deed.held": wait,
    "deed.broken": break_down,
    "deed.later": ask_later,
}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def engine() -> Engine[MemoryStore]:
    return Engine(EFFECTS)


def states(results: list[Result]) -> list[str]:
    return [result.state for result in results]


def test_each_event_has_its_own_result(engine: Engine[MemoryStore], store: MemoryStore) -> None:
    events = chain("deed.done", "deed.refused", "deed.held", "deed.broken", "deed.later", "deed.unknown")
    results = engine.apply(events, store, 5)
    assert states(results) == ["ok", "rejected", "hold", "later", "later", "rejected"]
    assert [result.why for result in results] == ["", "no", "file", "fault", "busy", "unknown_type"]
    assert results[1].effect == {"because": "of this"}
    assert results[4].retry_s == 9


def test_only_what_was_accepted_has_an_effect(engine: Engine[MemoryStore], store: MemoryStore) -> None:
    events = chain("deed.done", "deed.refused", "deed.held", "deed.broken")
    engine.apply(events, store, 5)
    assert store.done == [events[0].id]
    feed = store.feeds[learner_feed(LEARNER)]
    assert feed["deed"][1] == {"last": events[0].id}
    assert set(feed) == {"deed", *(f"verdict:{one.id}" for one in events[:3])}


def test_sending_again_changes_nothing(engine: Engine[MemoryStore], store: MemoryStore) -> None:
    events = chain("deed.done", "deed.refused", "deed.held")
    first = engine.apply(events, store, 5)
    heads = dict(store.heads)
    again = engine.apply(events, store, 6)
    assert states(again) == ["dup"] * 3
    assert [result.verdict for result in again] == states(first)
    assert (len(store.done), store.heads) == (1, heads)


def test_a_fault_of_the_whole_transaction_reaches_the_caller(store: MemoryStore) -> None:
    engine = Engine(EFFECTS, fatal=lambda error: isinstance(error, ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        engine.apply(chain("deed.broken"), store, 5)


def test_faults_are_told_to_the_operator(store: MemoryStore) -> None:
    told: list[str] = []
    engine = Engine(EFFECTS, on_fault=lambda event, error: told.append(type(error).__name__))
    engine.apply(chain("deed.broken"), store, 5)
    assert told == ["ZeroDivisionError"]


def test_what_waited_is_judged_with_its_first_arrival(
    engine: Engine[MemoryStore], store: MemoryStore
) -> None:
    (event,) = chain("deed.held")
    engine.apply([event], store, 5)
    arrivals: list[tuple[int, int]] = []

    def now_do(work: Work[MemoryStore]) -> Mapping[str, Any]:
        arrivals.append((work.received_at, work.now))
        return {}

    later = Engine({"deed.held": now_do})
    later.wake(store.held([LEARNER], "file"), store, 50)
    assert arrivals == [(5, 50)]
    assert store.events[LEARNER, event.id].verdict.state == "ok"
    assert store.feeds[learner_feed(LEARNER)][f"verdict:{event.id}"][1] == {
        "event": event.id, "state": "ok", "why": "", "effect": {},
    }  # fmt: skip


def test_what_still_waits_says_nothing_new(engine: Engine[MemoryStore], store: MemoryStore) -> None:
    engine.apply(chain("deed.held"), store, 5)
    heads = dict(store.heads)
    engine.wake(store.held([LEARNER], "file"), store, 6)
    assert store.heads == heads


def test_an_event_falls_with_the_one_it_needs(engine: Engine[MemoryStore], store: MemoryStore) -> None:
    refused = make(1, "deed.refused")
    follower = make(2, prev=digest(refused.signed.p), needs=[refused.id])
    assert states(engine.apply([follower], store, 5)) == ["hold"]
    engine.apply([refused], store, 6)
    assert store.events[LEARNER, follower.id].verdict.why == "needs"
    assert store.events[LEARNER, follower.id].verdict.state == "rejected"
    assert store.done == []


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_a_chain_with_a_hole_is_taken_and_the_hole_filled_later(
    engine: Engine[MemoryStore], store: MemoryStore, missing: int
) -> None:
    events = chain("deed.done", "deed.done", "deed.done")
    late = events.pop(missing - 1)
    assert states(engine.apply(events, store, 5)) == ["ok", "ok"]
    assert states(engine.apply([late], store, 6)) == ["ok"]


def test_what_does_not_fit_the_chain_is_kept_without_a_place(
    engine: Engine[MemoryStore], store: MemoryStore
) -> None:
    first, second, third = chain("deed.done", "deed.done", "deed.done")
    engine.apply([first, third], store, 5)
    false_second = make(2, prev=digest(first.signed.p), body={"other": 1}, id=first.id[:-1] + "9")
    assert engine.apply([false_second], store, 6)[0].effect == {"seq": 3, "prev": digest(third.signed.p)}
    assert store.events[LEARNER, false_second.id].verdict.why == "chain_broken"
    assert states(engine.apply([second], store, 7)) == ["ok"]
    assert engine.apply([make(1, prev="x")], MemoryStore(), 6)[0].effect == {"seq": 0, "prev": ""}


def test_an_overdue_event_is_decided_without_what_it_waited_for(store: MemoryStore) -> None:
    def wait_or_do(work: Work[MemoryStore]) -> Mapping[str, Any]:
        if not work.overdue:
            raise Held("organiser")
        return {"unconfirmed": True}

    def wait_for_a_file(work: Work[MemoryStore]) -> Mapping[str, Any]:
        raise Held("blob_missing", blob="f")

    engine = Engine({"deed.seen": wait_or_do, "deed.shown": wait_for_a_file, "deed.done": do})
    seen, shown = chain("deed.seen", "deed.shown")
    gone = make(3, "deed.done", digest(shown.signed.p), needs=[seen.id[:-1] + "f"])
    after = make(4, "deed.done", digest(gone.signed.p), needs=[shown.id])
    assert states(engine.apply([seen, shown, gone, after], store, 5)) == ["hold"] * 4
    engine.wake([store.events[LEARNER, one.id] for one in (seen, shown, gone)], store, 50, overdue=True)
    found = [store.events[LEARNER, one.id].verdict for one in (seen, shown, gone, after)]
    assert [(one.state, one.why) for one in found] == [
        ("ok", ""), ("rejected", "blob_late"), ("rejected", "needs"), ("rejected", "needs"),
    ]  # fmt: skip
    assert found[0].effect == {"unconfirmed": True}
    told = store.feeds[learner_feed(LEARNER)][f"verdict:{shown.id}"][1]
    assert told == {"event": shown.id, "state": "rejected", "why": "blob_late", "effect": {"blob": "f"}}


def test_what_builds_on_an_event_on_hold_may_wait_longer_than_others(store: MemoryStore) -> None:
    engine = Engine({"deed.held": wait, "deed.done": do})
    (held,) = chain("deed.held")
    after = make(2, "deed.done", digest(held.signed.p), needs=[held.id])
    engine.apply([held, after], store, 0)
    waiting = [store.events[LEARNER, after.id]]
    engine.wake(waiting, store, LONGEST_NEED_MS, overdue=True)
    assert store.events[LEARNER, after.id].verdict.state == "hold"
    engine.wake(waiting, store, LONGEST_NEED_MS + 1, overdue=True)
    assert store.events[LEARNER, after.id].verdict.state == "rejected"
