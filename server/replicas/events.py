"""Effects of a device's own events: it introduces itself, invites another, or says what it has lost."""

import re
from collections.abc import Mapping
from typing import Any

from server.accounts import devices, invitations
from server.accounts.devices import CityMissing, LearnerTaken, Newcomer
from server.core.text import clean
from server.privacy.erasures import Erased, erased
from server.replicas.effects import Work, on
from server.replicas.services import begin_epoch
from server.replicas.store import milliseconds, moment
from sync.engine import Later, Refused
from sync.messages import FAR
from sync.signatures import Key, Registered, read_key


@on("device.hello")
def hello(work: Work) -> Mapping[str, Any]:
    """Register the device's key and its learner. A device may say hello again, with the same key."""
    event = work.event
    key = read_key(event)
    if key is None:
        raise Later("malformed", 3600)  # without a key nothing of this device can be stored
    known = devices.registered(work.store.session, [event.device]).get(event.device)
    if known is None:
        _register(work, key)
    elif known.key != key:
        raise Refused("wrong_key")
    return {}


def _register(work: Work, key: Key) -> None:
    """Register a new device. Raises Later: the city, or another device's invitation, may still come."""
    agent, invitation = (_read_any(work, name) for name in ("agent", "invite"))
    known = work.store.was_registered(work.event.device, Registered(work.event.learner, key))
    if erased(work.store.session, [work.event.learner]):
        raise Later(Erased.code, 60)  # since this batch was checked
    newcomer = Newcomer(work.event.device, work.event.learner, key, clean(agent)[:200], invitation, known)
    try:
        devices.register(work.store.session, newcomer, host=work.store.terms.host, at=moment(work.now))
    except LearnerTaken as error:
        raise Later(error.code, 60) from error
    except CityMissing as error:
        raise Later(error.code, 3600) from error
    begin_epoch(work.store.session)


def _read_any(work: Work, name: str) -> str:
    value = work.event.body.get(name)
    return value if isinstance(value, str) else ""


@on("device.invite")
def invite(work: Work) -> Mapping[str, Any]:
    """Keep the hash of a secret by which one more device may join this learner, once, for a day at most."""
    digest, until = work.event.body.get("invite"), work.event.body.get("until")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise Refused("malformed", where="body.invite")
    if type(until) is not int or not 0 <= until <= FAR:
        raise Refused("malformed", where="body.until")
    ends = invitations.invite(
        work.store.session, digest, work.event.learner, until=moment(until), at=moment(work.now)
    )
    return {"until": milliseconds(ends)}


_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")


@on("event.lost")
def lost(work: Work) -> Mapping[str, Any]:
    """Keep that a device cannot fill a hole in its chain."""
    seq = work.event.body.get("seq")
    if work.event.body.get("device") != work.event.device or not _is_range(seq):
        raise Refused("malformed")
    return {}


def _is_range(seq: object) -> bool:
    if not isinstance(seq, list) or len(seq) != 2:
        return False
    return all(type(one) is int for one in seq) and 1 <= seq[0] <= seq[1]
