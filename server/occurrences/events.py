"""Effects of events: a learner reserves a place at a session, or gives it back."""

from collections.abc import Mapping
from typing import Any

from server.occurrences import places
from server.occurrences.places import Wish
from server.occurrences.rows import reservation_row
from server.replicas.effects import Work, on, read_id, read_text
from server.replicas.moments import moment

MOST_NAME, MOST_PICTURE = 60, 40


@on("session.reserve")
def reserve(work: Work) -> Mapping[str, Any]:
    """Hold a place. Name and picture come only if the learner agreed that the door may show them."""
    wish = Wish(
        work.event.learner,
        work.event.id,
        read_text(work, "name", MOST_NAME),
        read_text(work, "picture", MOST_PICTURE),
    )
    occurrence_id, session = read_id(work, "occurrence"), work.store.session
    held = places.reserve(session, occurrence_id, wish, moment(work.now))
    work.put(*reservation_row(places.find_session(session, occurrence_id), held))
    return {"occurrence": occurrence_id}


@on("session.cancel")
def cancel(work: Work) -> Mapping[str, Any]:
    """Give a reserved place back. Without a reservation there is nothing to do."""
    occurrence_id, session = read_id(work, "occurrence"), work.store.session
    held = places.cancel_reservation(session, occurrence_id, work.event.learner)
    if held and held.event_id:
        work.put(*reservation_row(places.find_session(session, occurrence_id), held))
    return {"occurrence": occurrence_id}
