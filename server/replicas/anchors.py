"""Anchors: moments of the server's clock that a phone carries into its next events, and cannot make up.

One given to a registered device also says whose it is. A server that was restored from a backup of before can
then tell a device that it had registered from any other, though it remembers neither.
"""

import hashlib
import hmac
from collections.abc import Sequence

from sync.messages import encode
from sync.signatures import Registered


def make_anchor(
    secret: bytes, device: str, now: int, owner: Registered | None = None
) -> dict[str, str | int]:
    """Make an anchor for a device, with its `owner` when it is registered. Its id proves itself: nothing is stored."""
    mac = _mac(secret, device, now)
    owned = f".{_owned(secret, device, now, owner)}" if owner else ""
    return {"id": f"{now}-{mac}{owned}", "at": now}


def read_anchor(secrets: Sequence[bytes], device: str, anchor: str | None) -> int | None:
    """Return the moment of an anchor in milliseconds; None when it was not made here for this device.

    `secrets`: ours, and those that it replaced.
    """
    moment, dash, mac = (anchor or "").partition(".")[0].partition("-")
    if not dash or not moment.isascii() or not moment.isdigit() or len(moment) > 15:
        return None
    fits = [hmac.compare_digest(_mac(one, device, int(moment)).encode(), mac.encode()) for one in secrets]
    return int(moment) if any(fits) else None


def is_owned(secrets: Sequence[bytes], device: str, anchor: str | None, owner: Registered) -> bool:
    """Say whether this server gave the anchor to that device when it was registered for this learner with this key."""
    now, owned = read_anchor(secrets, device, anchor), (anchor or "").partition(".")[2]
    return now is not None and any(
        hmac.compare_digest(_owned(one, device, now, owner).encode(), owned.encode()) for one in secrets
    )


def _owned(secret: bytes, device: str, now: int, owner: Registered) -> str:
    said = f"owner1 {device} {now} {owner.learner} {owner.key.x} {owner.key.y}"
    return encode(hmac.digest(secret, said.encode(), hashlib.sha256)[:16])


def _mac(secret: bytes, device: str, now: int) -> str:
    return encode(hmac.digest(secret, f"anchor1 {device} {now}".encode(), hashlib.sha256)[:16])
