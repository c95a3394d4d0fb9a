"""Effects of what happens at a door: a device opens it, lets people in, takes that back, and makes or ends links."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.cities.models import City
from server.codes.passes import RECEIPT_KIND
from server.codes.rotating import STEP_S
from server.core.errors import NotFound
from server.door import confirms as _confirms  # noqa: F401  # registers whose word let somebody in
from server.door import entries, services
from server.door.entries import GUEST, PASS, TICK, Confirm, UnknownEntry, Who
from server.door.models import DoorDevice, DoorEntry
from server.door.passes import WrongReceipt, check_pass, check_receipt, read_device
from server.door.scans import scan_again
from server.door.services import HELPER, ORGANISER, Door, DoorClosed, Maker
from server.learning import completions
from server.learning.events import scans
from server.learning.ledger import ledger_of
from server.learning.rows import check_in_key, check_in_row
from server.learning.services import Deed, keep_check_in
from server.occurrences import places
from server.occurrences.models import Occurrence
from server.replicas.effects import Work, about, check_locked, on, read_id, read_text
from server.replicas.models import Event as EventRow
from server.replicas.store import milliseconds, moment
from sync.engine import Refused
from sync.messages import FAR, Event
from sync.times import Moment, Window, judge_time

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
    door = _door(work, occurrence_id)
    if door.link.role != ORGANISER:
        raise DoorClosed()
    judge(work, services.holding(door.link, door.occurrence))
    return door


def _door(work: Work, occurrence_id: str) -> Door:
    """Return the door at which the event's device stands. Raises DoorClosed."""
    door = services.find_door(work.store.session, occurrence_id, work.event.device)
    if door is None or door.device.learner_id != work.event.learner:
        raise DoorClosed()
    return door


def judge(work: Work, window: Window) -> Moment:
    """Say when the event happened, proven or claimed. Raises Refused when it was not in the window."""
    found = judge_time(
        window,
        anchor_at=work.store.anchor_at(work.event),
        received_at=work.received_at,
        wall=work.event.at.wall,
        max_offline=work.store.terms.max_offline_ms,
    )
    if found.state == "rejected":
        early = window.opens is not None and found.at < window.opens
        raise Refused("window_closed" if early else DoorClosed.code)
    return found


