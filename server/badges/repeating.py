"""Notices criteria that merely repeat the advertisement: they say what was offered, not what somebody did."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from server.core.text import fold

_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]?")
_MARKS = re.compile(r"^[\s\-*#>]+|\*+")
SHORTEST = 5
"""Words; a shorter sentence may be the same by chance."""
SAME = 0.6
"""Share of a sentence's pairs of words that the advertisement has too, from which on it is its sentence."""
TOO_MUCH = 0.5


@dataclass(frozen=True, slots=True)
class Repeats:
    """Which sentences are the advertisement's, and which share of all words they are."""

    share: float
    sentences: tuple[str, ...] = ()

    @property
    def is_too_much(self) -> bool:
        return self.share >= TOO_MUCH

    @property
    def percent(self) -> int:
        return round(self.share * 100)


def repeats(criteria: str, advertised: str) -> Repeats:
    """Compare what has to be done with what was promised, both Markdown."""
    known = {pair for sentence in _sentences(advertised) for pair in _pairs(sentence)}
    all_words = sum(len(_words(one)) for one in _sentences(criteria))
    same = [one for one in _sentences(criteria) if _is_known(one, known)]
    share = sum(len(_words(one)) for one in same) / max(1, all_words)
    return Repeats(share, tuple(same))


def _is_known(sentence: str, known: set[tuple[str, str]]) -> bool:
    pairs = _pairs(sentence)
    return len(_words(sentence)) >= SHORTEST and sum(one in known for one in pairs) >= SAME * len(pairs)


def _sentences(text: str) -> Iterator[str]:
    for found in _SENTENCE.findall(text):
        if said := _MARKS.sub("", found).strip():
            yield said


def _words(sentence: str) -> list[str]:
    return fold(sentence).split()


def _pairs(sentence: str) -> list[tuple[str, str]]:
    words = _words(sentence)
    return list(pairwise(words))
