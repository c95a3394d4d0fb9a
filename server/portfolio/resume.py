"""A CV in the JSON Resume format (jsonresume.org, schema 1.0.0): what the learner says, and their badges as certificates."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from server.badges.models import Award
from server.core.i18n import pick
from server.core.shell import absolute
from server.core.text import clean
from server.portfolio.models import Portfolio
from server.portfolio.profiles import Item
from server.portfolio.skills import count_skills
from sync.engine import Refused

SCHEMA = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"
FIELDS = {"label": 80, "email": 200, "phone": 40, "url": 300, "city": 80, "summary": 2_000}
"""What a learner may say of themselves beside their name, and how long it may be."""


def read_basics(given: object) -> dict[str, str]:
    """Read what a phone sends for the CV: texts under the names of FIELDS. Refuses anything else."""
    if not isinstance(given, dict):
        raise Refused("malformed", where="body.cv")
    return {name: read for name, most in FIELDS.items() if (read := _read(given.get(name), name, most))}


def _read(value: object, name: str, most: int) -> str:
    text = clean(value).strip() if isinstance(value, str) and len(value) <= most else None
    if value in (None, ""):
        return ""
    good = text is not None and _FORMS.get(name, re.compile("")).match(text)
    if text is None or not good:
        raise Refused("malformed", where=f"body.cv.{name}")
    return text


_FORMS = {"url": re.compile(r"https?://[^\s]+$"), "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+$")}


def resume(found: Portfolio | None, items: Iterable[Item]) -> dict[str, Any]:
    """Write the CV as JSON Resume; it has no empty fields."""
    shown = [one.award for one in items]
    return _full(
        {
            "$schema": SCHEMA,
            "basics": _basics(found),
            "certificates": [_certificate(one) for one in shown],
            "skills": [{"name": one.name, "keywords": one.badges} for one in count_skills(shown)],
            "meta": {"version": "v1.0.0"},
        }
    )


def _basics(found: Portfolio | None) -> dict[str, Any]:
    said: Mapping[str, str] = found.cv if found else {}
    basics = {name: said.get(name, "") for name in ("label", "email", "phone", "url", "summary")}
    basics["summary"] = basics["summary"] or (found.about if found else "")
    return _full(
        {"name": found.name if found else "", **basics, "location": _full({"city": said.get("city", "")})}
    )


def _certificate(award: Award) -> dict[str, Any]:
    return {
        "name": pick(award.achievement.name),
        "date": award.awarded_at.date().isoformat(),
        "issuer": pick(award.achievement.organiser.name),
        "url": absolute(f"/credentials/{award.credential_id}"),
    }


def _full(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
