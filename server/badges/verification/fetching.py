"""Reads a public document from another site, and never anything that is not public.

Only https on its usual port; the host's addresses are looked up once, must all be public, and the connection
goes to the very address that was checked, so that a second look-up cannot lead elsewhere. Redirects are checked
anew. Size, time and kind are limited. Nothing of ours is sent along: no cookie, no referrer.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from server.badges.verification.resolving import Fetched

Lookup = Callable[[str, int], list[str]]
SECONDS = 8.0
MOST_BYTES = 2 * 1024 * 1024
MOST_READS = 12
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_PORT = 443
_KINDS = ("image/png", "image/svg+xml", "text/plain", "application/vc", "application/jwt", "application/vc+jwt",
          "application/vc+ld+jwt", "application/jose", "application/octet-stream")  # fmt: skip
_WANTED = "application/vc, application/ld+json, application/json, */*;q=0.1"


class NotRead(Exception):
    """An address was refused, or answered with something that we do not take."""


def look_up(host: str, port: int) -> list[str]:
    """Ask for a host's addresses. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet's; wrappings of IPv4 in IPv6 never are."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        wrapped = one.ipv4_mapped or one.sixtofour or one.teredo
        if wrapped or one in ipaddress.ip_network("64:ff9b::/96") or one in ipaddress.ip_network("::/96"):
            return False
    return one.is_global and not one.is_multicast and not one.is_reserved


class Outside:
    """Other sites' documents, for one check: each is read once, and only so many."""

    def __init__(
        self,
        look_up: Lookup = look_up,
        is_allowed: Callable[[str], bool] = is_public,
        trust: ssl.SSLContext | None = None,
        port: int = _PORT,
    ) -> None:
        self._look_up, self._is_allowed, self._port = look_up, is_allowed, port
        self._trust = trust or ssl.create_default_context()
        self._read: dict[str, Fetched | None] = {}
        self._ends = time.monotonic() + 2 * SECONDS

    def fetch(self, url: str) -> Fetched | None:
        """Read an address; None when that may not be, or did not work."""
        url = url.partition("#")[0]
        if url not in self._read:
            if len(self._read) >= MOST_READS:
                return None
            self._read[url] = None
            with suppress(NotRead, OSError, ValueError, http.client.HTTPException, UnicodeError):
                self._read[url] = self._follow(url)
        return self._read[url]

    def _follow(self, url: str) -> Fetched:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask(url)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
        raise NotRead("too many redirects")

    def _ask(self, url: str) -> Fetched | str:
        """Ask one address: its answer, or where it sends us."""
        host, path = self._check(url)
        remaining = min(SECONDS, self._ends - time.monotonic())
        if remaining <= 0:
            raise NotRead("no time left")
        raw = socket.create_connection((self._choose(host), self._port), timeout=remaining)
        rang: list[bool] = []
        with self._trust.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False) as secured:
            alarm = threading.Timer(remaining, _cut, [secured, rang])  # however slowly it drips
            alarm.start()
            try:
                secured.do_handshake()
                answer = _talk(secured, host, path, self._port)
            finally:
                alarm.cancel()
        if rang:
            raise NotRead("cut off")
        return answer

    def _check(self, url: str) -> tuple[str, str]:
        """Take an address apart. Raises NotRead, ValueError for all but plain https."""
        if len(url) > 2000 or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise NotRead("no plain address")
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.username is not None or parts.password is not None:
            raise NotRead("not https")
        if not parts.hostname or (parts.port or _PORT) != _PORT:
            raise NotRead("another port")
        return parts.hostname, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _choose(self, host: str) -> str:
        """Choose the IP address that we connect to; one that is not public spoils them all."""
        found = self._look_up(host, self._port)
        if not found or not all(self._is_allowed(one) for one in found):
            raise NotRead("not public")
        return found[0]


def _talk(secured: ssl.SSLSocket, host: str, path: str, port: int) -> Fetched | str:
    """Send the request and read the answer over a connection that stands."""
    connection = http.client.HTTPConnection(host, port)
    connection.sock = secured
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
        raise NotRead(f"status {response.status}")
    if response.status == 200 and not _is_taken(response):
        raise NotRead("another kind")
    content = response.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NotRead("too large")
    return Fetched(response.status, content)


def _is_taken(response: http.client.HTTPResponse) -> bool:
    kind = response.headers.get_content_type()
    packed = response.getheader("Content-Encoding", "identity") != "identity"
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    return not packed and (is_json or kind in _KINDS)


def _cut(secured: ssl.SSLSocket, rang: list[bool]) -> None:
    rang.append(True)
    with suppress(OSError):
        socket.socket.shutdown(secured, socket.SHUT_RDWR)
