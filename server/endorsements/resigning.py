"""Signing endorsements again that carry the signature of a compromised key; their words stay the same."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.badges import signing
from server.badges.issuers import ensure_keys
from server.badges.models import SigningKey
from server.endorsements.models import Endorsement
from server.organisers.models import Organiser

PIECE = 100
"""So many in one transaction."""


def count_signed(session: Session, organiser_id: str, number: int) -> int:
    """Count the endorsements that carry a key's signature."""
    query = select(func.count(Endorsement.id)).where(
        Endorsement.issuer_id == organiser_id, Endorsement.key_number == number, Endorsement.signed != b""
    )
    return session.scalar(query) or 0


def sign_some(session: Session, at: datetime) -> bool:
    """Sign a piece of what compromised keys signed; say whether there may be more. Raises SignerUnavailable."""
    found = session.scalars(_spoilt().with_for_update(of=Endorsement)).all()
    for said in found:
        _sign_again(session, said, at)
    session.flush()
    return len(found) == PIECE


def _spoilt() -> Select[Any]:
    key = (SigningKey.organiser_id == Endorsement.issuer_id) & (SigningKey.number == Endorsement.key_number)
    query = select(Endorsement).join(SigningKey, key)
    return query.where(SigningKey.compromised_at.is_not(None), Endorsement.signed != b"").limit(PIECE)


def _sign_again(session: Session, said: Endorsement, at: datetime) -> None:
    signer = ensure_keys(session.get_one(Organiser, said.issuer_id), at)
    document = json.loads(said.signed)
    document.pop("proof", None)
    document["validFrom"] = signing.timestamp(at)  # newer, as for any correction
    said.signed, said.key_number = (
        signing.write(signing.sign(document, signer, at)),
        signing.key_number(signer),
    )
