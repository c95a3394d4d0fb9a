"""A city: one community with its own brand, languages and time zone."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Texts, link, own_id


class City(Base):
    """The tenant. A city without `host` answers for every address no other city claims."""

    __tablename__ = "cities"

    id: Mapped[str] = own_id()
    slug: Mapped[str] = mapped_column(unique=True)
    host: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    tagline: Mapped[Texts]
    about: Mapped[Texts]
    picture: Mapped[str | None]  # sha256 of a MediaFile
    picture_alt: Mapped[Texts]
    colour: Mapped[str] = mapped_column(default="#14506b")  # theme colour, the brand's accent
    timezone: Mapped[str] = mapped_column(default="UTC")
    languages: Mapped[list[str]]
    demo: Mapped[bool] = mapped_column(default=False)
    country: Mapped[str] = mapped_column(
        default="", server_default=""
    )  # ISO 3166-1, two capitals: the age of consent
    keeps: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """How long what is kept: days by name; what is not named has its default (`privacy/retention.py`)."""
    privacy: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Who answers for the data: `{"controller", "contact", "officer"}`, as the privacy page says it."""


class CityMember(Base):
    """A user's role in a city's team: owner or editor."""

    __tablename__ = "city_members"
    __table_args__ = (UniqueConstraint("city_id", "user_id"),)

    id: Mapped[str] = own_id()
    city_id: Mapped[str] = link("cities.id")
    user_id: Mapped[str] = link("users.id")
    role: Mapped[str]  # owner, editor
    created_at: Mapped[datetime]
