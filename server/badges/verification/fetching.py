"""Reads a public document from another site, through the guard of `core/outside.py`.

Redirects are checked anew. Size, time and kind are limited.
"""

import http.client
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urljoin

from server.badges.verification.resolving import Fetched
from server.core import outside
from server.core.outside import PORT, Lookup, NotReached, is_public, look_up

SECONDS = 8.0
MOST_BYTES = 2 * 1024 * 1024
MOST_READS = 12
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_KINDS = ("image/png", "image/svg+xml", "text/plain", "application/vc", "application/jwt", "application/vc+jwt",
          "application/vc+ld+jwt", "application/jose", "application/octet-stream")  # fmt: skip
_WANTED = "application/vc, application/ld+json, application/json, */*;q=0.1"


class Outside:
    """Other sites' documents, for one check: each is read once, and only so many."""

    def __init__(
        self,
        look_up: Lookup = look_up,
        is_allowed: Callable[[str], bool] = is_public,
        trust: ssl.SSLContext | None = None,
        port: int = PORT,
    ) -> None:
        self._outside = outside.Outside(look_up, is_allowed, trust or ssl.create_default_context(), port)
        self._read: dict[str, Fetched | None] = {}
        self._ends = time.monotonic() + 2 * SECONDS

    def fetch(self, url: str) -> Fetched | None:
        """Read an address; None when that may not be, or did not work."""
        url = url.partition("#")[0]
        if url not in self._read:
            if len(self._read) >= MOST_READS:
                return None
            self._read[url] = None
            with suppress(NotReached, OSError, ValueError, http.client.HTTPException, UnicodeError):
                self._read[url] = self._follow(url)
        return self._read[url]

    def _follow(self, url: str) -> Fetched:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask(url)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
        raise NotReached("too many redirects")

    def _ask(self, url: str) -> Fetched | str:
        """Ask one address: its answer, or where it sends us."""
        remaining = min(SECONDS, self._ends - time.monotonic())
        if remaining <= 0:
            raise NotReached("no time left")
        return self._outside.ask(url, _talk, remaining)


def _talk(connection: http.client.HTTPConnection, path: str) -> Fetched | str:
    """Send the request and read the answer over a connection that stands."""
    headers = {
        "Accept": _WANTED,
        "Accept-Encoding": "identity",
        "User-Agent": "Streetwise",
        "Connection": "close",
    }
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    if response.status in _REDIRECTS:
        return response.getheader("Location") or ""
    if response.status not in (200, 410):
        raise NotReached(f"status {response.status}")
    if response.status == 200 and not _is_taken(response):
        raise NotReached("another kind")
    content = response.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NotReached("too large")
    return Fetched(response.status, content)


def _is_taken(response: http.client.HTTPResponse) -> bool:
    kind = response.headers.get_content_type()
    packed = response.getheader("Content-Encoding", "identity") != "identity"
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    return not packed and (is_json or kind in _KINDS)
