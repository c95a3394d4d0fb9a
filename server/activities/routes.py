"""The stop's page, and the pictures and sounds that pages show."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, request, send_file

from server.activities import facts
from server.activities.models import MediaFile
from server.activities.services import activity_url, find_activity, media_key, preview_of
from server.cities.current import current_city
from server.core.db import db
from server.core.errors import NotFound
from server.core.i18n import LANGUAGES, pick
from server.core.roles import PUBLIC, needs
from server.core.security import DRAWING_POLICY
from server.core.shell import page
from server.core.storage import files
from server.organisers.offering import check_offered
from server.playlists.services import stop_context

routes = Blueprint("activities", __name__, template_folder="templates")
_WORDS: dict[str, Callable[..., Any]] = {
    "activity_url": activity_url,
    "minutes_words": facts.minutes_words,
    "cost_words": facts.cost_words,
    "age_words": facts.age_words,
    "facts": facts.facts,
    "activity_schema": facts.schema,
    "activity_preview": lambda one: facts.media_preview(one.picture, pick(one.picture_alt)),
}
for name, shown in _WORDS.items():
    routes.add_app_template_global(shown, name)


@routes.get(f"/<any({', '.join(LANGUAGES)}):lang>/activities/<slug>")
@needs(PUBLIC)
def stop(lang: str, slug: str) -> Response:
    session = db.session()
    activity = find_activity(session, current_city(), slug)
    check_offered(activity.organiser)
    return page("activities/stop.html", **stop_context(session, activity, lang))


@routes.get("/media/<sha256>.<ending>")
@needs(PUBLIC)
def media(sha256: str, ending: str) -> Response:
    """Serve a file by the hash of its content, for ever; an SVG also as the PNG that previews want."""
    kept = db.session.get(MediaFile, sha256)
    if kept and kept.ending == ending:
        return _for_ever(files().get(media_key(sha256, ending)), kept.mime, sha256)
    if kept and kept.ending == "svg" and ending == "png":
        return _for_ever(preview_of(kept), "image/png", f"{sha256}-png")
    raise NotFound()


def _for_ever(content: bytes, mime: str, etag: str) -> Response:
    """Answer ranges too: Safari plays no sound without them."""
    response = send_file(BytesIO(content), mime, conditional=False, etag=False)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = DRAWING_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # previews embed it
    response.content_length = len(content)
    response.set_etag(etag)
    response.direct_passthrough = False
    response.make_conditional(request, accept_ranges=True, complete_length=len(content))
    return response
