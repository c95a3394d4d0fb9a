"""Seeded bugs: each replaces one promise of the phone, the server or the engine by a mistake somebody made.

`seen_in` says where; "our own design review" are those that we found on paper, and a trial is one we measured. `breaks` is the invariant that must
catch it. The table in docs/sync-faults.md is held against this list by a test.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

import sync.engine
import tests.faults.server as server
from sync.engine import Engine, Place, Work
from sync.messages import Event, Result, Row
from sync.signatures import is_signed
from tests.faults.phone import DAY, Flight, Item, Seat, Tablet
from tests.faults.server import Answer, Code, ModelServer, ModelStore, Open

REVIEW = "our own design review"
MEASURED = "our own trial on PostgreSQL"
Seed = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    name: str
    seen_in: str
    breaks: int
    seed: Seed

    @property
    def words(self) -> str:
        return " ".join((self.seed.__doc__ or "").split())


BUGS: dict[str, Bug] = {}


def bug(seen_in: str, breaks: int) -> Callable[[Seed], Seed]:
    def register(seed: Seed) -> Seed:
        BUGS[seed.__name__] = Bug(seed.__name__, seen_in, breaks, seed)
        return seed

    return register


# On the phone


@bug("libpretixsync", breaks=13)
def delete_on_4xx(patch: pytest.MonkeyPatch) -> None:
    """A status of 400 or 404 takes what was sent out of the outbox."""

    def refused(seat: Seat, flight: Flight, status: int, code: str, now: int) -> None:
        if status in (400, 404):
            for id in flight.ids:
                seat.items.pop(id, None)

    patch.setattr(Seat, "refused", refused)


@bug("Workbox BackgroundSync", breaks=13)
def taken_out_before_sending(patch: pytest.MonkeyPatch) -> None:
    """Items leave the outbox when they are sent, not when they are kept."""
    request = Seat.request

    def send(seat: Seat, now: int, limit: int) -> Flight:
        flight = request(seat, now, limit)
        for id in flight.ids:
            seat.items[id] = replace(seat.items[id], acked_at=now)
        return flight

    patch.setattr(Seat, "request", send)


@bug("Workbox BackgroundSync", breaks=13)
def any_answer_is_success(patch: pytest.MonkeyPatch) -> None:
    """Whatever answers, a captive portal too, counts as received."""
    receive = Tablet.receive

    def believe(
        tablet: Tablet, flight: Flight, status: int, headers: Any, reply: Any, now: int, *more: Any
    ) -> None:
        if not tablet.is_ours(status, headers):
            seat = tablet.seat_of(flight)
            for id in flight.ids:
                if id in seat.items:
                    seat.items[id] = replace(seat.items[id], acked_at=now, state="ok")
        receive(tablet, flight, status, headers, reply, now, *more)

    patch.setattr(Tablet, "receive", believe)


@bug("Workbox BackgroundSync", breaks=13)
def dropped_after_seven_days(patch: pytest.MonkeyPatch) -> None:
    """What could not be sent for a week is dropped."""
    request = Seat.request

    def send(seat: Seat, now: int, limit: int) -> Flight:
        for one in seat.outbox():
            if now - one.recorded_at > 7 * DAY:
                del seat.items[one.id]
        return request(seat, now, limit)

    patch.setattr(Seat, "request", send)


@bug("Moodle app", breaks=13)
def wiped_when_the_server_changed(patch: pytest.MonkeyPatch) -> None:
    """A newer row of the server's takes away what the learner has not sent yet."""
    apply_rows = Seat.apply_rows

    def apply(seat: Seat, rows: Sequence[Mapping[str, Any]]) -> None:
        apply_rows(seat, rows)
        if any(row["key"].startswith(("checkin:", "task:")) for row in rows):
            for one in seat.outbox():
                del seat.items[one.id]

    patch.setattr(Seat, "apply_rows", apply)


@bug(REVIEW, breaks=13)
def wiped_when_the_learner_changes(patch: pytest.MonkeyPatch) -> None:
    """Switching the learner empties the outbox, as a logout does."""
    switch = Tablet.switch

    def wipe(tablet: Tablet, learner: str) -> None:
        tablet.seats[tablet.at_work].items.clear()
        switch(tablet, learner)

    patch.setattr(Tablet, "switch", wipe)


