"""The badge itself as a QR code: a trimmed credential with its JCS proof, deflated and written in base45.

A credential cannot be trimmed without breaking its proofs, so the trimmed one is signed for itself: the same id,
issuer, dates and status entry, the achievement's name and description, no more. The code says `OB3:` and base45
(RFC 9285), of which a QR's alphanumeric mode holds three characters in sixteen and a half bits.
`verification/packed.py` reads it, and in the offline check `pwa/app/check/read.js`.
"""

import json
import zlib
from contextlib import suppress
from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_L

from server.badges import signing
from server.badges.canonical import Document
from server.badges.issuers import ensure_keys
from server.badges.models import Award
from server.core.qr import QUIET, Qr, draw_qr

PREFIX = "OB3:"
LARGEST = 97
"""Modules of version 20: smaller ones a phone reads from paper."""
_KEPT = (
    "@context",
    "id",
    "type",
    "name",
    "issuer",
    "awardedDate",
    "validFrom",
    "validUntil",
    "credentialStatus",
)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@dataclass(frozen=True)
class Whole:
    """A code that holds a badge, and the text it says."""

    text: str
    qr: Qr


def draw_whole(award: Award) -> Whole | None:
    """Draw the code that holds the badge; None when even its name is too long for one. Needs `writing()`."""
    document = json.loads(award.signed)
    for brief in (False, True):
        text = write_whole(_sign(award, trim(document, brief=brief)))
        with suppress(ValueError):  # no version holds it
            code = draw_qr(text, ERROR_CORRECT_L)
            if code.size - 2 * QUIET <= LARGEST:
                return Whole(text, code)
    return None


def _sign(award: Award, document: Document) -> Document:
    """Sign with the issuer's key; the same bytes each time."""
    at = award.corrected_at or award.awarded_at
    signer = ensure_keys(award.achievement.organiser)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)  # a proof tells no time of day
    return {**document, "proof": signing.make_proof(document, signing.JCS, signer, midnight)}


def trim(document: Document, *, brief: bool = False) -> Document:
    """Keep what makes a badge and its check. `brief`: the name describes it, too."""
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    issuer = document["issuer"]
    return {
        **{name: document[name] for name in _KEPT if name in document},
        "issuer": {name: issuer[name] for name in ("id", "type", "name") if name in issuer},
        "credentialSubject": {
            "id": subject["id"],
            "type": subject["type"],
            "achievement": {
                **{name: achievement[name] for name in ("id", "type", "name")},
                "description": achievement["name" if brief else "description"],
                "criteria": {"id": achievement["criteria"]["id"]},
            },
        },
    }


def write_whole(document: Document) -> str:
    packed = zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return PREFIX + encode(packed)


def encode(raw: bytes) -> str:
    """Write bytes in base45 (RFC 9285): two bytes are three characters, a last one alone is two."""
    text = ""
    for start in range(0, len(raw), 2):
        pair = raw[start : start + 2]
        value = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            text += _ALPHABET[digit]
    return text
