"""Effects of a device's own events: it introduces itself, invites another, or says what it has lost."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from server.accounts import devices, invitations, merging
from server.accounts.devices import CityMissing, LearnerTaken, Newcomer
from server.accounts.erasures import Erased, erased
from server.accounts.learners import find_merged
from server.core.text import clean
from server.post import push
from server.replicas.device_rows import device_row
from server.replicas.effects import Work, about, is_id, on, read_id, read_text
from server.replicas.merging import take_feed
from server.replicas.moments import milliseconds, moment
from server.replicas.services import begin_epoch
from sync.engine import Later, Refused
from sync.messages import FAR, Event
from sync.signatures import HELLO, MERGE, Key, Registered, read_key

MOST_NAME = 60


@on(HELLO)
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
    _tell_devices(work)


def _tell_devices(work: Work) -> None:
    """Tell a learner of all their devices, once they have several."""
    all = devices.devices_of(work.store.session, work.event.learner)
    for one in all if len(all) > 1 else ():
        work.put(*device_row(one))


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


@on("device.name")
def name_device(work: Work) -> Mapping[str, Any]:
    """Keep how the learner calls one of their devices."""
    device, name = read_id(work, "device"), read_text(work, "name", MOST_NAME).strip()
    named = devices.name(work.store.session, work.event.learner, device, name)
    work.put(*device_row(named))
    return {"device": named.id}


@on("device.revoke")
def revoke_device(work: Work) -> Mapping[str, Any]:
    """Lock another device of this learner out, for good."""
    session, device = work.store.session, read_id(work, "device")
    gone = devices.revoke(session, work.event.learner, device, work.event.device, moment(work.now))
    push.unsubscribe(session, gone.id)
    work.put(*device_row(gone))
    return {"device": gone.id}


@about(MERGE)
def whom_joined(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the learners into whom others go."""
    named = {id for one in events if is_id(id := one.body.get("into"))}
    return named | set(find_merged(session.connection(), named).values())


@on(MERGE)
def merge(work: Work) -> Mapping[str, Any]:
    """Let this learner be one with another, who has invited them: all of theirs counts for that one from now on.

    Nothing else of its batch comes before it: what that changed would be told to a feed that nobody reads any more.
    """
    if not work.store.is_first(work.event):
        raise Later("first", 1)
    old, new = work.event.learner, read_id(work, "into")
    session, at = work.store.session, moment(work.now)
    new = find_merged(session.connection(), [new]).get(new, new)
    if new == old:
        return {"learner": new}
    if new not in work.store.locked:
        raise Later("turn", 1)  # it was another one's just now
    merging.accept(session, read_text(work, "invite", 43), old, new, work.event.device, at=at)
    told = merging.merge(session, old, new, at)
    work.event = replace(work.event, learner=new)
    for key, row in [*take_feed(session, old, new), *told]:
        work.put(key, row) if row is not None else work.drop(key)
    _tell_devices(work)
    work.store.merge(old, new)
    work.judge_again(work.store.held([new], "blob_missing"))
    return {"learner": new}


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
