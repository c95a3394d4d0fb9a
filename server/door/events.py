"""Effects of what happens at a door: a device opens it, lets people in, takes that back, and makes or ends links."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from server.accounts.learners import find_merged
from server.accounts.models import Device
from server.core.errors import NotFound
from server.core.i18n import gettext
from server.door import (
    entries,
    receipts,  # noqa: F401 - it registers what a scan of one does
    services,
    vouching,  # noqa: F401 - it registers whose word let somebody in
)
from server.door.entries import GUEST, PASS, TICK, Confirm, UnknownEntry, Who
from server.door.models import DoorDevice, DoorEntry
from server.door.passes import check_pass, read_device
from server.door.scans import scan_again
from server.door.services import HELPER, ORGANISER, Door, DoorClosed, Maker
from server.door.standing import door_of, host_of, judge, signed_for, tell_learner
from server.learning.ledger import ledger_of
from server.learning.rows import check_in_key, check_in_row
from server.learning.services import Deed
from server.learning.voids import take_completions_back
from server.occurrences.models import Occurrence
from server.replicas.effects import Work, about, check_locked, is_id, on, read_id, read_text
from server.replicas.models import Event as EventRow
from server.replicas.moments import milliseconds, moment
from sync.engine import Held, Refused
from sync.messages import FAR, Event
from sync.times import Moment

MOST_NAME, MOST_PASS = 60, 500
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")


class UnknownLearner(NotFound):
    code = "unknown_learner"


@on("door.open")
def open_door(work: Work) -> Mapping[str, Any]:
    """Let this device stand at a door, by the link's secret."""
    session = work.store.session
    link, occurrence = services.find_by_secret(session, read_text(work, "link", 200))
    judge(work, services.holding(link, occurrence))
    device = DoorDevice(
        occurrence_id=occurrence.id,
        device_id=work.event.device,
        link_id=link.id,
        learner_id=work.event.learner,
        event_id=work.event.id,
        joined_at=moment(work.now),
    )
    door = services.join(session, link, device)
    return {"occurrence": occurrence.id, "role": door.link.role, "ends": milliseconds(door.link.ends_at)}


@on("door.link")
def make_link(work: Work) -> Mapping[str, Any]:
    """Make a helper's link, whose secret only the organiser's phone knows."""
    door = _organisers_door(work, read_id(work, "occurrence"))
    digest, ends = work.event.body.get("digest"), work.event.body.get("ends")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise Refused("malformed", where="body.digest")
    if ends is not None and (type(ends) is not int or not 0 <= ends <= FAR):
        raise Refused("malformed", where="body.ends")
    link = services.make_link(
        work.store.session,
        door.occurrence,
        HELPER,
        digest,
        at=moment(work.now),
        by=Maker(device=work.event.device),
        label=read_text(work, "label", services.MOST_LABEL),
        ends=None if ends is None else moment(ends),
    )
    return {"link": link.id, "ends": milliseconds(link.ends_at)}


@on("door.revoke")
def revoke_link(work: Work) -> Mapping[str, Any]:
    """End a link of a door at which this device is the organiser's."""
    link = services.find_link(work.store.session, read_id(work, "link"))
    _organisers_door(work, link.occurrence_id)
    services.revoke(link, moment(work.now))
    return {"link": link.id}


def _organisers_door(work: Work, occurrence_id: str) -> Door:
    door = door_of(work, occurrence_id)
    if door.link.role != ORGANISER:
        raise DoorClosed()
    judge(work, services.holding(door.link, door.occurrence))
    return door


