"""Ends what a city has kept for as long as it keeps it: small transactions, so that phones are not kept waiting."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.cities.models import City
from server.core.db import db, writing
from server.core.storage import files
from server.privacy import erasing, retention
from server.privacy.exports import file_of

AT_ONCE = 200


def end_all(at: datetime) -> dict[str, int]:
    """End what is old in every city; return how many by kind."""
    done: dict[str, int] = {}
    for city in db.session().scalars(select(City.id)).all():
        for name, count in _end(city, at).items():
            done[name] = done.get(name, 0) + count
    return done


def _end(city_id: str, at: datetime) -> dict[str, int]:
    session = db.session()
    city = session.get_one(City, city_id)
    before = {name: at - timedelta(days=days) for name, days in retention.keeps(city).items()}
    return {
        retention.GUESTS: _forget_guests(city_id, before[retention.GUESTS], at, holders=False),
        retention.HOLDERS: _forget_guests(city_id, before[retention.HOLDERS], at, holders=True),
        retention.CHILDREN: _erase_children(city_id, before[retention.CHILDREN], at),
        **{name: _forget_rows(city_id, before[name], name) for name in _STATEMENTS},
        retention.EXPORTS: _forget_copies(city_id, before[retention.EXPORTS]),
    }


_STATEMENTS: dict[str, Any] = {
    retention.DOORS: retention.door_words,
    retention.SESSIONS: retention.sign_ins,
    retention.NETWORKS: retention.networks,
    retention.MAILS: retention.letters,
}


def _forget_guests(city_id: str, before: datetime, at: datetime, *, holders: bool) -> int:
    """Forget learners whom nobody can reach, one at a time. No digest is kept: their phone may begin anew."""
    city = db.session().get_one(City, city_id)
    due = db.session().scalars(retention.guests(city, before, holders=holders).limit(AT_ONCE)).all()
    for learner in due:
        with writing() as session:
            if _is_still_due(session, city_id, learner, before, holders=holders):
                erasing.forget(session, learner, at)
    if due:
        erasing.empty_log()
    return len(due)


def _erase_children(city_id: str, before: datetime, at: datetime) -> int:
    """Erase children for whom nobody agrees: for good, or their phones would begin anew with nobody looking after them."""
    city = db.session().get_one(City, city_id)
    due = db.session().scalars(retention.children(city, before).limit(AT_ONCE)).all()
    return erasing.carry_out(due, at)


def _is_still_due(session: Session, city_id: str, learner: str, before: datetime, *, holders: bool) -> bool:
    """Look again: their phone may have come meanwhile."""
    query = retention.guests(session.get_one(City, city_id), before, holders=holders)
    return session.scalar(query.where(Learner.id == learner)) is not None


def _forget_rows(city_id: str, before: datetime, name: str) -> int:
    count = 0
    with writing() as session:
        for statement in _STATEMENTS[name](session.get_one(City, city_id), before):
            done = session.execute(statement, execution_options={"synchronize_session": False})
            count += int(getattr(done, "rowcount", 0))
    return count


def _forget_copies(city_id: str, before: datetime) -> int:
    with writing() as session:
        old = session.scalars(retention.copies(session.get_one(City, city_id), before)).all()
        for one in old:
            files().delete(file_of(one))
            session.delete(one)
    return len(old)
