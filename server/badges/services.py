"""Awards: found by their address, told to their learners, withdrawn for a reason, and erased."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from server.badges import assurance, drawing, holding, lists, series, signing, stating
from server.badges.assurance import Assurance
from server.badges.models import Achievement, Award
from server.core.db import db
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick
from server.core.shell import absolute

UNSIGNED = 0
"""`Award.key_number` of a badge whose words are kept and wait for a signature."""
FILES = ("png", "svg", "json", "jwt", "pdf")
"""The endings under which an award's files are served."""
Guard = Callable[[Session, Award], None]
RowPart = Callable[[Session, Award], dict[str, Any]]
Told = tuple[str, Mapping[str, Any] | None]
"""A key of the learner's feed, and its row, or None when that is gone."""
Forget = Callable[[Session, Award, datetime], Iterable[Told]]
_GUARDS: list[Guard] = []
_ROW_PARTS: list[RowPart] = []


def guards(check: Guard) -> Guard:
    """Register who may close a badge's addresses: it raises a DomainError for one that nobody is to see."""
    _GUARDS.append(check)
    return check


def tells(part: RowPart) -> RowPart:
    """Register what another domain adds to an award's row in the learner's feed."""
    _ROW_PARTS.append(part)
    return part


def revoke(given: Award, reason: str, at: datetime) -> dict[str, Any]:
    """Withdraw a badge, once and for good, and say why; return its row for the learner's feed."""
    if given.revoked_at is None:
        lists.withdraw(given.status_list, given.status_index, at)
        given.revoked_at, given.reason = at, reason
    return feed_row(given)


def erase(given: Award, at: datetime) -> list[Told]:
    """Forget an award for good: what was signed, whom it was for and on what it rested; the bit is set.

    Its addresses answer 410 from then on, and the learner may earn the badge again. Other domains say with
    `when_erased` what they forget with it. Returns what changes by that in the learner's feed.
    """
    told: list[Told] = [(f"award:{given.id}", None)]
    for forget in _forgets:
        told += forget(_session_of(given), given, at)
    lists.withdraw(given.status_list, given.status_index, at)
    given.signed, given.subject, given.note, given.reason = b"", "", "", ""
    given.assurance, given.results = {}, {}
    given.learner_id = given.completion_id = given.code_id = given.event_id = given.given_by = None  # type: ignore[assignment]
    given.awarded_at = given.revoked_at = at
    given.valid_until = given.corrected_at = None
    given.period, given.erased = "", True
    _session_of(given).flush()
    return told


_forgets: list[Forget] = []


def when_erased(forget: Forget) -> Forget:
    """Register what goes with an award that is erased, and what its holder's phone hears of that: `@when_erased`."""
    _forgets.append(forget)
    return forget


class NotYetSigned(DomainError):
    status, code = 503, "not_yet_signed"

    def explain(self) -> str:
        return gettext("This badge is being signed. Please come back in a few minutes.")


class Erased(DomainError):
    status, code = 410, "erased"

    def explain(self) -> str:
        return gettext("This badge was erased, as its holder wished. It no longer counts.")


def find_credential(credential_id: str) -> Award:
    """Find an award by its public address; raises NotFound, Erased, NotYetSigned, and what guards raise."""
    found = find_kept(credential_id)
    if found.erased:
        raise Erased()
    if found.key_number == UNSIGNED:
        raise NotYetSigned()
    check_seen(found)
    return found


def check_seen(found: Award) -> None:
    """Raise what guards raise for a badge that nobody is to see at present."""
    for check in _GUARDS:
        check(_session_of(found), found)


def find_kept(credential_id: str) -> Award:
    """Find an award by its public address, whatever became of it; raises NotFound."""
    if not (credential_id.isascii() and credential_id.isalnum()):
        raise NotFound()
    found = db.session.scalars(select(Award).where(Award.credential_id == credential_id)).first()
    if not found:
        raise NotFound()
    return found


def find_achievement(achievement_id: str) -> Achievement:
    """Find one published version of an achievement; raises NotFound."""
    found = db.session.get(Achievement, achievement_id)
    if not found or found.state != "published":
        raise NotFound()
    return found


def offered(session: Session, playlist_ids: Sequence[str]) -> dict[str, Achievement]:
    """Find the badges that playlists lead to now, by playlist; those that lead to none are left out."""
    query = series.given_now().where(Achievement.playlist_id.in_(playlist_ids)).order_by(Achievement.version)
    return {one.playlist_id: one for one in session.scalars(query) if one.playlist_id}


def feed_row(given: Award) -> dict[str, Any]:
    """Write an award as the learner's phone keeps it, in all languages, for showing with no network."""
    achievement, sure = given.achievement, Assurance.read(given.assurance)
    url = absolute(f"/credentials/{given.credential_id}")
    return {
        "id": given.id,
        "achievement": achievement.id,
        "name": achievement.name,
        "description": achievement.description,
        "criteria": achievement.criteria,
        "image": f"/achievements/{achievement.id}/image.svg",
        "issuer": {"id": achievement.organiser_id, "name": achievement.organiser.name},
        "url": url,
        "json": f"{url}.json",
        "png": f"{url}.png",
        "files": {**{kind: f"{url}.{kind}" for kind in FILES}, "card": f"{url}/card.pdf"},
        "awarded_at": signing.timestamp(given.awarded_at),
        "corrected_at": _moment(given.corrected_at),
        "valid_until": _moment(given.valid_until),
        "renew_from": _moment(holding.renewable_from(given)),
        "renewal": achievement.renewal or {},
        "level": achievement.level or None,
        "results": _reached(given),
        "note": given.note or "",
        "assurance": {
            "level": sure.level,
            "time": sure.time,
            "review": sure.review,
            "words": assurance.words_in_all_languages(sure),
        },
        "playlist": achievement.playlist_id,
        "revoked_at": signing.timestamp(given.revoked_at) if given.revoked_at else None,
        "reason": given.reason or None,
        **{name: value for part in _ROW_PARTS for name, value in part(_session_of(given), given).items()},
    }


def _reached(given: Award) -> list[dict[str, Any]]:
    """Name what of the rubric was reached, in all languages: `[{"name": Texts, "level": Texts}]`."""
    reached = given.results or {}
    return [
        {"name": row["name"], "level": step["name"]}
        for row in given.achievement.results or []
        for step in row["levels"]
        if reached.get(row["key"]) == step["key"]
    ]


def _moment(at: datetime | None) -> str | None:
    return signing.timestamp(at) if at else None


def file_name(achievement: Achievement) -> str:
    """Name a file of this badge, without its ending."""
    return re.sub(r"[^a-z0-9]+", "-", pick(achievement.name, "en").lower()).strip("-") or "badge"


def design(achievement: Achievement, lang: str = "") -> drawing.Design:
    """Read how a badge looks; the words on it in `lang`, or in the language in which it is signed."""
    return drawing.Design.read(achievement.design, lang or stating.signed_language(achievement))


def _session_of(row: Award | Achievement) -> Session:
    return object_session(row) or db.session()
