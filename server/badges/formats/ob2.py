"""An award as Open Badges 2.0 sees it: an assertion, a badge class and an issuer, each hosted at its address."""

from hashlib import sha256
from hmac import digest
from typing import Any

from server.badges.models import Achievement, Award
from server.badges.signing import timestamp
from server.core.i18n import pick
from server.core.secrets import secret
from server.core.shell import absolute
from server.organisers.models import Organiser

CONTEXT = "https://w3id.org/openbadges/v2"


def assertion_address(credential_id: str) -> str:
    return absolute(f"/ob2/assertions/{credential_id}")


def assertion(award: Award, language: str) -> dict[str, Any]:
    """Write the assertion. Its recipient is the pseudonym that only this issuer knows the learner by, hashed."""
    page = absolute(f"/credentials/{award.credential_id}")
    document = {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": assertion_address(award.credential_id),
        "recipient": recipient(award.subject, _salt(award.credential_id)),
        "badge": absolute(f"/ob2/badges/{award.achievement_id}"),
        "verification": {"type": "HostedBadge"},
        "issuedOn": timestamp(award.awarded_at.replace(hour=0, minute=0, second=0, microsecond=0)),
        "image": f"{page}.png",
        "evidence": [{"id": page, "type": "Evidence"}],
        "@language": language,
    }
    if award.valid_until:
        document["expires"] = timestamp(award.valid_until)
    return document


def recipient(identity: str, salt: str, kind: str = "url") -> dict[str, Any]:
    """Hash who got it (Open Badges 2.0, IdentityObject and IdentityHash)."""
    hashed = sha256((identity + salt).encode()).hexdigest()
    return {"type": kind, "hashed": True, "salt": salt, "identity": f"sha256${hashed}"}


def revoked(award: Award, reason: str) -> dict[str, Any]:
    """Write what stands in place of an assertion that holds no more; it goes out with status 410."""
    document = {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": assertion_address(award.credential_id),
        "revoked": True,
    }
    return document if award.erased or not reason else {**document, "revocationReason": reason}


def badge_class(achievement: Achievement, language: str) -> dict[str, Any]:
    """Write one version of a badge in one language."""
    page = absolute(f"/achievements/{achievement.id}")
    document = {
        "@context": CONTEXT,
        "type": "BadgeClass",
        "id": absolute(f"/ob2/badges/{achievement.id}"),
        "name": pick(achievement.name, language),
        "description": pick(achievement.description, language),
        "image": f"{page}/image.png",
        "criteria": {"id": f"{page}#criteria", "narrative": pick(achievement.criteria, language)},
        "issuer": absolute(f"/ob2/issuers/{achievement.organiser_id}"),
        "tags": achievement.tags,
        "alignment": [_alignment(one) for one in achievement.alignments],
        "version": str(achievement.version or 1),
        "@language": language,
    }
    return _without_gaps(document)


def issuer(organiser: Organiser, language: str) -> dict[str, Any]:
    """Write the issuer. Assertions count only from our own address."""
    return _without_gaps(
        {
            "@context": CONTEXT,
            "type": "Issuer",
            "id": absolute(f"/ob2/issuers/{organiser.id}"),
            "name": pick(organiser.name, language),
            "description": pick(organiser.about, language),
            "url": organiser.url or absolute("/"),
            "email": organiser.email,
            "verification": {"type": "VerificationObject", "startsWith": [absolute("/ob2/assertions/")]},
            "@language": language,
        }
    )


def _alignment(alignment: dict[str, Any]) -> dict[str, Any]:
    return _without_gaps(
        {
            "targetName": alignment.get("name"),
            "targetUrl": alignment.get("url"),
            "targetFramework": alignment.get("framework"),
            "targetCode": alignment.get("code"),
        }
    )


def _salt(credential_id: str) -> str:
    """Make the salt of an award from our secret: nothing to keep, and nothing left of it after an erasure."""
    return digest(secret("recipient-salts"), credential_id.encode(), "sha256").hex()[:16]


def _without_gaps(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in (None, "", [], {})}
