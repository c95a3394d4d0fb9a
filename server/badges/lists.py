"""Status lists of issuers: finding a place for what is issued, withdrawing it, and publishing the signed list."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer, object_session

from server.badges import signing, status
from server.badges.issuers import did, ensure_keys
from server.badges.keys import SignerUnavailable
from server.badges.models import StatusList
from server.core.db import db, utc_now
from server.core.errors import NotFound
from server.core.shell import absolute
from server.organisers.models import Organiser

T = TypeVar("T")
TRIES = 16
"""So many random places are tried before a new list begins; they are all taken when about 60 % of it is."""
RENEW_BEFORE = timedelta(hours=2)
"""So long before a list is a day old the clock signs it again, so that no request has to."""


Holder = type[Any]
"""A model whose rows have a place in a list (`status_list_id`, `status_index`): Award, Endorsement.

Its table's name is what its lists hold.
"""


def take_place(
    session: Session, organiser_id: str, holder: Holder, keep: Callable[[StatusList, int], T]
) -> T:
    """Choose a place at random that nobody ever had, and have `keep` write what is issued into it.

    `keep` adds its row and returns it; it is called again when another transaction was given the place meanwhile.
    """
    while True:
        listing, index = _free_place(session, organiser_id, holder)
        try:
            with session.begin_nested():
                return keep(listing, index)
        except IntegrityError:
            if not _is_taken(session, holder, listing, index):
                raise  # by another rule than that of places


def _free_place(session: Session, organiser_id: str, holder: Holder) -> tuple[StatusList, int]:
    listing = _newest(session, organiser_id, holder.__tablename__)
    if listing:
        with suppress(status.ListFull):
            return listing, status.random_index(lambda i: _is_taken(session, holder, listing, i), TRIES)
    begun = StatusList(organiser_id=organiser_id, holds=holder.__tablename__, bits=status.empty_bits())
    session.add(begun)
    session.flush()
    return begun, status.random_index(lambda _: False)


def _newest(session: Session, organiser_id: str, holds: str) -> StatusList | None:
    query = select(StatusList).where(StatusList.organiser_id == organiser_id, StatusList.holds == holds)
    query = query.options(defer(StatusList.bits), defer(StatusList.signed))  # 16 kB that nobody needs here
    return session.scalars(query.order_by(StatusList.id.desc()).limit(1)).first()


def _is_taken(session: Session, holder: Holder, listing: StatusList, index: int) -> bool:
    query = select(holder.status_index).where(
        holder.status_list_id == listing.id, holder.status_index == index
    )
    return session.scalar(query) is not None


def withdraw(listing: StatusList, index: int, at: datetime) -> None:
    """Set a bit, for good, and publish the list; when the signer does not answer, as soon as it does."""
    session = _session_of(listing)
    session.refresh(listing, with_for_update=True)  # two at once must both leave their bit
    listing.bits = status.with_bit(listing.bits, index)
    listing.signed_at = None
    with suppress(SignerUnavailable):
        publish(listing, at)


def publish(listing: StatusList, at: datetime | None = None) -> bytes:
    """Sign and store the list when it changed or is a day old; return it as it is served.

    Raises SignerUnavailable for a list that has changed: a badge that was withdrawn must not look valid.
    """
    at = at or utc_now()
    if not is_stale(listing, at):
        return listing.signed or b""
    try:
        listing.signed, listing.signed_at = _sign(listing, at), at
    except SignerUnavailable:
        if listing.signed_at is None or not listing.signed:
            raise
    return listing.signed or b""


def current(listing: StatusList, at: datetime) -> bytes:
    """Return the signed list as it would be served now, storing nothing. Raises SignerUnavailable."""
    return _sign(listing, at) if is_stale(listing, at) else listing.signed or b""


def _sign(listing: StatusList, at: datetime) -> bytes:
    organiser = _session_of(listing).get_one(Organiser, listing.organiser_id)
    url = absolute(f"/status/{listing.id}")
    document = status.build(url, did(organiser.id), listing.bits, at)
    return json.dumps(signing.sign(document, ensure_keys(organiser, at), at), separators=(",", ":")).encode()


def is_stale(listing: StatusList, at: datetime) -> bool:
    """Say whether a list must be signed again."""
    return not listing.signed or not listing.signed_at or at - listing.signed_at > status.RENEW_AFTER


def due(session: Session, at: datetime) -> Sequence[str]:
    """Name the lists that are to be signed before a request has to."""
    before = at - status.RENEW_AFTER + RENEW_BEFORE
    query = select(StatusList.id).where(or_(StatusList.signed_at.is_(None), StatusList.signed_at < before))
    return session.scalars(query.order_by(StatusList.id)).all()


def renew(session: Session, list_id: str, at: datetime) -> None:
    """Sign one list again. Raises SignerUnavailable."""
    listing = session.get_one(StatusList, list_id, with_for_update=True)
    listing.signed, listing.signed_at = _sign(listing, at), at


def mark_stale(session: Session, organiser_id: str) -> None:
    """Have all lists of an issuer signed again by the next who needs them, or by the clock."""
    for listing in session.scalars(select(StatusList).where(StatusList.organiser_id == organiser_id)):
        listing.signed_at = None


def find(list_id: str) -> StatusList:
    """Find a status list; raises NotFound."""
    found = db.session.get(StatusList, list_id)
    if not found:
        raise NotFound()
    return found


def _session_of(listing: StatusList) -> Session:
    return object_session(listing) or db.session()
