"""A badge that is signed without a database, and what a verifier may know about its issuer."""

import json
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.badges import credential, signing, status
from server.badges.assurance import Assurance
from server.badges.credential import Definition, Profile, Statement
from server.badges.keys import FileSigner
from server.badges.verification import Fetched, KnownIssuer

AT = datetime(2026, 6, 1, 12, 34, 56, tzinfo=UTC)
BASE = "https://learn.example"
DID = "did:web:learn.example:orgs:0190b1c2"
LIST = f"{BASE}/status/1"
SIGNER = FileSigner(f"{DID}#key-1", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = FileSigner(f"{DID}#key-1", Ed25519PrivateKey.from_private_bytes(bytes(32)))

DEFINITION = Definition(
    url=f"{BASE}/achievements/7",
    version="1",
    language="en",
    name="River explorer",
    description="Explored the river museum",
    criteria="Visited **four** stops.",
    image=f"{BASE}/achievements/7/image.png",
    tags=["river"],
    alignments=[
        {
            "name": "think analytically",
            "url": "http://data.europa.eu/esco/skill/x",
            "framework": "ESCO",
            "code": "",
            "type": "ext:esco:Skill",
        }
    ],
    translations={"nl": f"{BASE}/nl/achievements/7"},
)
STATEMENT = Statement(
    id=f"{BASE}/credentials/abc",
    subject="urn:uuid:0190b1c2-7d3e-4f00-8000-000000000000",
    issuer=Profile(DID, "Town Museum", BASE),
    source=Profile(BASE, "Testbridge"),
    definition=DEFINITION,
    assurance=Assurance(2, "proven", "automatic"),
    started_at=AT,
    completed_at=AT,
    awarded_at=AT,
    status_list=LIST,
    status_index=17,
)


def badge(**changes: Any) -> dict[str, Any]:
    """A signed badge; `changes` are fields of its statement."""
    return signing.sign(credential.build(replace(STATEMENT, **changes)), SIGNER, AT)


def raw(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy in which somebody changed something after it was signed."""
    return {**deepcopy(document), **changes}


def did_document() -> dict[str, Any]:
    method = {
        "id": f"{DID}#key-1",
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": SIGNER.multibase,
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": DID,
        "verificationMethod": [method],
        "assertionMethod": [method["id"]],
    }


def status_list(
    *revoked: int, at: datetime = AT, signer: FileSigner = SIGNER, issuer: str = DID
) -> dict[str, Any]:
    bits = status.empty_bits()
    for index in revoked:
        bits = status.with_bit(bits, index)
    return signing.sign(status.build(LIST, issuer, bits, at), signer, at)


@dataclass
class Records:
    """A resolver that knows one issuer and its list."""

    listing: dict[str, Any] | None = field(default_factory=status_list)
    knows: bool = True
    pages: dict[str, Fetched] = field(default_factory=dict)  # what other sites would answer

    def is_ours(self, address: str) -> bool:
        return self.knows and address.startswith(("did:web:learn.example", BASE))

    def issuer(self, did: str) -> KnownIssuer | None:
        return KnownIssuer(did_document(), "Town Museum") if self.knows and did == DID else None

    def status_list(self, url: str) -> dict[str, Any] | None:
        return self.listing if self.knows and url == LIST else None

    def fetch(self, url: str) -> Fetched | None:
        return self.pages.get(url)