@about("checkin.confirm")
def whom_confirmed(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the learners of passes, as far as their devices are known, and those who were ticked."""
    devices = {device for one in events if (device := read_device(one.body.get("pass")))}
    ticked = {id for one in events if is_id(id := one.body.get("learner"))}
    by_now = find_merged(session.connection(), ticked)
    named = {by_now.get(one, one) for one in ticked}
    return {*session.scalars(select(Device.learner_id).where(Device.id.in_(devices))), *named}


@on("checkin.confirm")
def confirm(work: Work) -> Mapping[str, Any]:
    """Let somebody in: by their pass, by a tick on the list, or as a guest without a phone."""
    door = door_of(work, read_id(work, "occurrence"))
    when = judge(work, door.window)
    who, stale = _read_who(work, door, when)
    if who.learner:
        check_locked(work, who.learner, host=host_of(work))
    said = Confirm(work.event.learner, work.event.id, work.event.device, moment(when.at), when.state)
    done = entries.let_in(ledger_of(work), door.occurrence, who, said, moment(work.now))
    if done.check_in and not done.already:
        tell_learner(work, who.learner or "", done.check_in)
    level = {"level": entries.CONFIRMED, "learner": who.learner} if who.learner else {}
    effect = {**level, "entry": done.entry.id, "at": when.at, "time": when.state}
    first = {"by": done.entry.device_id, "since": milliseconds(done.entry.at)} if done.already else {}
    marks = {"already": done.already, "over": done.entry.over, "stale_pass": stale}
    return {**effect, **first, **{name: mark for name, mark in marks.items() if mark}}


def _read_who(work: Work, door: Door, when: Moment) -> tuple[Who, int]:
    """Read whom the event lets in, and how many seconds off their pass was. Raises WrongPass, Held or Refused."""
    body = work.event.body
    if body.get("pass") is not None:
        shown = check_pass(
            work.store.session,
            read_text(work, "pass", MOST_PASS),
            signed_for(work, door.occurrence),
            host_of(work),
        )
        return Who(PASS, shown.learner, shown.name, shown.picture), shown.staleness(when.at)
    if body.get("learner") is not None:
        ticked = read_id(work, "learner")
        by_now = find_merged(work.store.session.connection(), [ticked])
        return _ticked(work, door, by_now.get(ticked, ticked)), 0
    name = read_text(work, "guest", MOST_NAME)
    if not name:
        raise Refused("malformed", where="body.guest")
    return Who(GUEST, None, name), 0


def _ticked(work: Work, door: Door, learner: str) -> Who:
    """Return somebody who stands on the door's list. Others cannot be ticked: their id alone shows nobody."""
    ledger = ledger_of(work)
    if not entries.knows(ledger, door.occurrence, learner):
        raise UnknownLearner()
    held = entries.reservation(ledger.session, door.occurrence.id, learner)
    return Who(TICK, learner, held.name if held else "", held.picture if held else "")


@about("checkin.undo")
def whom_undone(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the learners whose entries are taken back: by a confirm of the same door, or from its list."""
    confirms = [(one.learner, id) for one in events if is_id(id := one.body.get("event"))]
    said = select(EventRow.effect).where(tuple_(EventRow.learner_id, EventRow.id).in_(confirms))
    named = [id for one in events if is_id(id := one.body.get("entry"))]
    listed = select(DoorEntry.who_id).where(DoorEntry.id.in_(named), DoorEntry.who_id.is_not(None))
    told = {str(effect["learner"]) for effect in session.scalars(said) if "learner" in effect}
    by_now = find_merged(session.connection(), told)
    return {*(by_now.get(one, one) for one in told), *(str(one) for one in session.scalars(listed))}


@on("checkin.undo")
def undo(work: Work) -> Mapping[str, Any]:
    """Take a confirm of this door back (`event`), or all confirms of an entry on its list (`entry`)."""
    work.store.write_new()
    entry, taken = _read_undone(work)
    door = door_of(work, entry.occurrence_id)
    judge(work, door.window)
    if entry.who_id:
        check_locked(work, entry.who_id)
    undone = [[one.learner, one.event] for one in taken]
    if entry.undone_at is None and [entry.learner_id, entry.event_id] in undone:
        _take_out(work, door, entry, taken)
    return {"entry": entry.id, "undone": undone, "in": entry.undone_at is None}


def _read_undone(work: Work) -> tuple[DoorEntry, list[Confirm]]:
    """Return the entry that is meant and the confirms that are taken back. Raises UnknownEntry, Held or Refused."""
    session = work.store.session
    if work.event.body.get("entry") is not None:
        entry = session.get(DoorEntry, read_id(work, "entry"))
        if entry is None:
            raise UnknownEntry()
        return entry, entries.confirms_of(session, entry)
    target = read_id(work, "event")
    entry = session.get(DoorEntry, str(_read_effect(work, target).get("entry")))
    if entry is None:
        raise UnknownEntry()
    said = entries.confirms_of(session, entry)
    return entry, [one for one in said if (one.learner, one.event) == (work.event.learner, target)]


def _read_effect(work: Work, target: str) -> Mapping[str, Any]:
    """Return what an earlier event of this learner did. Waits for it, and falls with it, whether or not `needs` names it."""
    known = work.store.find_known(work.event.learner, target)
    if known is None or known.verdict.state == "hold":
        raise Held("needs", event=target)
    if known.verdict.state == "rejected":
        raise Refused("needs", event=target)
    return known.verdict.effect


def _take_out(work: Work, door: Door, entry: DoorEntry, taken: Sequence[Confirm]) -> None:
    """Let an entry rest on what other doors confirmed, else on the learner's own scans, else on nothing.

    What was completed with it is as sure as what stays, or taken back, with the badges it brought.
    """
    ledger, session, now = ledger_of(work), work.store.session, moment(work.now)
    others = [one for one in entries.confirms_of(session, entry) if one not in taken]
    before = _check_in_of(work, door.occurrence, entry)
    stays = entries.take_out(ledger, door.occurrence, entry, others, now)
    if before is None:
        return
    learner = before.learner_id
    stays = stays or scan_again(work, door.occurrence, learner)
    key, row = check_in_row(stays, None) if stays else (check_in_key(before), None)
    deed = Deed(learner, before.event_id, before.at, now)
    reason = gettext("The check-in was taken back at the door.")
    for one in ((key, row), *take_completions_back(ledger, deed, door.occurrence.activity_id, reason)):
        _tell(work, learner, *one)


def _tell(work: Work, learner: str, key: str, row: Mapping[str, Any] | None) -> None:
    if row is None:
        work.drop_for(learner, key)
    else:
        work.put_for(learner, key, row)


def _check_in_of(work: Work, occurrence: Occurrence, entry: DoorEntry) -> Any:
    spot = entries.spot_of(occurrence)
    return ledger_of(work).check_in(entry.who_id, spot) if entry.who_id else None
