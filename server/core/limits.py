"""Limits: of how often, on everything that guesses, enumerates or registers; and of how much may come in one body."""

from collections.abc import Collection
from ipaddress import IPv6Address, ip_network

from flask import request
from flask_limiter import Limiter
from limits import parse_many

from server.core.errors import TooLarge, WrongMediaType

JSON = ("application/json",)


def network() -> str:
    """Name who asks: the address, of IPv6 its /64, because that is what one subscriber has."""
    address = request.remote_addr or "127.0.0.1"
    if ":" not in address:
        return address
    v6 = IPv6Address(address.partition("%")[0])
    return str(v6.ipv4_mapped or ip_network((v6, 64), strict=False))


limiter = Limiter(key_func=network, headers_enabled=True)
"""Decorate a route with `@limiter.limit(lambda: current_app.config["STREETWISE"].typed_rate)`."""


def may_go_on(what: str, rate: str) -> bool:
    """Say whether this network may do more of something that is counted by `count`."""
    return not limiter.enabled or all(limiter.limiter.test(one, what, network()) for one in parse_many(rate))


def count(what: str, rate: str, times: int) -> None:
    """Count what this network did, after it was done."""
    if limiter.enabled and times:
        for one in parse_many(rate):
            limiter.limiter.hit(one, what, network(), cost=times)


def take_at_most(size: int, kinds: Collection[str] = JSON) -> None:
    """Stop a body of more bytes, or of another media type, before anything reads it. Raises TooLarge or WrongMediaType."""
    request.max_content_length = size
    if (request.content_length or 0) > size:
        raise TooLarge()
    if (request.content_length or "Transfer-Encoding" in request.headers) and request.mimetype not in kinds:
        raise WrongMediaType()
