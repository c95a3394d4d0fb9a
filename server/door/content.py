"""What a door's phone keeps of its session: who came, who is expected, and the keys of its rotating codes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.codes.models import Code, Point
from server.codes.rotating import LEVEL, day_key
from server.core.i18n import pick
from server.door.entries import CONFIRMED
from server.door.models import DoorEntry
from server.door.services import ORGANISER, Door, links_of, opened
from server.learning.leaks import alarms
from server.learning.models import CheckIn, Flag
from server.occurrences.models import Occurrence, Reservation
from server.occurrences.places import RESERVED
from server.occurrences.services import door_hours
from server.replicas.moments import milliseconds
from sync.messages import encode


def content_of(session: Session, door: Door, lang: str) -> dict[str, Any]:
    """Write all of `DoorContent` but the time now."""
    occurrence = door.occurrence
    entries = entries_of(session, occurrence.id)
    came = {one["learner"] for one in entries if one["state"] != "undone"}
    expected = [one for one in _expected(session, occurrence.id) if one["learner"] not in came]
    _add_devices(session, [*entries, *expected])
    code = _rotating_code(session, occurrence.id)
    opens, closes = door_hours(occurrence)
    return {
        "occurrence": _session(occurrence, lang),
        "role": door.link.role,
        "until": milliseconds(door.link.ends_at),
        "point": code.point_id if code else "",
        "hint": code.point.hint if code else "",
        "window": [int(opens.timestamp()), int(closes.timestamp())],
        "days": _day_keys(code, opens, closes) if code else [],
        "entries": entries,
        "expected": expected,
        "links": _links(session, occurrence.id) if door.link.role == ORGANISER else [],
        "alarms": [
            {name: one.facts[name] for name in ("used", "far", "since", "why")}
            for one in alarms(session, [occurrence.activity_id])
            if one.occurrence == occurrence.id
        ],
    }


def _add_devices(session: Session, people: Sequence[dict[str, Any]]) -> None:
    """Name the devices of everybody on a door's list: a pass says no more than the device that shows it."""
    learners = {one["learner"] for one in people}
    found: dict[str, list[str]] = {}
    query = select(Device.learner_id, Device.id).where(Device.learner_id.in_(learners)).order_by(Device.id)
    for learner, device in session.execute(query):
        found.setdefault(learner, []).append(device)
    for one in people:
        one["devices"] = found.get(one["learner"], [])


def _session(occurrence: Occurrence, lang: str) -> dict[str, Any]:
    activity = occurrence.activity
    return {
        "id": occurrence.id,
        "activity": activity.id,
        "title": pick(activity.title, lang),
        "place": pick(occurrence.place or activity.place, lang),
        "starts": milliseconds(occurrence.starts_at),
        "ends": milliseconds(occurrence.ends_at),
        "timezone": activity.organiser.city.timezone,
        "capacity": occurrence.capacity,
        "taken": occurrence.taken,
        "cancelled": occurrence.cancelled_at is not None,
    }


def _rotating_code(session: Session, occurrence_id: str) -> Code | None:
    query = select(Code).join(Point).where(Point.occurrence_id == occurrence_id, Code.level == LEVEL)
    return session.scalars(
        query.where(Code.revoked_at.is_(None)).order_by(Code.created_at.desc(), Code.id.desc())
    ).first()


def _day_keys(code: Code, opens: datetime, closes: datetime) -> list[dict[str, str]]:
    """Derive a key for each UTC date of the window. The code's own secret never leaves the server."""
    days = [one.isoformat() for one in _dates(opens.astimezone(UTC).date(), closes.astimezone(UTC).date())]
    return [{"day": day, "key": encode(day_key(code.secret, code.point_id, day))} for day in days]


def _dates(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def entries_of(session: Session, occurrence_id: str) -> list[dict[str, Any]]:
    """List who came: let in at a door, or by their own scan; in the order in which they came."""
    voided = _voided(session, occurrence_id)
    came = {
        one.learner_id: one
        for one in session.scalars(select(CheckIn).where(CheckIn.occurrence == occurrence_id))
    }
    let_in = session.scalars(select(DoorEntry).where(DoorEntry.occurrence_id == occurrence_id)).all()
    names = {one.learner_id: one for one in _reservations(session, occurrence_id)}
    at_doors = {one.who_id for one in let_in if one.undone_at is None}
    found = [_let_in(one, came.get(one.who_id or ""), voided) for one in let_in]
    found += [_by_scan(one, names, voided) for one in came.values() if one.learner_id not in at_doors]
    return sorted(found, key=lambda one: (one["at"], one["id"]))


def _voided(session: Session, occurrence_id: str) -> dict[tuple[str, str], str]:
    """Read which check-ins were voided and why, by learner and event."""
    query = select(Flag.learner_id, Flag.event_id, Flag.reason).where(
        Flag.occurrence == occurrence_id, Flag.word == "voided"
    )
    return {(row.learner_id, row.event_id): row.reason for row in session.execute(query)}


def _let_in(
    entry: DoorEntry, check_in: CheckIn | None, voided: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    why = voided.get((entry.who_id or "", entry.event_id))
    level = check_in.level if check_in and check_in.event_id == entry.event_id else None
    return {
        "id": entry.id,
        "learner": entry.who_id,
        "event": entry.event_id,
        "name": entry.name,
        "picture": entry.picture,
        "way": entry.way,
        "level": level,
        "at": milliseconds(entry.at),
        "over": entry.over,
        "state": "undone" if entry.undone_at else "in" if why is None else "voided",
        "why": why or "",
        "by": entry.device_id,
    }


def _by_scan(
    check_in: CheckIn, names: Mapping[str, Reservation], voided: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    held, why = names.get(check_in.learner_id), voided.get((check_in.learner_id, check_in.event_id))
    return {
        "id": check_in.id,
        "learner": check_in.learner_id,
        "event": check_in.event_id,
        "name": held.name if held else "",
        "picture": held.picture if held else "",
        "way": "receipt" if check_in.level == CONFIRMED else "scan",
        "level": check_in.level,
        "at": milliseconds(check_in.at),
        "over": check_in.over,
        "state": "in" if why is None else "voided",
        "why": why or "",
        "by": "",
    }


def _reservations(session: Session, occurrence_id: str) -> Sequence[Reservation]:
    query = select(Reservation).where(Reservation.occurrence_id == occurrence_id)
    return session.scalars(query.order_by(Reservation.at, Reservation.learner_id)).all()


def _expected(session: Session, occurrence_id: str) -> list[dict[str, Any]]:
    return [
        {"learner": one.learner_id, "name": one.name, "picture": one.picture}
        for one in _reservations(session, occurrence_id)
        if one.state == RESERVED
    ]


def _links(session: Session, occurrence_id: str) -> list[dict[str, Any]]:
    used = opened(session, occurrence_id)
    return [
        {
            "id": one.id,
            "label": one.label,
            "role": one.role,
            "ends": milliseconds(one.ends_at),
            "revoked": one.revoked_at is not None,
            "opened": one.id in used,
        }
        for one in links_of(session, occurrence_id)
    ]
