"""What other sites fetch to show a badge: oEmbed, and a small page for a frame."""

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from server.badges.services import find_credential
from server.badges.showing import describe
from server.core.db import utc_now
from server.core.limits import limiter
from server.core.roles import PUBLIC, needs
from server.portfolio import previews
from server.portfolio.errors import NotShown
from server.portfolio.previews import HEIGHT, WIDTH, Room, WrongFormat

preview_routes = Blueprint("previews", __name__)

_FRAME = "; ".join(
    ("default-src 'none'", "img-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors *")
)


@preview_routes.get("/oembed")
@limiter.limit("120 per minute")
@needs(PUBLIC)
def oembed() -> Response:
    """Describe the badge at `url` for another site, as JSON or XML. What is not shown is 401, as oEmbed has it."""
    wanted = request.args.get("format", "json")
    if wanted not in ("json", "xml"):
        raise WrongFormat()
    try:
        award = previews.find_by_address(request.args.get("url", ""))
    except NotShown as error:
        error.status = 401
        raise
    said = previews.oembed(award, _read_room())
    answer = jsonify(said) if wanted == "json" else Response(previews.as_xml(said), mimetype="text/xml")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.vary.add("Accept-Language")
    return answer


def _read_room() -> Room:
    return Room(_at_most("maxwidth", WIDTH), _at_most("maxheight", HEIGHT))


def _at_most(name: str, usual: int) -> int:
    said = request.args.get(name, "")
    return (
        min(usual, int(said))
        if said.isascii() and said.isdigit() and 0 < len(said) < 6 and int(said)
        else usual
    )


@preview_routes.get("/credentials/<credential_id>/embed")
@limiter.limit("300 per minute")
@needs(PUBLIC)
def embed(credential_id: str) -> Response:
    """Show a badge in another site's frame: no script, no cookie, and a way to the page that proves it."""
    award = find_credential(credential_id)
    answer = make_response(render_template("portfolio/embed.html", **describe(award, utc_now())))
    answer.headers["Content-Security-Policy"] = _FRAME
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.vary.add("Accept-Language")
    return answer
