"""What is due in sync: holds end, feeds and uploads are forgotten."""

from datetime import datetime

from flask import current_app

from server.core.db import db, writing
from server.core.jobs import every
from server.core.storage import files
from server.post import push
from server.replicas import blobs, services
from server.replicas.services import AT_ONCE
from server.replicas.store import read_terms


@every(minutes=10)
def end_holds(at: datetime) -> None:
    """Decide what was on hold for as long as it may be, some at a time, so that phones are not kept waiting."""
    terms = read_terms(current_app.config["STREETWISE"].public_host)
    seen, skip = AT_ONCE, 0
    while seen == AT_ONCE:
        with writing() as session:
            seen, left = services.end_holds(session, terms, at, skip)
        skip += left


@every(minutes=1)
def wake_met(at: datetime) -> None:
    """Decide what waited for a device that is known by now, if it was not decided when that device came."""
    if services.are_awaited(db.session()):
        with writing() as session:
            services.wake_met(session, read_terms(current_app.config["STREETWISE"].public_host), at)


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
