"""People at a session's door: phones that show passes, doors that let them in. Built from the contract alone."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.activities.models import Activity, Task
from server.door import services
from server.door.services import Maker
from server.learning.models import CheckIn
from server.occurrences.models import Occurrence
from server.occurrences.services import Plan, code_of, make, point_of
from tests.cast import NOON, Museum, texts
from tests.phone import Phone, b64, milliseconds

HOST = "localhost"


def hold_session(db: Session, museum: Museum, number: int = 0, capacity: int | None = None) -> Occurrence:
    """Make a session from noon to two o'clock at one of the museum's stops."""
    plan = Plan(NOON, NOON + timedelta(hours=2), capacity)
    made = make(db, museum.activities[number], plan, NOON - timedelta(days=1))
    db.commit()
    return made


def add_check_in_only(db: Session, museum: Museum) -> Activity:
    """Add an activity that is done by coming."""
    activity = Activity(
        organiser_id=museum.organiser.id, slug="walk", title=texts("Walk"), summary=texts("Walk"), body=texts("Walk"),
        place=texts("Square"), signal=True, minutes=60, languages=["en"], skills=[], picture_alt={}, audio_text={},
        updated_at=NOON,
    )  # fmt: skip
    db.add(activity)
    db.flush()
    db.add(
        Task(
            activity_id=activity.id,
            position=0,
            kind="checkin",
            prompt=texts("Come"),
            options=[],
            accepted=[],
            hint={},
            unit={},
            salt="s",
        )
    )
    museum.activities.append(activity)
    db.commit()
    return activity


def make_link(db: Session, occurrence: Occurrence, role: str = "helper") -> tuple[str, str]:
    """Make a link as the desk does; return its id and what its QR says after the `#`."""
    secret = services.new_secret()
    link = services.make_link(
        db, occurrence, role, services.digest_of(secret), at=NOON - timedelta(hours=3), by=Maker()
    )
    db.commit()
    return link.id, f"{link.id}.{secret}"


def _digits(device: str, step: int, signature: bytes) -> str:
    bits = f"{UUID(device).int:0128b}"
    short = int(bits[:48] + bits[52:64] + bits[66:], 2)
    return str((short << 27 | step) << 512 | int.from_bytes(signature, "big")).zfill(199)


def _sign(phone: Phone, content: str) -> bytes:
    signature = phone.sign(content.encode())
    return base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))


def step_of(phone: Phone) -> int:
    return milliseconds(phone.at + phone.skew) // 30_000


def show_pass(phone: Phone, name: str = "", picture: str = "", host: str = HOST) -> str:
    """Write the pass that a phone shows now."""
    extra = "." + b64(f"{picture}\n{name}".encode()) if name else ""
    step = step_of(phone)
    return (
        "4"
        + _digits(phone.device, step, _sign(phone, f"streetwise4{host}{phone.device}{step}{extra}"))
        + extra
    )


@dataclass
class DoorPhone:
    """A phone that stands at a session's door."""

    phone: Phone
    occurrence: str
    opened: str

    def let_in(self, **who: Any) -> str:
        """`let_in(pass_=…)`, `let_in(learner=…)` or `let_in(guest=…)`, offline; `phone.sync()` sends it."""
        body = {"occurrence": self.occurrence, **{name.rstrip("_"): value for name, value in who.items()}}
        return self.phone.record("checkin.confirm", body, needs=[self.opened])

    def undo(self, event: str) -> str:
        return self.phone.record("checkin.undo", {"event": event}, needs=[event])

    def effect(self, event: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.phone.results[event].get("effect", {})
        return found

    def why(self, event: str) -> str:
        return str(self.phone.results[event].get("why", ""))

    def receipt(self, learner: Phone, point: str) -> str:
        step = step_of(self.phone)
        return "5" + _digits(
            self.phone.device,
            step,
            _sign(self.phone, f"streetwise5{HOST}{point}{learner.device}{step}"),
        )

    def ask(self, etag: str = "") -> TestResponse:
        """Ask for the door's list."""
        return ask(self.phone, self.occurrence, etag)

    def entries(self) -> dict[str, dict[str, Any]]:
        """Return the door's list by learner; guests by their name."""
        answer = self.ask()
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return {one["learner"] or one["name"]: one for one in answer.get_json()["entries"]}


def ask(phone: Phone, occurrence: str, etag: str = "") -> TestResponse:
    path = f"/api/door/{occurrence}"
    headers = {"Sync-Device": phone.device, "Sync-Signature": phone.sign(f"GET {path} 0".encode())}
    if etag:
        headers["If-None-Match"] = etag
    phone.app.extensions["streetwise_clock"] = lambda: phone.at
    return phone.app.test_client().get(path, headers=headers)


def new_phone(app: Flask, **time: float) -> Phone:
    """A learner's phone that has said hello."""
    phone = Phone(app, at=NOON + timedelta(**time))
    phone.hello()
    phone.sync()
    return phone


def open_door(app: Flask, db: Session, occurrence: Occurrence, role: str = "helper") -> DoorPhone:
    """A phone that has opened the session's door."""
    _, secret = make_link(db, occurrence, role)
    phone = new_phone(app)
    opened = phone.record("door.open", {"link": secret})
    phone.sync()
    assert phone.results[opened]["state"] == "ok", phone.results[opened]
    return DoorPhone(phone, occurrence.id, opened)


def scan_receipt(learner: Phone, point: str, receipt: str) -> str:
    return learner.record("checkin.scan", {"point": point, "proof": receipt, "typed": None, "activity": None})


def scan_poster(learner: Phone, db: Session, occurrence: Occurrence) -> str:
    """Scan the session's printed code (level 2)."""
    return learner.scan(code_of(db, occurrence, 2))


def point(db: Session, occurrence: Occurrence) -> str:
    return point_of(db, occurrence).id


def check_ins(db: Session, learner: Phone) -> list[tuple[int, str]]:
    """Return the level and the event of each of a learner's check-ins."""
    db.rollback()
    return [(one.level, one.event_id) for one in db.query(CheckIn).filter_by(learner_id=learner.learner)]


def feed_row(learner: Phone, occurrence: Occurrence) -> dict[str, Any] | None:
    """Return what the learner's phone is told of their check-in at a session."""
    learner.sync()
    return learner.view.get(f"checkin:{occurrence.activity_id}:{occurrence.id}")


def digest(secret: str) -> str:
    return b64(hashlib.sha256(secret.encode()).digest())


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def forge(fragment: str) -> str:
    """Change one digit of the signature."""
    last = str((int(fragment[-1]) + 1) % 10)
    return fragment[:-1] + last
