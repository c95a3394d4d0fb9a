"""`make soak`: thirty devices over thirty days on the real server, with everything going wrong all the time.

Phones are those of `phone.py` with real keys; the server is the real application on a real database. Each day
learners work, phones sync over a bad net, the server crashes at its failpoints, is started anew, and twice goes
back to a backup of the day before. Then the net heals and all is counted: lost, doubled, sent again.
"""

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import select
from uuid_utils import uuid7

from server.app import create_app
from server.config import Config
from server.core.db import Base
from server.core.db import db as database
from server.core.storage import files
from server.migrations import upgrade
from server.replicas.history import Report, check_history
from server.replicas.store import moment
from sync.messages import encode
from tests.cast import Museum, make_museum
from tests.databases import new_database, postgresql
from tests.faults.phone import DAY, Item, Seat, Tablet
from tests.faults.real import FAILPOINTS, START, CurveSigner, Server, picture
from tests.faults.server import Answer

HOUR = 3_600_000
PERSONAL, SHARED, SECOND = 24, 3, 3
"""Phones of one learner; tablets of three; second phones of somebody who has one already: thirty devices."""


@dataclass
class Tally:
    """What happened, and what was found in the end."""

    events: int = 0
    sent: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    unseen: int = 0
    seconds: float = 0
    report: Report | None = None

    def to_json(self) -> dict[str, Any]:
        assert self.report is not None
        return {
            "events": self.events, "lost": self.lost, "doubled": self.doubled, "unseen": self.unseen,
            "retransmitted": self.sent - self.events, "requests": self.requests, "faults": dict(self.faults),
            "seconds": round(self.seconds, 1), "events_per_second": round(self.events / max(self.seconds, 0.1)),
            "history": {"clean": self.report.clean, "counts": dict(self.report.counts),
                        "findings": [f"{f.check} {f.where} {f.what}" for f in self.report.findings[:10]]},
        }  # fmt: skip


