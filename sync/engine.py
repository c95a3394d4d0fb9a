"""Applies a batch of events, each at most once, and collects what the feeds must say.

The engine knows neither a database nor a web framework: a `Store` keeps events and feeds, and effects are
functions registered by event type. Whoever calls it opens the transaction before and commits it after.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from sync.messages import Event, Result, Row, Signed, Verdict, digest

CHAIN_BROKEN = "chain_broken"
LATE = {"blob_missing": "blob_late"}
"""What a hold is called once it has ended for good; the other reasons keep their name."""
LONGEST_NEED_MS = 40 * 24 * 3_600_000
"""How long an event waits for one that is here and itself on hold, which may take longer than its own hold."""


class Refused(Exception):
    """An effect says no, for good: the event is stored as rejected, with this reason."""

    def __init__(self, why: str, **effect: Any) -> None:
        super().__init__(why)
        self.why, self.effect = why, effect


class Held(Exception):
    """An effect cannot be decided yet: the event is stored on hold and judged again when it can be."""

    def __init__(self, why: str, **effect: Any) -> None:
        super().__init__(why)
        self.why, self.effect = why, effect


class Later(Exception):
    """An event cannot be taken now: nothing is stored, and the phone tries again after `retry_s` seconds."""

    def __init__(self, why: str, retry_s: int) -> None:
        super().__init__(why)
        self.why, self.retry_s = why, retry_s


@dataclass(frozen=True, slots=True)
class Known:
    """An event that is stored, and its verdict."""

    signed: Signed
    verdict: Verdict
    received_at: int
    learner: str = ""  # for whom it counts, when that is not whom its bytes name: they are one person by now

    @property
    def event(self) -> Event:
        """Read the event; what is sent again is told by its bytes alone."""
        return Event.read(self.signed).count_for(self.learner)


@dataclass(frozen=True, slots=True)
class Place:
    """What is stored around a place of a device's chain."""

    before: str | None = None  # payload at seq - 1
    here: bool = False  # is this seq taken?
    after_prev: str | None = None  # what the event at seq + 1 says in `prev`
    strays: bool = False  # is the event before it one that does not fit the chain?


