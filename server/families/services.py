"""Guardians and children: who looks after whom, by whose consent, and how a child takes over.

A child is a learner like any other. Guardianship is one learner's right to let more phones in for another, and to
have their things exported and erased, until the child takes over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session

from server.accounts import invitations
from server.accounts.devices import registered
from server.accounts.leaving import has_way
from server.accounts.models import Device, Invitation, Learner
from server.cities.models import City
from server.core.errors import DomainError
from server.families.ages import age_in, old_enough_in
from server.families.models import Consent, Guardianship

CHILD = "child"
"""What a guardian consents to: that this city keeps what a child learns."""
MOST_CHILDREN, MOST_GUARDIANS = 20, 6
OLDEST = 25
"""Years: whoever is older is nobody's child here."""


class NotAGuardian(DomainError):
    status, code = 403, "no_guardian"


class TooMany(DomainError):
    status, code = 409, "too_many"


class ConsentMissing(DomainError):
    """At this age, in this country, a guardian must consent, and none has, or none does any more."""

    status, code = 409, "consent_missing"


class NoWay(DomainError):
    """Nobody takes over without a way back in of their own: the guardian's phones, and what was made there, are left behind."""

    status, code = 409, "no_way"


class NotYet(DomainError):
    """Neither has a guardian let this phone in as the child's own, nor is the child old enough."""

    status, code = 403, "not_yet"


@dataclass(frozen=True, slots=True)
class Said:
    """Words of consent as a guardian read them, and in which language."""

    words: str
    lang: str


@dataclass(frozen=True, slots=True)
class Child:
    """A child as the guardian describes it. `born` is a year; the name is empty unless it may leave the phone."""

    id: str
    country: str
    born: int
    name: str = ""
    picture: str = ""


def add_child(session: Session, guardian: str, child: Child, said: Said | None, at: datetime) -> Guardianship:
    """Make somebody a learner's guardian; that the child's own device agrees was checked. Said again, it changes it.

    Who has taken over is not looked after by the same guardian again: the word that their device once gave is still
    there to be shown. Raises NotAGuardian, TooMany, ConsentMissing.
    """
    if guardian == child.id or guardians_of(session, guardian) or children_of(session, child.id):
        raise NotAGuardian()
    kept = find_any(session, guardian, child.id)
    if kept is None:
        kept = Guardianship(guardian_id=guardian, child_id=child.id, since=at)
        session.add(kept)
    elif kept.ended_at:
        raise NotAGuardian()
    kept.country, kept.born = child.country, child.born
    kept.name, kept.picture = child.name, child.picture
    session.flush()
    if (
        len(children_of(session, guardian)) > MOST_CHILDREN
        or len(guardians_of(session, child.id)) > MOST_GUARDIANS
    ):
        raise TooMany()
    if said:
        consent(session, kept, said, at)
    elif needs_consent(session, kept, at) and not consent_of(session, child.id):
        raise ConsentMissing()
    return kept


def find_any(session: Session, guardian: str, child: str) -> Guardianship | None:
    """Find the guardianship of one for another, also one that has ended."""
    return session.scalar(
        select(Guardianship).where(Guardianship.guardian_id == guardian, Guardianship.child_id == child)
    )


def find_guardianship(session: Session, guardian: str, child: str) -> Guardianship:
    """Find the guardianship of one for another that holds. Raises NotAGuardian."""
    found = find_any(session, guardian, child)
    if found is None or found.ended_at:
        raise NotAGuardian()
    return found


def may_act_for(session: Session, guardian: str, child: str) -> bool:
    """Say whether somebody may have a learner's things exported or erased: a guardian, until the child takes over."""
    found = find_any(session, guardian, child)
    return found is not None and found.ended_at is None


def children_of(session: Session, guardian: str) -> Sequence[Guardianship]:
    """List whom a learner looks after, first come first."""
    held = select(Guardianship).where(Guardianship.guardian_id == guardian, Guardianship.ended_at.is_(None))
    return session.scalars(held.order_by(Guardianship.since, Guardianship.id)).all()


def guardians_of(session: Session, child: str) -> Sequence[Guardianship]:
    """List who looks after a learner."""
    held = select(Guardianship).where(Guardianship.child_id == child, Guardianship.ended_at.is_(None))
    return session.scalars(held.order_by(Guardianship.since, Guardianship.id)).all()


def free_from(session: Session, held: Guardianship) -> int:
    """Return the first year in which a child surely needs no guardian's consent."""
    learner = session.get_one(Learner, held.child_id)
    return old_enough_in(held.born or 0, age_in(held.country, session.get_one(City, learner.city_id)))


def needs_consent(session: Session, held: Guardianship, at: datetime) -> bool:
    return at.year < free_from(session, held)


