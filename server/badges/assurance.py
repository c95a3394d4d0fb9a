"""How strongly presence and work were proved, in plain words: for the page, the phone and the credential."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import has_app_context

from server.core.db import Texts
from server.core.i18n import LANGUAGES, gettext, speaking


@dataclass(frozen=True)
class Assurance:
    """What stands behind a completion. `level` is the weakest code that counted, 0 to 4."""

    level: int
    time: str  # proven, claimed
    review: str  # automatic, peer, organiser, none; claim: there was no work, a code gave the badge

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Assurance":
        """Read what a completion or an award stores; what is missing counts as the weakest."""
        level = min(4, max(0, int(stored.get("level") or 0)))
        return cls(level, str(stored.get("time") or "claimed"), str(stored.get("review") or "none"))


LEVELS = range(5)
CLAIM = "claim"
"""The review of a badge that a code gives."""
GIVEN = "given"
"""The review of a badge that an organiser gave by name: how anybody came or worked is not recorded here."""


def level_name(level: int) -> str:
    """Name a level in two or three words."""
    return [
        gettext("Own word"),
        gettext("Code seen"),
        gettext("Code seen in its hours"),
        gettext("Live code seen"),
        gettext("Confirmed in person"),
    ][level]


def title(assurance: Assurance) -> str:
    """Say in two or three words how surely."""
    if assurance.review == GIVEN:
        return gettext("Given by the organiser")
    return level_name(assurance.level)


def level_words(level: int) -> str:
    """Say what a level proves about presence, and what it does not."""
    return [
        gettext("The learner says they were there. Nothing proves it."),
        gettext(
            "The learner had the secret code of a poster on the spot. A photo of it could have been shared."
        ),
        gettext("The learner had a code that only counts in certain hours, and it was used in them."),
        gettext("The learner saw a code that changes every half minute, at that moment."),
        gettext("Somebody of the organiser met the learner and scanned their pass."),
    ][level]


def time_words(time: str) -> str:
    """Say how sure the time is."""
    if time == "proven":
        return gettext("The time was checked by the server.")
    return gettext("The time is what the learner's phone said; no server confirmed it.")


def review_words(review: str) -> str:
    """Say who judged the work."""
    if review == "organiser":
        return gettext("Somebody of the organiser looked at the work and accepted it.")
    if review == "peer":
        return gettext("Another learner looked at the work and accepted it.")
    if review == "automatic":
        return gettext("The answers were checked by the server.")
    if review == CLAIM:
        return gettext("The badge was claimed by a code: whoever had it could claim. No work was asked for.")
    if review == GIVEN:
        return gettext(
            "The organiser gave this badge by name and answers for it. Nothing else was recorded here."
        )
    return gettext("Nobody judged the work; it was handed in.")


def words(assurance: Assurance) -> str:
    """Say it all in one short paragraph, in the language in force."""
    if assurance.review == GIVEN:
        return review_words(GIVEN)
    parts = level_words(assurance.level), time_words(assurance.time), review_words(assurance.review)
    return " ".join(parts)


def words_in_all_languages(assurance: Assurance) -> Texts:
    """Say it in every language of the interface, for phones that may change theirs with no network."""
    languages = LANGUAGES if has_app_context() else ("en",)
    return {lang: _words_in(lang, assurance) for lang in languages}


@cache
def _words_in(lang: str, assurance: Assurance) -> str:
    """There are a few dozen of these, and each badge that is given says one in each language."""
    with speaking(lang):
        return words(assurance)


def ladder(lang: str) -> Sequence[tuple[str, str]]:
    """Name and explain all levels, in a language; each badge that is signed explains them."""
    return _ladder(lang if has_app_context() else "en")


@cache
def _ladder(lang: str) -> Sequence[tuple[str, str]]:
    with speaking(lang):
        return [(level_name(level), level_words(level)) for level in LEVELS]
