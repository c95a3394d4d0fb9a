"""Organisers, and who may act for them."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import User
from server.cities.models import City
from server.core.db import Base, Texts, link, own_id, utc_now


class Organiser(Base):
    """An organisation that offers learning."""

    __tablename__ = "organisers"
    __table_args__ = (UniqueConstraint("city_id", "slug"),)

    id: Mapped[str] = own_id()
    city_id: Mapped[str] = link("cities.id")
    slug: Mapped[str]
    name: Mapped[Texts]
    about: Mapped[Texts]
    url: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    picture: Mapped[str | None]  # sha256 of a MediaFile
    suspended_at: Mapped[datetime | None]  # by the city: hidden, and its people only look (`offering.py`)
    suspended_why: Mapped[str] = mapped_column(default="", server_default="")

    city: Mapped[City] = relationship()


class Member(Base):
    """A user's role in an organiser: owner, editor, reviewer or helper."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("organiser_id", "user_id"),)

    id: Mapped[str] = own_id()
    organiser_id: Mapped[str] = link("organisers.id")
    user_id: Mapped[str] = link("users.id")
    role: Mapped[str]
    since: Mapped[datetime] = mapped_column(default=utc_now)  # they have this role

    organiser: Mapped[Organiser] = relationship()
    user: Mapped[User] = relationship()
