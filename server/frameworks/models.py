"""The terms of all frameworks, as they were loaded."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from server.core.db import Base, Texts


class Term(Base):
    """A skill or competence by its own address: the framework's where it has one, else our page for it."""

    __tablename__ = "framework_terms"

    uri: Mapped[str] = mapped_column(String(200), primary_key=True)
    framework: Mapped[str] = mapped_column(String(20), index=True)  # esco, digcomp, lifecomp, …
    code: Mapped[str]  # as the framework counts: "P3", "1.2"; empty where it does not
    kind: Mapped[str]  # skill, knowledge, transversal, competence, area
    broader: Mapped[str] = mapped_column(default="")  # the uri above it
    labels: Mapped[Texts]
    description: Mapped[Texts]
    search_text: Mapped[str]  # all labels, folded
