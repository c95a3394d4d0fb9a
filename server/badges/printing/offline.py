"""The offline check: one file with a badge, the issuer's keys and list as they are today, and the script that checks.

It asks nobody. Its policy allows its own script and style by their hashes and nothing from anywhere; we send it as
a file to keep, with a policy under which it would not run on our own address.
"""

import base64
import json
from datetime import datetime
from typing import Any

from babel.dates import format_date
from markupsafe import Markup
from sqlalchemy.orm import Session

from server.badges import drawing, issuers, services
from server.badges.models import Award
from server.core.i18n import language, pick
from server.core.security import hash_of
from server.core.shell import DIST, absolute, asset


def offline_context(session: Session, award: Award, listing: bytes) -> dict[str, Any]:
    """Gather what the file holds. `listing`: the signed status list of the badge."""
    script, style = _built("check.js"), _built("check.css")
    organiser, keys = award.achievement.organiser, _keys(session, award)
    picture = drawing.badge_svg(services.design(award.achievement))
    return {
        "policy": _policy(script, style),
        "script": Markup(script),  # noqa: S704 - our own, as built
        "style": Markup(style),  # noqa: S704
        "badge": _data(json.loads(award.signed)),
        "facts": _data({"issuer": issuers.did(organiser.id), "keys": keys, "list": json.loads(listing)}),
        "keys": keys,
        "issuer": pick(organiser.name),
        "picture": "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
        "name": pick(award.achievement.name),
        "url": absolute(f"/credentials/{award.credential_id}"),
    }


def _keys(session: Session, award: Award) -> list[dict[str, Any]]:
    """List the keys of the issuer's DID document, with the days from and until which they sign."""
    organiser = award.achievement.organiser
    document = issuers.did_document(organiser)
    rows = {key.multibase: key for key in issuers.signing_keys(session, organiser.id)}
    return [
        {
            "id": method["id"],
            "multibase": method["publicKeyMultibase"],
            "start": _day(rows[method["publicKeyMultibase"]].created_at),
            "end": _day(rows[method["publicKeyMultibase"]].retired_at),
        }
        for method in document["verificationMethod"]
        if method.get("publicKeyMultibase") in rows and method["id"] in document["assertionMethod"]
    ]


def _day(at: datetime | None) -> str:
    return format_date(at, "long", locale=language()) if at else ""


def _built(name: str) -> str:
    """Read a built file; what would end its element early is not in it."""
    content = (DIST / asset(name).rsplit("/", 1)[1]).read_text()
    if "</" in content.replace("<\\/", ""):
        raise ValueError(f"{name} cannot stand inside a page")
    return content


def _data(value: Any) -> Markup:
    """Write JSON that ends no element: `<` stands in its texts only, where it may be escaped."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; img-src data:;"
        " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
