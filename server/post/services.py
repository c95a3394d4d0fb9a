"""Mails: written in the transaction that causes them, and sent by the clock."""

from datetime import datetime

from flask import render_template
from sqlalchemy.orm import Session

from server.cities.models import City
from server.core.i18n import speaking
from server.post.models import Mail


def send(
    session: Session, city: City, to: str, template: str, lang: str, *, at: datetime, **facts: object
) -> Mail:
    """Write a mail in a language, to be sent as soon as may be.

    `post/{template}.txt` begins with the line `Subject: …`; `post/{template}.html` is the same for those who read HTML.
    """
    with speaking(lang):
        text = render_template(f"post/{template}.txt", city=city, lang=lang, **facts)
        html = render_template(f"post/{template}.html", city=city, lang=lang, **facts)
    subject, _, body = text.partition("\n")
    mail = Mail(
        city_id=city.id,
        to=to,
        subject=subject.removeprefix("Subject: ").strip(),
        text=body.strip() + "\n",
        html=html,
        lang=lang,
        created_at=at,
        due_at=at,
    )
    session.add(mail)
    session.flush()
    return mail
