"""Checks who signed what, before any transaction: events by their own device's key."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sync.messages import Event, Malformed, Result, Signed, decode

HELLO, MERGE = "device.hello", "learner.merge"


@dataclass(frozen=True, slots=True)
class Key:
    """A P-256 public key as in a JWK: both coordinates base64url."""

    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A device that the server knows."""

    learner: str
    key: Key
    revoked: bool = False


Verify = Callable[[Key, bytes, bytes], bool]
"""Says whether a signature (r ‖ s, 64 bytes) over some bytes was made with a key. ECDSA, P-256, SHA-256."""


def read_events(signed: Iterable[Signed]) -> list[Event | Result]:
    """Read payloads; what is no event is answered at once. Its bytes decide, so the answer never changes."""
    return [_read(one) for one in signed]


def _read(signed: Signed) -> Event | Result:
    try:
        return Event.read(signed)
    except Malformed as error:
        return Result("", "rejected", "malformed", {"where": error.where, "reason": error.why})


def named_strangers(events: Iterable[Event | Result], devices: Mapping[str, Registered]) -> set[str]:
    """Return the learners whom events name and whose their devices are not: they may be former ids of the same people."""
    return {
        one.learner
        for one in events
        if isinstance(one, Event)
        and (one.device not in devices or devices[one.device].learner != one.learner)
    }


def count_for(events: Iterable[Event | Result], formerly: Mapping[str, str]) -> list[Event | Result]:
    """Let events count for those whom the learners that they name turned out to be; `formerly` says who that is."""
    return [one.count_for(formerly.get(one.learner, "")) if isinstance(one, Event) else one for one in events]


def announced(events: Iterable[Event | Result]) -> dict[str, Registered]:
    """Return the devices that introduce themselves in these events. Nothing is verified yet."""
    found: dict[str, Registered] = {}
    for event in events:
        if isinstance(event, Event) and event.type == HELLO and event.device not in found:
            key = read_key(event)
            if key:
                found[event.device] = Registered(event.learner, key)
    return found


def read_key(event: Event) -> Key | None:
    """Read the key that a `device.hello` registers."""
    key = event.body.get("key")
    if not isinstance(key, dict) or (key.get("kty"), key.get("crv")) != ("EC", "P-256"):
        return None
    x, y = key.get("x"), key.get("y")
    if not isinstance(x, str) or not isinstance(y, str) or (len(x), len(y)) != (43, 43):
        return None
    return Key(x, y)


def check_events(
    events: Sequence[Event | Result], devices: Mapping[str, Registered], verify: Verify
) -> list[Event | Result]:
    """Answer events that are not what their device signed. `devices` knows both stored and announced ones."""
    return [e if isinstance(e, Result) else _check(e, devices.get(e.device), verify) for e in events]


def _check(event: Event, device: Registered | None, verify: Verify) -> Event | Result:
    if device is None:
        return Result(event.id, "later", "unknown_device", retry_s=60)
    if device.revoked:
        return Result(event.id, "rejected", "device_revoked")
    if not is_signed(event.signed, device.key, verify):
        return Result(event.id, "rejected", "bad_signature")
    if event.learner != device.learner:
        return Result(event.id, "rejected", "wrong_learner")
    return event


def is_signed(signed: Signed, key: Key, verify: Verify) -> bool:
    """Say whether the payload's decoded bytes carry the key's signature."""
    try:
        signature = decode(signed.s)
    except Malformed:
        return False
    return len(signature) == 64 and verify(key, signature, decode(signed.p))
