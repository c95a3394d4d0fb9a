"""What a learner's feed says of their devices."""

from typing import Any

from server.accounts.models import Device
from server.replicas.store import milliseconds


def device_row(device: Device) -> tuple[str, dict[str, Any]]:
    """Write a device as its learner's phones keep it; times in ms, `seen` to the day or so."""
    return f"device:{device.id}", {
        "device": device.id,
        "name": device.name,
        "agent": device.agent,
        "since": milliseconds(device.created_at),
        "seen": milliseconds(device.seen_at),
        "revoked": milliseconds(device.revoked_at) if device.revoked_at else None,
    }
