"""What tests of flags need: phones that share an app's run, a place that is far, a look, a reviewer's word."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.core.db import writing
from server.learning.looking import look
from server.learning.models import Flag
from server.learning.voids import Said, decide
from server.replicas.store import SqlStore
from tests.cast import NOON
from tests.learning.deciding import TERMS
from tests.phone import Phone, milliseconds


def at_of(phone: Phone, boot: str) -> dict[str, Any]:
    wall = milliseconds(phone.at + phone.skew)
    return {"wall": wall, "mono": 1.5, "boot": boot, "tz": 60, "anchor": phone.anchor}


def new_phone(app: Flask, at: datetime = NOON) -> Phone:
    """A phone that the server has seen."""
    phone = Phone(app, at=at)
    phone.hello()
    phone.sync()
    return phone


def scan(phone: Phone, code: Any, *, proof: str = "", boot: str = "", **body: Any) -> str:
    """Scan a code in a run of the app of its own, or in one that others share."""
    shown = proof or (f"{code.level}{code.secret}" if code.level else None)
    said = {"point": code.point_id, "proof": shown, "typed": None, "activity": None, **body}
    return phone.record("checkin.scan", said, at=at_of(phone, boot or f"own {phone.device}"))


def crowd(app: Flask, code: Any, many: int, at: datetime = NOON, **how: Any) -> list[tuple[Phone, str]]:
    """Let so many people scan a code, each on their own phone unless `boot` says otherwise."""
    people = []
    for _ in range(many):
        phone = new_phone(app, at)
        people.append((phone, scan(phone, code, **how)))
        phone.sync()
        assert phone.results[people[-1][1]]["state"] == "ok", phone.results[people[-1][1]]
    return people


def look_now(db: Session, at: datetime = NOON) -> None:
    look(db, at)


def kinds(db: Session, phone: Phone | None = None) -> list[str]:
    """Look, and name the kinds of flags that there are."""
    look_now(db)
    query = select(Flag.kind).order_by(Flag.kind)
    return list(db.scalars(query.where(Flag.learner_id == phone.learner) if phone else query.distinct()))


def say(
    db: Session,
    user: User,
    word: str,
    *events: tuple[Phone, str],
    reason: str = "",
    at: datetime | None = None,
) -> int:
    """Keep or void, as the desk does it."""
    keys: Iterable[tuple[str, str]] = [(phone.learner, event) for phone, event in events]
    with writing(db) as session:
        store = SqlStore(session, TERMS, at or events[0][0].at, careful=True)
        return decide(session, store, keys, Said(word, reason, user))