def consent_of(session: Session, child: str) -> Consent | None:
    """Return the newest consent of a guardian that holds."""
    query = select(Consent).where(
        Consent.learner_id == child, Consent.what == CHILD, Consent.ended_at.is_(None)
    )
    return session.scalars(query.order_by(Consent.given_at.desc(), Consent.id.desc()).limit(1)).first()


def consent(session: Session, held: Guardianship, said: Said, at: datetime) -> Consent:
    """Keep a guardian's consent; what had stopped because it was withdrawn goes on."""
    for earlier in _said_now(session, held.child_id):
        if earlier.ended_at:
            resumed = update(Device).where(
                Device.learner_id == held.child_id, Device.revoked_at == earlier.ended_at
            )
            session.execute(resumed.values(revoked_at=None))
        elif earlier.by_id == held.guardian_id:
            earlier.ended_at = at
    given = Consent(
        learner_id=held.child_id,
        by_id=held.guardian_id,
        what=CHILD,
        words=said.words,
        lang=said.lang,
        given_at=at,
    )
    session.add(given)
    session.flush()
    return given


def withdraw(session: Session, held: Guardianship, at: datetime) -> None:
    """End all consent to a child's learning here: from now on none of the child's phones is listened to.

    What is there stays until it is erased; a new consent lets the same phones go on, with all that they kept.
    Raises ConsentMissing where none holds.
    """
    if not consent_of(session, held.child_id):
        raise ConsentMissing()
    for one in consents_of(session, held.child_id):
        one.ended_at = one.ended_at or at
    _lock_out(session, held.child_id, at)


def consents_of(session: Session, child: str) -> Sequence[Consent]:
    """List all consent of guardians to a child's learning here, also what was withdrawn."""
    return session.scalars(select(Consent).where(Consent.learner_id == child, Consent.what == CHILD)).all()


def _lock_out(session: Session, learner: str, at: datetime, keep: str = "") -> None:
    """Listen to none of a learner's devices any more, but one that is kept; nor to one that was invited."""
    theirs = Device.learner_id == learner, Device.revoked_at.is_(None), Device.id != keep
    session.execute(update(Device).where(*theirs).values(revoked_at=at))
    invitations.end_all(session, learner, at)


def is_withdrawn(session: Session, child: str) -> bool:
    """Say whether those who look after a child had consented to their learning here, and none of it holds."""
    return consent_of(session, child) is None and bool(_said_now(session, child))


def _said_now(session: Session, child: str) -> list[Consent]:
    """List what those who look after a child consented to, also what was withdrawn.

    What the child took over from earlier guardians ended with these: it neither stops a phone nor brings one back.
    """
    since = min((one.since for one in guardians_of(session, child)), default=None)
    every = consents_of(session, child) if since else ()
    return [one for one in every if since and (one.ended_at is None or one.ended_at >= since)]


def lapsed_before(before: datetime) -> Select[str]:
    """Find children whose last consent was withdrawn before a moment: see `privacy/retention.py`."""
    return (
        select(Consent.learner_id)
        .where(Consent.what == CHILD, exists().where(Guardianship.child_id == Consent.learner_id, Guardianship.ended_at.is_(None)))
        .group_by(Consent.learner_id)
        .having(func.count() == func.count(Consent.ended_at), func.max(Consent.ended_at) < before)
    )  # fmt: skip


def let_in(
    session: Session, held: Guardianship, digest: str, *, own: bool, until: datetime, at: datetime
) -> datetime:
    """Let one more phone in for a child by its guardian's word; return until when that holds.

    `own`: it is the child's own phone, which may then take over. Raises ConsentMissing after a withdrawal.
    """
    if is_withdrawn(session, held.child_id):
        raise ConsentMissing()
    ends = invitations.invite(session, digest, held.child_id, until=until, at=at)
    if own:
        held.invite = digest
        session.flush()
    return ends


def take_over(session: Session, child: str, device: str, at: datetime) -> Sequence[Guardianship]:
    """End all guardianship of a learner, by their own device; return what ended. All their other devices are locked out.

    Raises NotAGuardian when nobody looks after them, NoWay, NotYet.
    """
    held = guardians_of(session, child)
    if not held:
        raise NotAGuardian()
    if not has_way(session, child, device):
        raise NoWay()
    if not any(_may_take_over(session, one, device, at) for one in held):
        raise NotYet()
    for one in held:
        one.ended_at, one.born, one.name, one.picture, one.invite = at, None, "", "", None
    for given in consents_of(session, child):
        given.ended_at = given.ended_at or at
    _lock_out(session, child, at, keep=device)
    session.flush()
    return held


def _may_take_over(session: Session, held: Guardianship, device: str, at: datetime) -> bool:
    let_in = session.get(Invitation, held.invite) if held.invite else None
    return (let_in is not None and let_in.device_id == device) or not needs_consent(session, held, at)


def stands_for(session: Session, device: str, learner: str) -> bool:
    """Say whether a device is a learner's and was not locked out."""
    known = registered(session, [device]).get(device)
    return known is not None and known.learner == learner and not known.revoked
