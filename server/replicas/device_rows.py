"""What a learner's feed says of their devices: told once there are several, and each day when they were last here."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.devices import devices_of
from server.accounts.models import Device
from server.replicas import feeds
from server.replicas.locks import lock_learners
from server.replicas.moments import milliseconds
from sync.engine import learner_feed
from sync.messages import Row

_A_DAY = timedelta(days=1)


def device_row(device: Device) -> tuple[str, dict[str, Any]]:
    """Write a device as its learner's phones keep it; times in ms, `seen` no more than some two days old."""
    return f"device:{device.id}", {
        "device": device.id,
        "name": device.name,
        "agent": device.agent,
        "since": milliseconds(device.created_at),
        "seen": milliseconds(device.seen_at),
        "revoked": milliseconds(device.revoked_at) if device.revoked_at else None,
    }


def tell_seen(session: Session, at: datetime, *, after: str, limit: int) -> Sequence[str]:
    """Tell learners whose devices were here within the last day, in the order of their ids; return which."""
    several = select(Device.learner_id).group_by(Device.learner_id).having(func.count() > 1)
    query = select(Device.learner_id).where(
        Device.learner_id.in_(several), Device.learner_id > after, Device.seen_at > at - _A_DAY
    )
    found = session.scalars(query.distinct().order_by(Device.learner_id).limit(limit)).all()
    lock_learners(session.connection(), found)
    rows = {
        learner_feed(one): [
            Row(learner_feed(one), *device_row(device)) for device in devices_of(session, one)
        ]
        for one in found
    }
    feeds.bump(session, rows, at)
    return found
