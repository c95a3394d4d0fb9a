"""What learners chose to be told on a phone that is not open: which phones, what is to be said, and how often.

Off until somebody switches it on. The words go encrypted to the browser alone (RFC 8291); the push service learns that we
wrote, and nothing of what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.core.i18n import gettext, ngettext, pick, speaking
from server.core.shell import asset
from server.post.models import PushMessage, PushSubscription

KINDS = ("review", "award", "send")
"""Somebody looked at work; a badge arrived; a file is still on a phone."""
QUIET = {"review": timedelta(hours=1), "award": timedelta(hours=1), "send": timedelta(hours=24)}
"""How long after something was told nothing of its kind is."""
AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""How long to wait after each try that failed; then it is too late for news."""
KEPT = timedelta(days=2)
MOST_FAILURES = 20
"""So many failures in a row, and a phone is told nothing more."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a phone sends when its learner chooses: where it is reached, with which keys, and what to tell."""

    endpoint: str
    p256dh: str
    auth: str
    lang: str
    kinds: list[str]


def subscribe(session: Session, learner: str, device: str, chosen: Chosen, at: datetime) -> None:
    """Keep what a device's learner chose to be told, in the place of what they chose before."""
    row = session.get(PushSubscription, device) or PushSubscription(device_id=device, told_at=None)
    row.learner_id, row.created_at, row.failures = learner, at, 0
    row.endpoint, row.p256dh, row.auth = chosen.endpoint, chosen.p256dh, chosen.auth
    row.lang, row.kinds = chosen.lang, [one for one in KINDS if one in chosen.kinds]
    session.add(row)
    session.flush()


def unsubscribe(session: Session, device: str) -> None:
    """Tell a device nothing any more."""
    session.execute(delete(PushSubscription).where(PushSubscription.device_id == device))


def phones_of(session: Session, learner: str, kind: str) -> list[PushSubscription]:
    """List the phones of a learner that are told this."""
    found = session.scalars(select(PushSubscription).where(PushSubscription.learner_id == learner))
    return [one for one in found if kind in one.kinds]


def tell(session: Session, learner: str, kind: str, *, at: datetime, about: Mapping[str, str] | None = None) -> None:  # fmt: skip
    """Tell a learner something on the phones where they chose to hear it, soon, by the clock. `about`: its name, by language.

    What comes within the time of quiet is told together with what still waits, or not at all: it is there when they look.
    """
    if not phones_of(session, learner, kind):
        return
    query = select(PushMessage).where(
        PushMessage.learner_id == learner,
        PushMessage.kind == kind,
        PushMessage.created_at > at - QUIET[kind],
    )
    before = session.scalars(query.order_by(PushMessage.created_at.desc()).limit(1)).first()
    if before is None:
        facts = {"count": 1, "about": dict(about or {})}
        session.add(
            PushMessage(learner_id=learner, kind=kind, facts=facts, created_at=at, due_at=at, tries=0)
        )
    elif before.due_at:
        before.facts = {**before.facts, "count": before.facts["count"] + 1}
    session.flush()


def are_due(session: Session, at: datetime) -> bool:
    """Say whether something is to be told now."""
    return session.scalar(select(PushMessage.id).where(PushMessage.due_at <= at).limit(1)) is not None


def claim(session: Session, at: datetime, most: int) -> list[PushMessage]:
    """Take the next messages that are due: no other clock takes them while we try."""
    query = select(PushMessage).where(PushMessage.due_at <= at).order_by(PushMessage.due_at).limit(most)
    found = session.scalars(query.with_for_update(skip_locked=True)).all()
    for one in found:
        one.due_at = at + AFTER[one.tries] if one.tries < len(AFTER) else None
        one.tries += 1
    return list(found)


def done(session: Session, message: str) -> None:
    """Note that a message was told."""
    session.execute(update(PushMessage).where(PushMessage.id == message).values(due_at=None))


def note(session: Session, device: str, outcome: str, at: datetime) -> None:
    """Keep what became of telling one phone: `told`, `gone` or `failed`."""
    row = session.get(PushSubscription, device)
    if row is None:
        return
    row.failures = row.failures + 1 if outcome == "failed" else 0
    if outcome == "told":
        row.told_at = at
    elif outcome == "gone" or row.failures >= MOST_FAILURES:
        session.delete(row)


def forget_old(session: Session, at: datetime) -> None:
    """Forget messages that no time of quiet needs any more."""
    session.execute(delete(PushMessage).where(PushMessage.created_at < at - KEPT))


def words(message: PushMessage, phone: PushSubscription) -> dict[str, Any]:
    """Say a message as the phone's worker shows it, in the language in which it was asked for."""
    count, about = message.facts["count"], pick(message.facts["about"], phone.lang)
    with speaking(phone.lang):
        title, body = _SAYING[message.kind](count, about)
    page = "badges" if message.kind == "award" else "learning"
    return {
        "kind": message.kind,
        "learner": phone.learner_id,
        "lang": phone.lang,
        "title": title,
        "body": body,
        "url": f"/{phone.lang}/{page}",
        "icon": asset("icon-192.png"),
    }


def _review(count: int, about: str) -> tuple[str, str]:
    more = gettext("Look what they say.")
    return gettext("Somebody looked at your work"), about if count == 1 and about else more


def _award(count: int, about: str) -> tuple[str, str]:
    if count == 1:
        return gettext("A badge has arrived"), about
    return ngettext("%(num)s badge has arrived", "%(num)s badges have arrived", count), ""


def _send(count: int, about: str) -> tuple[str, str]:
    return gettext("Please open the app to send"), gettext(
        "A photo or recording of yours is still on your phone only."
    )


_SAYING = {"review": _review, "award": _award, "send": _send}
