"""What a learner's feed says of their ways back in: one row each. No secret, and no whole address, is in it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from server.accounts.models import LearnerMail, Passkey, RecoveryKit
from server.learning.rows import Keyed, write_time
from server.post.addresses import shorten
from server.replicas.feeds import bump
from sync.engine import learner_feed
from sync.messages import Row


def passkey_row(passkey: Passkey) -> Keyed:
    """`credential` is by which its authenticator knows it, so that none is asked to make a second one."""
    return f"passkey:{passkey.id}", {
        "id": passkey.id,
        "credential": passkey.credential_id,
        "transports": passkey.transports,
        "name": passkey.name,
        "synced": passkey.synced,
        "created_at": write_time(passkey.created_at),
        "used_at": _time(passkey.used_at),
    }


def kit_row(kit: RecoveryKit) -> Keyed:
    return f"kit:{kit.id}", {
        "id": kit.id,
        "label": kit.label,
        "created_at": write_time(kit.created_at),
        "used_at": _time(kit.used_at),
    }


def mail_row(mail: LearnerMail) -> Keyed:
    return f"mail:{mail.id}", {
        "id": mail.id,
        "address": shorten(mail.address),
        "confirmed": mail.confirmed_at is not None,
        "tells": sorted(mail.tells),
        "created_at": write_time(mail.created_at),
        "used_at": _time(mail.used_at),
    }


def row_of(way: Passkey | RecoveryKit | LearnerMail) -> Keyed:
    if isinstance(way, Passkey):
        return passkey_row(way)
    return kit_row(way) if isinstance(way, RecoveryKit) else mail_row(way)


def tell(session: Session, learner: str, rows: Sequence[Keyed], at: datetime, *, gone: str = "") -> None:
    """Write rows into a learner's feed, and say of one key that it is gone. The last statement before the commit."""
    feed = learner_feed(learner)
    told = [Row(feed, key, row) for key, row in rows]
    bump(session, {feed: [*told, Row(feed, gone, None)] if gone else told}, at)


def _time(at: datetime | None) -> str | None:
    return write_time(at) if at else None
