"""Issuers: the keys an organiser signs with, and its did:web document for the world."""

from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from server.badges.keys import FileSigner, KeyFolder
from server.badges.models import SigningKey
from server.core.db import db, utc_now
from server.organisers.models import Organiser

JWK_CONTEXT = "https://w3id.org/security/jwk/v1"


def did(organiser_id: str) -> str:
    """Return an organiser's DID: `did:web:HOST:orgs:ID`, a port written as `%3A`. The id never changes."""
    host: str = current_app.config["STREETWISE"].public_host
    return f"did:web:{quote(host, safe='.-')}:orgs:{organiser_id}"


def ensure_keys(organiser: Organiser, at: datetime | None = None) -> FileSigner:
    """Return the signer of an organiser's newest key, made on first need.

    When the key file is lost, the next key takes over; the lost one still vouches for what it signed.
    """
    session = object_session(organiser) or db.session()
    rows = signing_keys(session, organiser.id)
    newest = rows[-1] if rows else None
    if newest:
        key = _open(_instance(), organiser.id, newest.number)
        signer = FileSigner(f"{did(organiser.id)}#key-{newest.number}", key)
        if signer.multibase == newest.multibase:
            return signer
        newest.retired_at = at or utc_now()
    return _next_key(session, organiser, newest.number + 1 if newest else 1, at or utc_now())


def _next_key(session: Session, organiser: Organiser, number: int, at: datetime) -> FileSigner:
    key = _open(_instance(), organiser.id, number)
    signer = FileSigner(f"{did(organiser.id)}#key-{number}", key)
    row = SigningKey(organiser_id=organiser.id, number=number, multibase=signer.multibase, created_at=at)
    with suppress(IntegrityError), session.begin_nested():
        session.add(row)  # when another request was first, its row holds this very key: one file makes both
    return signer


def _instance() -> Path:
    instance: Path = current_app.config["STREETWISE"].instance
    return instance


@lru_cache(maxsize=1024)
def _open(instance: Path, organiser_id: str, number: int) -> Ed25519PrivateKey:
    return KeyFolder(instance).open(organiser_id, number)


def signing_keys(session: Session, organiser_id: str) -> list[SigningKey]:
    """Return all keys an organiser ever had, oldest first."""
    query = select(SigningKey).where(SigningKey.organiser_id == organiser_id).order_by(SigningKey.number)
    return list(session.scalars(query))


def public_keys(organiser: Organiser) -> list[dict[str, str]]:
    """List an organiser's keys as a bundle carries them, for checks with no network."""
    session = object_session(organiser) or db.session()
    own = did(organiser.id)
    return [
        {"issuer": organiser.id, "did": own, "multibase": key.multibase}
        for key in signing_keys(session, organiser.id)
    ]


def did_document(organiser: Organiser) -> dict[str, Any]:
    """Write the DID document: every key the organiser ever signed with stays valid for what it signed."""
    session = object_session(organiser) or db.session()
    own = did(organiser.id)
    methods = [method for key in signing_keys(session, organiser.id) for method in _methods(own, key)]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1", JWK_CONTEXT],
        "id": own,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _methods(own: str, key: SigningKey) -> list[dict[str, Any]]:
    """Write a key, and the RSA key beside it once there is one, as verification methods."""
    name = f"{own}#key-{key.number}"
    made = [{"id": name, "type": "Multikey", "controller": own, "publicKeyMultibase": key.multibase}]
    if key.token_jwk:
        jwk = {"id": f"{name}-rsa", "type": "JsonWebKey", "controller": own, "publicKeyJwk": key.token_jwk}
        return [*made, jwk]
    return made
