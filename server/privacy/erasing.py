"""Erases a learner: every domain forgets, and what is left is a digest by which no phone and no backup brings them back.

The word is an event. It is accepted like any other, and right after its commit, or by the clock when that fails, it is
carried out in a transaction of its own; the event goes with the rest, so what is still there waits to be done.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import erasures, learners
from server.accounts.models import Erasure, Learner
from server.core.db import db, writing
from server.families.events import ERASE as CHILD_ERASE
from server.replicas.locks import lock_learners
from server.replicas.models import Event
from sync.messages import decode

ERASE = "learner.erase"


def wishes(session: Session) -> list[str]:
    """List the learners whose word to erase everything, or a guardian's, was accepted and is not carried out yet."""
    own = select(Event.learner_id).where(Event.state == "ok", Event.type == ERASE)
    return [*session.scalars(own.distinct()), *_children(session)]


def _children(session: Session) -> list[str]:
    """List children who are to be erased and are still here: their guardians' words outlive them."""
    said = select(Event.payload).where(Event.state == "ok", Event.type == CHILD_ERASE)
    named = {str(json.loads(decode(one))["body"]["child"]) for one in session.scalars(said)}
    return list(session.scalars(select(Learner.id).where(Learner.id.in_(named))))


def carry_out(wishing: Iterable[str], at: datetime) -> int:
    """Erase learners, each in a transaction of its own; return how many."""
    done = 0
    for learner in sorted(set(wishing)):
        with writing() as session:
            gone = forget(session, learner, at)
            for one in gone:
                erasures.remember(session, one, at)
        erasures.write_down(_folder(), map(erasures.digest_of, gone))
        done += 1
    if done:
        empty_log()
    return done


def forget(session: Session, learner: str, at: datetime) -> list[str]:
    """Forget a learner, and all that they were before two turned out to be one; return their ids.

    Files go before the commit: who wants to be erased will be, so what fails here is done again.
    """
    ids = _lock_all(session, learner)
    for one in ids:
        for forget_part in learners.FORGETS:
            forget_part(session, one, at)
    session.expire_all()
    for one in ids:
        learners.remove(session, one)
    return ids


def _lock_all(session: Session, learner: str) -> list[str]:
    """Lock a learner under all their ids; while we wait, another may become one of these."""
    ids: list[str] = []
    while (found := learners.one_person(session, learner)) != ids:
        ids = found
        lock_learners(session.connection(), ids)
        session.expire_all()
    return ids


def again(at: datetime) -> int:
    """Erase those once more whom a restored backup brought back; return how many.

    The table and the file are made to say the same, whichever knows more.
    """
    session, folder = db.session(), _folder()
    known, written = set(session.scalars(select(Erasure.digest))), erasures.written_down(folder)
    erasures.write_down(folder, known - written)
    missing = written - known
    if not missing:
        return 0
    back = [one for one in session.scalars(select(Learner.id)) if erasures.digest_of(one) in missing]
    done = carry_out(back, at)
    with writing() as writer:
        writer.add_all(Erasure(digest=one, at=at) for one in missing if writer.get(Erasure, one) is None)
    return done


def empty_log() -> None:
    """Empty SQLite's log of what was written, which still has what the tables no longer have.

    Somebody who reads just now may keep it from that; then a later one does it.
    """
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _folder() -> Path:
    folder: Path = current_app.config["STREETWISE"].instance
    return folder
