"""A term as people and our API see it: in their language as far as it has a name there."""

from typing import TypedDict

from server.core.i18n import language_name
from server.frameworks.addresses import whole
from server.frameworks.catalogue import frameworks
from server.frameworks.models import Term
from server.frameworks.services import label, page_of


class Shown(TypedDict):
    uri: str  # as it is kept
    url: str  # as credentials say it
    page: str
    name: str
    lang: str  # that the name is in
    other: str  # the name of that language, when it is not the one that was asked for
    description: str
    framework: str
    framework_name: str
    code: str
    area: bool


def show(term: Term, lang: str) -> Shown:
    """Describe a term in a language; where it has no name there, say in which language the name is."""
    name, spoken = label(term.labels, lang)
    return {
        "uri": term.uri,
        "url": whole(term.uri),
        "page": page_of(term),
        "name": name,
        "lang": spoken,
        "other": "" if spoken == lang else language_name(spoken),
        "description": label(term.description, lang)[0],
        "framework": term.framework,
        "framework_name": frameworks()[term.framework].name,
        "code": term.code,
        "area": term.kind == "area",
    }
