"""Learners, their devices, ways back in and what is left of those who erased everything; staff, how they get in, sessions."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, new_id, own_id


class Learner(Base):
    """A person who learns. Born on a phone: the id comes with that phone's first event."""

    __tablename__ = "learners"

    id: Mapped[str] = own_id()
    city_id: Mapped[str] = link("cities.id")
    created_at: Mapped[datetime]
    merged_into: Mapped[str | None] = link("learners.id")  # the same person: this id stands for that one


class Device(Base):
    """One browser's store with its own P-256 key, registered by `device.hello`."""

    __tablename__ = "devices"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    key_x: Mapped[str]  # base64url, as in a JWK
    key_y: Mapped[str]
    agent: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="", server_default="")  # as its owner calls it
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Erasure(Base):
    """That somebody erased everything: so that no phone of theirs, and no backup, brings it back."""

    __tablename__ = "erasures"

    digest: Mapped[str] = mapped_column(
        String(43), primary_key=True
    )  # SHA-256 of the learner's id, base64url
    at: Mapped[datetime]


class Invitation(Base):
    """One learner's word that the device which knows a secret is theirs too. Only the secret's hash is kept."""

    __tablename__ = "invitations"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)  # base64url SHA-256
    learner_id: Mapped[str] = link("learners.id")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[str | None] = mapped_column(String(36))  # the one that used it


class Passkey(Base):
    """A WebAuthn credential, of a learner or of a user (Web Authentication Level 3)."""

    __tablename__ = "passkeys"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str | None] = link("learners.id")
    user_id: Mapped[str | None] = link("users.id")
    credential_id: Mapped[str] = mapped_column(unique=True)  # base64url
    public_key: Mapped[str]  # COSE key, base64url
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str]]
    name: Mapped[str]
    device_id: Mapped[str | None] = mapped_column(String(36))  # on which it was made, of a learner's
    synced: Mapped[bool] = mapped_column(default=False)  # kept by a password manager, not by one device alone
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Challenge(Base):
    """A WebAuthn challenge that was handed out; gone once it is answered."""

    __tablename__ = "challenges"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)  # base64url SHA-256
    purpose: Mapped[str]  # enter, add, prove
    user_id: Mapped[str | None] = link("users.id")
    expires_at: Mapped[datetime]


class LearnerMail(Base):
    """A mail address by which a learner gets back in, once it is confirmed. One address may belong to several."""

    __tablename__ = "learner_mails"
    __table_args__ = (UniqueConstraint("learner_id", "address"),)

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    address: Mapped[str] = mapped_column(index=True)  # in lower case
    device_id: Mapped[str | None] = mapped_column(String(36))  # which added it last
    lang: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    tells: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what it is told, and when that last was (s)
    leave: Mapped[str] = mapped_column(
        default="", index=True
    )  # what the link of those mails says, which ends them


class MailToken(Base):
    """What a link in a mail to a learner proves. Only the hash of its token is kept; it works once."""

    __tablename__ = "mail_tokens"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)  # base64url SHA-256
    mail_id: Mapped[str] = link("learner_mails.id")
    purpose: Mapped[str]  # confirm, enter
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryKit(Base):
    """Words on paper that let their learner in again. Only their hash is kept."""

    __tablename__ = "recovery_kits"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    digest: Mapped[str] = mapped_column(String(43), unique=True)  # base64url SHA-256
    label: Mapped[str] = mapped_column(default="")
    device_id: Mapped[str | None] = mapped_column(String(36))  # on which it was made
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class User(Base):
    """A member of staff who signs in: an organiser's people, or the city's."""

    __tablename__ = "users"

    id: Mapped[str] = own_id()
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    lang: Mapped[str] = mapped_column(default="", server_default="")  # of mails; empty: the city's first
    created_at: Mapped[datetime]


class SignInLink(Base):
    """A link that signs in once. Only the hash of its token is kept."""

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = link("users.id")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SecondFactor(Base):
    """A user's authenticator app (TOTP, RFC 6238)."""

    __tablename__ = "second_factors"

    user_id: Mapped[str] = link("users.id", primary_key=True, index=False)
    secret: Mapped[str]  # sealed with the instance's own key, base64url
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)  # a code works once
    spare_digests: Mapped[list[str]]  # of codes for when the app is lost


class StaffInvitation(Base):
    """A link by which somebody joins an organiser or the city's team. Only the hash of its token is kept."""

    __tablename__ = "staff_invitations"

    id: Mapped[str] = own_id()
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    organiser_id: Mapped[str | None] = mapped_column(String(36), index=True)
    city_id: Mapped[str | None] = mapped_column(String(36), index=True)
    role: Mapped[str]
    email: Mapped[str]
    invited_by: Mapped[str | None] = link("users.id")  # None: from the command line
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UserSession(Base):
    """A signed-in browser. Only the hash of its cookie is kept, so it can be ended but not stolen from here."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True, default=new_id)
    user_id: Mapped[str] = link("users.id")
    agent: Mapped[str] = mapped_column(default="", server_default="")
    network: Mapped[str] = mapped_column(default="", server_default="")  # address, of IPv6 its /64
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    way: Mapped[str] = mapped_column(
        default="link", server_default="link"
    )  # link, passkey, invitation, command
    second_at: Mapped[datetime | None]  # a second factor was shown
    proved_at: Mapped[datetime | None]  # who it is was proved again, for what is dangerous
