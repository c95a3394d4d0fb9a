"""What the clock does: endorsements that a compromised key signed are signed again with the next one."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.badges import signing
from server.badges.issuers import ensure_keys
from server.badges.models import SigningKey
from server.core.db import writing
from server.core.jobs import every
from server.endorsements.models import Endorsement
from server.organisers.models import Organiser

PIECE = 100
"""So many in one transaction, each minute."""


@every(minutes=1)
def sign_endorsements_again(at: datetime) -> None:
    """Sign again, a piece at a time, what carries the signature of a compromised key; its words stay the same."""
    with writing() as session:
        for said in session.scalars(_spoilt().with_for_update(of=Endorsement)).all():
            _sign_again(session, said, at)


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
