"""Finding terms: by address, by words in any language, and by where they stand."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.core.db import Texts
from server.core.errors import NotFound
from server.core.text import fold
from server.frameworks.addresses import ESCO, AddressUnclear, NameNeeded, is_esco, normalise, whole
from server.frameworks.catalogue import frameworks, own_address
from server.frameworks.models import Term

Alignment = dict[str, str]
MOST = 30
_MOST_WORDS = 8
_MOST_BELOW = 1000


def find_term(session: Session, framework: str, code: str) -> Term:
    """Find a term by how our page for it is addressed; raises NotFound."""
    uri = ESCO + code if framework == "esco" else own_address(framework, code)
    found = session.get(Term, uri) if len(code) <= 60 and code.isprintable() else None
    if found is None:
        raise NotFound()
    return found


def page_of(term: Term) -> str:
    """Return the path of our page for a term."""
    return own_address("esco", term.uri.removeprefix(ESCO)) if is_esco(term.uri) else term.uri


def search(session: Session, text: str, framework: str = "", most: int = MOST) -> Sequence[Term]:
    """Find terms that hold all words of a text, in any language, in names or parts of them; the nearest first."""
    words = fold(text).split()[:_MOST_WORDS]
    if not words:
        return []
    wanted = [Term.search_text.contains(word) for word in words]
    if framework:
        wanted.append(Term.framework == framework)
    whole_text = " ".join(words)
    near = case(
        (Term.search_text.contains("\n" + whole_text + "\n"), 0),
        (Term.search_text.contains("\n" + whole_text), 1),
        (Term.search_text.contains(" " + whole_text), 2),
        else_=3,
    )
    rare = case((Term.kind.in_(["transversal", "competence"]), 0), else_=1)
    chosen = select(Term).where(Term.kind != "area", *wanted)
    nearest = chosen.order_by(near, rare, func.length(Term.search_text), Term.uri)
    return session.scalars(nearest.limit(most)).all()


def below(session: Session, framework: str, lang: str, under: str = "") -> Sequence[Term]:
    """List what stands right below a term, or at the top of a framework: areas first, by code, then by name."""
    chosen = select(Term).where(Term.framework == framework, Term.broader == under)
    found = session.scalars(chosen.order_by(Term.code, Term.uri).limit(_MOST_BELOW)).all()
    return sorted(
        found, key=lambda one: (one.kind != "area", one.code, label(one.labels, lang)[0].casefold())
    )


def label(texts: Texts, lang: str) -> tuple[str, str]:
    """Return a name in a language, else in English, else in any, and the language that it is in."""
    for one in (lang, "en", *texts):
        if texts.get(one):
            return texts[one], one
    return "", lang


def align(session: Session, url: str, name: str = "", lang: str = "en") -> Alignment:
    """Describe for a credential what an address leads to. A term we do not know needs a name.

    `type` is from the closed list of Open Badges 3.0 (`targetType`): a competence is a `ceasn:Competency`, for that
    is what it is and `CFItem` would promise a CASE server behind the address; an ESCO skill gets an own term, with
    the prefix `ext:` that the list demands. Raises AddressUnclear and NameNeeded.
    """
    uri = normalise(url)
    term = session.get(Term, uri)
    if term is not None and term.kind != "area":
        return _describe(term, lang)
    if term is not None or uri.startswith("/"):
        raise AddressUnclear(address=url)
    if not name.strip():
        raise NameNeeded()
    esco = is_esco(uri)
    return {
        "name": name.strip()[:200],
        "url": uri,
        "framework": "ESCO" if esco else "",
        "code": uri.removeprefix(ESCO) if esco else "",
        "type": "ext:esco:Skill" if esco else "",
    }


def _describe(term: Term, lang: str) -> Alignment:
    return {
        "name": label(term.labels, lang)[0],
        "url": whole(term.uri),
        "framework": frameworks()[term.framework].name,
        "code": term.code or term.uri.removeprefix(ESCO),
        "type": "ext:esco:Skill" if term.framework == "esco" else "ceasn:Competency",
    }


def in_language(session: Session, alignments: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    """Give alignments the names that their terms have in a language; others keep the one they came with."""
    if not alignments:
        return []
    labels = _labels(session, [_kept_address(one) for one in alignments])
    return [
        {**one, "name": labels.get(_kept_address(one), {}).get(lang) or one.get("name", "")}
        for one in alignments
    ]


def _labels(session: Session, uris: Sequence[str]) -> dict[str, Texts]:
    """Read names by address: as plain rows, for this is asked at each award."""
    found = session.execute(select(Term.uri, Term.labels).where(Term.uri.in_(uris)))
    return {one.uri: one.labels for one in found}


def _kept_address(alignment: Mapping[str, Any]) -> str:
    try:
        return normalise(alignment.get("url") or "")
    except AddressUnclear:
        return ""
