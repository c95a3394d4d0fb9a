"""Mails that wait to be sent, and browsers that asked to be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class Mail(Base):
    """A mail that is to be sent. Gone when it was, for it holds a link and an address."""

    __tablename__ = "mails"

    id: Mapped[str] = own_id()
    city_id: Mapped[str] = mapped_column(String(36))
    to: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    lang: Mapped[str]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")
    unsubscribe: Mapped[str] = mapped_column(default="")  # an address that ends such mails at once (RFC 8058)


class MailAsking(Base):
    """That somebody asked for a mail to an address, which may be nobody's. Gone once the clock has answered it."""

    __tablename__ = "mail_askings"

    id: Mapped[str] = own_id()
    city_id: Mapped[str] = mapped_column(String(36))
    purpose: Mapped[str]  # which domain answers: `askings.when_asked`
    address: Mapped[str]
    lang: Mapped[str]
    next: Mapped[str] = mapped_column(default="")  # where the mail's link leads to in the end
    at: Mapped[datetime] = mapped_column(index=True)


class PushSubscription(Base):
    """Where a device is told what its learner chose to hear (RFC 8030, RFC 8291)."""

    __tablename__ = "push_subscriptions"

    device_id: Mapped[str] = link("devices.id", primary_key=True, index=False)
    learner_id: Mapped[str] = link("learners.id")
    endpoint: Mapped[str]
    p256dh: Mapped[str]  # base64url
    auth: Mapped[str]  # base64url
    lang: Mapped[str]
    kinds: Mapped[list[str]]  # review, award, send
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)


class PushMessage(Base):
    """Something a learner is to be told once. Kept for a while after, so that they are not told too often."""

    __tablename__ = "push_messages"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # None: it was told, or given up
    tries: Mapped[int] = mapped_column(default=0)
