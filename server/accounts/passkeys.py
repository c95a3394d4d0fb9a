"""Passkeys of learners and of staff: checked when they are made and when they are shown (Web Authentication Level 3, §7)."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn import base64url_to_bytes, verify_authentication_response, verify_registration_response
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import CredentialDeviceType

from server.accounts.models import Challenge, Passkey, User
from server.core.errors import DomainError
from server.core.i18n import gettext

CHALLENGE_LASTS = timedelta(minutes=5)
MOST_PASSKEYS = 20
"""Of one person: who needs more has lost count, too."""
_MOST_COUNT = 2**31 - 1
"""What the database keeps of an authenticator's counter, which may go twice as far (§6.1): beyond it only grows."""
_UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
"""What reading something that is no credential may raise."""


class PasskeyRefused(DomainError):
    """Not a passkey, not one of ours, not for this site, or not just now: which one is nobody's business."""

    status, code = 403, "passkey_refused"

    def explain(self) -> str:
        return gettext("This passkey does not open anything here. Try another one, or another way.")


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys are bound to: the host's name without its port, and the whole origin."""

    host: str
    origin: str


def site() -> Site:
    origin: str = current_app.config["STREETWISE"].base_url.rstrip("/")
    return Site(urlsplit(origin).hostname or "", origin)


def challenge_of_event(learner: str, device: str, nonce: str) -> bytes:
    """Return the challenge of a passkey that is made with no network: the event that brings it is signed, and comes once."""
    return hashlib.sha256(f"streetwise passkey\n{learner}\n{device}\n{nonce}".encode()).digest()


def make_challenge(session: Session, purpose: str, *, at: datetime, user: User | None = None) -> bytes:
    """Make a challenge (32 bytes) that can be answered once within five minutes; forget those that ran out."""
    session.execute(delete(Challenge).where(Challenge.expires_at <= at))
    challenge = secrets.token_bytes(32)
    session.add(
        Challenge(
            digest=_digest(challenge),
            purpose=purpose,
            user_id=user.id if user else None,
            expires_at=at + CHALLENGE_LASTS,
        )
    )
    session.flush()
    return challenge


def use_challenge(
    session: Session, credential: Mapping[str, Any], purpose: str, *, at: datetime, user: User | None = None
) -> bytes:
    """Use up the challenge that a credential answers, and return it. Raises PasskeyRefused for one that is not ours."""
    challenge = _challenge_in(credential)
    used = session.execute(
        delete(Challenge)
        .where(
            Challenge.digest == _digest(challenge),
            Challenge.purpose == purpose,
            Challenge.user_id == (user.id if user else None),
            Challenge.expires_at > at,
        )
        .returning(Challenge.digest)
    ).scalar_one_or_none()
    if used is None:
        raise PasskeyRefused()
    return challenge


def check_new(
    credential: Mapping[str, Any],
    challenge: bytes,
    site: Site,
    *,
    name: str,
    at: datetime,
    verified: bool = False,
) -> Passkey:
    """Check a credential as `navigator.credentials.create()` made it; return the passkey, which belongs to nobody yet.

    `verified`: the authenticator must have asked for a finger, face or PIN. Raises PasskeyRefused.
    """
    try:
        made = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=verified,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused() from error
    return Passkey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=min(made.sign_count, _MOST_COUNT),
        transports=_transports(credential),
        name=name,
        synced=made.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        created_at=at,
    )


def check_shown(
    session: Session,
    credential: Mapping[str, Any],
    challenge: bytes,
    site: Site,
    *,
    at: datetime,
    verified: bool = False,
) -> Passkey:
    """Check a credential as `navigator.credentials.get()` showed it; return whose passkey it is, and note that it was used.

    Raises PasskeyRefused, also for a counter that went back, as a copy's would (§7.2, step 22).
    """
    passkey = _find(session, credential)
    if passkey is None:
        raise PasskeyRefused()
    try:
        shown = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=verified,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused() from error
    passkey.sign_count, passkey.used_at = min(shown.new_sign_count, _MOST_COUNT), at
    session.flush()
    return passkey


def passkeys_of(
    session: Session, *, learner: str | None = None, user: str | None = None
) -> Sequence[Passkey]:
    """List somebody's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.learner_id == learner, Passkey.user_id == user)
    return session.scalars(query.order_by(Passkey.created_at, Passkey.id)).all()


def _find(session: Session, credential: Mapping[str, Any]) -> Passkey | None:
    id = credential.get("id")
    if not isinstance(id, str) or "\0" in id:
        return None
    return session.scalar(select(Passkey).where(Passkey.credential_id == id.rstrip("=")))


def _challenge_in(credential: Mapping[str, Any]) -> bytes:
    """Read which challenge a credential says it answers; its signature is checked against exactly that one afterwards."""
    try:
        told = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return base64url_to_bytes(told["challenge"])
    except _UNREADABLE as error:
        raise PasskeyRefused() from error


def _transports(credential: Mapping[str, Any]) -> list[str]:
    told = credential.get("response", {}).get("transports")
    known = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")
    return [one for one in known if isinstance(told, list) and one in told]


def _digest(challenge: bytes) -> str:
    return bytes_to_base64url(hashlib.sha256(challenge).digest())
