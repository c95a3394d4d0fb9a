"""Who speaks: each request is signed by a device, and each event in it by the device that made it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.accounts.devices import registered
from server.accounts.erasures import Erased, erased
from server.accounts.learners import find_merged
from server.core.db import table
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.replicas import keys
from server.replicas.models import Event as EventRow
from sync.engine import answer_again
from sync.messages import Batch, Event, Result, Signed, Verdict
from sync.signatures import (
    HELLO,
    MERGE,
    Registered,
    announced,
    check_events,
    count_for,
    named_strangers,
    read_events,
)

_events = table(EventRow).c
_FINAL = select(_events.id, _events.payload, _events.signature, _events.state, _events.why, _events.effect).where(
    _events.learner_id == bindparam("learner"),
    _events.id.in_(bindparam("ids", expanding=True)),
    _events.state.in_(("ok", "rejected")),
)  # fmt: skip


class NotProven(DomainError):
    """A request is not signed by a device that may send it."""

    status, code = 401, "bad_signature"

    def explain(self) -> str:
        return gettext("This request is not signed by a device that we know.")


class UnknownDevice(NotProven):
    code = "unknown_device"


class DeviceRevoked(NotProven):
    code = "device_revoked"

    def explain(self) -> str:
        return gettext("This device may not send work any more.")


class WrongLearner(NotProven):
    """The device is another learner's: most likely this server was restored to before two learners became one."""

    code = "wrong_learner"

    def explain(self) -> str:
        return gettext(
            "This server has gone back to before two of your phones were brought together. All is kept on this phone, and you "
            "can look at it. Do not remove anything, and tell the people who run this city: they can put it right."
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """A batch whose signatures were checked: events to apply, or what answers them already."""

    events: Sequence[Event | Result]
    devices: Set[str]  # those that are registered
    newcomers: int
    sender: Registered

    @property
    def new(self) -> list[Event]:
        """The events that are not answered yet."""
        return [one for one in self.events if isinstance(one, Event)]

    @property
    def results(self) -> list[Result]:
        """The answers there are without applying anything."""
        return [one for one in self.events if isinstance(one, Result)]


def check_batch(session: Session, batch: Batch, raw: bytes, signature: str) -> Checked:
    """Check the request's signature and each new event's. Opens no write transaction.

    Raises UnknownDevice, DeviceRevoked, WrongLearner or NotProven when the request itself may not be made, and Erased
    when its learner erased everything.
    """
    events = read_events(batch.events)
    stored = registered(session, {batch.device} | {e.device for e in events if isinstance(e, Event)})
    formerly = _find_former(session, batch, events, stored)
    events = count_for(events, formerly)
    events = _refuse_erased(session, batch, events, stored)
    new = {id: device for id, device in announced(events).items() if id not in stored}
    sender = stored.get(batch.device) or new.get(batch.device)
    _check_sender(sender, formerly.get(batch.learner, batch.learner))
    if sender is None or not keys.verify_text(sender.key, signature, raw):
        raise NotProven()
    events = _answer_known(session, events)
    return Checked(check_events(events, {**new, **stored}, keys.verify), stored.keys(), len(new), sender)


def _find_former(
    session: Session, batch: Batch, events: Sequence[Event | Result], stored: Mapping[str, Registered]
) -> Mapping[str, str]:
    """Find who learners are by now whom a device names that is not theirs. Most batches name none, and cost nothing."""
    named = named_strangers(events, stored)
    if batch.device not in stored or stored[batch.device].learner != batch.learner:
        named.add(batch.learner)
    return find_merged(session.connection(), named)


def _refuse_erased(
    session: Session, batch: Batch, events: Sequence[Event | Result], stored: Mapping[str, Registered]
) -> list[Event | Result]:
    """Refuse the events of those who erased everything: their devices are not known any more. Raises Erased."""
    strangers = {one.learner for one in events if isinstance(one, Event) and one.device not in stored}
    gone = erased(session, strangers | (set() if batch.device in stored else {batch.learner}))
    if batch.learner in gone:
        raise Erased()
    return [
        Result(one.id, "rejected", Erased.code) if isinstance(one, Event) and one.learner in gone else one
        for one in events
    ]


def _answer_known(session: Session, events: Sequence[Event | Result]) -> list[Event | Result]:
    """Answer what was here before, to the byte, and has a final verdict.

    It never changes, so no lock is needed; and the signature was checked when it came.
    """
    known: dict[tuple[str, str], tuple[Signed, Verdict]] = {}
    for learner in {one.learner for one in events if isinstance(one, Event)}:
        ids = sorted(one.id for one in events if isinstance(one, Event) and one.learner == learner)
        for row in session.execute(_FINAL, {"learner": learner, "ids": ids}):
            verdict = Verdict(row.state, row.why, row.effect)
            known[learner, row.id] = Signed(row.payload, row.signature), verdict
    return [one if isinstance(one, Result) else _answered(one, known) for one in events]


def _answered(event: Event, known: Mapping[tuple[str, str], tuple[Signed, Verdict]]) -> Event | Result:
    signed, verdict = known.get((event.learner, event.id), (None, None))
    return answer_again(event.id, verdict) if verdict and signed == event.signed else event


def _check_sender(sender: Registered | None, learner: str) -> None:
    if sender is None:
        raise UnknownDevice()
    if sender.revoked:
        raise DeviceRevoked()
    if sender.learner != learner:
        raise WrongLearner()


def check_blob_call(session: Session, device: str, signature: str, content: str) -> str:
    """Check that a registered device signed a call about a file; return its learner."""
    sender = registered(session, [device]).get(device)
    _check_sender(sender, sender.learner if sender else "")
    if sender is None or not keys.verify_text(sender.key, signature, content.encode()):
        raise NotProven()
    return sender.learner


def accepted(checked: Checked, results: Sequence[Result], type: str) -> set[str]:
    """Name the learners of whom an event of this type stands accepted now, be it for the first time or not."""
    return {
        event.learner
        for event, one in zip(checked.events, results, strict=True)
        if isinstance(event, Event) and event.type == type and "ok" in (one.state, one.verdict)
    }


def is_registered(batch: Batch, checked: Checked, results: Sequence[Result]) -> bool:
    """Say whether the sending device stands for its learner, now that its own hello was decided.

    One that is not yet has signed its request, but anyone may claim a learner's id: it is told nothing of theirs.
    """
    return batch.device in checked.devices or _was_done(batch, checked, results, HELLO)


def _was_done(batch: Batch, checked: Checked, results: Sequence[Result], type: str) -> bool:
    """Say whether the sending device did this in its batch."""
    return any(
        isinstance(event, Event)
        and event.type == type
        and event.device == batch.device
        and "ok" in (one.state, one.verdict)
        for event, one in zip(checked.events, results, strict=True)
    )


def owner_now(
    session: Session, batch: Batch, checked: Checked, results: Sequence[Result]
) -> Registered | None:
    """Return the sending device as it is registered now; None when it is not."""
    if not is_registered(batch, checked, results):
        return None
    if not _was_done(batch, checked, results, MERGE):
        return checked.sender
    return registered(session, [batch.device]).get(batch.device)
