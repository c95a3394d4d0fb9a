"""Passes, which a learner's phone shows at a door, and receipts, which the door's phone shows back. No database here.

Both are signed by the phone's own key and written as one decimal number, which a QR code packs tightest:
the device (122 bits), the step of 30 seconds (27 bits), the signature (512 bits).
"""

import re
from dataclasses import dataclass
from uuid import UUID

from sync.messages import Malformed, decode, encode
from sync.signatures import Key, Verify

KIND = "4"
RECEIPT_KIND = "5"
MAX_EXTRA = 200
"""Most characters of name and picture, as they are written."""
_STEP_BITS = 27  # until 2097
_SIGNATURE_BITS = 512
_DIGITS = 199
_FORM = re.compile(rf"([0-9]{{{_DIGITS}}})(\.[A-Za-z0-9_-]{{1,{MAX_EXTRA}}})?")


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass says: whose phone, when, and, if the learner agreed, their picture's id and their name."""

    device: str
    step: int
    signature: bytes
    extra: str = ""
    picture: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says: which device of the door, and when. The point stands in the path."""

    device: str
    step: int
    signature: bytes


def write_extra(picture: str, name: str) -> str:
    """Write what a learner agreed to show: a dot, then picture and name. Raises ValueError when it is too long."""
    extra = "." + encode(f"{picture}\n{name}".encode())
    if _read_extra(extra) is None:
        raise ValueError("name and picture are too long, or hold control characters")
    return extra


def pass_content(host: str, device: str, step: int, extra: str = "") -> bytes:
    """Return the bytes that a learner's device signs."""
    return f"streetwise4{host}{device}{step}{extra}".encode()


def write_pass(device: str, step: int, signature: bytes, extra: str = "") -> str:
    """Write the fragment of a pass. Raises ValueError when the device is no UUIDv7."""
    return KIND + _write(device, step, signature) + extra


def read_pass(fragment: str) -> Pass | None:
    """Read a fragment; None when it is of another kind or form. Says nothing about the signature."""
    parts = _FORM.fullmatch(fragment[1:])
    shown = _read_extra(parts[2] or "") if parts else None
    read = _read(parts[1]) if parts else None
    if fragment[:1] != KIND or parts is None or read is None or shown is None:
        return None
    return Pass(*read, parts[2] or "", *shown)


def is_pass_signed(shown: Pass, host: str, key: Key, verify: Verify) -> bool:
    """Say whether the pass was made for this host by the key of its device."""
    return verify(key, shown.signature, pass_content(host, shown.device, shown.step, shown.extra))


def receipt_content(host: str, point: str, learner_device: str, step: int) -> bytes:
    """Return the bytes that a door's device signs for a learner's device."""
    return f"streetwise5{host}{point}{learner_device}{step}".encode()


def write_receipt(device: str, step: int, signature: bytes) -> str:
    """Write the fragment of a receipt. Raises ValueError when the door's device is no UUIDv7."""
    return RECEIPT_KIND + _write(device, step, signature)


def read_receipt(fragment: str) -> Receipt | None:
    """Read a fragment; None when it is of another kind or form. Says nothing about the signature."""
    parts = _FORM.fullmatch(fragment[1:])
    read = _read(parts[1]) if parts else None
    if fragment[:1] != RECEIPT_KIND or parts is None or read is None or parts[2]:
        return None
    return Receipt(*read)


def is_receipt_signed(shown: Receipt, about: tuple[str, str, str], key: Key, verify: Verify) -> bool:
    """Say whether the door's key confirmed this. `about` is host, point, and the device of who was let in."""
    return verify(key, shown.signature, receipt_content(*about, shown.step))


def _write(device: str, step: int, signature: bytes) -> str:
    if step >> _STEP_BITS or len(signature) != 64:
        raise ValueError("a step has 27 bits, a signature 64 bytes")
    number = _shorten(device) << _STEP_BITS | step
    return str(number << _SIGNATURE_BITS | int.from_bytes(signature, "big")).zfill(_DIGITS)


def _read(digits: str) -> tuple[str, int, bytes] | None:
    head, signature = divmod(int(digits), 1 << _SIGNATURE_BITS)
    device, step = divmod(head, 1 << _STEP_BITS)
    if device >> 122:
        return None
    return _lengthen(device), step, signature.to_bytes(64, "big")


def _shorten(device: str) -> int:
    """Leave out the bits that every UUIDv7 has in common: version (after 48 bits) and variant (after 64)."""
    whole = UUID(device).int
    short = whole >> 80 << 74 | (whole >> 64 & 0xFFF) << 62 | whole & (1 << 62) - 1
    if _lengthen(short) != device:
        raise ValueError("a device's id is a UUIDv7")
    return short


def _lengthen(short: int) -> str:
    return str(
        UUID(int=short >> 74 << 80 | 7 << 76 | (short >> 62 & 0xFFF) << 64 | 2 << 62 | short & (1 << 62) - 1)
    )


def _read_extra(extra: str) -> tuple[str, str] | None:
    """Read picture and name; both empty when nothing was shown, None when it is not of the form."""
    if not extra:
        return "", ""
    try:
        picture, newline, name = decode(extra[1:]).decode().partition("\n")
    except (Malformed, UnicodeDecodeError):
        return None
    if not newline or len(extra) > 1 + MAX_EXTRA or any(ord(c) < 32 or ord(c) == 127 for c in picture + name):
        return None
    return picture, name
