"""Pseudonyms of a class: suggested ones, read from what was pasted, and a look whether they are people's real names."""

import re
from collections.abc import Sequence

from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.text import clean

MOST = 40
LONGEST = 30
_NUMBER = re.compile(r"^\s*(\d+[.)]|[•*–-])\s+")
_PART = re.compile(r"[^\W\d_]{2,}", re.UNICODE)


class TooManyPseudonyms(DomainError):
    status, code = 422, "too_many"

    def explain(self) -> str:
        return gettext("A class has up to %(most)s people. Make two of it.", most=MOST)


class NoPseudonyms(DomainError):
    status, code = 422, "none"

    def explain(self) -> str:
        return gettext("Say how many people are in the class, or write their pseudonyms, one a line.")


class RealNames(DomainError):
    """They look like people's names; who made them may know better."""

    status, code = 422, "real_names"

    def explain(self) -> str:
        return gettext(
            "These look like real names. Use pseudonyms, and keep on paper who is who. If they are none, tick the box below."
        )


def animals() -> list[str]:
    """Name pseudonyms that children like, in the reader's language."""
    return [
        gettext("Otter"), gettext("Heron"), gettext("Fox"), gettext("Owl"), gettext("Hedgehog"), gettext("Beaver"),
        gettext("Swan"), gettext("Badger"), gettext("Frog"), gettext("Squirrel"), gettext("Stork"), gettext("Hare"),
        gettext("Kingfisher"), gettext("Bat"), gettext("Dragonfly"), gettext("Seal"), gettext("Robin"), gettext("Lynx"),
        gettext("Turtle"), gettext("Falcon"),
    ]  # fmt: skip


def suggest(number: int, taken: Sequence[str] = ()) -> list[str]:
    """Suggest pseudonyms that are not taken. Raises NoPseudonyms, TooManyPseudonyms."""
    if number < 1:
        raise NoPseudonyms()
    if number + len(taken) > MOST:
        raise TooManyPseudonyms()
    names, known = animals(), {one.casefold() for one in taken}
    every = [f"{name} {turn}" if turn > 1 else name for turn in (1, 2, 3, 4) for name in names]
    return [one for one in every if one.casefold() not in known][:number]


def read_pseudonyms(text: str, taken: Sequence[str] = (), *, sure: bool = False) -> list[str]:
    """Read pseudonyms, one a line; numbers before them are left out, and who is there already.

    Raises NoPseudonyms, TooManyPseudonyms, and RealNames unless whoever wrote them is `sure`.
    """
    lines = [_NUMBER.sub("", clean(line)).strip()[:LONGEST].strip() for line in text.splitlines()]
    known = {one.casefold() for one in taken}
    found: dict[str, str] = {}
    for line in filter(None, lines):
        if line.casefold() not in known:
            found.setdefault(line.casefold(), line)
    if not found:
        raise NoPseudonyms()
    if len(found) + len(taken) > MOST:
        raise TooManyPseudonyms()
    if not sure and look_real(list(found.values())):
        raise RealNames()
    return list(found.values())


def look_real(names: Sequence[str]) -> bool:
    """Say whether a third of some names are a first and a last name, by their capitals, commas or mail addresses."""
    return bool(names) and sum(map(_looks_real, names)) * 3 >= len(names)


def _looks_real(name: str) -> bool:
    parts = _PART.findall(name)
    capitals = sum(part[0].isupper() for part in parts)
    return "@" in name or (len(parts) >= 2 and (capitals >= 2 or "," in name))
