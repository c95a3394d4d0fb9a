"""Devices' logs as they came, the verdicts on them, the feeds that answer, and uploaded evidence files."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnClause, Index, String, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, link

HOLD: ColumnClause[str] = literal_column("'hold'")
"""The state of events on hold as queries must spell it: written out, so that the partial index serves them."""


IN_CHAIN = text("why <> 'chain_broken'")


class Event(Base):
    """A signed event, byte for byte, and its verdict. Keyed by learner too: ids are only unique per learner."""

    __tablename__ = "events"
    __table_args__ = (
        # A place in a device's chain is taken once; what does not fit the chain is kept, and takes none.
        Index(
            "ix_events_place",
            "device_id",
            "seq",
            unique=True,
            sqlite_where=IN_CHAIN,
            postgresql_where=IN_CHAIN,
        ),
        Index("ix_events_state_type", "state", "type"),  # to count them without reading them
        Index(
            "ix_events_held",
            "learner_id",
            sqlite_where=text("state = 'hold'"),
            postgresql_where=text("state = 'hold'"),
        ),
    )

    learner_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str] = link("devices.id", index=False)
    seq: Mapped[int]
    type: Mapped[str]
    payload: Mapped[str]  # `p` as signed, base64url
    signature: Mapped[str]  # `s`, base64url
    state: Mapped[str]  # ok, hold, rejected
    why: Mapped[str] = mapped_column(default="")
    effect: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]  # the phone's clock
    received_at: Mapped[datetime]


class FeedHead(Base):
    """How far a feed has come. Bumped last in a transaction, so a reader never skips a number."""

    __tablename__ = "feed_heads"

    feed: Mapped[str] = mapped_column(primary_key=True)
    ver: Mapped[int] = mapped_column(default=0)
    floor: Mapped[int] = mapped_column(default=0, server_default="0")  # rows up to here may be forgotten


class FeedRow(Base):
    """The current state of one key in a feed."""

    __tablename__ = "feed_rows"
    __table_args__ = (Index("ix_feed_rows_feed_ver", "feed", "ver"),)

    feed: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    ver: Mapped[int]
    op: Mapped[str]  # put, del
    row: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Blob(Base):
    """An evidence file a learner uploads, whole once `size` bytes are there and the hash is right."""

    __tablename__ = "blobs"

    learner_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int | None]  # as its phone says, until it is whole
    received: Mapped[int] = mapped_column(default=0)
    pieces: Mapped[list[int]] = mapped_column(default=list)  # where each counted piece ends
    mime: Mapped[str] = mapped_column(default="")
    complete_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ServerState(Base):
    """Facts about this server's history: `epoch` changes when it was restored from a backup."""

    __tablename__ = "server_state"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
