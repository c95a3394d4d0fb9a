"""Two learners turn out to be one person: one id stands for the other from then on, and all that is theirs is one's.

Both have agreed: the one's device asks, and shows a secret of an invitation that the other made. It cannot be undone.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts import invitations
from server.accounts.learners import FOLLOWS, MERGES, Told, move_rows, when_merged
from server.accounts.models import (
    Device,
    Invitation,
    Learner,
)
from server.core.errors import DomainError
from server.core.i18n import gettext


class NotInvited(DomainError):
    """The other learner has not agreed, or did so too long ago."""

    status, code = 403, "unknown_invitation"

    def explain(self) -> str:
        return gettext("The other phone has to show a new code, with a network.")


def accept(session: Session, secret: str, old: str, new: str, device: str, *, at: datetime) -> None:
    """Use an invitation of the learner into whom another goes, both of one city. Raises NotInvited."""
    cities = select(Learner.city_id).where(Learner.id.in_((old, new))).distinct()
    if len(session.scalars(cities).all()) > 1 or not invitations.accept(session, secret, new, device, at=at):
        raise NotInvited()


def merge(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Let all that is one learner's be the other's; return what the other's feed tells by that. Both are locked.

    Raises what a domain raises that keeps the two apart.
    """
    told = [row for part in (*MERGES, *FOLLOWS) for row in part(session, old, new, at)]
    session.execute(
        update(Learner).where((Learner.id == old) | (Learner.merged_into == old)).values(merged_into=new)
    )
    session.flush()
    return told


@when_merged
def move_devices(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    move_rows(session, (Device, Invitation), old, new)
    return []
