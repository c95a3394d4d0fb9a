"""Picks what a checked badge says about itself. It is text from anywhere, and is shown as text only."""

from dataclasses import dataclass, field
from typing import Any

from server.badges.canonical import Document
from server.badges.verification.issuers import issuer_id
from server.badges.verification.records import badges_in
from server.badges.verification.report import as_list
from server.core.text import plain

_MOST = 12


@dataclass(frozen=True)
class Shown:
    """A badge in its own words."""

    name: str
    issuer: str
    description: str
    criteria: str
    comment: str = ""  # of an endorsement: what is said, and the address of whom or what it is about
    about: str = ""
    badges: list[str] = field(default_factory=list)  # in a record
    results: list[tuple[str, str]] = field(default_factory=list)
    evidence: list[tuple[str, str]] = field(default_factory=list)


def show(document: Document) -> Shown:
    """Read a badge of either version, whatever is wrong with it."""
    subject = _first(document, "credentialSubject")
    achievement = _first(subject, "achievement") or _first(document, "badge")
    issuer = _first(document, "issuer") or _first(achievement, "issuer")
    criteria = _first(achievement, "criteria")
    return Shown(
        name=_text(document.get("name")) or _text(achievement.get("name")),
        issuer=_text(issuer.get("name")) or issuer_id(document)[:120],
        description=_text(achievement.get("description")) or _text(document.get("description")),
        criteria=plain(_text(criteria.get("narrative"), 2000)) or _text(criteria.get("id")),
        comment=_text(subject.get("endorsementComment"), 2000),
        about=_text(subject.get("id")) if is_endorsement(document) else "",
        badges=[_text(one.get("name")) or "–" for one in badges_in(document)[:_MOST]],
        results=_results(subject, achievement),
        evidence=[_evidence(one) for one in as_list(document.get("evidence"))[:_MOST]],
    )


def is_endorsement(document: Document) -> bool:
    """Say whether it is somebody's word about a badge, an organiser or a person's badge, and no badge itself."""
    return "EndorsementCredential" in as_list(document.get("type"))


def _results(subject: Document, achievement: Document) -> list[tuple[str, str]]:
    """Pair each result with the name of what it is a result of."""
    described = [one for one in as_list(achievement.get("resultDescription")) if isinstance(one, dict)]
    names = {str(one.get("id")): one for one in described[:_MOST]}
    found = []
    for result in [one for one in as_list(subject.get("result")) if isinstance(one, dict)][:_MOST]:
        description = names.get(str(result.get("resultDescription")), {})
        levels = [one for one in as_list(description.get("rubricCriterionLevel")) if isinstance(one, dict)]
        level = next((one for one in levels if one.get("id") == result.get("achievedLevel")), {})
        value = _text(result.get("value")) or _text(level.get("name")) or _text(result.get("status"))
        if value:
            found.append((_text(description.get("name")), value))
    return found


def _evidence(one: Any) -> tuple[str, str]:
    """Return words and address of a piece of evidence; the address is shown, not linked."""
    if not isinstance(one, dict):
        return "", _text(one)
    return _text(one.get("name")) or _text(one.get("narrative")), _text(one.get("id"))


def _first(document: Document, name: str) -> Document:
    found = as_list(document.get(name))[:1]
    return found[0] if found and isinstance(found[0], dict) else {}


def _text(value: object, most: int = 300) -> str:
    return value[:most] if isinstance(value, str) else ""
