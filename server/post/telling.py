"""What learners chose to be told by mail, at an address that they confirmed: a badge arrived, somebody looked at their work.

Off until somebody switches it on; each mail has an address by which one tap, or a mail program, ends them.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Learner, LearnerMail
from server.cities.models import City
from server.core.i18n import pick
from server.core.shell import absolute
from server.post.push import QUIET
from server.post.services import language_of, send

TEMPLATES = {"award": ("badge-arrived", "badges"), "review": ("review-done", "learning")}
"""By kind: the mail, and the page that it leads to."""


def tell_by_mail(session: Session, learner: str, kind: str, about: Mapping[str, str], at: datetime) -> None:
    """Mail those addresses of a learner that are told this; what comes within the time of quiet is not mailed again."""
    if kind not in TEMPLATES:
        return
    confirmed = LearnerMail.learner_id == learner, LearnerMail.confirmed_at.is_not(None)
    for mail in session.scalars(select(LearnerMail).where(*confirmed)).all():
        told = mail.tells.get(kind)
        if told is not None and told <= (at - QUIET[kind]).timestamp():
            mail.tells = {**mail.tells, kind: at.timestamp()}
            _send(session, mail, kind, about, at)


def _send(session: Session, mail: LearnerMail, kind: str, about: Mapping[str, str], at: datetime) -> None:
    city = session.get_one(City, session.get_one(Learner, mail.learner_id).city_id)
    template, page = TEMPLATES[kind]
    lang = language_of(city, mail.lang)
    url, leave = absolute(f"/{lang}/{page}"), absolute(f"/unsubscribe/{mail.leave}?lang={lang}")
    send(
        session,
        city,
        mail.address,
        template,
        lang,
        at=at,
        about=pick(about, lang),
        url=url,
        unsubscribe=leave,
    )