class Soak:
    def __init__(self, config: Config, *, events: int, days: int = 30, seed: int = 1) -> None:
        self.config, self.days, self.seed = config, days, seed
        self.random, self.now, self.tally = random.Random(seed), START, Tally()
        self.tablets: list[Tablet] = []
        self.recorded: dict[tuple[str, str], str] = {}  # by learner and id: the type
        self.tasks: dict[tuple[str, str], str] = {}
        self.told: list[dict[str, str]] = []  # the phones' logs
        self.late: list[Any] = []
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
        session.commit()
        for one in [
            *museum.codes,
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

    def tablet(self, learners: list[str], **more: str) -> Tablet:
        tablet = Tablet(f"tablet {len(self.tablets)}")
        tablet.skew = self.random.choice([0, 0, 0, 3 * HOUR, -2 * DAY, 40_000])
        for learner in learners:
            device = self.new_id()
            seat = Seat(learner, device, CurveSigner(device[:28] + f"{len(self.recorded):08d}"))
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
        self.recorded.setdefault((seat.learner, item.id), item.type)
        self.tasks[seat.learner, item.id] = str(item.body.get("task"))

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
        elif chance < 0.995:
            stars = {
                "activity": self.museum.activities[0].id,
                "stars": self.random.randint(1, 5),
                "text": "x",
            }
            self.record(tablet, seat, "feedback.give", stars)
        else:
            self.photograph(tablet, seat)

    def photograph(self, tablet: Tablet, seat: Seat) -> None:
        task, content = self.museum.task(2, "photo"), picture(self.random.randrange(900))
        name = sha256(content).hexdigest()
        tablet.files[name] = content
        body = {"task": task.id, "activity": task.activity_id, "text": None, "blob": name}
        blob = {"sha256": name, "size": len(content), "mime": "image/png"}
        self.record(tablet, seat, "evidence.submit", body, blobs=[blob])

    # The net

    def cycle(self, tablet: Tablet, seat: Seat, *, faults: bool = True) -> None:
        """Send and take in once, over a net that loses a third of everything when it may."""
        flight = seat.request(self.now, 200)
        self.tally.requests += 1
        chance = self.random.random() if faults else 1.0
        if chance < 0.08:
            self.tally.faults["request lost"] += 1
            self.late.append(flight)
            return
        failpoint = self.random.choice(FAILPOINTS) if chance < 0.14 else ""
        answer = self.server.post(flight, self.now, failpoint)
        self.tally.sent += len(flight.ids)
        if answer is None:
            self.tally.faults[f"crash {failpoint}"] += 1
            return
        self.hear(flight, answer)
        if chance < 0.26:
            self.tally.faults["reply lost"] += 1
            self.late.append(flight)
            return
        stop_at = self.random.randrange(1, 5) if chance < 0.32 else 99
        self.tally.faults["phone died"] += stop_at != 99
        tablet.receive(flight, answer.status, answer.headers, answer.body, self.now, self.new_id, stop_at)
        self.look(seat)
        for name in [one for one in seat.wants if one in tablet.files][:5]:
            self.server.upload(seat, name, tablet.files[name], self.now)

    def hear(self, flight: Any, answer: Answer) -> None:
        """Write the phone's log: what it was told for good."""
        assert answer.status in (200, 401), answer
        for id, one in zip(flight.ids, answer.body.get("results", ()), strict=False):
            state = one.get("verdict") or one["state"]
            if one["durable"] and state in ("ok", "rejected"):
                self.told.append({"told": "durable", "learner": flight.learner, "id": id})

    def duplicate(self) -> None:
        """Something comes a second time, long after."""
        if self.late:
            flight = self.late.pop(self.random.randrange(len(self.late)))
            self.tally.faults["late duplicate"] += 1
            if (answer := self.server.post(flight, self.now)) is not None:
                self.tally.sent += len(flight.ids)
                self.hear(flight, answer)

    # The days

    def run(self) -> Tally:
        began = time.monotonic()
        backup = self.server.copy()
        restores = {self.days // 3, 2 * self.days // 3}
        for day in range(self.days):
            self.day()
            if day in restores:
                self.server.restore(backup)
                self.tally.faults["restore"] += 1
            if day + 1 in restores:
                backup = self.server.copy()
            self.server.end_holds(self.now)
            self.restart()
        self.heal()
        self.tally.seconds = time.monotonic() - began
        self.count()
        return self.tally

    def day(self) -> None:
        self.now += DAY
        seats = [(tablet, seat) for tablet in self.tablets for seat in tablet.seats.values()]
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
            if self.random.random() < 0.1:
                self.duplicate()
            if self.random.random() < 0.02 and len(seat.outbox()) > 1:
                self.lose_work(seat)

    def lose_work(self, seat: Seat) -> None:
        """A phone's storage loses something that was never sent."""
        lost = next((one for one in seat.outbox()[:-1] if one.type in ("task.answer", "feedback.give")), None)
        if lost is not None:
            del seat.items[lost.id]
            self.recorded[seat.learner, lost.id] = "gone"
            self.tally.faults["work lost on a phone"] += 1

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

    # The count

    def count(self) -> None:
        database.session.remove()
        events = Base.metadata.tables["events"]
        columns = events.c.learner_id, events.c.id, events.c.type, events.c.state
        with database.engine.connect() as connection:
            kept = {(r.learner_id, r.id): r for r in connection.execute(select(*columns))}
        self.tally.events = len(kept)
        self.tally.lost = sum(type != "gone" and key not in kept for key, type in self.recorded.items())
        self.tally.doubled = self.count_doubled(kept)
        self.tally.unseen = self.count_unseen(kept)
        self.tally.report = check_history(database.engine, files(), moment(self.now), self.promises())
        twice = ("nothing_counts_twice", "chains_hold")
        self.tally.doubled += sum(one.check in twice for one in self.tally.report.findings)

    def promises(self) -> Iterator[str]:
        """The phones' logs, without what a phone's storage lost: should a restore lose it too, nobody has it."""
        for one in self.told:
            if self.recorded[one["learner"], one["id"]] != "gone":
                yield json.dumps(one)

    def count_doubled(self, kept: dict[tuple[str, str], Any]) -> int:
        """Count answers that were counted more often than they were given: each counts one more try."""
        given = Counter(
            (key[0], self.tasks[key])
            for key, row in kept.items()
            if (row.type, row.state) == ("task.answer", "ok") and key in self.tasks
        )
        answers = Base.metadata.tables["answers"]
        with database.engine.connect() as connection:
            rows = connection.execute(select(answers.c.learner_id, answers.c.task_id, answers.c.tries)).all()
        return sum(max(0, row.tries - given[row.learner_id, row.task_id]) for row in rows)

    def count_unseen(self, kept: dict[tuple[str, str], Any]) -> int:
        """Count what a phone shows otherwise than it is."""
        seats = [seat for tablet in self.tablets for seat in tablet.seats.values()]
        return sum(
            item.state not in ("replaced", kept[seat.learner, id].state)
            for seat in seats
            for id, item in seat.items.items()
            if (seat.learner, id) in kept
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
@click.option("--events", default=100_000, help="About how many events.")
@click.option("--database", "kind", type=click.Choice(["both", "sqlite", "postgresql"]), default="both")
@click.option("--seed", default=1)
def main(events: int, kind: str, seed: int) -> None:
    """Soak sync and say what came of it; ends with 1 when anything was lost, doubled or found."""
    bad = False
    for one in ("sqlite", "postgresql") if kind == "both" else (kind,):
        with instance(one) as config:
            tally = Soak(config, events=events, seed=seed).run()
            database.engine.dispose()
        click.echo(json.dumps({"database": one, **tally.to_json()}, indent=2))
        bad |= bool(tally.lost or tally.doubled or tally.unseen or not (tally.report and tally.report.clean))
    raise SystemExit(int(bad))


if __name__ == "__main__":
    main()
