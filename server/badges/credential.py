"""What an issuer states about a learner, as an OpenBadgeCredential: pure, no clock, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from server.badges import assurance as sureness
from server.badges import levels
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
class Step:
    """One level of a rubric."""

    key: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class Row:
    """One thing that is looked at, and its levels from the first to the best."""

    key: str
    name: str
    levels: Sequence[Step] = ()


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
    level: str = ""  # one of `levels.LEVELS`
    needs: Mapping[str, str] = field(default_factory=dict)  # address → name of each badge that must be held
    renewal: str = ""
    results: Sequence[Row] = ()


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
    valid_until: datetime | None = None  # None: for ever
    results: Mapping[str, str] = field(default_factory=dict)  # row of the rubric → level that was reached
    note: str = ""  # what the organiser says to this one award


def sample(definition: Definition, issuer: Profile) -> Statement:
    """Write what a badge of this definition would say of somebody."""
    at, site = datetime(2026, 1, 1, tzinfo=UTC), definition.url
    sure = Assurance(sureness.LEVELS[-1], "proven", "organiser")
    return Statement(site, "urn:uuid:00000000-0000-4000-8000-000000000000", issuer, issuer, definition, sure, at, at, at, site, 0)  # fmt: skip


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
        "issuer": write_profile(statement.issuer),
        "awardedDate": day(statement.awarded_at),
        "validFrom": _valid_from(statement),
        "validUntil": day(statement.valid_until) if statement.valid_until else None,
        "credentialSubject": _subject(statement),
        "credentialStatus": status_entry(statement.status_list, statement.status_index),
    }
    tidied: dict[str, Any] = tidy(document)
    return tidied


def _subject(statement: Statement) -> dict[str, Any]:
    definition = statement.definition
    return {
        "id": statement.subject,
        "type": ["AchievementSubject"],
        "activityStartDate": day(statement.started_at),
        "activityEndDate": day(statement.completed_at),
        "source": write_profile(statement.source),
        "narrative": statement.note,
        "result": [_result(statement), *_level(definition), *_reached(statement)],
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
        "criteria": {"id": definition.url + "#criteria", "narrative": _narrative(definition)},
        "image": _image(definition),
        "tag": list(definition.tags),
        "creator": write_profile(statement.issuer),
        "alignment": [_alignment(one) for one in definition.alignments],
        "resultDescription": [
            _assurance_description(definition),
            *_level_description(definition),
            *(_row_description(definition.url, row) for row in definition.results),
        ],
        "related": [
            *(
                {"id": url, "type": ["Related"], "inLanguage": language}
                for language, url in definition.translations.items()
            ),
            *({"id": url, "type": ["Related"]} for url in definition.needs),
        ],
    }


def _narrative(definition: Definition) -> str:
    """Say what had to be done, and what one needed before, and what comes after: there are no terms for these."""
    parts = [definition.criteria]
    if definition.needs:
        names = ", ".join(f"[{_plain(name)}]({url})" for url, name in definition.needs.items())
        parts.append(gettext("Needs these badges: %(names)s", names=names))
    if definition.renewal:
        parts.append(gettext("To renew it: %(how)s", how=definition.renewal))
    return "\n\n".join(parts)


def _plain(name: str) -> str:
    """Keep a name from ending the link it stands in."""
    return name.replace("[", "(").replace("]", ")")


def write_profile(profile: Profile) -> dict[str, Any]:
    """Write an organisation as Open Badges have it."""
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
        "targetType": kind if is_target_type(kind) else None,
    }


def is_target_type(kind: str) -> bool:
    """Say whether a kind of alignment is in the closed list of the standard, or an extension of it."""
    return kind in _TARGET_TYPES or kind.startswith("ext:")


def _result(statement: Statement) -> dict[str, Any]:
    anchor = statement.definition.url + "#assurance"
    given = statement.assurance.review == sureness.GIVEN
    return {
        "type": ["Result"],
        "resultDescription": anchor,
        "achievedLevel": None if given else f"{anchor}-{statement.assurance.level}",
        "value": sureness.words(statement.assurance),
    }


def _level(definition: Definition) -> list[dict[str, Any]]:
    """Say the badge's level as a result that everybody who holds it has reached: the contexts have no term for it."""
    if not definition.level:
        return []
    anchor, value = f"{definition.url}#level", levels.level_names()[definition.level]
    return [_said(anchor, definition.level, value)]


def _reached(statement: Statement) -> list[dict[str, Any]]:
    """Say which level of each row of the rubric was reached; rows that nobody judged are left out."""
    found = []
    for row in statement.definition.results:
        step = next((one for one in row.levels if one.key == statement.results.get(row.key)), None)
        if step:
            found.append(_said(f"{statement.definition.url}#result-{row.key}", step.key, step.name))
    return found


def _said(anchor: str, level: str, value: str) -> dict[str, Any]:
    return {
        "type": ["Result"],
        "resultDescription": anchor,
        "achievedLevel": f"{anchor}-{level}",
        "value": value,
    }


def _level_description(definition: Definition) -> list[dict[str, Any]]:
    if not definition.level:
        return []
    names, words = levels.level_names(), levels.level_words()
    steps = [Step(one, names[one], words[one]) for one in levels.LEVELS]
    return [_description(f"{definition.url}#level", gettext("Skill level"), steps)]


def _row_description(url: str, row: Row) -> dict[str, Any]:
    return _description(f"{url}#result-{row.key}", row.name, row.levels)


def _description(anchor: str, name: str, steps: Sequence[Step]) -> dict[str, Any]:
    """Explain a ladder, from its first step on."""
    return {
        "id": anchor,
        "type": ["ResultDescription"],
        "name": name,
        "resultType": "RubricCriterionLevel",
        "rubricCriterionLevel": [
            {
                "id": f"{anchor}-{step.key}",
                "type": ["RubricCriterionLevel"],
                "name": step.name,
                "description": step.description,
                "level": str(number),
            }
            for number, step in enumerate(steps, 1)
        ],
    }


def _assurance_description(definition: Definition) -> dict[str, Any]:
    """Explain the ladder of assurance, so that any wallet can show what a result means."""
    url = definition.url
    return {
        "id": f"{url}#assurance",
        "type": ["ResultDescription"],
        "name": gettext("How this was checked"),
        "resultType": "RubricCriterionLevel",
        "rubricCriterionLevel": [
            {
                "id": f"{url}#assurance-{level}",
                "type": ["RubricCriterionLevel"],
                "name": name,
                "description": words,
                "level": str(level),
            }
            for level, (name, words) in enumerate(sureness.ladder(definition.language))
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


def tidy(value: Any) -> Any:
    """Clean all texts, and leave out what is empty: stacks disagree on nulls and empty lists too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [tidied for one in value if (tidied := tidy(one)) not in (None, "", [], {})]
    if isinstance(value, dict):
        tidied_items = ((name, tidy(one)) for name, one in value.items())
        return {name: one for name, one in tidied_items if one not in (None, "", [], {})}
    return value
