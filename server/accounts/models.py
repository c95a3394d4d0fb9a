"""Learners and their devices; staff, their sign-in links and sessions."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class Learner(Base):
    """A person who learns. Born on a phone: the id comes with that phone's first event."""

    __tablename__ = "learners"

    id: Mapped[str] = own_id()
    city_id: Mapped[str] = link("cities.id")
    created_at: Mapped[datetime]


class Device(Base):
    """One browser's store with its own P-256 key, registered by `device.hello`."""

    __tablename__ = "devices"

    id: Mapped[str] = own_id()
    learner_id: Mapped[str] = link("learners.id")
    key_x: Mapped[str]  # base64url, as in a JWK
    key_y: Mapped[str]
    agent: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Invitation(Base):
    """One learner's word that the device which knows a secret is theirs too. Only the secret's hash is kept."""

    __tablename__ = "invitations"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)  # base64url SHA-256
    learner_id: Mapped[str] = link("learners.id")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[str | None] = mapped_column(String(36))  # the one that used it


class User(Base):
    """A member of staff who signs in: organisers' people, later the city's."""

    __tablename__ = "users"

    id: Mapped[str] = own_id()
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class SignInLink(Base):
    """A link that signs in once. Only the hash of its token is kept."""

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = link("users.id")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UserSession(Base):
    """A signed-in browser. Only the hash of its cookie is kept, so it can be ended but not stolen from here."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = link("users.id")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
