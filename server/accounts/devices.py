"""Learners and their devices: registered by a device's first event, known by its key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from server.accounts import invitations
from server.accounts.models import Device, Learner
from server.cities.services import city_at
from server.core.db import table
from server.core.errors import DomainError
from server.core.i18n import gettext
from sync.signatures import Key, Registered

_SEEN_EVERY = timedelta(hours=1)
_devices = table(Device).c
_REGISTERED = select(
    _devices.id, _devices.learner_id, _devices.key_x, _devices.key_y, _devices.revoked_at
).where(_devices.id.in_(bindparam("ids", expanding=True)))
_NOTE_SEEN = (
    update(table(Device))
    .where(_devices.id.in_(bindparam("ids", expanding=True)), _devices.seen_at < bindparam("before"))
    .values(seen_at=bindparam("at"))
)


class LearnerTaken(DomainError):
    """A new device says it belongs to a learner that other devices already stand for."""

    status, code = 403, "learner_taken"

    def explain(self) -> str:
        return gettext("This device cannot join that learner by itself.")


class CityMissing(DomainError):
    status, code = 404, "no_city"


class UnknownDevice(DomainError):
    """No device of this learner."""

    status, code = 404, "unknown_device"


class ThisDevice(DomainError):
    """A device does not lock itself out: it would not hear of it."""

    status, code = 409, "this_device"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A device as it introduces itself."""

    id: str
    learner_id: str
    key: Key
    agent: str
    invitation: str = ""  # the secret that another device of its learner told it
    known: bool = False  # it proves that it was registered for its learner before a restore


def registered(session: Session, ids: Iterable[str]) -> dict[str, Registered]:
    """Return what is known of these devices; those not known are left out."""
    rows = session.execute(_REGISTERED, {"ids": sorted(set(ids))})
    return {
        row.id: Registered(row.learner_id, Key(row.key_x, row.key_y), row.revoked_at is not None)
        for row in rows
    }


def register(session: Session, device: Newcomer, *, host: str, at: datetime) -> None:
    """Register a device and, when it is the first, its learner in the city of that host.

    Raises LearnerTaken when the learner exists and no invitation of theirs holds for this device: joining
    a learner needs more than knowing their id. Who was invited never comes first: after a restore the learner
    may be gone for a while, and would be shut out by their own second phone. A device that was registered
    before a restore needs no invitation again: the one it came by has long run out.
    """
    if session.get(Learner, device.learner_id) is None:
        if device.invitation and not device.known:
            raise LearnerTaken()
        _add_learner(session, device.learner_id, host, at)
    elif not device.known and not invitations.accept(
        session, device.invitation, device.learner_id, device.id, at=at
    ):
        raise LearnerTaken()
    session.add(
        Device(
            id=device.id,
            learner_id=device.learner_id,
            key_x=device.key.x,
            key_y=device.key.y,
            agent=device.agent,
            created_at=at,
            seen_at=at,
        )
    )
    session.flush()


def _add_learner(session: Session, learner: str, host: str, at: datetime) -> None:
    city = city_at(session, host)
    if city is None:
        raise CityMissing()
    session.add(Learner(id=learner, city_id=city.id, created_at=at))
    session.flush()


def note_seen(session: Session, ids: Iterable[str], at: datetime) -> None:
    """Keep when devices were last here, to the hour: more would make every sync write one row more."""
    session.connection().execute(_NOTE_SEEN, {"ids": list(ids), "at": at, "before": at - _SEEN_EVERY})


def name(session: Session, learner: str, device_id: str, name: str) -> Device:
    """Keep how a learner calls one of their devices. Raises UnknownDevice."""
    found = _find(session, learner, device_id)
    found.name = name
    session.flush()
    return found


def revoke(session: Session, learner: str, device_id: str, by: str, at: datetime) -> Device:
    """Lock one of a learner's devices out, by another one; for good, with the invitations that are open. Raises UnknownDevice or ThisDevice."""
    found = _find(session, learner, device_id)
    if found.id == by:
        raise ThisDevice()
    found.revoked_at = found.revoked_at or at
    session.flush()
    invitations.end_all(session, learner, at)
    return found


def devices_of(session: Session, learner: str) -> Sequence[Device]:
    """List a learner's devices, the first one first."""
    query = select(Device).where(Device.learner_id == learner).order_by(Device.created_at, Device.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _find(session: Session, learner: str, device_id: str) -> Device:
    found = session.get(Device, device_id, populate_existing=True)
    if found is None or found.learner_id != learner:
        raise UnknownDevice()
    return found
