"""What is due in sync: holds end, feeds and uploads are forgotten."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from server.accounts.models import Learner
from server.core.db import db, writing
from server.core.jobs import every
from server.core.storage import files
from server.post import push
from server.replicas import blobs, device_rows, holds, services
from server.replicas.holds import AT_ONCE
from server.replicas.terms import read_terms


@every(minutes=10)
def end_holds(at: datetime) -> None:
    """Decide what was on hold for as long as it may be, some at a time, so that phones are not kept waiting."""
    terms = read_terms(current_app.config["STREETWISE"].public_host)
    seen, skip = AT_ONCE, 0
    while seen == AT_ONCE:
        with writing() as session:
            seen, left = holds.end_holds(session, terms, at, skip)
        skip += left


@every(minutes=1)
def wake_met(at: datetime) -> None:
    """Decide what waited for a device that is known by now, if it was not decided when that device came."""
    if holds.are_awaited(db.session()):
        with writing() as session:
            holds.wake_met(session, read_terms(current_app.config["STREETWISE"].public_host), at)


@every(hours=1)
def ask_for_files(at: datetime) -> None:
    """Ask those who chose to be asked to open the app, because a file of theirs has not come."""
    for learner in blobs.overdue(db.session(), at):
        with writing() as session:
            push.tell(session, learner, "send", at=at)


@every(days=1)
def forget_old_rows(at: datetime) -> None:
    """Forget what feeds need not say any more, some feeds at a time."""
    feeds = AT_ONCE
    while feeds == AT_ONCE:
        with writing() as session:
            feeds = services.forget_old(session, at)


@every(days=1)
def forget_abandoned_uploads(at: datetime) -> None:
    """Forget uploads that were given up, and files that nothing names any more, one learner at a time."""
    for learner in blobs.abandoned(db.session(), at):
        with writing() as session:
            gone = blobs.forget(session, learner, at)
        with writing() as session:
            blobs.delete_files(session, files(), gone)


@every(days=1)
def forget_merged_files(at: datetime) -> None:
    """Delete what lies under the former ids of learners: it was copied when they turned out to be others."""
    for learner in db.session.scalars(select(Learner.id).where(Learner.merged_into.is_not(None))).all():
        for place in blobs.places_of(learner):
            files().delete_below(place)


@every(days=1)
def tell_seen(at: datetime) -> None:
    """Tell learners with several devices when these were last here, some at a time."""
    last, seen = "", AT_ONCE
    while seen == AT_ONCE:
        with writing() as session:
            learners = device_rows.tell_seen(session, at, after=last, limit=AT_ONCE)
        seen, last = len(learners), max(learners, default=last)
