"""Signing credentials: as we do, as it would be with each one expanded alone, and Ed25519 by itself; and over HTTP."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from server.badges import canonical, credential, signing, skeleton
from tests.badges.making import AT, SIGNER, STATEMENT
from tests.bench.festival import POINT, SECRET, count_awards, hang_up_a_code
from tests.bench.sync import CLIENTS, Rate, Wire, newcomer, under_load

CLAIMS = 80
"""For each client; all together no more than the code of the festival gives."""


@dataclass(frozen=True)
class Rates:
    """Credentials (for `bare`: signatures) a second, on one core."""

    ours: float
    slow: float
    bare: float


def measure() -> Rates:
    """Measure all three in turns; a credential has both proofs and is written out as it is stored."""
    documents = [
        credential.build(replace(STATEMENT, id=f"https://learn.example/credentials/{n}", status_index=n))
        for n in range(300)
    ]

    def sign(number: int) -> None:
        json.dumps(signing.sign(documents[number], SIGNER, AT))

    sign(0)
    ours = _rate(sign, len(documents))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skeleton, "rdfc_hash", canonical.rdfc_hash)
        slow = _rate(sign, 30)
    return Rates(ours, slow, bare=_rate(lambda number: SIGNER.sign(b"x" * 64), 3000))


def _rate(work: Callable[[int], object], count: int) -> float:
    begun = time.process_time()
    for number in range(count):
        work(number)
    return count / (time.process_time() - begun)


def measure_claims(base_url: str, database: str) -> Rate:
    """Let eight clients claim a badge for one learner after the other: each request is an award, signed and stored."""
    achievement = hang_up_a_code(database)

    def prepare(wire: Wire) -> list[bytes]:
        requests = []
        for _ in range(CLAIMS):
            phone = newcomer(wire)
            phone.record("badge.claim", {"point": POINT, "proof": f"1{SECRET}", "typed": None})
            requests.append(wire.pack(*phone.pack(phone.outbox)))
        return requests

    rate = under_load(base_url, prepare)
    assert count_awards(database, achievement) == CLAIMS * CLIENTS
    return rate
