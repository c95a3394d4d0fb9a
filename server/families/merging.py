"""Two learners are one person: they look after the same children, are in the same classes, and agreed to the same things."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from server.accounts.learners import Told, move_rows, when_merged
from server.core.db import table
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.families.models import ClassMember, Consent, Guardianship


class OwnChild(DomainError):
    """A guardian and a child they look after are two people."""

    status, code = 409, "own_child"

    def explain(self) -> str:
        return gettext("You look after this child: the two of you stay apart.")


@when_merged
def move_families(session: Session, old: str, new: str, at: datetime) -> list[Told]:
    """Move who looks after whom. A child whom both look after is looked after once. Raises OwnChild."""
    both = (old, new)
    held = session.scalars(
        select(Guardianship)
        .where(or_(Guardianship.guardian_id.in_(both), Guardianship.child_id.in_(both)))
        .order_by(Guardianship.ended_at.is_not(None), Guardianship.since, Guardianship.id)
    ).all()
    kept: set[tuple[str, str]] = set()
    for one in held:
        pair = tuple(new if id == old else id for id in (one.guardian_id, one.child_id))
        if pair[0] == pair[1] and one.ended_at is None:
            raise OwnChild()
        if pair[0] == pair[1] or pair in kept:
            session.delete(one)
        kept.add((pair[0], pair[1]))
    session.flush()
    for column in (table(Guardianship).c.guardian_id, table(Guardianship).c.child_id, table(Consent).c.by_id):
        session.execute(update(column.table).where(column == old).values({column: new}))
    move_rows(session, (Consent, ClassMember), old, new)
    return []
