"""The machine that tries to break sync: phones, learners, an adversary, and every step apart.

It drives a world: `ModelWorld` here, the real server in `real.py`. Bounds are random: capacity 1 hides one bug,
2 another. At the end the net heals, all sync to quiet, and the invariants are demanded.
"""

import base64
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from types import FunctionType
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from server.learning.decisions import WORDS
from sync.times import Window
from tests.faults.facts import UNENDING, Facts, Log, Recorded
from tests.faults.invariants import INVARIANTS, demand
from tests.faults.phone import DAY, Flight, Item, QuickSigner, Seat, Tablet, b64, digest
from tests.faults.server import Answer, Busy, Code, ModelServer, Open

HOUR = 3_600_000
START = 1_780_000_000_000
SECRETS = {"mill": "MILLSECRET", "quay": "QUAYSECRET", "mint": "MINTSECRET"}
SOME = st.integers(0, 7)
KINDS = ["", "mill", "mill", "quay", "photo", "old photo", "mint", "text"]
UNTIL = ["open", "open", "back", "end", "end", "end"]
STOPS = st.sampled_from([99, 99, 99, 1, 2, 3, 4])


GO = rule(t=SOME, s=SOME, kind=st.sampled_from(KINDS), until=st.sampled_from(UNTIL), stop_at=STOPS)


def _often(act: Any, times: int) -> list[Any]:
    """Make the same rule several times: all rules are drawn alike."""
    copies = [FunctionType(act.__code__, act.__globals__, f"{act.__name__}_{n + 1}") for n in range(times)]
    return [GO(one) for one in copies]


class ModelWorld:
    """The server in memory. `open` and `commit` are apart, so that transactions overlap."""

    def __init__(self, log: Log, capacity: int) -> None:
        codes = {
            "mill": Code("mill", SECRETS["mill"], cap=capacity),
            "quay": Code("quay", SECRETS["quay"], window=Window(START + HOUR, START + 9 * HOUR)),
            "mint": Code("mint", SECRETS["mint"], confirm=True),
        }
        self.log, self.server = log, ModelServer(codes, log.lines.append)
        self.windows = {name: code.window for name, code in codes.items()}

    def signer(self, device: str) -> Any:
        return QuickSigner(device)

    def epoch(self) -> str:
        return self.server.epoch

    def invitation(self, secret: str) -> str:
        return sha256(secret.encode()).hexdigest()

    def body(self, kind: str, file: str) -> dict[str, Any]:
        if kind == "text":
            return {"task": "text", "activity": "mill", "text": "I saw it.", "files": []}
        if kind.endswith("photo"):
            named = {"blob": file} if kind == "old photo" else {"files": [file]}
            return {"task": "photo", "activity": "mill", "text": None, **named}
        return {"point": kind, "proof": SECRETS[kind], "typed": None, "activity": None}

    def open(self, flight: Flight, now: int) -> Open | Answer:
        return self.server.open(flight, now)

    def commit(self, tx: Open, now: int) -> Answer | None:
        return self.server.commit(tx, now)

    def crash(self) -> None:
        self.server.open_ones.clear()

    def upload(self, seat: Seat, name: str, content: bytes, now: int) -> Open | None:
        return self.server.upload(seat.learner, name, content, now)

    def upload_piece(self, seat: Seat, name: str, content: bytes, most: int, now: int) -> Open | None:
        return self.server.upload_piece(seat.learner, name, content, most, now)

    def decide(self, learner: str, event: str, word: str, now: int) -> Open | None:
        return self.server.decide(learner, event, word, now)

    def waiting_for_organiser(self) -> list[tuple[str, str, str]]:
        held = [(key, one.verdict) for key, one in self.server.state.events.items()]
        return [(*key, one.why) for key, one in held if one.state == "hold" and one.why in WORDS]

    def end_holds(self, now: int) -> None:
        self.server.end_holds(now)

    def forget(self, now: int) -> None:
        self.server.forget(now)

    def snapshot(self) -> Any:
        return self.server.state.clone()

    def restore(self, snapshot: Any) -> None:
        self.server.restore(snapshot)

    def facts(self) -> Facts:
        return self.server.facts()

    def photo(self, learner: str) -> bytes:
        return f"a photo of {learner}".encode()

    def feed(self, learner: str) -> dict[str, tuple[int, Any]]:
        rows = self.server.state.rows.items()
        return {key: row for (feed, key), row in rows if feed == f"learner:{learner}"}

    def head(self, learner: str) -> int:
        return self.server.state.heads.get(f"learner:{learner}", 0)

    def is_registered(self, device: str) -> bool:
        return device in self.server.state.devices

    def close(self) -> None:
        """Nothing is left behind."""


