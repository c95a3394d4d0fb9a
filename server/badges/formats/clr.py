"""Several badges of one person in one record, as a ClrCredential (CLR 2.0): pure, no clock, no database.

It is signed with `eddsa-jcs-2022` only. That proof needs no JSON-LD context, and no package carries the bytes of
the CLR's at a version that could be pinned; each badge inside has both proofs of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.badges.contexts import CREDENTIALS_V2, OPEN_BADGES

CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"


@dataclass(frozen=True)
class Record:
    """What goes into a record. `parts`: which achievement is part of which, by their addresses."""

    id: str
    name: str
    subject: str
    issuer: Mapping[str, Any]  # a Profile
    badges: Sequence[Mapping[str, Any]]  # signed credentials
    parts: Sequence[tuple[str, str]] = ()


def build(record: Record) -> dict[str, Any]:
    """Write the record, without proof. It starts to hold on the day of its newest badge, and is never complete."""
    subject = {
        "id": record.subject,
        "type": ["ClrSubject"],
        "verifiableCredential": list(record.badges),
        "association": [_association(source, target) for source, target in record.parts],
    }
    newest = max(str(one["awardedDate"]) for one in record.badges)
    return {
        "@context": [CREDENTIALS_V2, CLR, OPEN_BADGES],
        "id": record.id,
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": record.name,
        "partial": True,
        "issuer": dict(record.issuer),
        "awardedDate": newest,
        "validFrom": newest,
        "credentialSubject": {name: value for name, value in subject.items() if value},
    }


def _association(source: str, target: str) -> dict[str, str]:
    return {"type": "Association", "associationType": "isPartOf", "sourceId": source, "targetId": target}