@bug(REVIEW, breaks=13)
def later_is_taken_as_durable(patch: pytest.MonkeyPatch) -> None:
    """Any result at all takes an item out of the outbox."""

    def acknowledge(seat: Seat, item: Item, result: Mapping[str, Any], now: int) -> None:
        state = result.get("verdict") or result["state"]
        seat.items[item.id] = replace(item, state=state, why=result.get("why", ""), acked_at=now)

    patch.setattr(Seat, "is_durable", lambda seat, result: True)
    patch.setattr(Seat, "acknowledge", acknowledge)


@bug(REVIEW, breaks=11)
def cursor_before_rows(patch: pytest.MonkeyPatch) -> None:
    """The cursor is written first, in a transaction of its own."""
    take_in = Seat.take_in

    def take(seat: Seat, flight: Flight, reply: Any, now: int, new_id: Any, stop_at: int = 99) -> None:
        page = reply["feeds"].get(f"learner:{seat.learner}")
        try:
            take_in(seat, flight, reply, now, new_id, stop_at)
        finally:
            if page is not None:
                seat.cursor, seat.epoch = page["next"], reply["epoch"]

    patch.setattr(Seat, "take_in", take)


@bug(REVIEW, breaks=8)
def reply_goes_to_who_is_at_work(patch: pytest.MonkeyPatch) -> None:
    """A reply that arrives after a switch of learners is applied to the new one."""
    take_feed = Seat.take_feed

    def seat_of(tablet: Tablet, flight: Flight) -> Seat:
        return tablet.seats[tablet.at_work]

    def take_any(seat: Seat, page: Mapping[str, Any] | None) -> None:
        take_feed(seat, page)

    def take_in(seat: Seat, flight: Flight, reply: Any, now: int, new_id: Any, stop_at: int = 99) -> None:
        seat.take_results(flight, reply["results"], now, new_id)
        for page in reply["feeds"].values():
            seat.take_feed(page)
        seat.note(reply, now)

    patch.setattr(Tablet, "seat_of", seat_of)
    patch.setattr(Seat, "take_feed", take_any)
    patch.setattr(Seat, "take_in", take_in)


@bug(REVIEW, breaks=1)
def restored_server_goes_unnoticed(patch: pytest.MonkeyPatch) -> None:
    """The epoch is ignored, so nothing is sent again after a restore."""

    def ignore(seat: Seat, reply: Mapping[str, Any], now: int) -> None:
        seat.epoch = reply["epoch"]

    patch.setattr(Seat, "notice_epoch", ignore)


@bug(REVIEW, breaks=1)
def forgotten_once_acknowledged(patch: pytest.MonkeyPatch) -> None:
    """What was acknowledged is not kept for 30 days, so it cannot be sent again."""
    note = Seat.note

    def forget(seat: Seat, reply: Mapping[str, Any], now: int) -> None:
        for one in list(seat.items.values()):
            if one.state in ("ok", "rejected") and one.type != "device.hello":
                del seat.items[one.id]
        note(seat, reply, now)

    patch.setattr(Seat, "note", forget)


@bug(REVIEW, breaks=10)
def holes_are_not_filled(patch: pytest.MonkeyPatch) -> None:
    """The phone does not care what the server misses."""
    patch.setattr(Seat, "fill_holes", lambda seat, missing, now, new_id: None)


@bug(REVIEW, breaks=15)
def secret_in_the_address(patch: pytest.MonkeyPatch) -> None:
    """What was scanned stands in the request's address, and so in every log."""

    def url(seat: Seat, sent: Sequence[Item]) -> str:
        proofs = [str(one.body.get("proof")) for one in sent if one.type == "checkin.scan"]
        return "/api/sync" + (f"?proof={proofs[0]}" if proofs else "")

    patch.setattr(Seat, "url", url)


@bug("PowerSync", breaks=12)
def queue_blocks_behind_the_first(patch: pytest.MonkeyPatch) -> None:
    """Nothing is sent as long as the first item is put off."""

    def due(seat: Seat, now: int) -> list[Item]:
        return [one for one in seat.outbox()[:1] if one.retry_at <= now]

    patch.setattr(Seat, "due", due)


