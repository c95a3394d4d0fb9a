"""Activities, their tasks, and the media they show."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.core.db import Base, Texts, link, own_id
from server.organisers.models import Organiser


class MediaFile(Base):
    """A picture or sound that pages show, at the address of its content: `/media/{sha256}.{ending}`."""

    __tablename__ = "media_files"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    ending: Mapped[str]  # svg, jpg, png, webp, mp3, wav
    mime: Mapped[str]
    size: Mapped[int]  # bytes

    @property
    def url(self) -> str:
        return f"/media/{self.sha256}.{self.ending}"


class Activity(Base):
    """Something one can do to learn, at a place, online, or both. One of a playlist is called a stop."""

    __tablename__ = "activities"
    __table_args__ = (UniqueConstraint("organiser_id", "slug"),)

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    slug: Mapped[str] = mapped_column(index=True)
    title: Mapped[Texts]
    summary: Mapped[Texts]
    body: Mapped[Texts]  # Markdown
    place: Mapped[Texts]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    signal: Mapped[bool] = mapped_column(default=True)  # is there network at the place?
    confirm: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # does the organiser say who came?
    minutes: Mapped[int]
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    cost_cents: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(default="EUR")
    languages: Mapped[list[str]]
    skills: Mapped[list[Any]]  # texts in several languages, as they read on the page
    picture_id: Mapped[str | None] = link("media_files.sha256", length=64)
    picture_alt: Mapped[Texts]
    audio_id: Mapped[str | None] = link("media_files.sha256", length=64)
    audio_text: Mapped[Texts]  # what is heard, for those who don't
    updated_at: Mapped[datetime]

    organiser: Mapped[Organiser] = relationship()
    picture: Mapped[MediaFile | None] = relationship(foreign_keys=[picture_id])
    audio: Mapped[MediaFile | None] = relationship(foreign_keys=[audio_id])
    tasks: Mapped[list["Task"]] = relationship(
        back_populates="activity",
        order_by="Task.position",
        primaryjoin="and_(Activity.id == Task.activity_id, Task.removed_at.is_(None))",
    )


class Task(Base):
    """What a learner does in an activity.

    `options` is `[{"id": "a", "text": {lang: …}}]`; `accepted` holds canonical right answers
    (option ids joined by a comma, decimals, folded texts) and never leaves the server in clear.
    """

    __tablename__ = "tasks"

    KINDS = ("checkin", "choice", "choices", "number", "text", "photo", "audio")

    id: Mapped[str] = own_id()
    activity_id: Mapped[str] = link("activities.id")
    position: Mapped[int]
    kind: Mapped[str]
    prompt: Mapped[Texts]
    hint: Mapped[Texts]
    required: Mapped[bool] = mapped_column(default=True)
    options: Mapped[list[dict[str, Any]]]
    accepted: Mapped[list[str]]
    tolerance: Mapped[str | None]  # decimal; number tasks accept `accepted[0] ± tolerance`
    step: Mapped[str | None]  # decimal; how finely a number is read
    unit: Mapped[Texts]
    salt: Mapped[str]
    max_length: Mapped[int | None]
    review: Mapped[str] = mapped_column(default="none", server_default="none")  # none, organiser
    removed_at: Mapped[datetime | None]  # it stays, for what was done in it

    activity: Mapped[Activity] = relationship(back_populates="tasks")


class ActivityRules(Base):
    """What an activity asked for from a moment on, until its next row: work is judged by the rules of its time."""

    __tablename__ = "activity_rules"

    activity_id: Mapped[str] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    tasks: Mapped[list[dict[str, Any]]]  # all of each task but its words
