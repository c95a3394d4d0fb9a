"""Signing again: what a compromised key signed, and what waited for a signer that did not answer.

A badge keeps its id, its words and its place in the list; `validFrom` is newer, as for any correction. Its holder
is told nothing: the row in their feed changes, and their phone fetches the file again.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.badges import lists, services, signing
from server.badges.canonical import Document, DocumentUnclear
from server.badges.issuers import ensure_keys, signing_keys
from server.badges.models import Achievement, Award, Resigning
from server.badges.services import UNSIGNED
from server.core.errors import NotFound
from server.organisers.models import Organiser
from server.replicas.feeds import bump
from sync.engine import learner_feed
from sync.messages import Row

PIECE = 200
"""So many badges are signed in one transaction: a fifth of a second."""
LATE = timedelta(minutes=1)
"""What was being signed in the moment of the alarm may be committed so much later, with the old key."""


def compromise(session: Session, organiser: Organiser, number: int, at: datetime) -> Resigning:
    """Take a key out of the DID document, sign with another, and begin to sign again all that it signed.

    For a key that was reported before, what failed is tried again. Raises NotFound, SignerUnavailable.
    """
    key = next((one for one in signing_keys(session, organiser.id) if one.number == number), None)
    if key is None:
        raise NotFound()
    key.compromised_at, key.retired_at = key.compromised_at or at, key.retired_at or at
    ensure_keys(organiser, at)
    lists.mark_stale(session, organiser.id)
    return _begin(session, organiser.id, number, at)


def _begin(session: Session, organiser_id: str, number: int, at: datetime) -> Resigning:
    query = select(Resigning).where(Resigning.organiser_id == organiser_id, Resigning.number == number)
    task = session.scalars(query).first() or Resigning(organiser_id=organiser_id, number=number, done=0)
    task.total = (task.done or 0) + count_signed(session, organiser_id, number)
    task.failed, task.last, task.finished_at = 0, "", None
    task.started_at = at
    session.add(task)
    session.flush()
    return task


def count_signed(session: Session, organiser_id: str, number: int) -> int:
    """Count the badges that carry a key's signature."""
    return session.scalar(_signed_by(organiser_id, number, select(func.count(Award.id)))) or 0


def unfinished(session: Session) -> Sequence[str]:
    query = select(Resigning.id).where(Resigning.finished_at.is_(None)).order_by(Resigning.started_at)
    return session.scalars(query).all()


def unsettled(session: Session, organiser_id: str) -> Sequence[Resigning]:
    """Find what an organiser should see: what goes on, and what did not come out whole."""
    query = select(Resigning).where(
        Resigning.organiser_id == organiser_id, Resigning.finished_at.is_(None) | (Resigning.failed > 0)
    )
    return session.scalars(query.order_by(Resigning.started_at)).all()


def sign_some(session: Session, task_id: str, at: datetime) -> bool:
    """Sign the next piece again; say whether there may be more at once. Raises SignerUnavailable."""
    task = session.get_one(Resigning, task_id, with_for_update=True)
    found = session.scalars(
        _signed_by(task.organiser_id, task.number, select(Award))
        .where(Award.id > task.last)
        .order_by(Award.id)
        .limit(PIECE)
        .with_for_update(of=Award)
        .execution_options(populate_existing=True)
    ).all()
    if found:
        signed = _sign(session, found, at, anew=True)
        task.done, task.failed = task.done + signed, task.failed + len(found) - signed
        task.total = max(task.total, task.done + task.failed)
        task.last = found[-1].id
    elif at - task.started_at > LATE:
        task.finished_at = at
    else:
        task.last, task.failed = "", 0  # once more, for what was committed late
    return bool(found)


def are_waiting(session: Session) -> bool:
    """Say whether any badge waits for its signature."""
    query = select(Award.id).where(Award.key_number == UNSIGNED, Award.erased.is_(False)).limit(1)
    return session.scalar(query) is not None


def sign_waiting(session: Session, at: datetime) -> int:
    """Sign some of the badges that wait for their signature; return how many. Raises SignerUnavailable."""
    query = (
        select(Award)
        .where(Award.key_number == UNSIGNED, Award.erased.is_(False))
        .order_by(Award.id)
        .limit(PIECE)
        .with_for_update()
    )
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    by_issuer: dict[str, list[Award]] = {}
    for one in found:
        by_issuer.setdefault(one.achievement.organiser_id, []).append(one)
    return sum(_sign(session, some, at, anew=False) for some in by_issuer.values())


def _signed_by(organiser_id: str, number: int, query: Select[Any]) -> Select[Any]:
    return query.join(Achievement, Achievement.id == Award.achievement_id).where(
        Achievement.organiser_id == organiser_id, Award.key_number == number, Award.erased.is_(False)
    )


def _sign(session: Session, found: Sequence[Award], at: datetime, *, anew: bool) -> int:
    """Sign badges of one issuer in one go, tell their holders' phones, and return how many could be signed."""
    signer = ensure_keys(found[0].achievement.organiser, at)
    ready = [(one, _unsigned(one, at, anew=anew)) for one in found]
    try:
        signed = signing.sign_all([document for _, document in ready], signer, at)
    except DocumentUnclear:
        ready = [pair for pair in ready if _is_clear(pair[1])]
        signed = signing.sign_all([document for _, document in ready], signer, at)
    rows: dict[str, list[Row]] = {}
    for (one, _), document in zip(ready, signed, strict=True):
        one.signed, one.key_number = signing.write(document), signing.key_number(signer)
        if anew:
            one.corrected_at = at
        feed = learner_feed(one.learner_id)
        rows.setdefault(feed, []).append(Row(feed, f"award:{one.id}", services.feed_row(one)))
    session.flush()
    bump(session, rows, at)
    return len(ready)


def _unsigned(given: Award, at: datetime, *, anew: bool) -> Document:
    """Read what is to be signed. What has expired keeps its dates."""
    document: Document = json.loads(given.signed)
    document.pop("proof", None)
    if anew and not (given.valid_until and given.valid_until <= at):
        document["validFrom"] = signing.timestamp(at)
    return document


def _is_clear(document: Document) -> bool:
    try:
        signing.check_clear(document)
    except DocumentUnclear:
        return False
    return True