@bug(REVIEW, breaks=8)
def reset_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Rows that a restored server no longer has stay in sight."""

    def take(seat: Seat, page: Mapping[str, Any] | None) -> None:
        if page is not None:
            seat.apply_rows(page["rows"])
            seat.cursor, seat.more = page["next"], page["more"]

    patch.setattr(Seat, "take_feed", take)
    patch.setattr(Seat, "forget_feed", lambda seat: None)


@bug("this machine, on the real server", breaks=11)
def cursor_outlives_its_epoch(patch: pytest.MonkeyPatch) -> None:
    """A reply without a feed brings a new epoch, and the cursor of the old one goes on to be used."""
    patch.setattr(Seat, "forget_feed", lambda seat: None)


@bug(REVIEW, breaks=9)
def fork_is_not_told_again(patch: pytest.MonkeyPatch) -> None:
    """A phone that was rolled back leaves what did not fit its chain as declined, and goes on at the wrong place."""

    def rebase(seat: Seat, broken: Any, now: int, new_id: Any) -> None:
        for item, _ in broken:
            del seat.items[item.id]

    patch.setattr(Seat, "rebase", rebase)


@bug("this machine", breaks=9)
def holds_outlive_what_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Who was away for half a year does not ask what became of what was on hold, and is never told."""
    patch.setattr(Seat, "ask_about_holds", lambda seat: None)


@bug("our own design review", breaks=12)
def whole_batch_is_tried_for_ever(patch: pytest.MonkeyPatch) -> None:
    """A batch on which the server fails is sent again as it is: one event keeps all others back."""
    patch.setattr(Seat, "halve", lambda seat, flight, status, now: None)


# In the server


@bug("pretix", breaks=2)
def key_expires_after_a_day(patch: pytest.MonkeyPatch) -> None:
    """An event is known by its id for 24 hours only."""
    known = ModelStore.known
    newest = {"now": 0}
    apply = Engine.apply

    def note(self: Engine[Any], events: Any, store: Any, now: int) -> list[Result]:
        newest["now"] = now
        return apply(self, events, store, now)

    def forget(store: ModelStore, learner: str, event_id: str) -> Any:
        found = known(store, learner, event_id)
        return None if found and newest["now"] - found.received_at > DAY else found

    patch.setattr(Engine, "apply", note)
    patch.setattr(ModelStore, "known", forget)


@bug(REVIEW, breaks=12)
def batch_is_one_unit(patch: pytest.MonkeyPatch) -> None:
    """When one event fails, all of its batch are put off."""
    apply = Engine.apply

    def all_or_nothing(self: Engine[Any], events: Any, store: Any, now: int) -> list[Result]:
        before = {name: dict(getattr(store, name)) for name in server.TABLES}
        results = apply(self, events, store, now)
        if any(one.state == "later" for one in results):
            for name, content in before.items():
                setattr(store, name, content)
            return [Result(one.id, "later", "fault", retry_s=60) for one in results]
        return results

    patch.setattr(Engine, "apply", all_or_nothing)


@bug(REVIEW, breaks=1)
def id_counts_for_all_learners(patch: pytest.MonkeyPatch) -> None:
    """An id is looked up without its learner, so another's event is answered as known."""
    patch.setattr(server, "scope", lambda learner, event_id: ("", event_id))
    patch.setattr(
        sync.engine, "_answer_again", lambda event, known: sync.engine.answer_again(event.id, known.verdict)
    )


@bug(MEASURED, breaks=8)
def cursor_from_a_sequence(patch: pytest.MonkeyPatch) -> None:
    """Rows are numbered by a sequence, which counts on before the commit: a reader passes what commits late."""
    sequence = {"last": 0}

    def number(store: ModelStore, feed: str, rows: Sequence[Row]) -> None:
        for row in rows:
            sequence["last"] += 1
            store.heads[feed] = sequence["last"]
            store.rows[feed, row.key] = (sequence["last"], row.row)

    patch.setattr(server, "number_rows", number)


@bug(MEASURED, breaks=6)
def places_are_counted_then_taken(patch: pytest.MonkeyPatch) -> None:
    """Each transaction counts the committed check-ins; two of them find the last place free."""

    def count(store: ModelStore, code: Code) -> None:
        if sum(one.activity == code.name for one in store.check_ins.values()) >= (code.cap or 0):
            raise sync.engine.Refused("used_up")

    patch.setattr(server, "take_place", count)


