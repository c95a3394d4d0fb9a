"""Rotating codes: what an organiser's screen shows for 30 seconds, and what is read aloud for two minutes.

The screen holds the key of a day, never the code's secret, so a stolen one costs a day. No database here.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.codes import tokens
from sync.times import Window

LEVEL = 3
KIND = "3"
STEP_S = 30
SLACK_STEPS = 2
"""A step counts this many steps before its start and after its end: screens drift, and people are slow."""
BLOCK_S = 120
SLACK_BLOCKS = 1
LATE_BLOCKS = 8
"""A typed form that was shown up to so long ago is known, so that one can say that it is over."""
_STEP_LENGTH = 6
_MAC_LENGTH = 13  # 65 bit, the first one zero
_MAC_BYTES = 8
_SECRET_PLACES = 5


@dataclass(frozen=True, slots=True)
class Rotating:
    """What stands in the fragment of a rotating code: seconds since 1970 divided by 30, and a MAC over them."""

    step: int
    mac: str


def step_at(milliseconds: int) -> int:
    """Return the step of a moment."""
    return milliseconds // (STEP_S * 1000)


def block_at(milliseconds: int) -> int:
    """Return the two minutes of a moment, for which a typed form is shown."""
    return milliseconds // (BLOCK_S * 1000)


def window_of_step(step: int) -> Window:
    """Return when a step counts, in milliseconds."""
    return _window(step, STEP_S, SLACK_STEPS)


def window_of_block(block: int) -> Window:
    """Return when the typed form of a block counts, in milliseconds."""
    return _window(block, BLOCK_S, SLACK_BLOCKS)


def _window(number: int, seconds: int, slack: int) -> Window:
    return Window((number - slack) * seconds * 1000, (number + 1 + slack) * seconds * 1000)


def day_of_step(step: int) -> str:
    """Return the UTC date of a step's start, such as 2026-11-26."""
    return _day(step * STEP_S)


def day_of_block(block: int) -> str:
    """Return the UTC date of a block's start."""
    return _day(block * BLOCK_S)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def day_key(secret: str, point: str, day: str) -> bytes:
    """Derive the 32 bytes with which a screen makes all codes of a UTC date (HKDF, RFC 5869)."""
    info = f"streetwise3{point}{day}".encode()
    return HKDF(SHA256(), length=32, salt=None, info=info).derive(secret.encode())


def write(key: bytes, point: str, step: int) -> str:
    """Write the fragment of a step, by the key of its day."""
    mac = int.from_bytes(_mac(key, f"streetwise3{point}{step}"), "big")
    return KIND + tokens.write_number(step, _STEP_LENGTH) + tokens.write_number(mac, _MAC_LENGTH)


def read(fragment: str) -> Rotating | None:
    """Read a fragment; None when it is of another kind or form."""
    body = tokens.fold_typed(fragment[1:])
    if fragment[:1] != KIND or len(body) != _STEP_LENGTH + _MAC_LENGTH:
        return None
    step, mac = body[:_STEP_LENGTH], body[_STEP_LENGTH:]
    if any(c not in tokens.ALPHABET for c in body) or tokens.read_number(mac) >> 8 * _MAC_BYTES:
        return None
    return Rotating(tokens.read_number(step), mac)


def is_genuine(secret: str, point: str, shown: Rotating) -> bool:
    """Say whether a screen with the secret's day key showed this. Says nothing about when it was seen."""
    key = day_key(secret, point, day_of_step(shown.step))
    return tokens.same(write(key, point, shown.step)[1 + _STEP_LENGTH :], shown.mac)


def typed_at(key: bytes, point: str, hint: str, block: int) -> str:
    """Write the typed form of a block, by the key of its day: 8 characters."""
    value = int.from_bytes(_mac(key, f"streetwise3t{point}{block}"), "big")
    body = hint + tokens.write_number(value % 31**_SECRET_PLACES, _SECRET_PLACES, base=31)
    return body + tokens.check_character(body)


def blocks_around(milliseconds: int) -> range:
    """List the blocks whose typed form somebody may have typed then, the late ones included."""
    now = block_at(milliseconds)
    return range(now - LATE_BLOCKS, now + SLACK_BLOCKS + 1)


def find_block(secret: str, point: str, typed: str, blocks: Iterable[int]) -> int | None:
    """Find in which of some blocks a folded typed form was shown: the last one. None when in none."""
    found = None
    for block in blocks:
        key = day_key(secret, point, day_of_block(block))
        if tokens.same(typed_at(key, point, typed[:2], block), typed):
            found = block
    return found


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)[:_MAC_BYTES]
