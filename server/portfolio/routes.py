"""Pages that learners share: behind their links, and their portfolio. Nothing about who opens them is kept."""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from server.badges.models import Award
from server.badges.services import find_credential
from server.badges.showing import describe
from server.core import roles
from server.core.answers import give_file
from server.core.db import db, utc_now, writing
from server.core.limits import limiter
from server.core.shell import absolute, hushed, page, private_page
from server.portfolio import choices, links, profiles
from server.portfolio.collections import find_collection
from server.portfolio.cv import write_cv
from server.portfolio.errors import LinkOver, NotShown, UnknownAward, UnknownCollection
from server.portfolio.evidence import LINK, PUBLIC, read_file, visible
from server.portfolio.import_routes import api
from server.portfolio.models import Portfolio, ShareLink
from server.portfolio.preview_routes import preview_routes
from server.portfolio.resume import resume
from server.portfolio.showing import overview, said_by_holder, whole

__all__ = ["api", "routes"]
routes = Blueprint("portfolio", __name__, template_folder="templates")
routes.register_blueprint(preview_routes)


@routes.get("/l/<token>")
@routes.get("/cv/<token>")
@limiter.limit("120 per minute")
@roles.needs(roles.LINK)
def show_shared(token: str) -> Response:
    """Show what a learner's link leads to, as long as it holds."""
    session = db.session()
    try:
        link = links.open_link(session, token, utc_now())
        answer = _show(link, token)
    except (LinkOver, NotShown) as error:
        return hushed(private_page("portfolio/over.html", status=error.status, problem=error))
    if _is_looked_at():
        with writing() as writer:
            links.count_view(writer, writer.get_one(ShareLink, link.id), utc_now())
    return hushed(answer)


def _show(link: ShareLink, token: str) -> Response:
    try:
        return _SHOWN[link.kind](link, token)
    except (UnknownAward, UnknownCollection) as gone:
        raise LinkOver() from gone


def _is_looked_at() -> bool:
    """Say whether a person opens the page, as browsers tell by themselves: not a preview of a chat, nor a prefetch."""
    is_document = request.headers.get("Sec-Fetch-Dest") == "document"
    return is_document and "prefetch" not in request.headers.get("Sec-Purpose", "")


def _shared_award(link: ShareLink) -> Award:
    award = choices.find_own(db.session(), link.learner_id, link.subject)
    choices.check_shown(db.session(), award)
    return award


def _show_award(link: ShareLink, token: str) -> Response:
    award = _shared_award(link)
    said = said_by_holder(db.session(), award, f"/l/{token}/evidence", link.evidence)
    return private_page("badges/credential.html", **describe(award, utc_now()), **said, link=link)


def _show_collection(link: ShareLink, token: str) -> Response:
    session = db.session()
    found = find_collection(session, link.learner_id, link.subject)
    items = profiles.items_of(session, link.learner_id, by_link=True)
    shown = profiles.group(found, items).items
    return private_page(
        "portfolio/shown.html", title=found.name, person=_person(link), link=link, token=token,
        **overview(session, shown, [], {"map": False}, utc_now()),
    )  # fmt: skip


def _show_portfolio(link: ShareLink, token: str) -> Response:
    found = _person(link)
    shown = whole(db.session(), link.learner_id, found.parts if found else {}, utc_now(), by_link=True)
    return private_page("portfolio/shown.html", title="", person=found, link=link, token=token, **shown)


def _show_cv(link: ShareLink, token: str) -> Response:
    shown = whole(
        db.session(), link.learner_id, {"map": False, "collections": False}, utc_now(), by_link=True
    )
    pieces = {one.award.id: visible(db.session(), one.award, one.choice) for one in shown["items"]}
    return private_page(
        "portfolio/cv.html", person=_person(link), link=link, token=token, pieces=pieces, **shown
    )


_SHOWN = {
    "award": _show_award,
    "collection": _show_collection,
    "portfolio": _show_portfolio,
    "cv": _show_cv,
}


def _person(link: ShareLink) -> Portfolio | None:
    return db.session.get(Portfolio, link.learner_id)


@routes.get("/cv/<token>/resume.json")
@limiter.limit("60 per minute")
@roles.needs(roles.LINK)
def download_resume(token: str) -> Response:
    """Give the CV as JSON Resume to whoever has a link to it."""
    link = links.open_link(db.session(), token, utc_now())
    if link.kind != "cv":
        raise NotShown()  # a portfolio has no mail address and no number in it
    items = profiles.items_of(db.session(), link.learner_id, by_link=True)
    answer = jsonify(resume(_person(link), items))
    answer.headers["Content-Disposition"] = 'attachment; filename="resume.json"'
    return hushed(answer)


@routes.get("/cv/<token>.pdf")
@limiter.limit("30 per minute")
@roles.needs(roles.LINK)
def download_cv(token: str) -> Response:
    """Give the CV as PDF to whoever has a link to it."""
    link = links.open_link(db.session(), token, utc_now())
    if link.kind != "cv":
        raise NotShown()
    items = profiles.items_of(db.session(), link.learner_id, by_link=True)
    answer = make_response(write_cv(db.session(), _person(link), items))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="cv.pdf"'
    return hushed(answer)


@routes.get("/l/<token>/evidence/<sha256>")
@limiter.limit("300 per minute")
@roles.needs(roles.LINK)
def shared_file(token: str, sha256: str) -> Response:
    """Give a file of a piece of work to whoever has the link that shows it."""
    link = links.open_link(db.session(), token, utc_now())
    if link.kind != "award":
        raise NotShown()
    return _evidence(_shared_award(link), sha256, link.evidence)


@routes.get("/credentials/<credential_id>/evidence/<sha256>")
@limiter.limit("300 per minute")
@roles.needs(roles.PUBLIC)
def public_file(credential_id: str, sha256: str) -> Response:
    """Give a file of a piece of work that its learner shows to everyone."""
    return _evidence(find_credential(credential_id), sha256, [])


def _evidence(award: Award, sha256: str, shared: list[str]) -> Response:
    session = db.session()
    pieces = visible(session, award, choices.find_choice(session, award), shared)
    content, mime = read_file(session, award, pieces, sha256)
    return hushed(give_file(content, mime))


@routes.get("/portfolio/<slug>")
@limiter.limit("120 per minute")
@roles.needs(roles.PUBLIC)
def show_portfolio(slug: str) -> Response:
    """Show a learner's portfolio, if they want to be seen."""
    try:
        found = profiles.find_open(db.session(), slug)
    except NotShown as error:
        return hushed(private_page("portfolio/over.html", status=error.status, problem=error))
    shown: dict[str, Any] = whole(
        db.session(), found.learner_id, found.parts, utc_now(), by_link=found.visibility == LINK
    )
    answer = page("portfolio/shown.html", vary="Accept-Language", title="", person=found, link=None,
                  url=absolute(f"/portfolio/{slug}"), **shown)  # fmt: skip
    return answer if found.visibility == PUBLIC else hushed(answer)
