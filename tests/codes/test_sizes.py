"""Codes stay small enough for a phone in a dim room, at error correction M and a host of 15 characters."""

import pytest

from server.codes import passes, rotating, tokens
from server.core.qr import QUIET, draw_qr, in_capitals

BASE = "https://learn.velamond"
STEP = 59_655_840
DEVICE = "0199f3a2-7b1c-7d4e-9f60-1a2b3c4d5e6f"


def version(text: str) -> int:
    """Return the version of the QR that holds a text (ISO/IEC 18004: 17 + 4 modules a version)."""
    return (draw_qr(text).size - 2 * QUIET - 17) // 4


@pytest.mark.parametrize("level", [1, 2])
def test_a_poster_needs_version_4_as_people_read_it_and_3_in_capitals(level: int) -> None:
    url = f"{BASE}/s/{tokens.new_point()}#{tokens.write_proof(level, tokens.new_secret())}"
    assert version(url) <= 4
    assert version(in_capitals(url)) <= 3


def test_a_rotating_code_needs_version_4() -> None:
    url = f"{BASE}/s/7QAB3CDE#{rotating.write(bytes(32), '7QAB3CDE', STEP)}"
    assert version(in_capitals(url)) <= 4


def test_a_pass_needs_version_6_and_a_receipt_7() -> None:
    signature = bytes(range(1, 65))
    assert version(in_capitals(f"{BASE}/p#{passes.write_pass(DEVICE, STEP, signature)}")) <= 6
    receipt = passes.write_receipt(DEVICE, STEP, signature)
    assert version(in_capitals(f"{BASE}/s/7QAB3CDE#{receipt}")) <= 7
