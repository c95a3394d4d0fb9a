"""Passes and receipts: both languages agree, and only what was signed, for this host and this person, is."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from server.codes import passes
from server.replicas.keys import verify
from sync.messages import encode
from sync.signatures import Key

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "sync/vectors/codes.json").read_text())
HOST, POINT = "city.example", "7QAB3CDE"
ADA, DOOR = "0199f3a2-7b1c-7d4e-9f60-1a2b3c4d5e6f", "0199f3a2-7b1d-7000-8000-000000000001"
STEP = 59_655_840
SECRET_KEY = generate_private_key(SECP256R1())
_NUMBERS = SECRET_KEY.public_key().public_numbers()
KEY = Key(encode(_NUMBERS.x.to_bytes(32, "big")), encode(_NUMBERS.y.to_bytes(32, "big")))
DEVICES = st.integers(0, 2**128 - 1).map(
    lambda n: str(UUID(int=n & ~(0xF << 76) & ~(3 << 62) | 7 << 76 | 2 << 62))
)
STEPS = st.integers(0, 2**27 - 1)
SIGNATURES = st.binary(min_size=64, max_size=64)
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=15)


def sign(content: bytes) -> bytes:
    r, s = decode_dss_signature(SECRET_KEY.sign(content, ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def key_of(case: dict[str, Any]) -> Key:
    return Key(case["key"]["x"], case["key"]["y"])


def signed_pass(extra: str = "") -> str:
    return passes.write_pass(ADA, STEP, sign(passes.pass_content(HOST, ADA, STEP, extra)), extra)


def signed_receipt() -> str:
    return passes.write_receipt(DOOR, STEP, sign(passes.receipt_content(HOST, POINT, ADA, STEP)))


def is_good_pass(fragment: str, host: str = HOST) -> bool:
    read = passes.read_pass(fragment)
    return read is not None and read.device == ADA and passes.is_pass_signed(read, host, KEY, verify)


def is_good_receipt(fragment: str, *, host: str = HOST, point: str = POINT, learner: str = ADA) -> bool:
    read, about = passes.read_receipt(fragment), (host, point, learner)
    return read is not None and read.device == DOOR and passes.is_receipt_signed(read, about, KEY, verify)


@pytest.mark.parametrize("case", VECTORS["passes"], ids=lambda case: f"{case['host']} {case['extra']}")
def test_passes_are_those_of_the_phone(case: dict[str, Any]) -> None:
    read = passes.read_pass(case["fragment"])
    assert read and (read.device, read.step) == (case["device"], case["step"])
    assert (read.extra, read.picture, read.name) == (case["extra"], case["picture"], case["name"])
    assert passes.is_pass_signed(read, case["host"], key_of(case), verify) is case["signed"]
    assert passes.write_pass(read.device, read.step, read.signature, read.extra) == case["fragment"]


@pytest.mark.parametrize("case", VECTORS["receipts"], ids=lambda case: f"{case['host']} {case['point']}")
def test_receipts_are_those_of_the_phone(case: dict[str, Any]) -> None:
    read = passes.read_receipt(case["fragment"])
    assert read and (read.device, read.step) == (case["device"], case["step"])
    about = case["host"], case["point"], case["learner_device"]
    assert passes.is_receipt_signed(read, about, key_of(case), verify) is case["signed"]


@pytest.mark.parametrize("fragment", VECTORS["passes_refused"])
def test_what_the_phone_reads_as_no_pass_is_none(fragment: str) -> None:
    assert passes.read_pass(fragment) is None


@pytest.mark.parametrize("fragment", VECTORS["receipts_refused"])
def test_what_the_phone_reads_as_no_receipt_is_none(fragment: str) -> None:
    assert passes.read_receipt(fragment) is None


@given(DEVICES, STEPS, SIGNATURES, WORDS, WORDS)
def test_a_pass_is_read_as_it_was_written(
    device: str, step: int, signature: bytes, picture: str, name: str
) -> None:
    extra = passes.write_extra(picture, name)
    read = passes.read_pass(passes.write_pass(device, step, signature, extra))
    assert read == passes.Pass(device, step, signature, extra, picture, name)


@given(DEVICES, STEPS, SIGNATURES)
def test_a_receipt_is_read_as_it_was_written(device: str, step: int, signature: bytes) -> None:
    fragment = passes.write_receipt(device, step, signature)
    assert len(fragment) == 200
    assert passes.read_receipt(fragment) == passes.Receipt(device, step, signature)


@given(st.integers(0, 199))
def test_a_truncated_one_is_none(length: int) -> None:
    assert passes.read_pass(signed_pass()[:length]) is None
    assert passes.read_receipt(signed_receipt()[:length]) is None


@given(st.integers(0, 661))
def test_any_flipped_bit_is_refused(bit: int) -> None:
    def flip(fragment: str) -> str:
        return fragment[0] + str(int(fragment[1:]) ^ 1 << bit).zfill(199)

    assert is_good_pass(signed_pass())
    assert is_good_receipt(signed_receipt())
    assert not is_good_pass(flip(signed_pass()))
    assert not is_good_receipt(flip(signed_receipt()))


@given(st.sampled_from("0123567890A"))
def test_another_kind_is_none(kind: str) -> None:
    assert passes.read_pass(kind + signed_pass()[1:]) is None
    assert passes.read_receipt(("4" if kind == "5" else kind) + signed_receipt()[1:]) is None


def test_a_pass_for_another_host_is_refused() -> None:
    assert not is_good_pass(signed_pass(), host="evil.example")


def test_a_name_cannot_be_put_on_changed_or_taken_off() -> None:
    ada, eve = passes.write_extra("fox", "Ada"), passes.write_extra("fox", "Eve")
    assert is_good_pass(signed_pass(ada))
    assert not is_good_pass(signed_pass(ada).replace(ada, eve))
    assert not is_good_pass(signed_pass(ada).replace(ada, ""))
    assert not is_good_pass(signed_pass() + ada)


def test_a_receipt_is_for_one_person_at_one_point_of_one_host() -> None:
    assert is_good_receipt(signed_receipt())
    assert not is_good_receipt(signed_receipt(), host="evil.example")
    assert not is_good_receipt(signed_receipt(), point="00000000")
    assert not is_good_receipt(signed_receipt(), learner=DOOR)


@pytest.mark.parametrize("name", ["two\nlines", "a\0", "x" * 200])
def test_a_name_that_does_not_fit_is_not_written(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        passes.write_extra("fox", name)


def test_only_devices_as_phones_make_them_are_written() -> None:
    with pytest.raises(ValueError, match="UUIDv7"):
        passes.write_pass("b3f0c1de-0000-4000-8000-000000000000", STEP, bytes(64))
    with pytest.raises(ValueError, match="bits"):
        passes.write_pass(ADA, 1 << 27, bytes(64))
