"""What marks the API's answers to phones as ours: a captive portal's have no such header (sync/README.md, “Round trip”)."""

from flask import Response

from sync.messages import PROTOCOL


def speak_sync(response: Response) -> Response:
    """Name the protocol; and nobody keeps what says nothing else of that. For `api.after_request`."""
    response.headers["Sync-Proto"] = PROTOCOL
    response.headers.setdefault("Cache-Control", "no-store")
    return response
