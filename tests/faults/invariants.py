"""The fifteen invariants of sync, each a function that returns what breaks it: nothing, when all is well."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from server.replicas.anchors import read_anchor
from sync.signatures import is_signed
from tests.faults.facts import UNENDING, Facts, Log, Stored
from tests.faults.phone import PLACELESS, Seat

Invariant = Callable[[Facts, Log], Iterable[str]]
INVARIANTS: dict[int, Invariant] = {}
FINAL = ("ok", "rejected")


class Broken(AssertionError):
    """Invariants do not hold: numbers and what was found."""

    def __init__(self, found: dict[int, list[str]]) -> None:
        self.found = found
        lines = [f"{n} {INVARIANTS[n].__name__}: {'; '.join(what[:3])}" for n, what in found.items()]
        super().__init__("\n".join(lines))


def invariant(number: int) -> Callable[[Invariant], Invariant]:
    def register(check: Invariant) -> Invariant:
        INVARIANTS[number] = check
        return check

    return register


def demand(facts: Facts, log: Log, watch: Iterable[int] = ()) -> None:
    """Check invariants, all of them when none is named. Raises Broken."""
    wanted = sorted(watch) or sorted(INVARIANTS)
    found = {n: what for n in wanted if (what := list(INVARIANTS[n](facts, log)))}
    if found:
        raise Broken(found)


@invariant(1)
def a_durable_reply_means_the_event_is_kept(facts: Facts, log: Log) -> Iterator[str]:
    for key, payload in log.durable.items():
        if log.restored and key in log.gone:
            continue  # the server's copy and the phone's are both gone, by no fault of sync
        if log.restored and _waits_outside(facts, log, key[1]):
            continue  # the restored server has never heard of that phone, which waits to be invited again
        stored = facts.events.get(key)
        if stored is None or stored.event.signed.p != payload:
            yield f"{key[1]} was promised and is not here"


def _waits_outside(facts: Facts, log: Log, event: str) -> bool:
    outside = (seat for seat in _seats(log) if seat.device not in facts.devices)
    return any(event in seat.items for seat in outside)


@invariant(2)
def a_final_verdict_never_changes(facts: Facts, log: Log) -> Iterator[str]:
    for key, seen in log.verdicts.items():
        stored = facts.events.get(key)
        now = {(stored.state, stored.why)} if stored and stored.state in FINAL else set()
        if len(seen | now) > 1:
            yield f"{key[1]} was {sorted(seen | now)}"


@invariant(3)
def an_effect_happens_once_per_thing_and_event(facts: Facts, log: Log) -> Iterator[str]:
    things = Counter((one.learner, one.activity) for one in facts.check_ins)
    events = Counter((one.learner, one.event) for one in facts.check_ins)
    yield from (f"{what} happened {n} times" for what, n in (things + events).items() if n > 1)


@invariant(4)
def an_award_is_given_once(facts: Facts, log: Log) -> Iterator[str]:
    given = Counter((one.learner, one.achievement) for one in facts.awards)
    yield from (f"{what} was given {n} times" for what, n in given.items() if n > 1)


@invariant(5)
def an_award_rests_on_accepted_work(facts: Facts, log: Log) -> Iterator[str]:
    for award in facts.awards:
        proofs = [facts.events.get((award.learner, id)) for id in award.proofs]
        if not proofs or not all(one and one.state == "ok" for one in proofs):
            yield f"{award.achievement} rests on what was not accepted"
        if any((award.learner, id) in facts.turned_down for id in award.proofs):
            yield f"{award.achievement} rests on what an organiser turned down"
        yield from (f"the file {name} is not here" for name in _missing_files(facts, proofs))
    for (learner, id), one in facts.events.items():
        needed = [facts.events.get((learner, need)) for need in one.event.needs]
        if one.state == "ok" and not all(need and need.state == "ok" for need in needed):
            yield f"{id} builds on what was not accepted"


def _missing_files(facts: Facts, proofs: Iterable[Stored | None]) -> Iterator[str]:
    for one in proofs:
        for blob in one.event.blobs if one else ():
            if (one.event.learner, blob.sha256) not in facts.files:
                yield blob.sha256


@invariant(6)
def capacity_is_never_exceeded(facts: Facts, log: Log) -> Iterator[str]:
    taken = Counter(one.activity for one in facts.check_ins)
    yield from (f"{taken[name]} of {cap} at {name}" for name, cap in facts.caps.items() if taken[name] > cap)


@invariant(7)
def an_effect_is_its_signers(facts: Facts, log: Log) -> Iterator[str]:
    for stored in facts.events.values():
        event = stored.event
        learner, key = facts.devices.get(event.device, ("", None))
        if learner != event.learner:
            yield f"{event.id} came from another learner's device"
        elif key is None or not is_signed(event.signed, key, facts.verify):
            yield f"{event.id} is not signed by its device"
        elif log.sealed and event.signed.p not in log.sealed:
            yield f"{event.id} was never recorded"
    for one in facts.check_ins:
        if (one.learner, one.event) not in facts.events:
            yield f"{one.event} has an effect and is not here"
    for device, (learner, _) in facts.devices.items():
        if log.phones and (learner, device) not in log.phones:
            yield f"{device} has joined a learner whom it does not belong to"


@invariant(8)
def at_rest_the_phone_shows_the_feed(facts: Facts, log: Log) -> Iterator[str]:
    for seat in _seats(log):
        if seat.device in facts.devices:
            feed = facts.feeds.get(f"learner:{seat.learner}", {})
            there = {key: row for key, (_, row) in feed.items() if row is not None}
            shown = {
                k: row for k, row in seat.view.items() if k in there or not _is_forgotten(facts, seat, k)
            }
            differ = sorted(k for k in there.keys() | shown.keys() if there.get(k) != shown.get(k))
            if differ:
                yield f"{seat.device} differs at {differ[:3]}"


def _is_forgotten(facts: Facts, seat: Seat, key: str) -> bool:
    """A feed that is half a year old forgets verdicts, which a phone may still show."""
    return key.startswith("verdict:") and facts.floors.get(f"learner:{seat.learner}", 0) > 0


@invariant(9)
def what_was_recorded_ends_in_sight(facts: Facts, log: Log) -> Iterator[str]:
    on_phone = {(seat.device, id): item for seat in _seats(log) for id, item in seat.items.items()}
    for key, one in log.recorded.items():
        item, stored = on_phone.get((one.device, one.id)), facts.events.get(key)
        if key in log.gone or one.type in UNENDING or one.device not in facts.devices:
            continue  # shown as lost, set aside, or in need of a sign-in
        if item is None:
            yield f"{one.id} has left its phone"
        elif item.state == "replaced" or (item.why in PLACELESS and stored is None):
            continue
        elif stored is None or stored.state not in FINAL:
            how = f"{stored.state} {stored.why}" if stored else "never arrived"
            yield f"{one.id}, {one.type}, has no end: {how}"
        elif item.state != stored.state:
            yield f"{one.id} shows {item.state} and is {stored.state}"


@invariant(10)
def holes_are_reported(facts: Facts, log: Log) -> Iterator[str]:
    for device in facts.devices:
        places = {one.event.seq for one in facts.events.values() if in_chain(one, device)}
        said = {seq for first, last in _declared(facts, device) for seq in range(first, last + 1)}
        waits = {one.seq for seat in _seats(log) if seat.device == device for one in seat.outbox()}
        silent = set(range(1, max(places, default=0))) - places - said - waits
        if silent:
            yield f"nobody was told of {sorted(silent)} of {device}"


def in_chain(one: Stored, device: str) -> bool:
    return one.event.device == device and one.why != "chain_broken"


def _declared(facts: Facts, device: str) -> list[tuple[int, int]]:
    return [
        (one.event.body["seq"][0], one.event.body["seq"][1])
        for one in facts.events.values()
        if (one.event.device, one.event.type, one.state) == (device, "event.lost", "ok")
    ]


@invariant(11)
def cursor_and_rows_move_together(facts: Facts, log: Log) -> Iterator[str]:
    yield from log.torn


@invariant(12)
def one_failure_blocks_nobody(facts: Facts, log: Log) -> Iterator[str]:
    yield from log.blocked
    for seat in _seats(log):
        stuck = [one for one in seat.items.values() if one.waits and one.type in UNENDING]
        waits = [one for one in seat.items.values() if one.waits and one.type not in UNENDING]
        if stuck and waits and seat.device in facts.devices:
            yield f"{waits[0].id} waits behind {stuck[0].id}"


@invariant(13)
def an_outbox_shrinks_only_by_durable_results(facts: Facts, log: Log) -> Iterator[str]:
    yield from log.shrunk


@invariant(14)
def a_time_is_in_its_interval_or_flagged(facts: Facts, log: Log) -> Iterator[str]:
    for one in facts.check_ins:
        stored, recorded = (
            facts.events.get((one.learner, one.event)),
            log.recorded.get((one.learner, one.event)),
        )
        if stored is None:
            continue
        anchor = read_anchor([facts.anchor_secret], stored.event.device, stored.event.at.anchor)
        if not (anchor or 0) <= one.at <= stored.received_at:
            yield f"{one.event} lies outside of its interval"
        window = log.windows.get(one.activity)
        if recorded and window and one.time == "proven" and not window.holds(recorded.true_at):
            yield f"{one.event} is proven and was at another time"


@invariant(15)
def secrets_stay_in_bodies(facts: Facts, log: Log) -> Iterator[str]:
    for line in log.lines:
        yield from (f"a secret in {line[:40]}" for secret in log.secrets if secret in line)


def _seats(log: Log) -> Iterator[Seat]:
    for tablet in log.tablets:
        yield from tablet.seats.values()
