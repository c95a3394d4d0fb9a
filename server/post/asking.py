"""How often somebody may ask for a mail: nobody's mailbox is flooded by us, and nobody is kept out by who tries."""

import logging
from hashlib import sha256

from flask import current_app
from limits import parse_many

from server.core.limits import limiter, network

_log = logging.getLogger(__name__)
PLACES = 3
"""From so many networks an address gets its share of mails; more are taken for one attack."""
FROM_ONE_NETWORK = "60 per hour;200 per day"
"""Mails to anybody that one network asks for: a school has one address, and an evening for parents."""
UNASKED = "5 per day"
"""Mails to one address that nobody there asked for, whoever has us write them."""


def may_write(address: str) -> bool:
    """Count a mail that its reader did not ask for, and say whether it may be sent."""
    if not limiter.enabled or _has_room(UNASKED, "unasked", _named(address)):
        return True
    _log.warning("An address got enough mails that nobody there asked for: one was not sent.")
    return False


def may_ask(address: str) -> bool:
    """Count that this request asks for a mail to an address, and say whether it may be sent.

    The answer that a person sees must be the same either way. `STREETWISE_MAIL_RATE` counts for an address and a network
    together: who asks again and again for somebody else uses up their own share, and the rightful person, who is
    elsewhere, still gets theirs.
    """
    if not limiter.enabled:
        return True
    rate: str = current_app.config["STREETWISE"].mail_rate
    who, here = _named(address), network()
    if (
        _has_room(FROM_ONE_NETWORK, here)
        and _has_room(rate, who, here)
        and _has_room(rate, who, times=PLACES)
    ):
        return True
    _log.warning("Mails are asked for too often, from %s: one was not sent.", here)
    return False


def _named(address: str) -> str:
    return sha256(address.lower().encode()).hexdigest()


def _has_room(rate: str, *what: str, times: int = 1) -> bool:
    limits = [type(one)(one.amount * times, one.multiples) for one in parse_many(rate)]
    return all(limiter.limiter.hit(one, "mails", *what) for one in limits)
