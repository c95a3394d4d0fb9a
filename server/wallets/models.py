"""Wallets that registered, and what learners allowed them (OAuth 2.0, RFC 7591, RFC 7636)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link, own_id


class WalletClient(Base):
    """An outside wallet, as it registered itself."""

    __tablename__ = "wallet_clients"

    id: Mapped[str] = own_id()  # client_id
    secret_digest: Mapped[str] = mapped_column(String(43), default="")  # empty: a public client
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata")  # RFC 7591: client_name, redirect_uris, …
    created_at: Mapped[datetime]


class WalletCode(Base):
    """An authorization code, for ten minutes and one use."""

    __tablename__ = "wallet_codes"

    digest: Mapped[str] = mapped_column(String(43), primary_key=True)
    client_id: Mapped[str] = link("wallet_clients.id")
    learner_id: Mapped[str] = link("learners.id")
    redirect_uri: Mapped[str]
    scope: Mapped[str]
    awards: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # None: all, and those to come
    challenge: Mapped[str]  # PKCE, S256
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WalletGrant(Base):
    """What a learner allowed a wallet, with the tokens in force. Only their hashes are kept."""

    __tablename__ = "wallet_grants"

    id: Mapped[str] = own_id()
    client_id: Mapped[str] = link("wallet_clients.id")
    learner_id: Mapped[str] = link("learners.id")
    scope: Mapped[str]
    awards: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # None: all, and those to come
    access_digest: Mapped[str] = mapped_column(String(43), unique=True)
    access_expires_at: Mapped[datetime]
    refresh_digest: Mapped[str | None] = mapped_column(String(43), unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
