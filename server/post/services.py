"""Mails: written in the transaction that causes them, and sent by the clock (`jobs.py`)."""

import re
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.cities.models import City
from server.core.i18n import LANGUAGES, speaking
from server.post.addresses import read_address
from server.post.models import Mail

AFTER = tuple(timedelta(minutes=n) for n in (1, 3, 10, 30, 60, 120, 240, 480))
"""How long to wait after each try that failed; after the last one a mail is given up."""


def send(
    session: Session, city: City, to: str, template: str, lang: str, *, at: datetime, **facts: object
) -> Mail:
    """Write a mail in a language, to be sent as soon as may be. Raises AddressInvalid.

    `post/{template}.txt` and `post/{template}.html` say it; both extend `post/layout.txt` or `.html`. A language that we
    do not speak, or none, becomes the city's first. `unsubscribe`, an address, is for mails that a learner chose.
    """
    mail = write(city, to, template, lang, at=at, **facts)
    session.add(mail)
    session.flush()
    return mail


def write(city: City, to: str, template: str, lang: str, *, at: datetime, **facts: object) -> Mail:
    """Write a mail without sending it."""
    lang = language_of(city, lang)
    said = {"city": city, "lang": lang, **facts}
    with speaking(lang):
        # Not render_template: what pages are given needs a request, and mails are written by the clock too.
        text, html = (
            current_app.jinja_env.get_template(f"post/{template}.{form}").render(said)
            for form in ("txt", "html")
        )
    subject, _, body = text.partition("\n")
    return Mail(
        city_id=city.id,
        to=read_address(to),
        subject=" ".join(subject.removeprefix("Subject:").split()),
        text=re.sub(r"\n{3,}", "\n\n", body).strip() + "\n",
        html=html,
        lang=lang,
        created_at=at,
        due_at=at,
        tries=0,
        problem="",
        unsubscribe=str(facts.get("unsubscribe", "")),
    )


def language_of(city: City, lang: str = "") -> str:
    """Return the language if we speak it, else the city's first that we do."""
    return lang if lang in LANGUAGES else next((one for one in city.languages if one in LANGUAGES), "en")


def claim(session: Session, at: datetime, most: int) -> list[str]:
    """Take the next mails that are due, oldest first: no other clock takes them while we try."""
    query = select(Mail).where(Mail.due_at <= at).order_by(Mail.due_at, Mail.id).limit(most)
    found = session.scalars(query.with_for_update(skip_locked=True)).all()
    for mail in found:
        mail.due_at = at + AFTER[min(mail.tries, len(AFTER) - 1)]
        mail.tries += 1
    return [mail.id for mail in found]


def is_last_try(mail: Mail) -> bool:
    """Say whether a mail that fails now is given up."""
    return mail.tries >= len(AFTER)


def are_due(session: Session, at: datetime) -> bool:
    """Say whether a mail is to be sent now."""
    return session.scalar(select(Mail.id).where(Mail.due_at <= at).limit(1)) is not None


def forget(session: Session, address: str) -> None:
    """Forget the mails to an address that still wait. Those in the folder go by their age: nothing says whose they are."""
    session.execute(delete(Mail).where(Mail.to == address))
