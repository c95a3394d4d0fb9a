"""Effects of a device's own events: it introduces itself, or says what it has lost."""

from collections.abc import Mapping
from typing import Any

from server.accounts import devices
from server.accounts.devices import CityMissing, LearnerTaken, Newcomer
from server.core.text import clean
from server.replicas.effects import Work, on
from server.replicas.services import begin_epoch
from server.replicas.store import moment
from sync.engine import Later, Refused
from sync.signatures import read_key


@on("device.hello")
def hello(work: Work) -> Mapping[str, Any]:
    """Register the device's key and its learner. A device may say hello again, with the same key."""
    event = work.event
    key = read_key(event)
    if key is None:
        raise Later("malformed", 3600)  # without a key nothing of this device can be stored
    known = devices.registered(work.store.session, [event.device]).get(event.device)
    if known is None:
        agent = event.body.get("agent")
        agent = clean(agent)[:200] if isinstance(agent, str) else ""
        newcomer = Newcomer(event.device, event.learner, key, agent)
        try:
            devices.register(work.store.session, newcomer, host=work.store.terms.host, at=moment(work.now))
        except (LearnerTaken, CityMissing) as error:
            raise Later(error.code, 3600) from error
        begin_epoch(work.store.session)
    elif known.key != key:
        raise Refused("wrong_key")
    return {}


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
