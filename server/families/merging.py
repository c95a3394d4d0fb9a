"""Two learners are one person: they look after the same children, are in the same classes, and agreed to the same things."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.core.db import table
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.families.models import ClassMember, Consent, Guardianship
from server.families.rows import child_row, guardian_row
from server.families.services import find_any


class OwnChild(DomainError):
    """A guardian and a child they look after are two people."""

    status, code = 409, "own_child"

    def explain(self) -> str:
        return gettext("You look after this child: the two of you stay apart.")


@when_merged
def move_families(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move who looks after whom. A child whom both look after is looked after once. Raises OwnChild."""
    told: list[Told] = []
    for held in session.scalars(
        select(Guardianship).where(or_(Guardianship.guardian_id == old, Guardianship.child_id == old))
    ).all():
        guardian = new if held.guardian_id == old else held.guardian_id
        child = new if held.child_id == old else held.child_id
        if guardian == child and held.ended_at is None:
            raise OwnChild()
        if guardian == child or find_any(session, guardian, child):
            session.delete(held)
            told.append((f"{'child' if guardian == new else 'guardian'}:{held.id}", None))
        else:
            held.guardian_id, held.child_id = guardian, child
            told.append(child_row(session, held) if guardian == new else guardian_row(session, held))
        session.flush()
    by = table(Consent).c.by_id
    session.execute(update(by.table).where(by == old).values(by_id=new))
    move_rows(session, (Consent, ClassMember), old, new)
    return told
