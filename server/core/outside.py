"""Talks to other sites, and only to the public internet: whatever address somebody gave us, nothing of our own network answers.

Only https on its usual port; the host's addresses are looked up once, must all be public, and the connection
goes to the very address that was checked, so that a second look-up cannot lead elsewhere. However slowly an answer
drips, it is cut off. Nothing of ours is sent along: no cookie, no referrer.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
Lookup = Callable[[str, int], list[str]]
PORT = 443
LONGEST = 2000


class NotReached(Exception):
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


def take_apart(url: str) -> tuple[str, str]:
    """Take an address apart into host and path. Raises NotReached, ValueError for all but plain https."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NotReached("no plain address")
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.username is not None or parts.password is not None:
        raise NotReached("not https")
    if not parts.hostname or (parts.port or PORT) != PORT:
        raise NotReached("another port")
    return parts.hostname, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True)
class Outside:
    """The internet, as far as we may ask it. Tests let this machine stand for it."""

    look_up: Lookup = look_up
    is_allowed: Callable[[str], bool] = is_public
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    port: int = PORT

    def ask(self, url: str, talk: Callable[[http.client.HTTPConnection, str], T], seconds: float) -> T:
        """Connect to an address's host and let `talk` send and read, given the path. Raises NotReached, OSError,
        ValueError, HTTPException."""
        host, path = take_apart(url)
        raw = socket.create_connection((self._choose(host), self.port), timeout=seconds)
        rang: list[bool] = []
        with self.trust.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False) as secured:
            alarm = threading.Timer(seconds, _cut, [secured, rang])
            alarm.start()
            try:
                secured.do_handshake()
                connection = http.client.HTTPConnection(host, self.port)
                connection.sock = secured
                answer = talk(connection, path)
            finally:
                alarm.cancel()
        if rang:
            raise NotReached("cut off")
        return answer

    def _choose(self, host: str) -> str:
        """Choose the IP address that we connect to; one that is not public spoils them all."""
        found = self.look_up(host, self.port)
        if not found or not all(self.is_allowed(one) for one in found):
            raise NotReached("not public")
        return found[0]


def _cut(secured: ssl.SSLSocket, rang: list[bool]) -> None:
    rang.append(True)
    with suppress(OSError):
        socket.socket.shutdown(secured, socket.SHUT_RDWR)
