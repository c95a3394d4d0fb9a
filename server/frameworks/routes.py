"""The pages of frameworks and their terms, to which credentials lead, and the search that the desk's picker asks."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from server.badges.models import Achievement
from server.badges.skills import standing_for
from server.cities.current import current_city
from server.core.db import db
from server.core.i18n import language
from server.core.limits import limiter
from server.core.problems import Problem
from server.core.roles import PUBLIC, needs
from server.core.shell import page
from server.frameworks import services
from server.frameworks.addresses import whole
from server.frameworks.catalogue import find_framework, frameworks
from server.frameworks.models import Term
from server.frameworks.picking import Picker, picker_of, read_picker
from server.frameworks.schemas import FoundTerms, TermsQuery
from server.frameworks.showing import Shown, show

routes = Blueprint("frameworks", __name__, template_folder="templates")
routes.add_app_template_global(
    lambda one: services.in_language(db.session(), one.alignments, language()), "skills_of"
)


def _picker(alignments: Sequence[Mapping[str, Any]]) -> Picker:
    """Show in a form what was sent with it, or begin with what a badge stands for."""
    if request.method == "POST":
        return read_picker(db.session(), request.form, language())
    return picker_of(db.session(), alignments, language())


routes.add_app_template_global(_picker, "skill_picker")
api = APIBlueprint("terms", __name__, url_prefix="/api", abp_tags=[Tag(name="frameworks")])


@routes.get("/frameworks")
@limiter.limit("240 per minute")
@needs(PUBLIC)
def show_all() -> Response:
    """List the frameworks, or what a search found in all of them."""
    text = request.args.get("q", "")[:200]
    found = [show(one, language()) for one in services.search(db.session(), text)]
    return page(
        "frameworks/all.html",
        vary="Accept-Language",
        frameworks=frameworks().values(),
        text=text,
        found=found,
    )


@routes.get("/frameworks/<framework>")
@needs(PUBLIC)
def show_framework(framework: str) -> Response:
    """List what a framework holds: its areas and what stands in each."""
    told = find_framework(framework)
    top = _below(framework)
    inside = {one["uri"]: _below(framework, one["uri"]) for one in top if one["area"]}
    return page("frameworks/framework.html", vary="Accept-Language", framework=told, top=top, inside=inside)


@routes.get("/frameworks/<framework>/<code>")
@needs(PUBLIC)
def show_term(framework: str, code: str) -> Response:
    """Say what a competence is that badges stand for, and which of this city's do; their credentials lead here."""
    told = find_framework(framework)
    term = services.find_term(db.session(), framework, code)
    above = db.session.get(Term, term.broader) if term.broader else None
    return page(
        "frameworks/term.html",
        vary="Accept-Language",
        framework=told,
        term=show(term, language()),
        above=above and show(above, language()),
        inside=_below(framework, term.uri),
        badges=_badges(term),
    )


def _below(framework: str, under: str = "") -> list[Shown]:
    return [show(one, language()) for one in services.below(db.session(), framework, language(), under)]


def _badges(term: Term) -> list[Achievement]:
    return standing_for(db.session(), current_city().id, whole(term.uri))


@api.get(
    "/frameworks/terms",
    summary="Skills and competences by words in any language, or by where they stand",
    responses={200: FoundTerms, 422: Problem, 429: Problem},
)
@limiter.limit("300 per minute")
@needs(PUBLIC)
def find_terms(query: TermsQuery) -> Response:
    """Answer the picker at the desk; whoever else asks may keep the answer for a while."""
    session = db.session()
    if query.q.strip() or query.framework not in frameworks():
        terms = services.search(session, query.q, query.framework, services.MOST + 1)
        most = services.MOST
    else:
        terms = services.below(session, query.framework, query.lang, query.under)
        most = len(terms)
    response = jsonify({"terms": [show(one, query.lang) for one in terms[:most]], "more": len(terms) > most})
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
