"""What is due: mails are sent, tried again, given up; phones are told; what is old is forgotten."""

import logging
import time
from datetime import datetime, timedelta

from server.cities.models import City
from server.core.db import db, writing
from server.core.jobs import every
from server.core.outside import Outside
from server.post import askings, push, pushing, services
from server.post.delivery import NotDelivered, Postbox, Settings, letter_of, open_postbox, read_settings
from server.post.models import Mail, PushMessage

_log = logging.getLogger(__name__)
A_TURN, A_TURN_S = 25, 20.0
"""So many mails, or seconds, in one go; then other jobs have their turn."""
FILES_LAST = timedelta(days=30)


@every(seconds=3)
def send_mails(at: datetime) -> None:
    """Write what was asked for, and send what is due. A mail that was taken is gone from here; one that was not is tried again, ever later."""
    askings.answer_all(at)
    if not services.are_due(db.session(), at):
        return
    with writing() as session:
        claimed = services.claim(session, at, A_TURN)
    settings = read_settings()
    try:
        with open_postbox(settings) as postbox:
            _send(postbox, claimed, settings)
    except NotDelivered as error:
        _log.warning("The mail server cannot be used (%s): %s mails wait.", error, len(claimed))
        for id in claimed:
            _note(id, error)


def _send(postbox: Postbox, claimed: list[str], settings: Settings) -> None:
    """Send one after the other. Raises NotDelivered when no more can be sent now; the rest waits for its next try."""
    until = time.monotonic() + A_TURN_S
    for id in claimed:
        mail = db.session.get(Mail, id)
        if mail is None or time.monotonic() > until:
            continue
        city = db.session.get_one(City, mail.city_id)
        try:
            postbox.put(mail, letter_of(mail, city.name, settings))
        except NotDelivered as error:
            if error.all:
                raise
            _note(id, error)
        else:
            _forget(id)


def _forget(id: str) -> None:
    with writing() as session:
        if mail := session.get(Mail, id):
            session.delete(mail)


def _note(id: str, error: NotDelivered) -> None:
    """Keep why a mail did not go; give it up when that will not change. Nobody's address gets into the log."""
    with writing() as session:
        mail = session.get(Mail, id)
        if mail is None:
            return
        mail.problem = str(error)
        if error.for_good or services.is_last_try(mail):
            _log.warning("A mail was given up after %s tries: %s.", mail.tries, error)
            session.delete(mail)


@every(days=1)
def forget_mail_files(at: datetime) -> None:
    """Remove mails from the folder that nobody needs any more: they hold addresses and links."""
    before = (at - FILES_LAST).timestamp()
    for file in read_settings().folder.glob("*.eml"):
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)


@every(seconds=5)
def tell_phones(at: datetime) -> None:
    """Tell phones what their learners chose to hear."""
    tell_due(at, Outside())


def tell_due(at: datetime, outside: Outside) -> None:
    """Tell what is due, through this way to the internet; what reached no phone is tried again."""
    if not push.are_due(db.session(), at):
        return
    with writing() as session:
        claimed = [message.id for message in push.claim(session, at, A_TURN)]
    until = time.monotonic() + A_TURN_S
    for id in claimed:
        if time.monotonic() < until:
            _tell(id, at, outside)


def _tell(id: str, at: datetime, outside: Outside) -> None:
    message = db.session.get(PushMessage, id)
    if message is None:
        return
    phones = push.phones_of(db.session(), message.learner_id, message.kind)
    outcomes = {phone.device_id: pushing.push(phone, push.words(message, phone), outside) for phone in phones}
    with writing() as session:
        for device, outcome in outcomes.items():
            push.note(session, device, outcome, at)
        if "told" in outcomes.values() or "failed" not in outcomes.values():
            push.done(session, id)


@every(days=1)
def forget_messages(at: datetime) -> None:
    with writing() as session:
        push.forget_old(session, at)
