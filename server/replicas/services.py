"""What `POST /api/sync` does with a batch that was checked: applies its events once, answers with feeds and what is missing."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.orm import Session

from server.accounts.devices import note_seen
from server.core.db import table
from server.core.failpoints import reach
from server.replicas import blobs, feeds
from server.replicas.anchors import make_anchor
from server.replicas.chains import broken_chains
from server.replicas.checking import Checked
from server.replicas.effects import others
from server.replicas.judging import engine, is_database_fault, is_transient
from server.replicas.models import IN_CHAIN, Blob, FeedHead, ServerState
from server.replicas.models import Event as EventRow
from server.replicas.moments import milliseconds
from server.replicas.store import SqlStore
from sync.engine import learner_feed
from sync.messages import MAX_ROWS, Batch, Page, Reply, Result
from sync.signatures import Registered

TRIES = 3
CALM_S, HURRY_S = 300, 30
FEEDS_KEEP = timedelta(days=180)
"""How long a feed tells what is gone, and how an event was decided; a phone that was away longer begins anew."""
_FEEDS_AT_ONCE = 200

_events, _blobs, _heads, _state = (table(one).c for one in (EventRow, Blob, FeedHead, ServerState))
_EPOCH = select(_state.value).where(_state.key == "epoch")
_OF_DEVICE = (_events.device_id == bindparam("device"), IN_CHAIN)
_STANDING = select(
    _EPOCH.scalar_subquery().label("epoch"),
    select(_heads.ver).where(_heads.feed == bindparam("feed")).scalar_subquery().label("ver"),
    select(func.count()).where(*_OF_DEVICE).scalar_subquery().label("count"),
    select(func.max(_events.seq)).where(*_OF_DEVICE).scalar_subquery().label("last"),
    select(_blobs.sha256)
    .where(_blobs.learner_id == bindparam("learner"), _blobs.complete_at.is_(None))
    .exists()
    .label("wants_blobs"),
)  # fmt: skip


def apply_batch(session: Session, checked: Checked, store: SqlStore) -> list[Result]:
    """Apply checked events, each at most once. The caller opened the transaction and commits it.

    What they change is written together at the end. When the database refuses any of it, the caller rolls
    back and tries again with a `careful` store, where only the event that it refuses is put off.
    """
    reach("after_begin")
    store.load(checked.new, checked.devices, others(session, checked.new))
    note_seen(session, {event.device for event in checked.new}, store.at)
    fatal = is_transient if store.careful else is_database_fault
    return engine(fatal).apply(store.owned(checked.events), store, milliseconds(store.at))


def forget_old(session: Session, at: datetime) -> int:
    """Forget what feeds need not say any more, of as many feeds as are worth one transaction; say of how many, so that one may go on."""
    return feeds.forget(session, at - FEEDS_KEEP, _FEEDS_AT_ONCE)


def answer(
    session: Session,
    batch: Batch,
    results: Sequence[Result],
    *,
    numbered: Mapping[str, int],
    owner: Registered | None,
    anchor_secret: bytes,
    at: datetime,
) -> Reply:
    """Write the reply: results, what is new in the learner's feed, holes, files wanted, a new anchor.

    A device without an `owner`, which is not registered, is told nothing of the learner whose id it names. One whose
    learner turned out to be another is told who, and asks for that feed next. `numbered` says how many rows each feed
    got by this batch.
    """
    learner = owner.learner if owner else batch.learner
    now, feed = milliseconds(at), learner_feed(learner)
    standing = session.execute(_STANDING, {"feed": feed, "device": batch.device, "learner": learner}).one()
    epoch = standing.epoch or ""
    wanted = blobs.wanted(session, learner) if owner and standing.wants_blobs else []
    before = (standing.ver or 0) - numbered.get(feed, 0)
    stranger = batch.epoch not in (None, epoch) or batch.cursors.get(feed, 0) > before
    holes = missing(session, batch.device) if standing.count != (standing.last or 0) else []
    return Reply(
        epoch=epoch,
        now=now,
        anchor=make_anchor(anchor_secret, batch.device, now, owner),
        results=results,
        feeds=_read_feeds(session, batch, feed, standing.ver or 0, reset=stranger) if owner else {},
        missing=[(batch.device, hole) for hole in holes],
        want_blobs=wanted,
        next_s=HURRY_S if wanted else CALM_S,
        learner=learner if learner != batch.learner else "",
    )


def _read_feeds(session: Session, batch: Batch, feed: str, newest: int, *, reset: bool) -> dict[str, Page]:
    """Read the only feed that a device's proof opens: its own learner's.

    It begins anew, with `reset`, for a phone that knows another history than ours: of another epoch, or further on
    than this feed ever was, because the database was put back without a word.
    """
    if feed not in batch.cursors:
        return {}
    cursor, limit = batch.cursors[feed], min(batch.limit, MAX_ROWS)
    if cursor >= newest and not reset:
        return {feed: Page([], cursor, more=False)}
    return {feed: feeds.read_page(session, feed, cursor, limit, reset=reset)}


def begin_epoch(session: Session, *, anew: bool = False) -> None:
    """Name this server's history, if it has no name yet; `anew` when it was restored: phones then send again
    what a later history had acknowledged."""
    statement = feeds.insert_into(session, ServerState).values(key="epoch", value=f"e{secrets.token_hex(6)}")
    if anew:
        new = {"value": statement.excluded.value}
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=new))
    else:
        session.execute(statement.on_conflict_do_nothing())


def missing(session: Session, device: str) -> list[tuple[int, int]]:
    """Return the holes in a device's chain, without those it declared lost."""
    chain = broken_chains(session, select(literal(device))).get(device)
    return chain.holes if chain else []
