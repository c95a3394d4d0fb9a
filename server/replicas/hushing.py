"""Takes somebody who erased everything out of what others signed: the only bytes that ever change."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from server.replicas.models import Event, FeedRow
from sync.engine import learner_feed
from sync.messages import decode, encode


def hush(session: Session, event: Event, *, keep: str = "", effect: Mapping[str, Any]) -> None:
    """Leave of an event's body only one field, if any, and of its effect only this.

    It is not what was signed any more, so it loses its signature.
    """
    said = json.loads(decode(event.payload))
    said["body"] = {keep: said["body"].get(keep)} if keep else {}
    event.payload, event.signature = encode(json.dumps(said, separators=(",", ":")).encode()), ""
    event.effect = dict(effect)
    told = session.get(FeedRow, (learner_feed(event.learner_id), f"verdict:{event.id}"))
    if told is not None:
        told.row = {**told.row, "effect": event.effect}
