"""`make soak`: thirty devices over thirty days on the real server, with everything going wrong all the time.

Phones are those of `phone.py` with real keys; the server is the real application on a real database. Each day
learners work, tablets change hands, phones sync over a bad net or carry each other's work, two doors of a session let
people in, an organiser decides, the clock does its jobs, the server crashes at its failpoints, is started anew, and twice is restored from a backup
of the day before. Then the net heals, all holds end, and all is counted: lost, doubled, sent again.
"""

import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import select
from uuid_utils import uuid7

from server.app import create_app
from server.config import Config
from server.core.backup import Instance, Manifest, drop_all, open_backup, read_backup, write_backup
from server.core.db import Base, writing
from server.core.db import db as database
from server.core.storage import files
from server.learning.decisions import WORDS
from server.migrations import upgrade
from server.replicas.moments import moment
from server.replicas.services import begin_epoch
from sync.messages import encode
from tests.cast import Museum, make_museum
from tests.databases import new_database, postgresql
from tests.faults.doors import Doors
from tests.faults.phone import DAY, Flight, Item, Seat, Tablet
from tests.faults.real import FAILPOINTS, START, CurveSigner, Server, picture
from tests.faults.server import Answer
from tests.faults.tally import Key, Seen, Tally, count

HOUR = 3_600_000
RESULTS = Path(__file__).parent / "results"
PERSONAL, SHARED, SECOND = 24, 3, 3
"""Phones of one learner; tablets of three; second phones of somebody who has one already: thirty devices."""


