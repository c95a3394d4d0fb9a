"""Issuers: the keys an organiser signs with, and its did:web document for the world."""

from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from server.badges.keys import FileSigner, KeyFolder
from server.badges.models import SigningKey
from server.badges.signing import Signer
from server.badges.vault import Vault
from server.core.db import db, utc_now
from server.organisers.models import Organiser

JWK_CONTEXT = "https://w3id.org/security/jwk/v1"


def did(organiser_id: str) -> str:
    """Return an organiser's DID: `did:web:HOST:orgs:ID`, a port written as `%3A`. The id never changes."""
    host: str = current_app.config["STREETWISE"].public_host
    return f"did:web:{quote(host, safe='.-')}:orgs:{organiser_id}"


def ensure_keys(organiser: Organiser, at: datetime | None = None) -> Signer:
    """Return the signer of an organiser's newest key, made on first need. Raises SignerUnavailable.

    When a key is lost, the next one takes over; the lost one still vouches for what it signed. After a
    compromised one comes the next, too.
    """
    session = object_session(organiser) or db.session()
    rows = signing_keys(session, organiser.id)
    newest = rows[-1] if rows else None
    if newest and newest.compromised_at is None:
        signer = _open_key(organiser.id, newest.number)
        if signer.multibase == newest.multibase:
            return signer
    return rotate(session, organiser, at or utc_now())


def rotate(session: Session, organiser: Organiser, at: datetime) -> Signer:
    """Add a key and sign with it from now on; those before vouch for ever for what they signed.

    Two who do it at the same moment agree on one key. Raises SignerUnavailable.
    """
    rows = signing_keys(session, organiser.id)
    number = rows[-1].number + 1 if rows else 1
    signer = _open_key(organiser.id, number)
    row = SigningKey(organiser_id=organiser.id, number=number, multibase=signer.multibase, created_at=at)
    with suppress(IntegrityError), session.begin_nested():
        session.add(row)  # when somebody else was first, their row holds this very key: one file makes both
    for one in rows:
        one.retired_at = one.retired_at or at
    return signer


def _open_key(organiser_id: str, number: int) -> Signer:
    config = current_app.config["STREETWISE"]
    method = f"{did(organiser_id)}#key-{number}"
    if config.signer:
        return _open_in_vault(_vault(config.signer, config.signer_token), organiser_id, number, method)
    return _open_file(config.instance, organiser_id, number, method)


@lru_cache(maxsize=1024)
def _open_file(instance: Path, organiser_id: str, number: int, method: str) -> Signer:
    return FileSigner(method, KeyFolder(instance).open(organiser_id, number))


@lru_cache(maxsize=1024)
def _open_in_vault(vault: Vault, organiser_id: str, number: int, method: str) -> Signer:
    return vault.open(organiser_id, number, method)


@lru_cache(maxsize=8)
def _vault(address: str, token: str) -> Vault:
    return Vault(address, token)


def signing_keys(session: Session, organiser_id: str) -> list[SigningKey]:
    """Return all keys an organiser ever had, oldest first."""
    query = select(SigningKey).where(SigningKey.organiser_id == organiser_id).order_by(SigningKey.number)
    return list(session.scalars(query))


def public_keys(organiser: Organiser) -> list[dict[str, str]]:
    """List an organiser's keys as a bundle carries them, for checks with no network; no compromised one."""
    session = object_session(organiser) or db.session()
    own = did(organiser.id)
    return [
        {"issuer": organiser.id, "did": own, "multibase": key.multibase}
        for key in signing_keys(session, organiser.id)
        if key.compromised_at is None
    ]


def did_document(organiser: Organiser) -> dict[str, Any]:
    """Write the DID document: every key the organiser ever signed with stays valid for what it signed.

    Only a compromised key leaves it: anybody may have signed with that one.
    """
    session = object_session(organiser) or db.session()
    own = did(organiser.id)
    keys = [key for key in signing_keys(session, organiser.id) if key.compromised_at is None]
    methods = [method for key in keys for method in _methods(own, key)]
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
