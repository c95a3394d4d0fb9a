"""Looks at what has come since the last look, and keeps the flags: a check-in itself pays nothing for it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.core.db import utc_now, writing
from server.learning import leaks
from server.learning.flag_rows import keep_flags
from server.learning.flags import judge
from server.learning.seen import read_news
from server.replicas.feeds import insert_into
from server.replicas.models import ServerState

LOOKED = "looked_at"
SLOW = timedelta(minutes=2)
"""A transaction may commit so long after it made its ids: the last minutes are looked at again."""
BEGINNING = datetime.fromisoformat("2020-01-01T00:00:00+00:00")


def look(session: Session, at: datetime) -> int:
    """Flag what is implausible, and sound the leak alarm; return how many flags there are. Opens its own transactions.

    Reads outside of any write transaction, so phones wait for the few rows that it writes only.
    """
    began = utc_now()  # the clock by which ids are made
    news = read_news(session, _looked_at(session) - SLOW)
    if not news.new:
        return 0
    found, leaking = judge(news.new, news.around), leaks.find_leaks(session, news, at)
    with writing(session):
        keep_flags(session, found, at)
        leaks.sound(session, leaking, at)
        _note(session, began)
    return len(found) + len(leaking)


def _looked_at(session: Session) -> datetime:
    noted = session.get(ServerState, LOOKED, populate_existing=True)
    return datetime.fromisoformat(noted.value) if noted else BEGINNING


def _note(session: Session, at: datetime) -> None:
    statement = insert_into(session, ServerState).values(key=LOOKED, value=at.isoformat())
    new = {"value": statement.excluded.value}
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=new))
