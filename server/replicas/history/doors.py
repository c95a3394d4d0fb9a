"""What doors did with learners: rows that one learner's event made for another. Read with them, and checked."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from server.replicas.history.rows import Learner, kept

CONFIRMED = 4
Found = Iterator[tuple[str, str]]


def load_doors(connection: Connection, learners: Sequence[Learner]) -> None:
    """Read the entries of these learners, the confirms that they rest on, and the entries they made at doors."""
    entries, by_id = kept("door_entries"), {one.id: one for one in learners}
    for row in _rows(connection, entries, entries.c.who_id.in_(by_id)):
        by_id[row.who_id].doors.entries.append(row)
    for learner in learners:
        if learner.doors.entries:
            learner.doors.words = _load_words(connection, learner)
        learner.doors.let_in = _load_let_in(connection, learner)


def _load_words(connection: Connection, learner: Learner) -> dict[tuple[str, str], Any]:
    events, devices = kept("events"), kept("door_devices")
    at = [one.occurrence_id for one in learner.doors.entries]
    doors = select(devices.c.learner_id).where(devices.c.occurrence_id.in_(at))
    confirmed = (
        events.c.learner_id.in_(doors),
        events.c.id.in_(_named(learner)),
        events.c.type == "checkin.confirm",
        events.c.state == "ok",
    )
    rows = connection.execute(select(events).where(*confirmed))
    return {(row.learner_id, row.id): row for row in rows if row.effect.get("learner") == learner.id}


def _named(learner: Learner) -> list[str]:
    """Return the ids of all events that this learner's rows rest on."""
    rows = [*learner.doors.entries, *learner.rows["check_ins"], *learner.rows["completions"]]
    proofs = {one for row in learner.rows["completions"] for one in row.proofs}
    return sorted({row.event_id for row in rows} | proofs)


def _load_let_in(connection: Connection, learner: Learner) -> dict[str, Any]:
    entries, ids = kept("door_entries"), [str(row.effect.get("entry")) for row in confirms_by(learner)]
    return {row.id: row for row in _rows(connection, entries, entries.c.id.in_(ids))} if ids else {}


def _rows(connection: Connection, table: Table, which: ColumnElement[bool]) -> Sequence[Any]:
    return connection.execute(select(table).where(which)).all()


def confirms_by(learner: Learner) -> list[Any]:
    """Return the accepted confirms that a learner sent from a door."""
    return [row for row in learner.events if row.type == "checkin.confirm" and row.state == "ok"]


def accepted(learner: Learner) -> set[str]:
    """Return the ids of the accepted events that a learner's rows may rest on: their own, and doors' about them."""
    own = {row.id for row in learner.events if row.state == "ok"}
    erased = {one.event_id for one in learner.doors.entries if _confirmed_by_nobody_now(one)}
    return own | {id for _, id in learner.doors.words} | erased


def _confirmed_by_nobody_now(entry: Any) -> bool:
    """Say whether somebody let them in who erased everything since, with the event that said so."""
    return not entry.learner_id


def check_entries(learner: Learner) -> Found:
    """Who was let in was let in by a confirm, and is checked in by it, until it is undone or voided."""
    check_ins = {row.occurrence: row for row in learner.rows["check_ins"] if row.occurrence}
    voided = {row.event_id for row in learner.rows["flags"] if row.word == "voided"}
    for entry in learner.doors.entries:
        word = learner.doors.words.get((entry.learner_id, entry.event_id))
        named = word is not None and word.effect.get("entry") == entry.id
        if not (named or _confirmed_by_nobody_now(entry)):
            yield entry.id, "somebody was let in by no accepted event"
        there = check_ins.get(entry.occurrence_id)
        by_it = there is not None and there.event_id == entry.event_id
        if entry.undone_at is None and not by_it and entry.event_id not in voided:
            yield entry.id, "somebody was let in and is not checked in by it"
        if entry.undone_at is not None and by_it:
            yield entry.id, "somebody was taken out and is still checked in"
    yield from _check_confirmed(learner)


def _check_confirmed(learner: Learner) -> Found:
    """Who is checked in by a person at the door is so by an entry, or by a receipt of their own."""
    there = {(one.occurrence_id, one.event_id) for one in learner.doors.entries if one.undone_at is None}
    for row in learner.rows["check_ins"]:
        own = learner.read.get(row.event_id)
        receipt = own is not None and str(own.body.get("proof")).startswith("5")
        if row.level == CONFIRMED and not receipt and (row.occurrence, row.event_id) not in there:
            yield row.event_id, "is confirmed by nobody at a door"


def check_words(learner: Learner) -> Found:
    """A confirm that a door was told to be accepted let that very person in at that session."""
    for row in confirms_by(learner):
        entry, event = learner.doors.let_in.get(str(row.effect.get("entry"))), learner.read.get(row.id)
        if entry is None:
            yield row.id, "is accepted and let nobody in"
        elif entry.who_id != row.effect.get("learner"):
            yield row.id, "let somebody else in"
        elif event and entry.occurrence_id != event.body.get("occurrence"):
            yield row.id, "let somebody in at another session"


def check_places(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each session's places are held by those who reserved, came within the capacity, or are guests within it."""
    sessions, held, guests = kept("occurrences"), kept("reservations"), kept("door_entries")
    reserved = (
        select(func.count())
        .where(held.c.occurrence_id == sessions.c.id, held.c.state != "cancelled")
        .scalar_subquery()
    )
    let_in = (
        select(func.count())
        .where(
            guests.c.occurrence_id == sessions.c.id,
            guests.c.who_id.is_(None),
            guests.c.undone_at.is_(None),
            guests.c.over.is_(False),
        )
        .scalar_subquery()
    )
    query = select(sessions.c.id, sessions.c.taken, (reserved + let_in).label("held"))
    for row in connection.execute(query):
        if row.taken != row.held:
            yield row.id, f"{row.taken} places are taken and {row.held} are held"
