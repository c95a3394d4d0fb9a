"""What an issuer states about a learner, as an OpenBadgeCredential: pure, no clock, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from server.badges import assurance as sureness
from server.badges.assurance import Assurance
from server.badges.contexts import CREDENTIALS_V2, OPEN_BADGES
from server.core.i18n import gettext
from server.core.text import clean

_TARGET_TYPES = {
    "ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion",
    "CFRubricCriterionLevel", "CTDL",
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """An organisation that issues or checks. `id` is its DID or address."""

    id: str
    name: str
    url: str = ""
    description: str = ""


@dataclass(frozen=True)
class Definition:
    """One version of an achievement in one language."""

    url: str
    version: str
    language: str
    name: str
    description: str
    criteria: str
    image: str
    tags: Sequence[str] = ()
    alignments: Sequence[Mapping[str, str]] = ()  # {"name", "url", "framework", "code", "type"}
    translations: Mapping[str, str] = field(default_factory=dict)  # other language → address


@dataclass(frozen=True)
class Statement:
    """All that goes into one credential. Times may be exact; only their day is signed."""

    id: str
    subject: str  # pairwise urn:uuid, never a name or address
    issuer: Profile
    source: Profile  # who checked
    definition: Definition
    assurance: Assurance
    started_at: datetime
    completed_at: datetime
    awarded_at: datetime
    status_list: str
    status_index: int
    valid_from: datetime | None = None  # later than awarded_at in a correction, and told to the second
    valid_until: datetime | None = None
    results: Mapping[str, str] = field(default_factory=dict)  # result key → level key
    note: str = ""  # what the organiser says to this one award


def build(statement: Statement) -> dict[str, Any]:
    """Write the credential, without proofs; texts are cleaned, gaps left out."""
    definition = statement.definition
    document = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": statement.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": definition.name,
        "description": definition.description,
        "image": _image(definition),
        "issuer": _profile(statement.issuer),
        "awardedDate": day(statement.awarded_at),
        "validFrom": _valid_from(statement),
        "validUntil": day(statement.valid_until) if statement.valid_until else None,
        "credentialSubject": _subject(statement),
        "credentialStatus": status_entry(statement.status_list, statement.status_index),
    }
    tidied: dict[str, Any] = _tidy(document)
    return tidied


def _subject(statement: Statement) -> dict[str, Any]:
    return {
        "id": statement.subject,
        "type": ["AchievementSubject"],
        "activityStartDate": day(statement.started_at),
        "activityEndDate": day(statement.completed_at),
        "source": _profile(statement.source),
        "narrative": statement.note,
        "result": [_result(statement)],
        "achievement": _achievement(statement),
    }


def _achievement(statement: Statement) -> dict[str, Any]:
    definition = statement.definition
    return {
        "id": definition.url,
        "type": ["Achievement"],
        "achievementType": "Badge",
        "version": definition.version,
        "inLanguage": definition.language,
        "name": definition.name,
        "description": definition.description,
        "criteria": {"id": definition.url + "#criteria", "narrative": definition.criteria},
        "image": _image(definition),
        "tag": list(definition.tags),
        "creator": _profile(statement.issuer),
        "alignment": [_alignment(one) for one in definition.alignments],
        "resultDescription": [_assurance_description(definition.url)],
        "related": [
            {"id": url, "type": ["Related"], "inLanguage": language}
            for language, url in definition.translations.items()
        ],
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "type": ["Profile"],
        "name": profile.name,
        "url": profile.url,
        "description": profile.description,
    }


def _image(definition: Definition) -> dict[str, Any]:
    return {"id": definition.image, "type": "Image", "caption": definition.name}


def _alignment(alignment: Mapping[str, str]) -> dict[str, Any]:
    kind = alignment.get("type", "")
    return {
        "type": ["Alignment"],
        "targetName": alignment.get("name"),
        "targetUrl": alignment.get("url"),
        "targetFramework": alignment.get("framework"),
        "targetCode": alignment.get("code"),
        "targetType": kind if kind in _TARGET_TYPES or kind.startswith("ext:") else None,
    }


def _result(statement: Statement) -> dict[str, Any]:
    anchor = statement.definition.url + "#assurance"
    given = statement.assurance.review == sureness.GIVEN
    return {
        "type": ["Result"],
        "resultDescription": anchor,
        "achievedLevel": None if given else f"{anchor}-{statement.assurance.level}",
        "value": sureness.words(statement.assurance),
    }


def _assurance_description(url: str) -> dict[str, Any]:
    """Explain the ladder of assurance, so that any wallet can show what a result means."""
    return {
        "id": f"{url}#assurance",
        "type": ["ResultDescription"],
        "name": gettext("How this was checked"),
        "resultType": "RubricCriterionLevel",
        "rubricCriterionLevel": [
            {
                "id": f"{url}#assurance-{level}",
                "type": ["RubricCriterionLevel"],
                "name": sureness.level_name(level),
                "description": sureness.level_words(level),
                "level": str(level),
            }
            for level in sureness.LEVELS
        ],
    }


def status_entry(list_url: str, index: int) -> dict[str, str]:
    """Point to a bit of a status list. `statusListIndex` is a string (Bitstring Status List, section 2.1)."""
    return {
        "id": f"{list_url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": list_url,
    }


def _valid_from(statement: Statement) -> str:
    """Two corrections may come on one day, and the newer one must be told from the older."""
    if statement.valid_from is None:
        return day(statement.awarded_at)
    return statement.valid_from.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(at: datetime) -> str:
    """Round a moment to its day in UTC, so that a badge does not tell when somebody was where."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT00:00:00Z")


def _tidy(value: Any) -> Any:
    """Clean all texts, and leave out what is empty: stacks disagree on nulls and empty lists too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [tidied for one in value if (tidied := _tidy(one)) not in (None, "", [], {})]
    if isinstance(value, dict):
        tidied_items = ((name, _tidy(one)) for name, one in value.items())
        return {name: one for name, one in tidied_items if one not in (None, "", [], {})}
    return value
