"""Playlists: ordered activities with a rule."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.activities.models import Activity, MediaFile
from server.core.db import Base, Texts, link, own_id
from server.organisers.models import Organiser


class Playlist(Base):
    """Activities with a rule: all that are required, and `choose` of the rest, in any or in fixed order."""

    __tablename__ = "playlists"
    __table_args__ = (UniqueConstraint("organiser_id", "slug"),)

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    slug: Mapped[str] = mapped_column(index=True)
    title: Mapped[Texts]
    summary: Mapped[Texts]
    body: Mapped[Texts]  # Markdown
    picture_id: Mapped[str | None] = link("media_files.sha256", length=64)
    picture_alt: Mapped[Texts]
    minutes: Mapped[int]
    order: Mapped[str] = mapped_column(default="any")  # any, fixed
    choose: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)  # where the city's home shows it
    updated_at: Mapped[datetime]

    organiser: Mapped[Organiser] = relationship()
    picture: Mapped[MediaFile | None] = relationship()
    items: Mapped[list["PlaylistItem"]] = relationship(
        order_by="PlaylistItem.position",
        back_populates="playlist",
        primaryjoin="and_(Playlist.id == PlaylistItem.playlist_id, PlaylistItem.removed_at.is_(None))",
    )


class PlaylistItem(Base):
    """One activity's place in a playlist."""

    __tablename__ = "playlist_items"
    __table_args__ = (UniqueConstraint("playlist_id", "activity_id"),)

    id: Mapped[str] = own_id()
    playlist_id: Mapped[str] = link("playlists.id")
    activity_id: Mapped[str] = link("activities.id")
    position: Mapped[int]
    required: Mapped[bool]
    removed_at: Mapped[datetime | None]  # it stays, for those who did it then

    playlist: Mapped[Playlist] = relationship(back_populates="items")
    activity: Mapped[Activity] = relationship()


class PlaylistRules(Base):
    """A playlist's rule from a moment on, until its next row: work is judged by the rule of its time."""

    __tablename__ = "playlist_rules"

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlists.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    rule: Mapped[dict[str, Any]]  # {"order", "choose", "stops": [{"activity", "required"}]}
