"""Two doors of one session in the soak: it lasts all the days, so that all that goes wrong meets them too.

They let in whose pass they see, who came before by name, and guests; they take back, and show answers, which some
learners' phones keep. Which learner is where, and what the net loses, is chance.
"""

from datetime import timedelta
from random import Random
from typing import Any, Protocol

from sqlalchemy.orm import Session

from server.codes.passes import pass_content, receipt_content, write_pass, write_receipt
from server.codes.rotating import step_at
from server.door.services import ORGANISER, Maker, digest_of, make_link, new_secret
from server.occurrences.services import PRINTED, Plan, code_of, make, point_of
from server.replicas.moments import moment
from sync.messages import decode
from tests.cast import Museum
from tests.faults.phone import DAY, Item, Seat, Tablet

HOST, PLACES, DOORS = "localhost", 20, 2


class Recorder(Protocol):
    """What the soak does for a door: it signs an event into a seat's chain, and remembers it."""

    def __call__(self, tablet: Tablet, seat: Seat, type: str, body: dict[str, Any], **more: Any) -> Item: ...


class Doors:
    def __init__(self, session: Session, museum: Museum, begin: int, days: int) -> None:
        """Make the session at the museum's first stop, and a link for each door. `begin` in milliseconds."""
        plan = Plan(moment(begin), moment(begin + DAY), PLACES)
        held = make(session, museum.activities[0], plan, moment(begin) - timedelta(days=1))
        self.occurrence, self.point = held.id, point_of(session, held).id
        self.code = code_of(session, held, PRINTED)
        held.ends_at = self.code.closes_at = moment(
            begin + days * DAY
        )  # longer than the desk would let it be
        self.links = [self._link(session, held) for _ in range(DOORS)]
        self.stand: list[tuple[Tablet, Seat, Item]] = []
        self.said: list[tuple[int, Item]] = []
        """Which door let somebody in, by which event."""

    @staticmethod
    def _link(session: Session, held: Any) -> str:
        secret = new_secret()
        made = make_link(session, held, ORGANISER, digest_of(secret), at=held.created_at, by=Maker())
        return f"{made.id}.{secret}"

    def open(self, tablets: list[Tablet], record: Recorder) -> None:
        """Two phones of one learner each, whose clocks are right, stand at the doors from now on."""
        right = [one for one in tablets if len(one.seats) == 1 and one.skew == 0]
        for tablet, link in zip(right, self.links, strict=False):
            [seat] = tablet.seats.values()
            self.stand.append((tablet, seat, record(tablet, seat, "door.open", {"link": link})))

    def day(self, seats: list[tuple[Tablet, Seat]], now: int, chance: Random, record: Recorder) -> None:
        """Let a few people in at each door, and now and then take one of them back."""
        for number, (tablet, door, opened) in enumerate(self.stand):
            for _ in range(3):
                whose, seat = chance.choice(seats)
                body = {"occurrence": self.occurrence, **self._who(whose, seat, now, chance)}
                self.said.append((number, record(tablet, door, "checkin.confirm", body, needs=[opened.id])))
                if "pass" in body and chance.random() < 0.5:
                    record(whose, seat, "checkin.scan", self._answer(door, seat, now + tablet.skew))
            mine = [item for at, item in self.said if at == number]
            if chance.random() < 0.5:
                event = chance.choice(mine).id
                record(tablet, door, "checkin.undo", {"event": event}, needs=[event])
        whose, seat = chance.choice(seats)
        proof = f"{self.code.level}{self.code.secret}"
        record(whose, seat, "checkin.scan", self._scan(proof))

    def _who(self, tablet: Tablet, seat: Seat, now: int, chance: Random) -> dict[str, str]:
        way = chance.random()
        if way < 0.15:
            return {"guest": "Mo"}
        return {"learner": seat.learner} if way < 0.25 else {"pass": self._pass(seat, now + tablet.skew)}

    def _pass(self, seat: Seat, wall: int) -> str:
        step = step_at(wall)
        return write_pass(seat.device, step, decode(seat.signer.sign(pass_content(HOST, seat.device, step))))

    def _answer(self, door: Seat, learner: Seat, wall: int) -> dict[str, str | None]:
        step = step_at(wall)
        signature = door.signer.sign(receipt_content(HOST, self.point, learner.device, step))
        return self._scan(write_receipt(door.device, step, decode(signature)))

    def _scan(self, proof: str) -> dict[str, str | None]:
        return {"point": self.point, "proof": proof, "typed": None, "activity": None}
