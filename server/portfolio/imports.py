"""Badges from elsewhere that a learner keeps here: checked on entry, kept as they came, and never one of ours."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.badges import verification
from server.badges.resolver import OwnRecords, resolver
from server.badges.verification import Badge, Report
from server.badges.verification.issuers import issuer_id
from server.badges.verification.report import FAILED
from server.badges.verification.shown import show
from server.core.db import new_id
from server.core.errors import DomainError, NotFound, TooLarge
from server.core.i18n import gettext
from server.portfolio.models import ImportedBadge
from server.portfolio.pictures import own_picture
from server.replicas import feeds
from server.replicas.locks import lock_learners
from sync.engine import learner_feed
from sync.messages import Row

MOST_BYTES = 2 * 1024 * 1024
MOST_BADGES = 100
_KINDS = (
    (b"\x89PNG", "image/png"),
    (b"<", "image/svg+xml"),
    (b"{", "application/json"),
    (b"eyJ", "application/jwt"),
)


class IssuedHere(DomainError):
    status, code = 422, "issued_here"

    def explain(self) -> str:
        return gettext("This badge was issued on this site. It is in the badges of the phone that earned it.")


class DoesNotHold(DomainError):
    status, code = 422, "does_not_hold"

    def explain(self) -> str:
        return gettext(
            "This badge is not kept: its signature does not fit. It was changed, or somebody else signed."
        )


class TooManyBadges(DomainError):
    status, code = 422, "too_many_badges"

    def explain(self) -> str:
        return gettext("No more badges from elsewhere can be kept. Please remove one first.")


def examine(given: bytes, at: datetime) -> tuple[bytes, Report]:
    """Read and check what a learner gave: a file, a text, or an address. Writes nothing.

    Returns the badge's file and the results. Raises DoesNotHold, IssuedHere, and what `verification.read` raises.
    """
    if len(given) > MOST_BYTES:
        raise TooLarge()
    records = resolver(at)
    content = _content(given.strip() if not given.startswith(b"\x89PNG") else given, records)
    badge = verification.read(content, lambda url: _follow(url, records))
    report = verification.judge(badge, records, at)
    if _is_ours(badge, report, records):
        raise IssuedHere()
    if report.signature.state == FAILED:
        raise DoesNotHold()
    return content, report


def _content(given: bytes, records: OwnRecords) -> bytes:
    if given[:8].startswith((b"https://", b"http://")):
        return _follow(given.decode("ascii", "replace"), records)
    return given


def _follow(url: str, records: OwnRecords) -> bytes:
    """Open an address, as the operator allows; ours lead to badges that need no import."""
    if records.is_ours(url):
        raise IssuedHere()
    fetched = records.fetch(url)
    if fetched is None or fetched.status != 200:
        raise verification.AddressNotRead()
    return fetched.content


def _is_ours(badge: Badge, report: Report, records: OwnRecords) -> bool:
    names = (issuer_id(badge.document), issuer_id(report.document), str(badge.document.get("id")))
    return any(records.is_ours(name) for name in names)


def keep(session: Session, learner: str, content: bytes, report: Report, at: datetime) -> ImportedBadge:
    """Keep a badge for a learner, once, and tell their phones. The last statements of a transaction."""
    lock_learners(session.connection(), {learner})
    sha256 = hashlib.sha256(content).hexdigest()
    found = session.scalar(select(ImportedBadge).filter_by(learner_id=learner, sha256=sha256))
    if found is None:
        _check_room(session, learner)
        found = ImportedBadge(id=new_id(), learner_id=learner, sha256=sha256, content=content, kind=_kind(content), created_at=at)  # fmt: skip
        session.add(found)
    _note(found, report, at)
    _tell(session, learner, f"imported:{found.id}", feed_row(found), at)
    return found


def _check_room(session: Session, learner: str) -> None:
    count = session.scalar(select(func.count()).select_from(ImportedBadge).filter_by(learner_id=learner))
    if (count or 0) >= MOST_BADGES:
        raise TooManyBadges()


def find(session: Session, learner: str, id: str) -> ImportedBadge:
    """Find a learner's own imported badge. Raises NotFound, also for everybody else's."""
    found = session.get(ImportedBadge, id)
    if found is None or found.learner_id != learner:
        raise NotFound()
    return found


def examine_again(badge: ImportedBadge, at: datetime) -> Report:
    """Check a kept badge anew. Writes nothing."""
    return verification.verify(badge.content, resolver(at), at)


def note(session: Session, badge: ImportedBadge, report: Report, at: datetime) -> None:
    """Keep new results; a badge that no longer holds stays, and says so. The last statements of a transaction."""
    lock_learners(session.connection(), {badge.learner_id})
    _note(badge, report, at)
    _tell(session, badge.learner_id, f"imported:{badge.id}", feed_row(badge), at)


def remove(session: Session, badge: ImportedBadge, at: datetime) -> None:
    """Forget a badge and its file."""
    lock_learners(session.connection(), {badge.learner_id})
    session.delete(badge)
    _tell(session, badge.learner_id, f"imported:{badge.id}", None, at)


def _note(badge: ImportedBadge, report: Report, at: datetime) -> None:
    said = show(report.document)
    badge.name, badge.issuer, badge.checked_at = {"en": said.name}, said.issuer, at
    badge.report = {
        "state": report.state,
        "checks": [{"name": one.name, "state": one.state, "words": one.words} for one in report.checks],
        "description": said.description,
        "image": own_picture(badge.content, report.document),
    }


def feed_row(badge: ImportedBadge) -> dict[str, Any]:
    """Tell a phone of a badge from elsewhere. The label "not issued here" belongs to the key `imported:`."""
    return {
        "id": badge.id,
        "name": badge.name,
        "issuer": badge.issuer,
        "kind": badge.kind,
        **badge.report,
        "checked_at": _stamp(badge.checked_at),
        "created_at": _stamp(badge.created_at),
    }


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _kind(content: bytes) -> str:
    start = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for mark, kind in _KINDS if start.startswith(mark)), "text/plain")


def _tell(session: Session, learner: str, key: str, row: Mapping[str, Any] | None, at: datetime) -> None:
    session.flush()
    feed = learner_feed(learner)
    feeds.bump(session, {feed: [Row(feed, key, row)]}, at)
