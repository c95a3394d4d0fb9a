"""Making a badge and its next versions: drafts are edited in place, what is published is never changed again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, object_session

from server.badges import series, stating
from server.badges.models import Achievement
from server.core.db import db
from server.core.errors import DomainError
from server.core.i18n import gettext

FIELDS = (
    "name", "description", "criteria", "design", "level", "valid_months", "renewal",
    "alignments", "tags", "needs", "results", "milestone",
)  # fmt: skip
"""What a version says: all that an edit may change, and a new version takes over from the one before."""


class NotNow(DomainError):
    """An older version is history, and a published one is changed only by a new one."""

    status, code = 409, "not_this_version"

    def explain(self) -> str:
        return gettext("There is a newer version of this badge. Open that one.")


class NotReady(DomainError):
    """Something is missing that people must be able to read before they earn it. `problems`: (field, words)."""

    status, code = 422, "badge_not_ready"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(words for _, words in problems))


def start_draft(session: Session, organiser_id: str, told: Mapping[str, Any], at: datetime) -> Achievement:
    """Begin a badge that no activity or playlist leads to: by code, by hand, or for a milestone."""
    empty: dict[str, Any] = {"description": {}, "criteria": {}, "design": {}, "alignments": [], "tags": []}
    made = Achievement(organiser_id=organiser_id, state="draft", created_at=at, **{**empty, **told})
    session.add(made)
    session.flush()
    return made


def edit(session: Session, badge: Achievement, told: Mapping[str, Any], at: datetime) -> Achievement:
    """Change a draft in place; of a published badge, change or begin the draft of its next version.

    Returns the draft. Raises NotNow for a version that was replaced.
    """
    draft = badge if badge.state == "draft" else _next_draft(session, badge, at)
    for name in FIELDS:
        if name in told:
            setattr(draft, name, told[name])
    session.flush()
    return draft


def bring_back(session: Session, old: Achievement, at: datetime) -> Achievement:
    """Begin a draft that says again what an older version said: undoing is one more version."""
    now = series.current(session, old.series) or old
    return edit(session, now, {name: getattr(old, name) for name in FIELDS}, at)


def _next_draft(session: Session, badge: Achievement, at: datetime) -> Achievement:
    session.refresh(badge, with_for_update=True)  # two at once must edit one draft
    if badge.replaced_at:
        raise NotNow()
    known = series.draft_of(session, badge.series)
    if known:
        return known
    draft = Achievement(
        organiser_id=badge.organiser_id,
        playlist_id=badge.playlist_id,
        activity_id=badge.activity_id,
        series=badge.series,
        version=(badge.version or 1) + 1,
        state="draft",
        created_at=at,
        **{name: getattr(badge, name) for name in FIELDS},
    )
    session.add(draft)
    session.flush()
    return draft


def publish(session: Session, draft: Achievement, at: datetime) -> Achievement | None:
    """Give a badge from now on as its draft says; return the version that it replaces.

    A person has read it: that moment is kept. Raises NotReady while it lacks something, NotNow when it is no draft,
    and what says why it could not be signed as it is.
    """
    if draft.state != "draft":
        raise NotNow()
    problems = missing(draft)
    if problems:
        raise NotReady(problems)
    stating.check_publishable(draft)
    before = series.current(session, draft.series)
    if before:
        before.replaced_at = at
    draft.state, draft.reviewed_at = "published", at
    session.flush()
    return before


def missing(draft: Achievement) -> list[tuple[str, str]]:
    """Say what a draft lacks before it can be published, as (field, words). A language is whole or left out."""
    found = []
    labels = {
        "name": gettext("its name"),
        "description": gettext("what it says about its holder"),
        "criteria": gettext("what one does to get it"),
    }
    texts = {name: getattr(draft, name) or {} for name in labels}
    written = [
        lang for lang in draft.organiser.city.languages if any(one.get(lang) for one in texts.values())
    ]
    for lang in written or draft.organiser.city.languages[:1]:
        for name, label in labels.items():
            if not texts[name].get(lang):
                words = gettext("Still missing: %(what)s (%(lang)s).", what=label, lang=lang)
                found.append((f"{name}-{lang}", words))
    wanted = draft.milestone or {}
    if wanted and wanted["count"] > len(wanted["of"]):
        found.append(("count", gettext("The milestone asks for more things than were chosen for it.")))
    return found + _circle(draft)


def _circle(draft: Achievement) -> list[tuple[str, str]]:
    circle = series.find_circle(object_session(draft) or db.session(), draft)
    if not circle:
        return []
    names = ", ".join(series.named(one) for one in circle)
    words = gettext("Nobody could get it, because these badges ask for each other: %(names)s.", names=names)
    return [("needs", words)]


def discard(session: Session, draft: Achievement) -> None:
    """Throw a draft away. Raises NotNow for what was published."""
    if draft.state != "draft":
        raise NotNow()
    session.delete(draft)


def changed_fields(new: Achievement, old: Achievement) -> list[str]:
    """List what a version says differently, by the names of `FIELDS`."""
    return [name for name in FIELDS if (getattr(new, name) or None) != (getattr(old, name) or None)]


def field_name(name: str) -> str:
    """Name a field of `FIELDS` for people."""
    names = {
        "name": gettext("Name"),
        "description": gettext("What it says about its holder"),
        "criteria": gettext("What one does to get it"),
        "design": gettext("Looks"),
        "level": gettext("Skill level"),
        "valid_months": gettext("How long it holds"),
        "renewal": gettext("How to renew it"),
        "alignments": gettext("Skills"),
        "tags": gettext("Tags"),
        "needs": gettext("Badges it needs"),
        "results": gettext("Rubric"),
        "milestone": gettext("Milestone"),
    }
    return names[name]
