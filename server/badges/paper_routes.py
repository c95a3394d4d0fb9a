"""Badges on paper: certificate, wallet card and stickers as PDF, and the short address that their codes say."""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from server.badges import lists, services
from server.badges.models import Award
from server.badges.printing.facts import Printed, find_short, printed
from server.badges.printing.offline import offline_context
from server.core.db import writing
from server.core.limits import limiter
from server.core.roles import PUBLIC, needs
from server.core.security import FILE_POLICY
from server.core.shell import absolute
from server.core.text import clean

papers = Blueprint("papers", __name__)
_NAME = 80
_RATE = "30 per minute"


@papers.get("/C/<start>")
@papers.get("/c/<start>")
@limiter.limit("120 per minute")
@needs(PUBLIC)
def follow_code(start: str) -> Answer:
    """Lead whoever scanned a printed code to the badge's page."""
    response = redirect(absolute(f"/credentials/{find_short(start).credential_id}"))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@papers.get("/credentials/<credential_id>.pdf")
@limiter.limit(_RATE)
@needs(PUBLIC)
def download_certificate(credential_id: str) -> Response:
    """Send the certificate, which has no name on it."""
    return _certificate(services.find_credential(credential_id), "", whole="whole" in request.args)


@papers.post("/credentials/<credential_id>.pdf")
@limiter.limit(_RATE)
@needs(PUBLIC)
def print_certificate(credential_id: str) -> Response:
    """Send the certificate with the name that was typed; it is kept nowhere."""
    award = services.find_credential(credential_id)
    return _certificate(award, _typed_name(), whole="whole" in request.form)


@papers.route("/credentials/<credential_id>/card.pdf", methods=["GET", "POST"])
@limiter.limit(_RATE)
@needs(PUBLIC)
def print_card(credential_id: str) -> Response:
    """Send the wallet card; by POST with the name that was typed."""
    from server.badges.printing.card import draw_card
    from server.badges.printing.check import checked

    award = services.find_credential(credential_id)
    badge = _printed(award)
    pdf = checked(draw_card(badge, _typed_name()), [badge.short])
    return _file(pdf, f"{services.file_name(award.achievement)}-card.pdf")


@papers.route("/credentials/<credential_id>/stickers.pdf", methods=["GET", "POST"])
@limiter.limit(_RATE)
@needs(PUBLIC)
def print_stickers(credential_id: str) -> Response:
    """Send a page of stickers of one badge; by POST of all that the form names (`badge`: their ids)."""
    from server.badges.printing.check import checked
    from server.badges.printing.stickers import A_PAGE, MOST, draw_stickers

    wanted = list(dict.fromkeys(request.form.getlist("badge")))[:MOST] or [credential_id]
    badges = [_printed(services.find_credential(one)) for one in wanted]
    codes = [one.short for one in badges] * (A_PAGE if len(badges) == 1 else 1)
    return _file(checked(draw_stickers(badges), codes), "stickers.pdf")


def _typed_name() -> str:
    """Read a name from the form, never from the address: addresses are logged."""
    return " ".join(clean(request.form.get("name", "")).split())[:_NAME]


@papers.get("/credentials/<credential_id>.html")
@limiter.limit(_RATE)
@needs(PUBLIC)
def download_check(credential_id: str) -> Response:
    """Send the file that checks this badge with no network."""
    award = services.find_credential(credential_id)
    with writing() as session:  # the list may have to be signed anew
        listing = lists.publish(award.status_list)
        html = render_template("badges/offline.html", **offline_context(session, award, listing))
    response = make_response(html)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{services.file_name(award.achievement)}-check.html"'
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _certificate(award: Award, name: str, *, whole: bool) -> Response:
    from server.badges.printing.certificate import Wishes, draw_certificate
    from server.badges.printing.check import checked
    from server.badges.printing.whole import draw_whole

    badge = _printed(award)
    with writing():  # a lost key is replaced by the next one
        code = draw_whole(award) if whole else None
    paper = draw_certificate(badge, Wishes(name, code.qr if code else None))
    pdf = checked(paper, [badge.short, code.text] if code else [badge.short])
    return _file(pdf, f"{services.file_name(award.achievement)}-certificate.pdf")


def _printed(award: Award) -> Printed:
    """Read what is printed; `?in=ar` chooses the language of the badge's own words."""
    return printed(award, request.values.get("in", ""))


def _file(pdf: bytes, name: str) -> Response:
    """Send a print: kept by nobody on the way, for a name may be on it."""
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
