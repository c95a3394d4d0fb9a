"""A city: one community with its own brand, languages and time zone."""

from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Texts, own_id


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