@bug(REVIEW, breaks=3)
def no_natural_key(patch: pytest.MonkeyPatch) -> None:
    """Only the event's id makes it count once: a second phone, or a second scan, counts again."""
    patch.setattr(server, "natural_key", lambda work, activity: (work.event.learner, activity, work.event.id))


@bug(REVIEW, breaks=4)
def award_for_every_event(patch: pytest.MonkeyPatch) -> None:
    """An award belongs to the event that earned it, not to learner and achievement."""
    patch.setattr(server, "award_key", lambda work, name: (work.event.learner, name, work.event.id))


@bug(REVIEW, breaks=5)
def file_is_not_verified(patch: pytest.MonkeyPatch) -> None:
    """An uploaded file is taken without looking at its hash."""
    patch.setattr(ModelServer, "upload", _take_anything)


def _take_anything(self: ModelServer, learner: str, name: str, content: bytes, now: int) -> Open:
    def keep(store: ModelStore) -> None:
        store.blobs[learner, name] = content
        store.wanted.pop((learner, name), None)

    return self.wake(keep, learner, "blob_missing", now)


@bug(REVIEW, breaks=5)
def held_work_counts(patch: pytest.MonkeyPatch) -> None:
    """What is still on hold counts for an award."""

    def evidence_of(store: ModelStore, learner: str) -> tuple[str, str] | None:
        held = store.held([learner], "blob_missing")
        return (server.read_known(held[0]).id, "") if held else store.evidence.get(learner)

    patch.setattr(server, "evidence_of", evidence_of)


@bug(REVIEW, breaks=7)
def learner_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """A device may speak for any learner."""

    def check(self: ModelServer, events: Any, devices: Any) -> list[Any]:
        return [
            one
            if isinstance(one, Result) or (one.device in devices and is_signed(one.signed, devices[one.device].key, server.quick_verify))
            else Result(one.id, "rejected", "bad_signature")
            for one in events
        ]  # fmt: skip

    patch.setattr(ModelServer, "checked", check)


@bug(REVIEW, breaks=7)
def signature_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """The sender is known, and so every event it brings is believed."""

    def check(self: ModelServer, events: Any, devices: Any) -> list[Any]:
        return [one if isinstance(one, Result) or one.device in devices else Result(one.id, "later", "unknown_device") for one in events]  # fmt: skip

    patch.setattr(ModelServer, "checked", check)


@bug(REVIEW, breaks=2)
def dup_says_ok(patch: pytest.MonkeyPatch) -> None:
    """What was here before is answered as done, whatever the first verdict was."""
    patch.setattr(sync.engine, "_answer_again", lambda event, known: Result(event.id, "dup", verdict="ok"))


@bug(REVIEW, breaks=2)
def judged_anew_when_resent(patch: pytest.MonkeyPatch) -> None:
    """What comes again is judged again, by the rules and the clock of now."""
    known = ModelStore.known

    def not_final(store: ModelStore, learner: str, event_id: str) -> Any:
        found = known(store, learner, event_id)
        return (
            None
            if found and found.verdict.state == "rejected" and found.verdict.why != "chain_broken"
            else found
        )

    def free(store: ModelStore, event: Event) -> Place:
        place = place_of(store, event)
        again = store.places.get((event.device, event.seq))
        return replace(place, here=False) if again and again.signed == event.signed else place

    place_of = ModelStore.place
    patch.setattr(ModelStore, "known", not_final)
    patch.setattr(ModelStore, "place", free)


