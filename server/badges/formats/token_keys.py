"""The RSA keys of an issuer, for tokens: one beside each signing key, made on first need, kept for ever."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import current_app
from sqlalchemy.orm import Session, object_session

from server.badges.formats.jwt import public_jwk
from server.badges.issuers import ensure_keys, signing_keys
from server.badges.keys import KeyFolder
from server.badges.models import SigningKey
from server.core.db import db
from server.core.errors import NotFound
from server.core.shell import absolute
from server.organisers.models import Organiser


def key_address(organiser_id: str, number: int) -> str:
    """Return where a key's public half is served: what a token names as `kid`."""
    return absolute(f"/orgs/{organiser_id}/keys/{number}.jwk")


def ensure_token_key(organiser: Organiser, at: datetime | None = None) -> SigningKey:
    """Return the row of the newest signing key, and make sure that it has an RSA key beside it.

    So tokens follow every rotation. A key file that was lost counts as a new key only with its signing key.
    """
    session = object_session(organiser) or db.session()
    ensure_keys(organiser, at)
    newest = signing_keys(session, organiser.id)[-1]
    if not newest.token_jwk:
        newest.token_jwk = public_jwk(open_token_key(organiser.id, newest.number).public_key())
        session.flush()
    return newest


def ready_token_key(session: Session, organiser_id: str) -> SigningKey | None:
    """Return the newest signing key's row if it has an RSA key already."""
    rows = signing_keys(session, organiser_id)
    return rows[-1] if rows and rows[-1].token_jwk else None


def open_token_key(organiser_id: str, number: int) -> RSAPrivateKey:
    return _open(current_app.config["STREETWISE"].instance, organiser_id, number)


@lru_cache(maxsize=256)
def _open(instance: Path, organiser_id: str, number: int) -> RSAPrivateKey:
    return KeyFolder(instance).open_token_key(organiser_id, number)


def find_jwk(session: Session, organiser_id: str, number: int) -> dict[str, Any]:
    """Find the public half of a key; raises NotFound."""
    for row in signing_keys(session, organiser_id):
        if row.number == number and row.token_jwk and row.compromised_at is None:
            return {**row.token_jwk, "kid": key_address(organiser_id, number)}
    raise NotFound()
