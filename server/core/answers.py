"""Answers of one kind, whoever gives them: the API's to phones, and files that somebody handed in."""

from io import BytesIO

from flask import Response, send_file

from server.core.security import FILE_POLICY
from sync.messages import PROTOCOL

SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/webp"),
        *("audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/wav"),
    }
)
"""Kinds of files that a browser may show where it stands; we wrote or checked each of them."""


def speak_sync(response: Response) -> Response:
    """Name the protocol, which a captive portal would not (sync/README.md, “Round trip”); and nobody keeps what says nothing else of that. For `api.after_request`."""
    response.headers["Sync-Proto"] = PROTOCOL
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def give_file(content: bytes, mime: str) -> Response:
    """Give what a learner handed in to who may see it: pictures and sounds show, all else is only to be kept.

    Nothing in it runs, whatever it says that it is, and no cache keeps it.
    """
    shown = mime in SHOWN
    answer = send_file(
        BytesIO(content), mime if shown else "application/octet-stream", conditional=True, etag=False
    )
    answer.headers["Content-Disposition"] = "inline" if shown else "attachment"
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    answer.direct_passthrough = False
    return answer
