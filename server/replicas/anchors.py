"""Anchors: moments of the server's clock that a phone carries into its next events, and cannot make up."""

import hashlib
import hmac

from sync.messages import encode


def make_anchor(secret: bytes, device: str, now: int) -> dict[str, str | int]:
    """Make an anchor for a device. Its id proves itself, so nothing is stored."""
    mac = _mac(secret, device, now)
    return {"id": f"{now}-{mac}", "at": now, "mac": mac}


def read_anchor(secret: bytes, device: str, anchor: str | None) -> int | None:
    """Return the moment of an anchor in milliseconds; None when it was not made here for this device."""
    moment, dash, mac = (anchor or "").partition("-")
    if not dash or not moment.isascii() or not moment.isdigit() or len(moment) > 15:
        return None
    return (
        int(moment) if hmac.compare_digest(_mac(secret, device, int(moment)).encode(), mac.encode()) else None
    )


def _mac(secret: bytes, device: str, now: int) -> str:
    return encode(hmac.digest(secret, f"anchor1 {device} {now}".encode(), hashlib.sha256)[:16])