@bug(REVIEW, breaks=9)
def hold_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Nobody ends what has been on hold for too long."""
    patch.setattr(ModelServer, "end_holds", lambda self, now: None)


@bug(REVIEW, breaks=1)
def answered_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    """The reply is written before the transaction is safe, and the crash comes between."""
    commit = ModelServer.commit

    def answer(self: ModelServer, tx: Open, now: int) -> Answer | None:
        if tx.batch and len(self.state.events) % 5 == 3:
            self.open_ones.remove(tx)
            return self.answer(tx, now)  # and the power fails
        return commit(self, tx, now)

    patch.setattr(ModelServer, "commit", answer)


@bug(REVIEW, breaks=5)
def needs_are_ignored(patch: pytest.MonkeyPatch) -> None:
    """What builds on another event is judged without it, and stands when that one falls."""
    patch.setattr(sync.engine, "_check_needs", lambda work: None)


@bug(REVIEW, breaks=5)
def upcast_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """The body of an old event is read as a new one: nobody waits for the file it names."""
    patch.setattr(server, "read_newest", lambda event: {"files": [], **event.body})


@bug(REVIEW, breaks=5)
def piece_counts_as_whole(patch: pytest.MonkeyPatch) -> None:
    """A file whose upload broke off is taken for whole."""

    def take(self: ModelServer, learner: str, name: str, content: bytes, most: int, now: int) -> Open:
        return _take_anything(self, learner, name, content[:most], now)

    patch.setattr(ModelServer, "upload_piece", take)


@bug(REVIEW, breaks=5)
def organisers_no_is_not_heard(patch: pytest.MonkeyPatch) -> None:
    """Once somebody has looked at it work counts, whatever they said."""
    word_on = server.word_on

    def soften(store: ModelStore, event: Event) -> str | None:
        return "accepted" if word_on(store, event) else None

    patch.setattr(server, "word_on", soften)


@bug(REVIEW, breaks=9)
def review_never_ends(patch: pytest.MonkeyPatch) -> None:
    """What nobody looks at waits for ever."""
    is_old = server.is_old
    patch.setattr(server, "is_old", lambda known, now: known.verdict.why != "review" and is_old(known, now))


@bug(REVIEW, breaks=8)
def old_cursor_is_not_reset(patch: pytest.MonkeyPatch) -> None:
    """Tombstones are forgotten, and who was away for longer goes on where they stood."""
    patch.setattr(ModelServer, "is_too_old", lambda self, feed, cursor: False)


@bug(REVIEW, breaks=7)
def carried_work_counts_for_the_carrier(patch: pytest.MonkeyPatch) -> None:
    """What a phone brings for another one is done by who brings it."""
    check = ModelServer.check

    def take(self: ModelServer, store: ModelStore, batch: Any, flight: Flight) -> Any:
        checked = check(self, store, batch, flight)
        if isinstance(checked, Answer):
            return checked
        return [replace(one, learner=batch.learner) if isinstance(one, Event) else one for one in checked]

    patch.setattr(ModelServer, "check", take)


@bug(REVIEW, breaks=7)
def anybody_may_join(patch: pytest.MonkeyPatch) -> None:
    """Who knows a learner's id may register a device of theirs."""
    patch.setattr(server, "_use_invitation", lambda work: None)


@bug(REVIEW, breaks=14)
def phone_clock_is_trusted(patch: pytest.MonkeyPatch) -> None:
    """When it happened is what the phone says."""

    def judge(work: Work[ModelStore], window: Any) -> Any:
        state = "proven" if window.holds(work.event.at.wall) else "rejected"
        return sync.times.Moment(state, work.event.at.wall)

    patch.setattr(server, "judge", judge)


@bug(REVIEW, breaks=14)
def anchor_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """A moment of our clock is believed without its MAC, so a phone can make one up."""

    def believe(event: Event) -> int | None:
        text = (event.at.anchor or "").partition("-")[0]
        return int(text) if text.isdigit() else None

    patch.setattr(server, "anchor_of", believe)


@bug(REVIEW, breaks=1)
def fork_overwrites(patch: pytest.MonkeyPatch) -> None:
    """What comes from a copy of a phone takes the place of what was there, which is then gone."""

    def place(store: ModelStore, event: Event) -> Place:
        return Place()

    def take(store: ModelStore, event: Event) -> None:
        before = store.places.get((event.device, event.seq))
        if before is not None and before.id != event.id:
            store.events.pop((before.learner, before.id), None)
        store.places[event.device, event.seq] = event

    patch.setattr(ModelStore, "place", place)
    patch.setattr(server, "take_seat", take)


@bug(REVIEW, breaks=10)
def holes_are_not_told(patch: pytest.MonkeyPatch) -> None:
    """The server does not say what it misses."""
    patch.setattr(server, "missing", lambda store, device: [])
