"""Links by mail: only when the organiser says so, to each address once, never to who has the badge already."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding.jobs import mail_links
from server.awarding.models import Recipient
from server.awarding.recipients import find_by_link
from server.badges.models import Achievement
from server.core.db import utc_now
from server.core.i18n import gettext, speaking
from server.core.jobs import Job, do
from server.post.jobs import send_mails
from server.post.models import Mail
from tests.awarding.conftest import keep, run
from tests.cast import Museum
from tests.organisers.test_desk import sign_in
from tests.post.test_templates import links

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
CLASS = "mail,name\nada@example.org,Ada\n12345,Ben\ncy@example.org,Cy\n"


def mails(db: Session) -> list[Mail]:
    mail_links(utc_now())
    return list(db.scalars(select(Mail).order_by(Mail.id)))


def test_each_with_an_address_gets_their_own_link_once(
    client: FlaskClient, db: Session, museum: Museum, guide: Achievement, app: Flask
) -> None:
    batch = keep(db, museum, guide, CLASS)
    run(db, batch)
    assert mails(db) == [], "nobody said so"
    sign_in(client, db, museum.omar)
    at = f"/desk/town-museum/badges/{guide.series}/award/lists/{batch.id}"
    assert "Send 2 links by mail" in client.get(at).text
    for _ in range(2):
        assert client.post(f"{at}/mails").status_code == 303
        sent = mails(db)
        assert [one.to for one in sent] == ["ada@example.org", "cy@example.org"]
    assert "2 people were written to" in client.get(at).text
    [link] = [one for one in links(sent[0].text) if "/take#" in one]
    recipient = find_by_link(db, link.partition("#")[2])
    assert recipient.address == "ada@example.org" and "River guide" in sent[0].text
    assert sent[0].subject == "Town Museum has a badge for you" and re.search(r"/en/take#", link)


def test_the_clock_writes_them_in_the_citys_language(app: Flask, db: Session, museum: Museum, guide: Achievement) -> None:  # fmt: skip
    """As it does: in a thread of its own, with no request."""
    batch = keep(db, museum, guide, CLASS)
    run(db, batch)
    museum.city.languages, batch.mail_at = ["nl", "en"], utc_now()
    db.commit()
    for job in (mail_links, send_mails):
        clock = Thread(target=do, args=[app, Job("clock", timedelta(1), job)])
        clock.start()
        clock.join()
    folder = app.config["STREETWISE"].instance / "mail"
    letters = [message_from_bytes(one.read_bytes(), policy=default) for one in folder.glob("*.eml")]
    assert sorted(str(one["To"]) for one in letters) == ["ada@example.org", "cy@example.org"]
    for one in letters:
        assert one["Content-Language"] == "nl"
        with speaking("nl"):
            assert gettext("Hello,") in one.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_who_took_the_badge_is_not_written_to(db: Session, museum: Museum, guide: Achievement, client: FlaskClient) -> None:  # fmt: skip
    batch = keep(db, museum, guide, CLASS)
    run(db, batch)
    for one in db.scalars(select(Recipient).where(Recipient.address == "ada@example.org")):
        one.taken_at = utc_now()
    batch.mail_at = utc_now()
    db.commit()
    assert [one.to for one in mails(db)] == ["cy@example.org"]