@dataclass
class OnWire:
    """A request on its way to the server, or in its hands, or its answer on the way back."""

    flight: Flight
    tablet: Tablet
    tx: Any = None
    answer: Answer | None = None


@dataclass
class Bounds:
    batch: int = 3
    page: int = 3
    restores: int = 0
    healing: bool = False
    copies: list[Any] = field(default_factory=list)
    profiles: list[tuple[Tablet, dict[str, Seat]]] = field(default_factory=list)


class Machine(RuleBasedStateMachine):
    """Rules are what may happen; `teardown` heals and judges. `watch` names the invariants that count."""

    world_class: Callable[[Log, int], Any] = ModelWorld
    watch: Iterable[int] = ()

    # The start

    @initialize(capacity=st.integers(1, 4), batch=st.integers(1, 4), page=st.integers(1, 4))
    def begin(self, capacity: int, batch: int, page: int) -> None:
        self.now, self.made, self.owners = START, 0, {}
        self.log, self.bounds = Log(), Bounds(batch, page)
        self.log.secrets |= set(SECRETS.values())
        self.world = self.world_class(self.log, capacity)
        self.log.windows = self.world.windows
        self.learners = [self.new_id() for _ in range(3)]
        ada, ben, eve = self.learners
        self.tablets = self.log.tablets = [Tablet("shared"), Tablet("eve")]
        for tablet, learner in ((0, ada), (0, ben), (1, eve)):
            self.sit_down(self.tablets[tablet], learner)
            self.record(self.tablets[tablet], learner, "device.hello", self.hello(learner, tablet))
        self.wire: list[OnWire] = []
        self.opened: list[OnWire] = []
        self.back: list[OnWire] = []
        self.sent: list[OnWire] = []
        self.true_times: dict[str, int] = {}

    def new_id(self) -> str:
        self.made += 1  # told apart from those of other runs by the world, where it keeps them
        return f"0199f1a0-0000-7000-8000-{self.made:012d}"

    def sit_down(self, tablet: Tablet, learner: str) -> Seat:
        device = self.new_id()
        tablet.seats[learner] = Seat(learner, device, self.world.signer(device), batch=self.bounds.batch)
        tablet.at_work = learner
        self.log.phones.add((learner, device))
        return tablet.seats[learner]

    def hello(self, learner: str, tablet: int, **more: Any) -> dict[str, Any]:
        key = self.tablets[tablet].seats[learner].signer.jwk()
        return {"key": key, "agent": "", "languages": [], **more}

    def record(self, tablet: Tablet, learner: str, type: str, body: dict[str, Any], **more: Any) -> Item:
        item = tablet.seats[learner].record(self.new_id(), type, body, self.now + tablet.skew, **more)
        self.look()
        return item

    def again(self, seat: Seat, item: Item | None) -> str:
        """Give an id to what a phone records by itself; what it says again was when it was."""
        id = self.new_id()
        if item is not None and (seat.learner, item.id) in self.log.recorded:
            self.true_times[id] = self.log.recorded[seat.learner, item.id].true_at
        return id

    def pick(self, things: list[Any], number: int) -> Any:
        return things[number % len(things)]

    # What is watched at every step

    def look(self) -> None:
        """Note what is new on the phones."""
        for tablet in self.tablets:
            for seat in tablet.seats.values():
                for id, item in seat.items.items():
                    if (seat.learner, id) not in self.log.recorded:
                        true_at = getattr(self, "true_times", {}).get(id, self.now)
                        self.log.recorded[seat.learner, id] = Recorded(
                            seat.learner, id, seat.device, item.seq, item.p, item.type, true_at
                        )
                        self.log.sealed.add(item.p)

    def watching(self, act: Callable[[], None], tablet: Tablet) -> None:
        """Do something to a phone, and see that its outboxes and cursors are well after it."""
        before = {name: {i.id for i in seat.outbox()} for name, seat in tablet.seats.items()}
        act()
        self.look()
        for name, ids in before.items():
            seat = tablet.seats.get(name)
            left = {i.id for i in seat.outbox()} if seat else set()
            final = {
                key.partition(":")[2] for key in (seat.view if seat else ()) if key.startswith("verdict:")
            }
            for id in ids - left - final:
                if seat is None or (seat.device, id) not in self.log.delivered:
                    self.log.shrunk.append(f"{id} left the outbox")

    def check_cursor(self, tablet: Tablet) -> None:
        for seat in tablet.seats.values():
            if seat.epoch == self.world.epoch():
                for key, (ver, row) in self.world.feed(seat.learner).items():
                    if ver <= seat.cursor and row != seat.view.get(key):
                        self.log.torn.append(f"{seat.device} has passed {key}")

    # Learners

    @rule(t=SOME, kind=st.sampled_from(KINDS[1:]))
    def do(self, t: int, kind: str) -> None:
        tablet = self.pick(self.tablets, t)
        self.do_at(tablet, tablet.at_work, kind)

    def do_at(self, tablet: Tablet, learner: str, kind: str) -> None:
        content = self.world.photo(learner)
        name = sha256(content).hexdigest()
        type = "checkin.scan" if kind in SECRETS else "evidence.submit"
        more: dict[str, Any] = {"tv": 2} if kind in ("photo", "text") else {}
        if kind.endswith("photo"):
            tablet.files[name] = content
            self.owners[name] = learner
            more["blobs"] = [{"sha256": name, "size": len(content), "mime": "image/png"}]
        if kind == "text":
            more["needs"] = self.built_on(tablet.seats[learner])
        self.record(tablet, learner, type, self.world.body(kind, name), **more)

    def built_on(self, seat: Seat) -> list[str]:
        """A text builds on the last scan of its phone, whatever becomes of that."""
        return [
            one.id for one in seat.items.values() if one.type == "checkin.scan" and one.state != "replaced"
        ][-1:]

    @rule(t=SOME)
    def do_what_the_server_chokes_on(self, t: int) -> None:
        tablet = self.pick(self.tablets, t)
        if not any(one.type == "choke.server" for one in tablet.seats[tablet.at_work].items.values()):
            self.record(tablet, tablet.at_work, "choke.server", {})

    @rule(t=SOME)
    def do_what_breaks_the_server(self, t: int) -> None:
        tablet = self.pick(self.tablets, t)
        if not any(one.type == "poison.take" for one in tablet.seats[tablet.at_work].items.values()):
            self.record(tablet, tablet.at_work, "poison.take", {})

    @rule(t=SOME, n=SOME)
    def withdraw(self, t: int, n: int) -> None:
        tablet = self.pick(self.tablets, t)
        done = [
            one
            for one in tablet.seats[tablet.at_work].items.values()
            if one.type in ("checkin.scan", "evidence.submit")
        ]
        if done:
            self.record(tablet, tablet.at_work, "event.withdraw", {"event": self.pick(done, n).id})

    @rule(t=SOME)
    def switch(self, t: int) -> None:
        tablet = self.pick(self.tablets, t)
        others = [one for one in tablet.seats if one != tablet.at_work]
        if others:
            self.watching(lambda: tablet.switch(others[0]), tablet)

    @precondition(lambda self: len(self.tablets) == 2)
    @rule()
    def join_by_a_second_phone(self) -> None:
        ada, secret = self.learners[0], "SECONDPHONESECRET"
        self.log.secrets.add(secret)
        body = {"invite": self.world.invitation(secret), "until": self.now + 12 * HOUR}
        self.record(self.tablets[0], ada, "device.invite", body)
        self.tablets.append(Tablet("second"))
        self.sit_down(self.tablets[2], ada)
        self.record(self.tablets[2], ada, "device.hello", self.hello(ada, 2, invite=secret))

    # The net, one step at a time

    @rule(t=SOME, s=SOME)
    def send(self, t: int, s: int) -> None:
        tablet = self.pick(self.tablets, t)
        seat = self.pick(list(tablet.seats.values()), s)
        self.watching(lambda: self.put_on_wire(tablet, seat), tablet)

    def put_on_wire(self, tablet: Tablet, seat: Seat) -> OnWire:
        flight = OnWire(seat.request(self.now, self.bounds.page), tablet)
        self.wire.append(flight)
        self.sent.append(flight)
        return flight

    @precondition(lambda self: self.wire)
    @rule(n=SOME)
    def arrive(self, n: int) -> None:
        self.arrive_now(self.pick(self.wire, n))

    def arrive_now(self, one: OnWire) -> None:
        if self.chokes(one.flight):
            self.wire.remove(one)
            one.answer = Answer(500, {"Sync-Proto": "1"}, {"code": "fault"})
            self.back.append(one)
            return
        try:
            tx = self.world.open(one.flight, self.now)
        except Busy:
            return
        self.wire.remove(one)
        if isinstance(tx, Answer):
            one.answer = tx
            self.back.append(one)
        else:
            one.tx = tx
            self.opened.append(one)

    def chokes(self, flight: Flight) -> bool:
        """Some event makes the server fail before it has looked at any."""
        return any(b'"choke.server"' in _unpack(one["p"]) for one in json.loads(flight.raw)["events"])

    @precondition(lambda self: self.opened)
    @rule(n=SOME)
    def commit(self, n: int) -> None:
        self.commit_now(self.pick(self.opened, n))

    def commit_now(self, one: OnWire) -> None:
        self.opened.remove(one)
        one.answer = self.world.commit(one.tx, self.now)
        if one.flight is None:
            return
        if one.answer is None:
            self.wire.append(one)  # it lost against another transaction and is tried again
            return
        self.hear(one)
        self.back.append(one)

    def hear(self, one: OnWire) -> None:
        """Note what the server has said, whether or not anybody hears it."""
        assert one.answer is not None
        if one.answer.status != 200:
            return
        events = [json.loads(_unpack(e["p"])) | {"p": e["p"]} for e in json.loads(one.flight.raw)["events"]]
        results = one.answer.body["results"]
        for event, result in zip(events, results, strict=True):
            key = (event["learner"], event["id"])
            if result.get("why") == "fault" and event["type"] != "poison.take":
                self.log.blocked.append(f"{event['id']} fell with another")
            if not result["durable"] or event["p"] not in self.log.sealed:
                continue
            if result.get("why") in ("bad_signature", "id_reuse", "wrong_learner", "malformed"):
                continue
            self.log.durable[key] = event["p"]
            state = result.get("verdict") or result["state"]
            if state in ("ok", "rejected"):
                self.log.verdicts.setdefault(key, set()).add((state, result.get("why", "")))

    @precondition(lambda self: self.back)
    @rule(n=SOME, stop_at=STOPS)
    def deliver(self, n: int, stop_at: int) -> None:
        """The phone takes in an answer; with `stop_at` it dies in the middle of that."""
        one = self.pick(self.back, n)
        self.back.remove(one)
        self.deliver_now(one, stop_at)

    def deliver_now(self, one: OnWire, stop_at: int = 99) -> None:
        assert one.answer is not None
        if one.answer.status == 200 and one.answer.body and stop_at == 99:
            ids = zip(one.flight.ids, one.answer.body["results"], strict=False)
            self.log.delivered |= {(one.flight.device, id) for id, r in ids if r["durable"]}
        answer = one.answer
        self.watching(
            lambda: one.tablet.receive(
                one.flight, answer.status, answer.headers, answer.body, self.now, self.again, stop_at
            ),
            one.tablet,
        )
        self.check_cursor(one.tablet)

    @precondition(lambda self: self.back)
    @rule(n=SOME)
    def lose_reply(self, n: int) -> None:
        self.back.remove(self.pick(self.back, n))

    @precondition(lambda self: self.wire)
    @rule(n=SOME)
    def drop_request(self, n: int) -> None:
        self.wire.remove(self.pick(self.wire, n))

    @precondition(lambda self: self.sent)
    @rule(n=SOME)
    def deliver_again_late(self, n: int) -> None:
        late = self.sent[-1 - n % len(self.sent)]
        self.arrive_alone(OnWire(late.flight, late.tablet))

    def arrive_alone(self, one: OnWire) -> None:
        """Something comes from nowhere, and its answer goes there."""
        self.wire.append(one)
        self.arrive_now(one)
        if one in self.opened:
            self.commit_now(one)
        if one in self.back:
            self.back.remove(one)

    @rule(t=SOME, s=SOME, n=SOME)
    def carry(self, t: int, s: int, n: int) -> None:
        """Somebody's phone brings what waits on another one."""
        seats = [seat for tablet in self.tablets for seat in tablet.seats.values()]
        carrier = self.pick(list(self.pick(self.tablets, t).seats.values()), s)
        self.carry_now(carrier, self.pick(seats, n))

    def carry_now(self, carrier: Seat, other: Seat) -> None:
        hello = [one for one in other.items.values() if one.type == "device.hello"]
        waits = [one for one in other.outbox() if one not in hello and one.type not in UNENDING]
        if carrier is not other and self.world.is_registered(carrier.device):
            self.forge(carrier, [{"p": one.p, "s": one.s} for one in [*hello, *waits][:9]])

    @precondition(lambda self: self.wire)
    @rule(n=SOME, status=st.sampled_from([200, 400, 404, 500, 503]))
    def somebody_else_answers(self, n: int, status: int) -> None:
        """A captive portal, a proxy, or a server that is ill."""
        one = self.pick(self.wire, n)
        self.wire.remove(one)
        ours = {"Sync-Proto": "1"} if status in (400, 500, 503) else {}
        one.answer = Answer(status, ours, {"results": []})
        self.deliver_now(one)

    def go(self, t: int, s: int, kind: str, until: str, stop_at: int) -> None:
        """Do something and send it: a whole cycle, or the first steps of one."""
        tablet = self.pick(self.tablets, t)
        seat = self.pick(list(tablet.seats.values()), s)
        if kind:
            self.do_at(tablet, seat.learner, kind)
        self.cycle(tablet, seat, until, stop_at)

    # Most of what happens is work: the same rule by several names is drawn that much more often.
    go_1, go_2, go_3, go_4, go_5, go_6, go_7, go_8 = _often(go, 8)

    def cycle(self, tablet: Tablet, seat: Seat, until: str = "end", stop_at: int = 99) -> None:
        self.keep_copies(tablet)
        self.watching(lambda: self.put_on_wire(tablet, seat), tablet)
        one = self.wire[-1]
        self.arrive_now(one)
        if one in self.opened and until != "open":
            self.commit_now(one)
        if one in self.back and until == "end":
            self.back.remove(one)
            self.deliver_now(one, stop_at)

    def keep_copies(self, tablet: Tablet) -> None:
        """Back up the server and a phone, as both are backed up in life; disasters go back to these."""
        if self.bounds.healing:
            return
        self.bounds.copies = [*self.bounds.copies[-5:], (self.now, self.world.snapshot())]
        profile = (tablet, {name: seat.copy() for name, seat in tablet.seats.items()})
        self.bounds.profiles = [*self.bounds.profiles[-3:], profile]

    # Files, the organiser, the clock

    @rule(t=SOME, n=SOME, damaged=st.booleans())
    def upload(self, t: int, n: int, damaged: bool) -> None:
        tablet = self.pick(self.tablets, t)
        if tablet.files:
            self.upload_now(tablet, self.pick(sorted(tablet.files), n), damaged, wait=True)

    def upload_now(self, tablet: Tablet, name: str, damaged: bool = False, *, wait: bool = False) -> None:
        content = tablet.files[name]
        for seat in tablet.seats.values():
            if self.owners[name] == seat.learner and self.world.is_registered(seat.device):
                self.change(
                    lambda seat=seat: self.world.upload(seat, name, b"x" if damaged else content, self.now),
                    wait,
                )

    @rule(t=SOME, n=SOME, most=st.integers(1, 40))
    def upload_piece(self, t: int, n: int, most: int) -> None:
        """A file goes on where it broke off, also before its event was sent."""
        tablet = self.pick(self.tablets, t)
        if tablet.files:
            self.upload_piece_now(tablet, self.pick(sorted(tablet.files), n), most)

    def upload_piece_now(self, tablet: Tablet, name: str, most: int) -> None:
        content = tablet.files[name]
        for seat in tablet.seats.values():
            if self.owners[name] == seat.learner and self.world.is_registered(seat.device):
                self.change(
                    lambda seat=seat: self.world.upload_piece(seat, name, content, most, self.now), False
                )

    def change(self, act: Callable[[], Any], wait: bool) -> None:
        """Open a change beside the batches; commit it at once, or leave it open."""
        with suppress(Busy):
            tx = act()
            if tx is not None and wait:
                self.opened.append(OnWire(None, None, tx))  # type: ignore[arg-type]
            elif tx is not None:
                self.world.commit(tx, self.now)

    @rule(n=SOME, word=SOME)
    def organiser_decides(self, n: int, word: int) -> None:
        if waiting := self.world.waiting_for_organiser():
            learner, event, why = self.pick(waiting, n)
            said = self.pick(list(WORDS[why]), word)
            self.change(lambda: self.world.decide(learner, event, said, self.now), wait=False)

    @rule(hours=st.sampled_from([0, 0, 1, 1, 4, 26, 130]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR + 1000

    @rule(t=SOME, hours=st.sampled_from([0, 3, -3, -48, 500]))
    def a_clock_is_set(self, t: int, hours: int) -> None:
        self.pick(self.tablets, t).skew = hours * HOUR

    @precondition(lambda self: not self.opened)
    @rule()
    def half_a_year_passes(self) -> None:
        """So long that the feed forgets what is gone, and how things were decided."""
        self.now += 181 * DAY
        self.world.forget(self.now)

    @precondition(lambda self: not self.opened)
    @rule()
    def old_holds_end(self) -> None:
        self.world.end_holds(self.now)

    # Disasters

    @precondition(lambda self: self.opened)
    @rule()
    def server_crashes(self) -> None:
        """All that is open is rolled back; nobody is answered."""
        self.opened.clear()
        self.world.crash()

    @precondition(lambda self: self.bounds.copies and self.bounds.restores < 2)
    @rule(n=SOME)
    def server_is_restored(self, n: int) -> None:
        at, snapshot = self.pick(self.bounds.copies, n)
        if self.now - at > 29 * DAY:
            return
        self.opened.clear()
        self.world.crash()
        self.world.restore(snapshot)
        self.bounds.restores += 1
        stored = self.world.facts().events
        for key in list(self.log.verdicts):
            if key not in stored or stored[key].state not in ("ok", "rejected"):
                del self.log.verdicts[key]
        self.log.restored = True

    @rule(t=SOME, s=SOME, n=SOME)
    def a_phone_loses_work(self, t: int, s: int, n: int) -> None:
        seat = self.pick(list(self.pick(self.tablets, t).seats.values()), s)
        waits = [one for one in seat.items.values() if one.type not in ("device.hello", "device.invite")]
        if waits:
            lost = self.pick(waits, n)
            del seat.items[lost.id]
            self.log.gone.add((seat.learner, lost.id))

    @rule(t=SOME, n=SOME)
    def a_phone_loses_a_file(self, t: int, n: int) -> None:
        tablet = self.pick(self.tablets, t)
        if tablet.files:
            del tablet.files[self.pick(sorted(tablet.files), n)]

    @precondition(lambda self: self.bounds.profiles)
    @rule(n=SOME)
    def a_phone_is_rolled_back(self, n: int) -> None:
        tablet, seats = self.pick(self.bounds.profiles, n)
        for name, seat in tablet.seats.items():
            old = seats[name].copy()
            self.log.gone |= {(name, id) for id in seat.items.keys() - old.items.keys()}
            old.flight = None
            tablet.seats[name] = old

    # The adversary

    @precondition(lambda self: self.tablets[1].seats[self.learners[2]].items)
    @rule(kind=st.sampled_from(["edited", "reused", "foreign", "same_id", "join"]), n=SOME, t=SOME)
    def adversary(self, kind: str, n: int, t: int) -> None:
        eve = self.tablets[1].seats[self.learners[2]]
        victim = self.pick(list(self.pick(self.tablets, t).seats.values()), n)
        items = [one for one in victim.items.values() if one.type != "device.hello"]
        if items:
            acts = {"edited": self.edit, "reused": self.reuse, "foreign": self.pose, "same_id": self.take_id}
            {**acts, "join": self.join_uninvited}[kind](eve, victim, self.pick(items, n))

    def join_uninvited(self, eve: Seat, victim: Seat, item: Item) -> None:
        """A new device of Eve's says that it is the victim's, and carries on as if it were."""
        if victim is eve or not self.world.is_registered(victim.device):
            return
        device = self.new_id()
        seat = Seat(victim.learner, device, self.world.signer(device))
        hello = seat.record(self.new_id(), "device.hello", {"key": seat.signer.jwk(), "agent": ""}, self.now)
        self.forge(seat, [{"p": hello.p, "s": hello.s}])

    def edit(self, eve: Seat, victim: Seat, item: Item) -> None:
        """Another body under the same signature."""
        event = json.loads(_unpack(item.p)) | {"id": self.new_id(), "body": {"point": "mill"}}
        self.forge(eve, [{"p": b64(json.dumps(event).encode()), "s": item.s}])

    def reuse(self, eve: Seat, victim: Seat, item: Item) -> None:
        """The victim's own device says something else under an id that was used."""
        event = victim.envelope(item.id, item.type, {**item.body, "other": 1}, self.now)
        p, s = victim.seal(event)
        if self.world.facts().events.get((victim.learner, item.id)):
            self.forge(eve, [{"p": p, "s": s}])

    def pose(self, eve: Seat, victim: Seat, item: Item) -> None:
        """Eve's device says that it speaks for the victim."""
        if victim is eve:
            return
        event = eve.envelope(self.new_id(), item.type, item.body, self.now, learner=victim.learner)
        p, s = eve.seal(event)
        self.forge(eve, [{"p": p, "s": s}])

    def take_id(self, eve: Seat, victim: Seat, item: Item) -> None:
        """Eve records an event of her own under an id of the victim's: allowed, and no matter."""
        if victim is not eve and item.id not in eve.items and (eve.learner, item.id) not in self.log.recorded:
            eve.record(item.id, "checkin.scan", self.world.body("quay", ""), self.now)
            self.look()

    def forge(self, eve: Seat, events: list[dict[str, str]]) -> None:
        raw = json.dumps({
            "device": eve.device, "learner": eve.learner, "epoch": eve.epoch, "events": events, "cursors": {}, "limit": 1,
        }).encode()  # fmt: skip
        headers = {"Sync-Proto": "1", "Sync-Signature": eve.signer.sign(raw)}
        flight = Flight(eve.learner, eve.device, "/api/sync", raw, headers, ())
        self.arrive_alone(OnWire(flight, self.tablets[1]))

    @rule(t=SOME, late=st.booleans())
    def an_anchor_is_made_up(self, t: int, late: bool) -> None:
        tablet = self.pick(self.tablets, t)
        moment = START + 2 * HOUR if late else self.now + 9 * DAY
        tablet.seats[tablet.at_work].anchor = f"{moment}-{b64(b'0' * 16)}"
        self.do_at(tablet, tablet.at_work, "quay")

    # The end

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.heal()
            demand(self.world.facts(), self.log, self.watch)
        finally:
            self.world.close()

    def heal(self) -> None:
        """Nothing is lost on the way any more: sync to quiet, let all holds end, and sync again."""
        self.bounds.healing = True
        self.opened.clear()
        self.world.crash()
        self.wire.clear()
        self.back.clear()
        self.bounds.page = 50
        for seat in (seat for tablet in self.tablets for seat in tablet.seats.values()):
            seat.batch = 50
        for _ in range(2):
            self.sync_to_quiet()
            self.now += 31 * DAY
            self.world.end_holds(self.now)
        self.now += 31 * DAY
        self.world.end_holds(self.now)
        self.sync_to_quiet()

    def sync_to_quiet(self) -> None:
        for _ in range(20):
            for tablet in self.tablets:
                for seat in list(tablet.seats.values()):
                    self.cycle(tablet, tablet.seats[seat.learner])
            for tablet in self.tablets:
                wanted = {name for seat in tablet.seats.values() for name in seat.wants}
                for name in sorted(wanted & tablet.files.keys()):
                    self.upload_now(tablet, name)
            self.now += HOUR
            if self.is_quiet():
                return

    def is_quiet(self) -> bool:
        return not any(self.is_busy(seat) for tablet in self.tablets for seat in tablet.seats.values())

    def is_busy(self, seat: Seat) -> bool:
        """Has this seat something to send, to read or to upload? Poison never ends, nor who may not come in."""
        if not self.world.is_registered(seat.device):
            return any(one.type == "choke.server" and one.chokes < 4 for one in seat.outbox())
        files = {name for tablet in self.tablets for name in tablet.files}
        waits = any(one.type not in UNENDING for one in seat.outbox())
        return (
            seat.more
            or waits
            or bool(files & set(seat.wants))
            or self.world.head(seat.learner) != seat.cursor
        )


def _unpack(payload: str) -> bytes:
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


__all__ = ["INVARIANTS", "Machine", "ModelWorld", "digest"]
