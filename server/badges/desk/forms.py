"""Reads the form of a badge into what a version says (`making.FIELDS`), and says what is wrong with it.

Whatever was typed comes back as it was. A field of words is `name-nl`; rows of a rubric bring their keys along:
`result` lists the rows, `steps-{row}` the levels of one, and their words are `result-{row}-nl`,
`step-{row}-{level}-name-nl` and `step-{row}-{level}-description-nl`.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from server.badges.drawing import MOST_RIBBON
from server.badges.levels import LEVELS
from server.core.db import Texts, db
from server.core.i18n import gettext, language, language_name
from server.core.text import clean
from server.frameworks.picking import read_picker

MOST = {"name": 60, "description": 300, "criteria": 3000, "renewal": 600, "text": MOST_RIBBON}
MOST_ROWS, MOST_STEPS, MOST_MONTHS, MOST_OTHERS = 8, 6, 600, 100
_WORDS = ("name", "description", "criteria", "renewal")


@dataclass
class Form:
    """What somebody typed: `told` as a version says it, and what is wrong by field (`name-nl`)."""

    told: dict[str, Any]
    wrong: dict[str, str] = field(default_factory=dict)
    count_typed: str = ""
    months_typed: str = ""


def read(form: MultiDict[str, str], languages: Sequence[str]) -> Form:
    """Read a form in the languages of a city."""
    read_one = _Reader(form, languages)
    typed = [form.get(name, "") for name in ("count", "valid_months")]
    found = Form(read_one.told(), read_one.wrong, *typed)
    if not any(found.told["name"].values()):
        first = languages[0]
        found.wrong[f"name-{first}"] = gettext("Give the badge a name (%(lang)s).", lang=language_name(first))
    return found


class _Reader:
    """Reads field by field, and collects what is wrong."""

    def __init__(self, form: MultiDict[str, str], languages: Sequence[str]) -> None:
        self.form, self.languages = form, languages
        self.wrong: dict[str, str] = {}

    def told(self) -> dict[str, Any]:
        return {
            **{name: self._texts(name, MOST[name]) for name in _WORDS},
            "design": self._design(),
            "level": self._level(),
            "valid_months": self._months(),
            "tags": self._tags(),
            "alignments": self._skills(),
            "needs": self.form.getlist("need")[:MOST_OTHERS],
            "results": self._results(),
            "milestone": self._milestone(),
        }

    def _text(self, name: str, most: int) -> str:
        said = clean(self.form.get(name, "")).strip()
        if len(said) > most:
            words = gettext("This is too long: %(num)s letters at most.", num=most)
            self.wrong[name] = words
        return said

    def _texts(self, name: str, most: int) -> Texts:
        found = {lang: self._text(f"{name}-{lang}", most) for lang in self.languages}
        return {lang: said for lang, said in found.items() if said}

    def _design(self) -> dict[str, Any]:
        return {
            "shape": self.form.get("shape", ""),
            "icon": self.form.get("icon", ""),
            "colours": [self.form.get("field", ""), self.form.get("accent", "")],
            "text": self._texts("text", MOST["text"]),
        }

    def _level(self) -> str:
        level = self.form.get("level", "")
        return level if level in LEVELS else ""

    def _months(self) -> int | None:
        typed = self.form.get("valid_months", "").strip()
        if not typed:
            return None
        if typed.isascii() and typed.isdigit() and len(typed) < 4 and 1 <= int(typed) <= MOST_MONTHS:
            return int(typed)
        self.wrong["valid_months"] = gettext("Write a number of months from 1 to 600, or nothing.")
        return None

    def _tags(self) -> list[str]:
        found = (one.strip()[:40] for one in clean(self.form.get("tags", "")).split(","))
        return list(dict.fromkeys(one for one in found if one))[:12]

    def _skills(self) -> list[dict[str, str]]:
        picker = read_picker(db.session(), self.form, language())
        if picker.problem:
            self.wrong["skills"] = picker.problem
        return picker.chosen

    def _results(self) -> list[dict[str, Any]]:
        return [self._result(key) for key in self.form.getlist("result")[:MOST_ROWS] if _is_key(key)]

    def _result(self, key: str) -> dict[str, Any]:
        steps = [one for one in self.form.getlist(f"steps-{key}")[:MOST_STEPS] if _is_key(one)]
        return {
            "key": key,
            "name": self._texts(f"result-{key}", 80),
            "levels": [self._step(f"step-{key}-{one}", one) for one in steps],
        }

    def _step(self, at: str, key: str) -> dict[str, Any]:
        return {
            "key": key,
            "name": self._texts(f"{at}-name", 40),
            "description": self._texts(f"{at}-description", 300),
        }

    def _milestone(self) -> dict[str, Any]:
        found = [one.partition(":") for one in dict.fromkeys(self.form.getlist("of"))][:MOST_OTHERS]
        kinds = ("activity", "playlist", "series")
        chosen = [{"kind": kind, "id": id} for kind, _, id in found if kind in kinds and id]
        typed = self.form.get("count", "").strip()
        if not typed and not chosen:
            return {}
        if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= max(1, len(chosen))):
            self.wrong["count"] = gettext(
                "Write how many of the %(num)s chosen things it takes.", num=len(chosen)
            )
        return {"count": int(typed[:6]) if typed.isascii() and typed.isdigit() else 0, "of": chosen}


def _is_key(key: str) -> bool:
    return key.isascii() and key.isalnum() and len(key) <= 12


def change_rows(results: Sequence[Mapping[str, Any]], do: str) -> list[dict[str, Any]]:
    """Add or take away a row of the rubric, as a button says: `add-result`, `add-step:{row}`, `drop-step:{row}:{level}`."""
    what, *keys = do.split(":")
    rows = [dict(one) for one in results]
    if what == "add-result" and len(rows) < MOST_ROWS:
        return [*rows, {"key": _new_key(), "name": {}, "levels": [_new_step(), _new_step()]}]
    if what == "drop-result":
        return [one for one in rows if [one["key"]] != keys]
    for row in rows:
        if what == "add-step" and [row["key"]] == keys and len(row["levels"]) < MOST_STEPS:
            row["levels"] = [*row["levels"], _new_step()]
        if what == "drop-step" and [row["key"]] == keys[:1]:
            row["levels"] = [one for one in row["levels"] if [one["key"]] != keys[1:]]
    return rows


def _new_step() -> dict[str, Any]:
    return {"key": _new_key(), "name": {}, "description": {}}


def _new_key() -> str:
    return secrets.token_hex(3)
