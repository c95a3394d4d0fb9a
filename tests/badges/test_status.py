"""Status lists: bits, their packing, and lists made to do harm."""

import gzip

import pytest

from server.badges import multikey, status
from server.badges.status import ListFull, ListMalformed


def test_a_bit_survives_packing() -> None:
    bits = status.with_bit(status.empty_bits(), 12345)
    found = status.decode({"encodedList": status.encode(bits)})
    assert status.is_set(found, 12345)
    assert not status.is_set(found, 12344)


def test_the_first_bit_is_the_leftmost() -> None:
    assert status.with_bit(status.empty_bits(), 0)[0] == 0b1000_0000


def test_an_index_outside_the_list_is_an_error() -> None:
    with pytest.raises(ListMalformed):
        status.is_set(status.empty_bits(), status.SIZE)


@pytest.mark.parametrize(
    "subject",
    [
        {},
        None,
        {"encodedList": 7},
        {"encodedList": "zzz0"},
        {"encodedList": "u!!!"},
        {"encodedList": multikey.encode_base64url(b"no gzip")},
        {"encodedList": multikey.encode_base64url(gzip.compress(bytes(10)))},
        {"encodedList": multikey.encode_base64url(gzip.compress(bytes(16384))[:-9])},
    ],
)
def test_a_broken_list_is_refused(subject: object) -> None:
    with pytest.raises(ListMalformed):
        status.decode(subject)


def test_a_list_that_would_fill_the_memory_is_refused() -> None:
    bomb = multikey.encode_base64url(gzip.compress(bytes(200_000_000)))
    with pytest.raises(ListMalformed):
        status.decode({"encodedList": bomb})


def test_an_index_is_never_given_twice() -> None:
    taken: set[int] = set()
    for _ in range(50):
        taken.add(status.random_index(taken.__contains__))
    assert len(taken) == 50
    with pytest.raises(ListFull):
        status.random_index(lambda _: True)
