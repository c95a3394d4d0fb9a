"""What a form for a badge says of the skills it stands for: chosen, looked for, and pasted; also with no script.

The form includes `frameworks/picker.html`, and reads `read_picker(session, request.form, language())`: `chosen` are the
badge's `alignments`, `problem` is what is wrong. Its button is `do=find-skills`: then the form is shown once more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from server.core.i18n import gettext
from server.core.text import clean
from server.frameworks.addresses import AddressUnclear, NameNeeded
from server.frameworks.catalogue import Framework, frameworks
from server.frameworks.models import Term
from server.frameworks.services import Alignment, align, below, in_language, search
from server.frameworks.showing import Shown, show

FIND = "find-skills"
"""What the button says that looks for skills without a script (`do`)."""
MOST_CHOSEN = 20
"""More than a reader takes in; and each is signed in every badge."""


@dataclass
class Picker:
    """The form's part. `typed` holds what stands in its fields, as it came."""

    lang: str
    chosen: list[Alignment] = field(default_factory=list)
    found: list[Shown] = field(default_factory=list)
    typed: Mapping[str, str] = field(default_factory=dict)
    searched: bool = False
    problem: str = ""

    @property
    def frameworks(self) -> Iterable[Framework]:
        return frameworks().values()

    @property
    def props(self) -> dict[str, Any]:
        """What the island begins with."""
        return {
            "chosen": self.chosen,
            "frameworks": [{"key": one.key, "name": one.name} for one in self.frameworks],
            "typed": {name: self.typed.get(name, "") for name in ("skill_url", "skill_name")},
            "problem": self.problem,
            "most": MOST_CHOSEN,
        }


def picker_of(session: Session, alignments: Sequence[Mapping[str, Any]], lang: str) -> Picker:
    """Begin with what a badge stands for so far."""
    return Picker(lang, [{**one} for one in in_language(session, alignments, lang)])


def read_picker(session: Session, form: MultiDict[str, str], lang: str) -> Picker:
    """Read what was chosen, typed and looked for; a mistake is said in `problem`, nothing typed is lost."""
    picker = Picker(lang, typed=form.to_dict(), searched=form.get("do") == FIND)
    for told in form.getlist("skill")[: 2 * MOST_CHOSEN]:
        url, _, name = told.partition(" ")
        _choose(session, picker, url, name)
    url, name = form.get("skill_url", "").strip(), clean(form.get("skill_name", "")).strip()
    if url and _choose(session, picker, url, name):
        picker.typed = {**picker.typed, "skill_url": "", "skill_name": ""}
    if len(picker.chosen) > MOST_CHOSEN:
        picker.problem = gettext("A badge stands for at most %(most)s skills.", most=MOST_CHOSEN)
    if picker.searched:
        picker.found = _look(session, picker)
    return picker


def _choose(session: Session, picker: Picker, url: str, name: str) -> bool:
    try:
        one = align(session, url, name, picker.lang)
    except (AddressUnclear, NameNeeded) as error:
        picker.problem = str(error)
        return False
    if one["url"] not in [other["url"] for other in picker.chosen]:
        picker.chosen.append(one)
    return True


def _look(session: Session, picker: Picker) -> list[Shown]:
    text, framework = picker.typed.get("skill_text", ""), picker.typed.get("skill_framework", "")
    taken = {one["url"] for one in picker.chosen}
    found = [show(one, picker.lang) for one in _terms(session, picker.lang, text, framework)]
    return [one for one in found if one["url"] not in taken and not one["area"]]


def _terms(session: Session, lang: str, text: str, framework: str) -> Sequence[Term]:
    """With no words, show what a framework holds, as far as it is short."""
    if text.strip() or framework not in frameworks():
        return search(session, text, framework if framework in frameworks() else "")
    top = below(session, framework, lang)
    inside = [two for one in top if one.kind == "area" for two in below(session, framework, lang, one.uri)]
    return [*top, *inside][:200]