class Soak:
    def __init__(self, config: Config, *, events: int, days: int = 30, seed: int = 1) -> None:
        self.config, self.days, self.seed = config, days, seed
        self.random, self.now, self.tally = random.Random(seed), START, Tally()
        self.tablets: list[Tablet] = []
        self.seen = Seen()
        self.late: list[tuple[Flight, list[Key]]] = []
        self.app = self.open()
        self.museum = self.build()
        self.sit_down()
        self.each = 1 + events // (days * sum(len(one.seats) for one in self.tablets))

    # The server

    def open(self) -> Flask:
        """Start the server: a new application on the same database."""
        app = create_app(self.config)
        app.testing = True
        app.app_context().push()
        self.server = Server(app)
        return app

    def restart(self) -> None:
        database.session.remove()
        database.engine.dispose()
        self.tally.faults["restart"] += 1
        self.app = self.open()

    def build(self) -> Museum:
        upgrade(database.engine)
        session = database.session()
        museum = make_museum(session)
        for code in museum.codes:
            code.created_at = moment(START - 9 * DAY)
            code.opens_at = code.closes_at = None
        museum.code(3).cap_total = 12
        museum.activities[3].confirm = True
        museum.task(2, "text").review = museum.task(2, "photo").review = "organiser"
        self.doors = Doors(session, museum, START, self.days + 1)
        session.commit()
        self.omar = museum.omar.id
        for one in [
            *museum.codes,
            self.doors.code,
            *museum.activities,
            *(task for a in museum.activities for task in a.tasks),
        ]:
            session.refresh(one)
        _ = [list(one.tasks) for one in museum.activities]  # read, before they are on their own
        session.expunge_all()
        return museum

    # The learners

    def sit_down(self) -> None:
        learners = [self.new_id() for _ in range(PERSONAL + 3 * SHARED)]
        for number in range(PERSONAL):
            self.tablets.append(self.tablet([learners[number]]))
        for number in range(SHARED):
            begin = PERSONAL + 3 * number
            self.tablets.append(self.tablet(learners[begin : begin + 3]))
        for number in range(SECOND):
            secret = f"secret-{number}".ljust(43, "x")
            first = self.tablets[number].seats[learners[number]]
            until = self.now + 23 * HOUR
            self.record(self.tablets[number], first, "device.invite", {"invite": encode(sha256(secret.encode()).digest()), "until": until})  # fmt: skip
            self.cycle(self.tablets[number], first, faults=False)
            self.tablets.append(self.tablet([learners[number]], invite=secret))
            second = self.tablets[-1]
            self.cycle(second, second.seats[learners[number]], faults=False)
        self.doors.open(self.tablets, self.record)

    def tablet(self, learners: list[str], **more: str) -> Tablet:
        tablet = Tablet(f"tablet {len(self.tablets)}")
        tablet.skew = self.random.choice([0, 0, 0, 3 * HOUR, -2 * DAY, 40_000])
        for learner in learners:
            device = self.new_id()
            seat = Seat(learner, device, CurveSigner(device[:28] + f"{len(self.seen.recorded):08d}"))
            tablet.seats[learner] = seat
            self.record(tablet, seat, "device.hello", {"key": seat.signer.jwk(), "agent": "soak", **more})
        return tablet

    def new_id(self, *_: Any) -> str:
        return str(uuid7())

    def record(self, tablet: Tablet, seat: Seat, type: str, body: dict[str, Any], **more: Any) -> Item:
        item = seat.record(self.new_id(), type, body, self.now + tablet.skew, **more)
        self.note(seat, item)
        return item

    def note(self, seat: Seat, item: Item) -> None:
        self.seen.recorded.setdefault((seat.learner, item.id), item.type)
        self.seen.tasks[seat.learner, item.id] = str(item.body.get("task"))

    def look(self, seat: Seat) -> None:
        """Note what a phone recorded by itself."""
        for item in seat.items.values():
            self.note(seat, item)

    def work(self, tablet: Tablet, seat: Seat) -> None:
        """Do something: mostly answers, which may be given again and again."""
        chance = self.random.random()
        if chance < 0.8:
            task = self.museum.task(0, "choice") if chance < 0.5 else self.museum.task(1, "number")
            given = {"choices": [self.random.choice("ab")]} if chance < 0.5 else {"number": str(1850 + self.random.randrange(9))}  # fmt: skip
            self.record(
                tablet, seat, "task.answer", {"task": task.id, "activity": task.activity_id, "answer": given}
            )
        elif chance < 0.9:
            code = self.museum.code(self.random.randrange(4))
            body = {
                "point": code.point_id,
                "proof": f"{code.level}{code.secret}",
                "typed": None,
                "activity": None,
            }
            self.record(tablet, seat, "checkin.scan", body)
        elif chance < 0.97:
            self.give_stars(tablet, seat)
        elif chance < 0.985:
            self.write(tablet, seat)
        else:
            self.photograph(tablet, seat)

    def give_stars(self, tablet: Tablet, seat: Seat) -> None:
        stars = {"activity": self.museum.activities[0].id, "stars": self.random.randint(1, 5), "text": "x"}
        self.record(tablet, seat, "feedback.give", stars)

    def write(self, tablet: Tablet, seat: Seat) -> None:
        """Hand in a text, which an organiser looks at."""
        task = self.museum.task(2, "text")
        body = {"task": task.id, "activity": task.activity_id, "text": "I saw the mill turn.", "files": []}
        self.record(tablet, seat, "evidence.submit", body, tv=2)

    def photograph(self, tablet: Tablet, seat: Seat) -> None:
        """Hand in one to three pictures; one in three phones still speaks the first version, and sends one."""
        task, old = self.museum.task(2, "photo"), self.random.random() < 0.3
        contents = [
            picture(self.random.randrange(900)) for _ in range(1 if old else self.random.randint(1, 3))
        ]
        files = {sha256(one).hexdigest(): one for one in contents}
        tablet.files |= files
        blobs = [{"sha256": name, "size": len(one), "mime": "image/png"} for name, one in files.items()]
        named = {"blob": next(iter(files))} if old else {"files": list(files)}
        body = {"task": task.id, "activity": task.activity_id, "text": None, **named}
        self.record(tablet, seat, "evidence.submit", body, tv=1 if old else 2, blobs=blobs)

    # The net

    def cycle(self, tablet: Tablet, seat: Seat, *, faults: bool = True) -> None:
        """Send and take in once, over a net that loses a third of everything when it may."""
        flight = seat.request(self.now, 200)
        keys = [(seat.learner, id) for id in flight.ids]
        self.tally.requests += 1
        chance = self.random.random() if faults else 1.0
        if chance < 0.08:
            self.tally.faults["request lost"] += 1
            self.late.append((flight, keys))
            return
        failpoint = self.random.choice(FAILPOINTS) if chance < 0.14 else ""
        answer = self.server.post(flight, self.now, failpoint)
        self.tally.sent += len(flight.ids)
        if answer is None:
            self.tally.faults[f"crash {failpoint}"] += 1
            return
        self.hear(keys, answer)
        if chance < 0.26:
            self.tally.faults["reply lost"] += 1
            self.late.append((flight, keys))
            return
        self.hand_over(tablet)
        stop_at = self.random.randrange(1, 5) if chance < 0.32 else 99
        self.tally.faults["phone died"] += stop_at != 99
        tablet.receive(flight, answer.status, answer.headers, answer.body, self.now, self.new_id, stop_at)
        self.look(seat)
        for name in [one for one in seat.wants if one in tablet.files][:5]:
            self.upload(seat, name, tablet.files[name], faults=faults)

    def hand_over(self, tablet: Tablet) -> None:
        """While an answer is on its way a shared tablet may change hands."""
        if len(tablet.seats) > 1 and self.random.random() < 0.5:
            tablet.switch(self.random.choice(list(tablet.seats)))
            self.tally.faults["account switch"] += 1

    def upload(self, seat: Seat, name: str, content: bytes, *, faults: bool = True) -> None:
        """Send a file: whole, damaged on its way, or in pieces that break off."""
        chance = self.random.random() if faults else 1.0
        if chance < 0.1:
            self.tally.faults["file damaged"] += 1
            assert self.server.upload(seat, name, content[:-1], self.now) == 422
        elif chance < 0.5:
            self.tally.faults["file in pieces"] += 1
            self.server.upload_piece(seat, name, content, self.now, self.random.randint(1, len(content)))
        else:
            self.server.upload_piece(seat, name, content, self.now, len(content))

    def carry(self) -> None:
        """A phone brings the work of another one, which is offline, out of a rescue file."""
        carrier, other = self.random.sample(self.tablets, 2)
        seat, origin = (next(iter(one.seats.values())) for one in (carrier, other))
        hello = next(one for one in origin.items.values() if one.type == "device.hello")
        carried = [hello, *(one for one in origin.outbox() if one is not hello)][:50]
        batch = {
            "device": seat.device, "learner": seat.learner, "epoch": seat.epoch, "cursors": {}, "limit": 1,
            "events": [{"p": one.p, "s": one.s} for one in carried],
        }  # fmt: skip
        raw = json.dumps(batch).encode()
        headers = {"Sync-Proto": "1", "Sync-Signature": seat.signer.sign(raw)}
        flight = Flight(
            seat.learner, seat.device, "/api/sync", raw, headers, tuple(one.id for one in carried)
        )
        self.tally.faults["work carried by another"] += len(carried)
        self.late.append((flight, [(origin.learner, one.id) for one in carried]))
        self.duplicate(self.late.pop())
        for name in {name for one in carried for name in one.blobs} & other.files.keys():
            self.upload(origin, name, other.files[name])

    def hear(self, keys: Sequence[Key], answer: Answer) -> None:
        """Write the phone's log: what it was told for good."""
        assert answer.status in (200, 401), answer
        for key, one in zip(keys, answer.body.get("results", ()), strict=False):
            state = one.get("verdict") or one["state"]
            if one["durable"] and one.get("why") != "id_reuse":
                final = {"state": state, "why": one.get("why", "")} if state in ("ok", "rejected") else {}
                self.seen.told[key] = {"told": "durable", "learner": key[0], "id": key[1], **final}

    def duplicate(self, late: tuple[Flight, list[Key]]) -> None:
        """Something comes that nobody waits for."""
        flight, keys = late
        if (answer := self.server.post(flight, self.now)) is not None:
            self.tally.sent += len(flight.ids)
            self.hear(keys, answer)

    # The days

    def run(self) -> Tally:
        began = time.monotonic()
        self.back_up()
        restores = {self.days // 3, 2 * self.days // 3}
        for day in range(self.days):
            self.day()
            if day in restores:
                self.restore()
            self.decide()
            self.server.run_jobs(self.now)
            if day + 1 in restores:
                self.back_up()
            self.restart()
        self.heal()
        self.end()
        self.tally.seconds = time.monotonic() - began
        count(self.tally, self.seen, [seat for _, seat in self.seats()], self.now)
        return self.tally

    def seats(self) -> list[tuple[Tablet, Seat]]:
        return [(tablet, seat) for tablet in self.tablets for seat in tablet.seats.values()]

    def day(self) -> None:
        self.now += DAY
        seats = self.seats()
        self.random.shuffle(seats)
        for tablet, seat in seats:
            for _ in range(self.each):
                self.now += 7
                self.work(tablet, seat)
            if self.random.random() < 0.15:
                continue  # offline all day
            for _ in range(1 + len(seat.outbox()) // 50):
                self.now += 900
                self.cycle(tablet, seat)
            if self.random.random() < 0.1 and self.late:
                self.tally.faults["late duplicate"] += 1
                self.duplicate(self.late.pop(self.random.randrange(len(self.late))))
            if self.random.random() < 0.02 and len(seat.outbox()) > 1:
                self.lose_work(seat)
        self.doors.day(seats, self.now, self.random, self.record)
        self.carry()

    def decide(self) -> None:
        """An organiser looks at half of what waits, and says one thing or the other."""
        words: defaultdict[str, list[Key]] = defaultdict(list)
        for row in self.server.waiting():
            if self.random.random() < 0.5:
                words[self.random.choice(WORDS[row.why])].append((row.learner_id, row.id))
        for word, keys in sorted(words.items()):
            self.tally.faults["decision"] += self.server.decide(keys, word, self.omar, self.now)

    # Backups, as the program makes and takes them

    def instance(self) -> Instance:
        return Instance(database.engine, files(), self.config.instance)

    def back_up(self) -> None:
        database.session.remove()
        write_backup(self.instance(), self.config.instance / "soak.zip", at=moment(self.now))

    def restore(self) -> None:
        """Do what `streetwise restore --replace` does."""
        database.session.remove()
        with open_backup(self.config.instance / "soak.zip") as archive:
            drop_all(database.engine)
            upgrade(database.engine, Manifest.read(archive).revision)
            read_backup(archive, self.instance())
        upgrade(database.engine)
        with writing() as session:
            begin_epoch(session, anew=True)
        database.session.remove()
        self.tally.faults["restore"] += 1
        for (
            one
        ) in self.seen.told.values():  # kept it must be, but what was not decided yet may be judged anew
            one.pop("state", None)

    def lose_work(self, seat: Seat) -> None:
        """A phone's storage loses something that was never sent."""
        lost = next((one for one in seat.outbox()[:-1] if one.type in ("task.answer", "feedback.give")), None)
        if lost is not None:
            del seat.items[lost.id]
            self.seen.recorded[seat.learner, lost.id] = "gone"
            self.tally.faults["work lost on a phone"] += 1

    def end(self) -> None:
        """Let all holds end, and let all phones hear of it."""
        for _ in range(2):
            self.now += 31 * DAY
            self.server.run_jobs(self.now)
        self.heal()

    def heal(self) -> None:
        for _ in range(400):
            self.now += 2 * 60_000
            busy = [(t, s) for t in self.tablets for s in t.seats.values() if self.is_busy(t, s)]
            if not busy:
                return
            for tablet, seat in busy:
                self.cycle(tablet, seat, faults=False)

    def is_busy(self, tablet: Tablet, seat: Seat) -> bool:
        heads = Base.metadata.tables["feed_heads"]
        with database.engine.connect() as connection:
            head = connection.execute(
                select(heads.c.ver).where(heads.c.feed == f"learner:{seat.learner}")
            ).scalar()
        return bool(
            seat.outbox() or seat.more or head != seat.cursor or set(seat.wants) & tablet.files.keys()
        )


@contextmanager
def instance(kind: str) -> Iterator[Config]:
    """An empty instance on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="streetwise-soak-") as folder:
        if kind == "sqlite":
            yield Config(instance=Path(folder))
            return
        with postgresql() as server:
            yield Config(instance=Path(folder), database_url=new_database(server, "soak"))


@click.command()
@click.option("--events", default=105_000, help="About how many events.")
@click.option("--database", "kind", type=click.Choice(["both", "sqlite", "postgresql"]), default="both")
@click.option("--seed", default=1)
def main(events: int, kind: str, seed: int) -> None:
    """Soak sync and say what came of it; ends with 1 when anything was lost, doubled, unseen or found."""
    lines, bad = [], False
    for one in ("sqlite", "postgresql") if kind == "both" else (kind,):
        with instance(one) as config:
            tally = Soak(config, events=events, seed=seed).run()
            database.session.remove()
            database.engine.dispose()
        written = json.dumps({"database": one, **tally.to_json()}, indent=2)
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"soak-{one}.json").write_text(written + "\n")
        click.echo(written)
        lines.append(f"{one}: {tally.line}")
        bad |= not tally.good
    click.echo("\n".join(lines))
    raise SystemExit(int(bad))


if __name__ == "__main__":
    main()
