"""Mails that anybody may ask for: the asking is kept as it came, and the clock looks whether the address is somebody's.

So the request does the same work for every address, and how long it takes tells nobody who has an account. Keeping and
answering are a transaction each, and the answer takes the asking away: a crash loses no mail and sends none twice.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.cities.models import City
from server.core.db import db, writing
from server.post.models import MailAsking

_log = logging.getLogger(__name__)
LASTS = timedelta(days=1)
"""What could not be answered for so long is not waited for any more."""
Answer = Callable[[Session, City, MailAsking, datetime], None]
_ANSWERS: dict[str, Answer] = {}


def when_asked(purpose: str) -> Callable[[Answer], Answer]:
    """Register who answers: `@when_asked("enter")`. It writes a mail, or nothing where the address is nobody's."""

    def register(answer: Answer) -> Answer:
        _ANSWERS[purpose] = answer
        return answer

    return register


def ask(
    session: Session, city: City, purpose: str, address: str, lang: str, *, at: datetime, next: str = ""
) -> None:
    """Keep that somebody asked for a mail. How often they may is `asking.may_ask`."""
    asked = MailAsking(city_id=city.id, purpose=purpose, address=address, lang=lang, next=next, at=at)
    session.add(asked)
    session.flush()


def answer_all(at: datetime) -> None:
    """Answer what was asked, one by one: what goes wrong with one holds up no other, and it is tried again."""
    for id in db.session.scalars(select(MailAsking.id).order_by(MailAsking.at, MailAsking.id)).all():
        try:
            with writing() as session:
                _answer(session, id, at)
        except Exception:
            _log.exception("An asking for a mail could not be answered; it is tried again.")


def _answer(session: Session, id: str, at: datetime) -> None:
    asked = session.get(MailAsking, id, with_for_update={"skip_locked": True}, populate_existing=True)
    if asked is None:
        return
    if at - asked.at < LASTS:
        city = session.get_one(City, asked.city_id)
        _ANSWERS[asked.purpose](session, city, asked, max(at, asked.at))
    session.delete(asked)