@about("checkin.confirm")
def whom_confirmed(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the learners of passes, as far as their devices are known, and those who were ticked."""
    devices = {device for one in events if (device := read_device(one.body.get("pass")))}
    ticked = {one for event in events if isinstance(one := event.body.get("learner"), str)}
    return {
        *session.scalars(select(Device.learner_id).where(Device.id.in_(devices))),
        *filter(_is_id, ticked),
    }


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None


@on("checkin.confirm")
def confirm(work: Work) -> Mapping[str, Any]:
    """Let somebody in: by their pass, by a tick on the list, or as a guest without a phone."""
    door = _door(work, read_id(work, "occurrence"))
    when = judge(work, door.window)
    who, stale = _read_who(work, door, when)
    if who.learner:
        check_locked(work, who.learner, host=_host(work))
    said = Confirm(work.event.learner, work.event.id, work.event.device, moment(when.at), when.state)
    done = entries.let_in(ledger_of(work), door.occurrence, who, said, moment(work.now))
    if done.check_in and not done.already:
        _tell_learner(work, who.learner or "", done.check_in)
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
            work.store.session, read_text(work, "pass", MOST_PASS), _hosts(work, door), _host(work)
        )
        return Who(PASS, shown.learner, shown.name, shown.picture), shown.staleness(when.at)
    if body.get("learner") is not None:
        return _ticked(work, door, read_id(work, "learner")), 0
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


def _host(work: Work) -> str:
    """Return the host that the door's phone asked first: what waited is judged by that too."""
    known = work.store.known(work.event.learner, work.event.id)
    asked = known.verdict.effect.get("host") if known else None
    return str(asked or work.store.terms.host)


def _hosts(work: Work, door: Door) -> list[str]:
    """Return the hosts for which a pass may be made: the city's own, else the one that was asked."""
    city: City = door.occurrence.activity.organiser.city
    return [city.host] if city.host else [_host(work)]


def _tell_learner(work: Work, learner: str, check_in: Any) -> None:
    """Put a confirmed check-in, and what it completes, into that learner's feed."""
    ledger = ledger_of(work)
    deed = Deed(learner, work.event.id, check_in.at, moment(work.now))
    rows = [check_in_row(check_in, None), *completions.settle(ledger, deed, check_in.activity_id)]
    for key, row in rows:
        work.put_for(learner, key, row)


@about("checkin.undo")
def whom_undone(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the learners whose entries are taken back: by a confirm of the same door, or from its list."""
    confirms = [(one.learner, str(one.body.get("event"))) for one in events if one.body.get("event")]
    said = select(EventRow.effect).where(tuple_(EventRow.learner_id, EventRow.id).in_(confirms))
    named = [str(one.body.get("entry")) for one in events if one.body.get("entry")]
    listed = select(DoorEntry.who_id).where(DoorEntry.id.in_(named), DoorEntry.who_id.is_not(None))
    return {
        *(str(effect["learner"]) for effect in session.scalars(said) if "learner" in effect),
        *(str(one) for one in session.scalars(listed)),
    }


@on("checkin.undo")
def undo(work: Work) -> Mapping[str, Any]:
    """Take a confirm of this door back (`event`), or all confirms of an entry on its list (`entry`)."""
    work.store.write_new()
    entry, taken = _read_undone(work)
    door = _door(work, entry.occurrence_id)
    judge(work, door.window)
    if entry.who_id:
        check_locked(work, entry.who_id)
    undone = [[one.learner, one.event] for one in taken]
    if entry.undone_at is None and [entry.learner_id, entry.event_id] in undone:
        _take_out(work, door, entry, taken)
    return {"entry": entry.id, "undone": undone, "in": entry.undone_at is None}


def _read_undone(work: Work) -> tuple[DoorEntry, list[Confirm]]:
    """Return the entry that is meant and the confirms that are taken back. Raises UnknownEntry."""
    session = work.store.session
    if work.event.body.get("entry") is not None:
        entry = session.get(DoorEntry, read_id(work, "entry"))
        if entry is None:
            raise UnknownEntry()
        return entry, entries.confirms_of(session, entry)
    target = read_id(work, "event")
    known = work.store.find_known(work.event.learner, target)
    entry = session.get(DoorEntry, str(known.verdict.effect.get("entry"))) if known else None
    if entry is None:
        raise UnknownEntry()
    said = entries.confirms_of(session, entry)
    return entry, [one for one in said if (one.learner, one.event) == (work.event.learner, target)]


def _take_out(work: Work, door: Door, entry: DoorEntry, taken: Sequence[Confirm]) -> None:
    """Let an entry rest on what other doors confirmed, else on the learner's own scans, else on nothing."""
    ledger, session, now = ledger_of(work), work.store.session, moment(work.now)
    others = [one for one in entries.confirms_of(session, entry) if one not in taken]
    key = check_in_key(before) if (before := _check_in_of(work, door.occurrence, entry)) else ""
    stays = entries.take_out(ledger, door.occurrence, entry, others, now)
    if entry.who_id and stays is None and not others:
        stays = scan_again(work, door.occurrence, entry.who_id)
    if entry.who_id and stays:
        work.put_for(entry.who_id, *check_in_row(stays, None))
    elif entry.who_id and key:
        work.drop_for(entry.who_id, key)


def _check_in_of(work: Work, occurrence: Occurrence, entry: DoorEntry) -> Any:
    spot = entries.spot_of(occurrence)
    return ledger_of(work).check_in(entry.who_id, spot) if entry.who_id else None


@scans(RECEIPT_KIND)
def scan_receipt(work: Work) -> Mapping[str, Any]:
    """Check in by the receipt that a door's phone showed to this learner's, before the door's own word is here."""
    point = read_text(work, "point", 20).upper()
    found = ledger_of(work).points.get(point)
    if found is None or not found.occurrence_id:
        raise WrongReceipt()
    session = work.store.session
    occurrence = session.get_one(Occurrence, found.occurrence_id)
    door = _receipts_door(work, occurrence, point)
    when = judge(work, door.window)
    return _take_receipt(work, occurrence, when)


def _receipts_door(work: Work, occurrence: Occurrence, point: str) -> Door:
    """Return the door whose device gave the receipt, at a time when it was open. Raises WrongReceipt or DoorClosed."""
    host = occurrence.activity.organiser.city.host or work.store.terms.host
    receipt = check_receipt(
        work.store.session, read_text(work, "proof", MOST_PASS), [(host, point, work.event.device)]
    )
    door = services.find_door(work.store.session, occurrence.id, receipt.device)
    if door is None:
        raise WrongReceipt()
    if not door.window.holds(receipt.step * STEP_S * 1000):
        raise DoorClosed()
    return door


def _take_receipt(work: Work, occurrence: Occurrence, when: Moment) -> Mapping[str, Any]:
    ledger, learner = ledger_of(work), work.event.learner
    entry = entries.find_entry(work.store.session, occurrence.id, learner)
    if entry and entry.undone_at:
        raise Refused("undone")
    spot = entries.spot_of(occurrence)
    before = ledger.check_in(learner, spot)
    already = before is not None and before.level == entries.CONFIRMED
    if before is None or not already:
        over = (
            before.over
            if before
            else not places.take_place(ledger.session, occurrence.id, learner, at=moment(work.now))
        )
        deed = Deed(learner, work.event.id, moment(when.at), moment(work.now))
        before = keep_check_in(
            ledger,
            deed,
            spot,
            entries.CONFIRMED,
            when.state,
            place=before.place if before else "",
            over=over,
        )
        _tell_learner(work, learner, before)
    marks = {"already": already, "over": before.over}
    effect = {
        "activity": spot.activity,
        "occurrence": spot.occurrence,
        "level": before.level,
        "time": before.time,
    }
    return {**effect, **{name: mark for name, mark in marks.items() if mark}}
