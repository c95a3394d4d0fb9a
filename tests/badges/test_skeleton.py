"""What is hashed fast is hashed right: skeletons give the very bytes that a whole expansion gives."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.badges import canonical, credential, signing, skeleton, status
from server.badges.assurance import Assurance
from server.badges.canonical import DocumentUnclear
from server.badges.credential import Definition, Profile, Statement
from tests.badges.making import AT, BASE, DEFINITION, DID, SIGNER, STATEMENT

GOOD = credential.build(STATEMENT)
TRICKY = "\"'\\\n\r\t<>{}`^|@_:#\u0000\u007f\u0085\u200f\u202e\u2028\u0301\u0308\u05d0\u0627\u0b95\u6cb3\ufeff\ufffd\U0001f600\U000e0041\U0010fffd"
"""Quotes, line ends, controls, marks of direction and of composing, right-to-left letters, other planes."""
TEXT = st.text(max_size=40) | st.text(TRICKY, max_size=40)
TIMES = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ADDRESSES = st.text("abcXYZ019-._~%/?#&=:@é", min_size=1, max_size=30)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Badges with any text in them, issued at any time under any address."""
    definition: Definition = replace(
        DEFINITION, name=draw(TEXT), description=draw(TEXT), criteria=draw(TEXT), tags=draw(st.lists(TEXT, max_size=3))
    )  # fmt: skip
    index = draw(st.integers(0, 131_071))
    return replace(
        STATEMENT,
        id=f"https://learn.example/{draw(ADDRESSES)}",
        issuer=Profile(DID, draw(TEXT), BASE, draw(TEXT)),
        subject=f"urn:uuid:{draw(st.uuids())}",
        definition=definition,
        assurance=Assurance(draw(st.integers(0, 4)), "claimed", "none"),
        started_at=draw(TIMES),
        completed_at=draw(TIMES),
        awarded_at=draw(TIMES),
        status_list=f"http://learn.example/status/{draw(ADDRESSES)}",
        status_index=index,
    )


def hashed(of: Any, document: dict[str, Any]) -> bytes | type[Exception]:
    """The hash, or how it was refused."""
    try:
        digest: bytes = of(document)
        return digest
    except DocumentUnclear as error:
        return type(error)


@given(statements())
@settings(max_examples=60, deadline=None)
def test_a_filled_skeleton_hashes_as_a_whole_expansion(statement: Statement) -> None:
    document = credential.build(statement)
    assert hashed(skeleton.rdfc_hash, document) == hashed(canonical.rdfc_hash, document)


@given(statements())
@settings(max_examples=60, deadline=None)
def test_what_is_signed_fast_is_bit_for_bit_what_the_slow_reference_signs(statement: Statement) -> None:
    document = credential.build(statement)
    fast = hashed(lambda one: signing.write(signing.sign(one, SIGNER, AT)), document)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skeleton, "rdfc_hash", canonical.rdfc_hash)
        patch.setattr(skeleton, "options_hash", lambda written: canonical.rdfc_hash(json.loads(written)))
        slow = hashed(lambda one: signing.write(signing.sign(one, SIGNER, AT)), document)
    assert fast == slow


@given(
    st.sampled_from(skeleton.VARYING),
    TEXT | ADDRESSES.map("https://".__add__) | ADDRESSES.map("urn:uuid:".__add__),
)
@settings(max_examples=80, deadline=None)
def test_no_value_can_make_the_two_differ(path: tuple[str, ...], value: str) -> None:
    document: dict[str, Any] = {**GOOD}
    for step in path[:-1]:
        document[step] = {**document[step]}
    (document[path[0]] if len(path) > 1 else document)[path[-1]] = value
    assert hashed(skeleton.rdfc_hash, document) == hashed(canonical.rdfc_hash, document)


@pytest.mark.parametrize(
    "name", ["mark-of-what-varies-1.", "https://mark-of-what-varies-0.", "x mark-of-what-varies-"]
)
def test_words_that_look_like_marks_are_only_words(name: str) -> None:
    document = {**GOOD, "name": name}
    assert skeleton.rdfc_hash(document) == canonical.rdfc_hash(document)


@pytest.mark.parametrize("gone", ["id", "awardedDate", "credentialStatus", "credentialSubject", "validFrom"])
def test_what_is_not_there_is_not_invented(gone: str) -> None:
    document = {name: value for name, value in GOOD.items() if name != gone}
    assert hashed(skeleton.rdfc_hash, document) == hashed(canonical.rdfc_hash, document)


def test_a_status_list_hashes_the_same_too() -> None:
    document = status.build(f"{BASE}/status/1", DID, status.with_bit(status.empty_bits(), 17), AT)
    assert skeleton.rdfc_hash(document) == canonical.rdfc_hash(document)


def test_what_is_undefined_is_refused_all_the_same() -> None:
    with pytest.raises(DocumentUnclear):
        skeleton.rdfc_hash({**GOOD, "mood": "happy"})


def test_badges_of_one_achievement_are_expanded_once() -> None:
    skeleton._skeleton.cache_clear()
    for index in range(5):
        signing.sign(
            credential.build(replace(STATEMENT, id=f"https://learn.example/{index}", status_index=index)),
            SIGNER,
            AT,
        )
    assert skeleton._skeleton.cache_info().misses == 1
