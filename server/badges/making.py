"""Making a badge that no playlist leads to, and the next version of a badge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.badges.drawing import SHAPES
from server.badges.icons import ICONS
from server.badges.models import Achievement
from server.core.db import Texts
from server.core.i18n import gettext


@dataclass(frozen=True, slots=True)
class Words:
    """What a badge says in one language, and how it looks (`drawing.Design.read`)."""

    name: str
    description: str
    criteria: str
    design: Mapping[str, Any]


def make_badge(session: Session, organiser_id: str, words: Words, lang: str, at: datetime) -> Achievement:
    """Make a badge in one language, to be given by code."""
    made = Achievement(
        organiser_id=organiser_id,
        **_texts(words, lang),
        design=dict(words.design),
        alignments=[],
        tags=[],
        created_at=at,
    )
    session.add(made)
    session.flush()
    return made


def next_version(session: Session, old: Achievement, words: Words, lang: str, at: datetime) -> Achievement:
    """Change a badge for those who get it from now on; whoever holds it keeps its words."""
    before = {name: getattr(old, name) for name in ("name", "description", "criteria")}
    made = Achievement(
        organiser_id=old.organiser_id,
        playlist_id=old.playlist_id,
        activity_id=old.activity_id,
        version=(old.version or 1) + 1,
        **{name: {**before[name], **said} for name, said in _texts(words, lang).items()},
        design={**old.design, **words.design},
        alignments=old.alignments,
        tags=old.tags,
        created_at=at,
    )
    old.replaced_at = at
    session.add(made)
    session.flush()
    return made


def _texts(words: Words, lang: str) -> dict[str, Texts]:
    return {name: {lang: getattr(words, name)} for name in ("name", "description", "criteria")}


def shape_names() -> dict[str, str]:
    names = {
        "circle": gettext("Circle"),
        "hexagon": gettext("Hexagon"),
        "shield": gettext("Shield"),
        "drop": gettext("Drop"),
    }
    return {shape: names.get(shape, shape) for shape in SHAPES}


def icon_names() -> dict[str, str]:
    names = {
        "museum": gettext("Museum"),
        "river": gettext("River"),
        "book": gettext("Book"),
        "leaf": gettext("Leaf"),
        "gear": gettext("Gear"),
        "star": gettext("Star"),
        "music": gettext("Music"),
        "camera": gettext("Camera"),
        "compass": gettext("Compass"),
        "flask": gettext("Flask"),
        "bridge": gettext("Bridge"),
        "heart": gettext("Heart"),
    }
    return {icon: names.get(icon, icon) for icon in ICONS}
