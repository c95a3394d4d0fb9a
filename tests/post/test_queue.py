"""The queue of mails, on both databases."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import writing
from server.post import services
from server.post.jobs import send_mails
from server.post.models import Mail
from tests.cast import NOON, Museum


def test_a_mail_is_taken_by_one_clock_and_gone_once_it_was_sent(
    app: Flask, museum: Museum, db: Session
) -> None:
    with writing() as session:
        services.send(
            session, museum.city, "ada@example.org", "test", "nl", at=NOON, url="https://x.example/"
        )
    with writing() as session:
        assert len(services.claim(session, NOON, 10)) == 1
    with writing() as session:
        assert services.claim(session, NOON, 10) == []
    send_mails(NOON + services.AFTER[0])
    assert db.scalars(select(Mail)).all() == []


def test_mails_to_an_address_can_be_forgotten(app: Flask, museum: Museum, db: Session) -> None:
    for to in ("ada@example.org", "omar@example.org"):
        with writing() as session:
            services.send(session, museum.city, to, "test", "en", at=NOON, url="https://x.example/")
    with writing() as session:
        services.forget(session, "ada@example.org")
    assert [one.to for one in db.scalars(select(Mail))] == ["omar@example.org"]
