"""What doors forget of a learner who erases everything."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.learners import forget_rows, when_forgotten
from server.accounts.models import Device
from server.door.models import DoorDevice, DoorEntry, DoorLink
from server.occurrences.services import count_taken
from server.replicas.hushing import hush
from server.replicas.models import Event as EventRow

_QUIETLY = {"synchronize_session": False}


@when_forgotten
def forget(session: Session, learner: str, at: datetime) -> None:
    """Make them a nameless guest where they came; whom their own phone let in stays in, confirmed by the door."""
    came = session.scalars(select(DoorEntry).where(DoorEntry.who_id == learner)).all()
    _hush(session, [one.id for one in came])
    for entry in came:
        entry.who_id, entry.name, entry.picture = None, "", ""
        if not (entry.over or entry.undone_at):
            count_taken(session, entry.occurrence_id, more=1)  # the place that their reservation gave back
    session.flush()
    confirmed = update(DoorEntry).where(DoorEntry.learner_id == learner)
    session.execute(confirmed.values(learner_id="", device_id=""), execution_options=_QUIETLY)
    mine = select(Device.id).where(Device.learner_id == learner)
    links = update(DoorLink).where(DoorLink.made_by.in_(mine))
    session.execute(links.values(made_by=None), execution_options=_QUIETLY)
    forget_rows(session, learner, DoorDevice)


def _hush(session: Session, entries: Sequence[str]) -> None:
    """Take somebody out of what doors' phones signed when they let them in: their pass, with name and picture."""
    confirms = select(EventRow).where(
        EventRow.type == "checkin.confirm", EventRow.effect["entry"].as_string().in_(entries)
    )
    for event in session.scalars(confirms).all():
        left = {name: value for name, value in event.effect.items() if name != "learner"}
        hush(session, event, keep="occurrence", effect=left)
    session.flush()