class Store(Protocol):
    """Where events and feeds are kept; all of it inside one transaction that the caller opened.

    Before events are applied it locks the learners who sent them and whom they are about, in sorted order.
    """

    def savepoint(self) -> AbstractContextManager[object]:
        """Open a part of the transaction that an exception undoes alone."""

    def known(self, learner: str, event_id: str) -> Known | None:
        """Return the stored event with that id. Ids count per learner."""

    def place(self, event: Event) -> Place:
        """Return what is around the event's place in its device's chain."""

    def chain_end(self, device: str) -> tuple[int, str]:
        """Return the highest seq in a device's chain and the payload there; 0 and "" when there is none."""

    def add(self, event: Event, verdict: Verdict, received_at: int) -> None:
        """Store a new event with its verdict. What does not fit the chain (CHAIN_BROKEN) takes no place in it."""

    def decide(self, event: Event, verdict: Verdict) -> None:
        """Replace the verdict of an event that was on hold."""

    def held(self, learners: Iterable[str], why: str) -> Sequence[Known]:
        """Return the events on hold for that reason, in the order of their chains."""

    def bump(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Number and keep the rows of each feed, feeds in sorted order. Called last, before the commit."""


S = TypeVar("S", bound=Store)


@dataclass(slots=True)
class Work(Generic[S]):
    """What an effect gets: the event, the store, the times, and where to put feed rows.

    An effect may put the event in another's name, for whom it is stored then: two learners turn out to be one.
    """

    event: Event
    store: S
    now: int
    received_at: int  # first arrival; earlier than now when the event was on hold
    overdue: bool = False  # it was on hold for as long as it may: decide without what it waited for
    rows: list[Row] = field(default_factory=list)
    again: list[Known] = field(default_factory=list)  # on hold, and perhaps decided by what this event does

    def put(self, key: str, row: Mapping[str, Any]) -> None:
        """Say in the learner's feed how this key stands now."""
        self.put_for(self.event.learner, key, row)

    def drop(self, key: str) -> None:
        """Say in the learner's feed that this key is gone."""
        self.drop_for(self.event.learner, key)

    def put_for(self, learner: str, key: str, row: Mapping[str, Any]) -> None:
        """Say in somebody else's feed how this key stands now. The store has locked them; see `Store`."""
        self.rows.append(Row(learner_feed(learner), key, row))

    def drop_for(self, learner: str, key: str) -> None:
        """Say in somebody else's feed that this key is gone."""
        self.rows.append(Row(learner_feed(learner), key, None))

    def judge_again(self, waiting: Sequence[Known]) -> None:
        """Have events on hold judged again once this one is decided. The store has locked whose they are."""
        self.again += waiting


Effect = Callable[[Work[S]], Mapping[str, Any]]
"""Does what an event means and returns what to tell the phone. Raises Refused, Held or Later."""


def learner_feed(learner: str) -> str:
    return f"learner:{learner}"


@dataclass(slots=True)
class _Round:
    """What a batch has come to so far: rows for the feeds, and the learners of whom something was decided."""

    rows: list[Row] = field(default_factory=list)
    decided: set[str] = field(default_factory=set)


class Engine(Generic[S]):
    """Applies batches. `fatal` tells faults of the whole transaction, which must reach the caller, from
    those of one event, which are given to `on_fault` and make `later` of that event alone."""

    RETRY_S = 60

    def __init__(
        self,
        effects: Mapping[str, Effect[S]],
        *,
        fatal: Callable[[Exception], bool] = lambda error: False,
        on_fault: Callable[[Event, Exception], None] = lambda event, error: None,
    ) -> None:
        self._effects, self._fatal, self._on_fault = effects, fatal, on_fault

    def apply(self, events: Iterable[Event | Result], store: S, now: int) -> list[Result]:
        """Apply events in their order; what the signature check has answered already passes through."""
        round = _Round()
        results = [e if isinstance(e, Result) else self._apply_one(e, store, now, round) for e in events]
        self._wake_needy(store, now, round)
        self._bump(store, round.rows)
        return results

    def wake(self, events: Sequence[Known], store: S, now: int, *, overdue: bool = False) -> None:
        """Judge again what was on hold, and tell it through the feed.

        What is `overdue` waited for as long as it may: what still cannot be decided is declined.
        """
        round = _Round()
        self._wake(events, store, now, round, overdue)
        self._wake_needy(store, now, round)
        self._bump(store, round.rows)

    def _apply_one(self, event: Event, store: S, now: int, round: _Round) -> Result:
        known = store.known(event.learner, event.id)
        if known is not None:
            return _answer_again(event, known)
        work = Work(event, store, now, now)
        try:
            place = store.place(event)
            verdict = self._judge(work, place, lambda verdict: store.add(work.event, verdict, now))
        except Later as wait:
            return Result(event.id, "later", wait.why, retry_s=wait.retry_s)
        except Exception as error:
            self._set_aside(event, error)
            return Result(event.id, "later", "fault", retry_s=self.RETRY_S)
        self._follow(work, verdict, round)
        return Result(event.id, verdict.state, verdict.why, verdict.effect)

    def _follow(self, work: Work[S], verdict: Verdict, round: _Round) -> None:
        """Note what there is to tell of an event, and judge again what it may have decided."""
        round.rows += [*work.rows, _verdict_row(work.event, verdict)]
        if verdict.state != "hold":
            round.decided.add(work.event.learner)
        self._wake(work.again, work.store, work.now, round)

    def _wake_needy(self, store: S, now: int, round: _Round) -> None:
        """Judge again what waits for other events, until nothing more follows from it."""
        while round.decided and self._wake(store.held(sorted(round.decided), "needs"), store, now, round):
            pass

    def _wake(
        self, waiting: Sequence[Known], store: S, now: int, round: _Round, overdue: bool = False
    ) -> bool:
        """Judge again; say whether anything was decided."""
        decided = False
        for known in waiting:
            event = known.event
            work = Work(event, store, now, known.received_at, overdue)
            try:
                verdict = self._judge(work, Place(), partial(store.decide, event))
            except Later:
                continue
            except Exception as error:
                self._set_aside(event, error)
                continue
            if verdict != known.verdict:
                self._follow(work, verdict, round)
                decided = True
        return decided

    def _judge(self, work: Work[S], place: Place, keep: Callable[[Verdict], None]) -> Verdict:
        """Do the effect and keep the verdict in one savepoint; a refusal undoes what was written."""
        try:
            with work.store.savepoint():
                verdict = Verdict("ok", "", self._effect(work, place))
                keep(verdict)
            return verdict
        except Refused as no:
            verdict = Verdict("rejected", no.why, no.effect)
        except Held as wait:
            verdict = _wait(work, wait)
        work.rows.clear()
        work.again.clear()
        with work.store.savepoint():
            keep(verdict)
        return verdict

    def _effect(self, work: Work[S], place: Place) -> Mapping[str, Any]:
        if not _fits(work.event, place):
            raise Refused(CHAIN_BROKEN, **_chain_end(work))
        _check_needs(work)
        effect = self._effects.get(work.event.type)
        if effect is None:
            raise Refused("unknown_type")
        return effect(work)

    def _set_aside(self, event: Event, error: Exception) -> None:
        if self._fatal(error):
            raise error
        self._on_fault(event, error)

    def _bump(self, store: S, rows: Sequence[Row]) -> None:
        """Hand the last row of each key to the store, by feed."""
        latest = {(row.feed, row.key): row for row in rows}
        feeds: dict[str, list[Row]] = {}
        for row in latest.values():
            feeds.setdefault(row.feed, []).append(row)
        store.bump(feeds)


def _answer_again(event: Event, known: Known) -> Result:
    if known.signed.p != event.signed.p:
        return Result(event.id, "rejected", "id_reuse")
    return answer_again(event.id, known.verdict)


def answer_again(event_id: str, verdict: Verdict) -> Result:
    """Answer an event that was here before with its first verdict."""
    return Result(event_id, "dup", verdict.why, verdict.effect, verdict.state)


def _fits(event: Event, place: Place) -> bool:
    """Say whether an event continues its device's chain. A hole before it is no fault."""
    if place.here or place.strays or (event.seq == 1 and event.prev != ""):
        return False
    follows = place.before is None or event.prev == digest(place.before)
    return follows and (place.after_prev is None or place.after_prev == digest(event.signed.p))


def _chain_end(work: Work[S]) -> dict[str, Any]:
    """Tell a device where its chain ends here: it goes on from there with what it did since."""
    seq, payload = work.store.chain_end(work.event.device)
    return {"seq": seq, "prev": digest(payload) if payload else ""}


def _check_needs(work: Work[S]) -> None:
    """Wait for the events this one builds on; fall with one that was rejected."""
    for needed in work.event.needs:
        known = work.store.known(work.event.learner, needed)
        if known is None or known.verdict.state == "hold":
            raise Held("needs", event=needed)
        if known.verdict.state == "rejected":
            raise Refused("needs", event=needed)


def _wait(work: Work[S], wait: Held) -> Verdict:
    """Put an event on hold; decline it when it is overdue."""
    if not work.overdue or _waits_for_held(work, wait):
        return Verdict("hold", wait.why, wait.effect)
    return Verdict("rejected", LATE.get(wait.why, wait.why), wait.effect)


def _waits_for_held(work: Work[S], wait: Held) -> bool:
    """Say whether it waits for an event that is here and whose own hold will end."""
    if wait.why != "needs" or work.now - work.received_at > LONGEST_NEED_MS:
        return False
    return work.store.known(work.event.learner, wait.effect.get("event", "")) is not None


def _verdict_row(event: Event, verdict: Verdict) -> Row:
    row = {"event": event.id, "state": verdict.state, "why": verdict.why, "effect": dict(verdict.effect)}
    return Row(learner_feed(event.learner), f"verdict:{event.id}", row)
