"""Classes: pseudonyms with a card each, who took which, what they have done here, and the day on which the list goes."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.learners import Told
from server.activities.models import Activity
from server.badges.models import Achievement, Award
from server.core.db import new_id
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick
from server.core.secrets import all_secrets, secret
from server.core.shell import absolute
from server.core.text import clean
from server.families.models import ClassMember, SchoolClass
from server.learning.models import CheckIn, Completion
from server.learning.rows import write_time
from server.organisers.models import Organiser
from server.replicas import feeds
from server.replicas.locks import lock_learners
from sync.engine import learner_feed
from sync.messages import Row

LASTS = timedelta(days=400)
"""A class's list is kept a school year and the holidays around it at most."""
LONGEST_NAME = 60
_WRITTEN = re.compile(r"([0-9a-f-]{36})\.([0-9A-Za-z_-]{32})\Z")


class WrongCard(DomainError):
    """Nobody made this card or code, or it was replaced, or the class has ended: which one is nobody's business."""

    status, code = 404, "unknown_card"

    def explain(self) -> str:
        return gettext("This card does not work, or not any more. Ask for a new one.")


class CardTaken(DomainError):
    status, code = 409, "card_taken"

    def explain(self) -> str:
        return gettext("Somebody else has taken this card. Ask for a new one.")


class InClass(DomainError):
    """One learner, one place in a class."""

    status, code = 409, "in_class"

    def explain(self) -> str:
        return gettext("You are in this class already, with another card.")


class ClassRefused(DomainError):
    status, code = 422, "class_refused"


@dataclass(frozen=True, slots=True)
class Progress:
    """What one member has done at the class's organiser since the class began."""

    member: ClassMember
    activities: Sequence[str] = ()
    badges: Sequence[str] = ()
    last: datetime | None = None


@dataclass(slots=True)
class _Done:
    activities: list[str] = field(default_factory=list)
    badges: list[str] = field(default_factory=list)
    last: datetime | None = None


def make_class(
    session: Session,
    organiser: Organiser,
    name: str,
    pseudonyms: Sequence[str],
    ends_at: datetime,
    at: datetime,
) -> SchoolClass:
    """Make a class with a place for each pseudonym. Raises ClassRefused without a name or a day within LASTS."""
    name = clean(name).strip()[:LONGEST_NAME]
    if not name:
        raise ClassRefused(gettext("Give the class a name, like “4b”."))
    if not at < ends_at <= at + LASTS:
        raise ClassRefused(gettext("Choose a last day that is ahead, within 13 months."))
    made = SchoolClass(
        id=new_id(), organiser_id=organiser.id, name=name, created_at=at, ends_at=ends_at, salt=_new_salt()
    )
    session.add(made)
    session.flush()
    add_members(session, made, pseudonyms)
    return made


def add_members(session: Session, school_class: SchoolClass, pseudonyms: Sequence[str]) -> None:
    for pseudonym in pseudonyms:
        session.add(ClassMember(class_id=school_class.id, pseudonym=pseudonym, salt=_new_salt()))
    session.flush()


def _new_salt() -> str:
    return secrets.token_urlsafe(16)


def classes_of(session: Session, organiser_id: str) -> Sequence[SchoolClass]:
    """List an organiser's classes that have not ended, the newest first."""
    query = select(SchoolClass).where(
        SchoolClass.organiser_id == organiser_id, SchoolClass.closed_at.is_(None)
    )
    return session.scalars(query.order_by(SchoolClass.created_at.desc(), SchoolClass.id)).all()


def count_members(session: Session, class_ids: Sequence[str]) -> dict[str, int]:
    """Count the places of classes, by class."""
    query = select(ClassMember.class_id, func.count()).where(ClassMember.class_id.in_(class_ids))
    return {row[0]: row[1] for row in session.execute(query.group_by(ClassMember.class_id))}


def find_class(session: Session, organiser: Organiser, id: str) -> SchoolClass:
    """Find a class of an organiser that has not ended. Raises NotFound."""
    found = session.get(SchoolClass, id)
    if found is None or found.organiser_id != organiser.id or found.closed_at:
        raise NotFound()
    return found


def members_of(session: Session, school_class: SchoolClass) -> Sequence[ClassMember]:
    query = select(ClassMember).where(ClassMember.class_id == school_class.id)
    return session.scalars(query.order_by(ClassMember.id)).all()


def find_member(session: Session, school_class: SchoolClass, id: str) -> ClassMember:
    """Find a place in a class. Raises NotFound."""
    found = session.get(ClassMember, id)
    if found is None or found.class_id != school_class.id:
        raise NotFound()
    return found


def card_of(member: ClassMember) -> str:
    """Write what a member's card says; nothing of it is stored."""
    return f"{member.id}.{_mac(secret('classes'), 'card', member.id, member.salt)}"


def code_of(school_class: SchoolClass) -> str:
    """Write what the class's own code says, which puts all of it on a shared tablet."""
    return f"{school_class.id}.{_mac(secret('classes'), 'class', school_class.id, school_class.salt)}"


def address_of(written: str, lang: str) -> str:
    return absolute(f"/{lang}/class#{written}")


def _mac(key: bytes, what: str, id: str, salt: str) -> str:
    said = f"{what}\0{id}\0{salt}".encode()
    return urlsafe_b64encode(hmac.new(key, said, sha256).digest()[:24]).decode()


def _is_ours(mac: str, *what: str) -> bool:
    return any(hmac.compare_digest(_mac(key, *what), mac) for key in all_secrets("classes"))


def find_by_card(session: Session, written: str, at: datetime) -> ClassMember:
    """Find the place that a card stands for, as long as its class goes on. Raises WrongCard."""
    found = _WRITTEN.match(written)
    member = session.get(ClassMember, found[1]) if found else None
    if not found or member is None or not _is_ours(found[2], "card", member.id, member.salt):
        raise WrongCard()
    _check_open(session.get_one(SchoolClass, member.class_id), at)
    return member


def find_by_code(session: Session, written: str, at: datetime) -> SchoolClass:
    """Find the class that a code for shared tablets stands for. Raises WrongCard."""
    found = _WRITTEN.match(written)
    known = session.get(SchoolClass, found[1]) if found else None
    if not found or known is None or not _is_ours(found[2], "class", known.id, known.salt):
        raise WrongCard()
    _check_open(known, at)
    return known


def _check_open(school_class: SchoolClass, at: datetime) -> None:
    if school_class.closed_at or school_class.ends_at <= at:
        raise WrongCard()


def take_place(session: Session, member: ClassMember, learner: str, at: datetime) -> None:
    """Take a place in a class for a learner; said again, nothing changes. Raises CardTaken, InClass."""
    session.refresh(member, with_for_update=True)  # two phones may hold the same card
    if member.learner_id == learner:
        return
    if member.learner_id:
        raise CardTaken()
    mine = select(ClassMember.id).where(
        ClassMember.class_id == member.class_id, ClassMember.learner_id == learner
    )
    if session.scalar(mine.limit(1)):
        raise InClass()
    member.learner_id, member.joined_at = learner, at
    session.flush()


def leave(session: Session, member_id: str, learner: str) -> None:
    """Give a place in a class back. Raises NotFound when it is not the learner's."""
    member = session.get(ClassMember, member_id)
    if member is None or member.learner_id != learner:
        raise NotFound()
    member.learner_id = member.joined_at = None
    session.flush()


def replace_card(session: Session, member: ClassMember, at: datetime) -> None:
    """End a lost card and the code for tablets, which stood for it too: both are printed anew.

    The place is free again. What was done with the old card stays with the learner who took it.
    """
    before, told = member.learner_id, _key(member)
    if before:
        lock_learners(session.connection(), {before})
    member.salt, member.learner_id, member.joined_at = _new_salt(), None, None
    session.get_one(SchoolClass, member.class_id).salt = _new_salt()
    session.flush()
    _tell(session, {before: (told, None)} if before else {}, at)


def end_class(session: Session, school_class: SchoolClass, at: datetime) -> None:
    """End a class: its cards and the whole list go. What the learners did and earned stays theirs."""
    members = members_of(session, school_class)
    lock_learners(session.connection(), {one.learner_id for one in members if one.learner_id})
    told: dict[str, Told] = {one.learner_id: (_key(one), None) for one in members if one.learner_id}
    for one in members:
        session.delete(one)
    school_class.closed_at = at
    session.flush()
    _tell(session, told, at)


def due(session: Session, at: datetime) -> Sequence[str]:
    """List classes whose last day is over."""
    query = select(SchoolClass.id).where(SchoolClass.closed_at.is_(None), SchoolClass.ends_at <= at)
    return session.scalars(query.order_by(SchoolClass.ends_at)).all()


def _key(member: ClassMember) -> str:
    return f"class:{member.id}"


def class_row(session: Session, member: ClassMember) -> tuple[str, dict[str, Any]]:
    """Tell a learner which class they are in, and as whom."""
    school_class = session.get_one(SchoolClass, member.class_id)
    organiser = session.get_one(Organiser, school_class.organiser_id)
    return _key(member), {
        "name": school_class.name,
        "organiser": pick(organiser.name),
        "pseudonym": member.pseudonym,
        "ends_at": write_time(school_class.ends_at),
    }


def _tell(session: Session, told: dict[str, Told], at: datetime) -> None:
    rows = {learner_feed(one): [Row(learner_feed(one), *row)] for one, row in told.items()}
    feeds.bump(session, rows, at)


def progress(session: Session, school_class: SchoolClass) -> list[Progress]:
    """Say what each member has done at this organiser since the class began; what they did elsewhere is theirs."""
    members = members_of(session, school_class)
    done = {one.learner_id: _Done() for one in members if one.learner_id}
    _count(session, school_class, done)
    return [
        Progress(one, found.activities, found.badges, found.last)
        if (found := done.get(one.learner_id or ""))
        else Progress(one)
        for one in members
    ]


def _count(session: Session, school_class: SchoolClass, done: dict[str, _Done]) -> None:
    own, since = school_class.organiser_id, school_class.created_at
    completed = (
        select(Completion.learner_id, Activity.title)
        .join(Activity, Activity.id == Completion.activity_id)
        .where(Completion.learner_id.in_(done), Activity.organiser_id == own, Completion.at >= since)
    )
    for row in session.execute(completed.order_by(Completion.at)):
        done[row.learner_id].activities.append(pick(row.title))
    given = (
        select(Award.learner_id, Achievement.name)
        .join(Achievement, Achievement.id == Award.achievement_id)
        .where(Award.learner_id.in_(done), Achievement.organiser_id == own, Award.awarded_at >= since)
        .where(Award.revoked_at.is_(None))
    )
    for row in session.execute(given.order_by(Award.awarded_at)):
        done[row.learner_id].badges.append(pick(row.name))
    seen = (
        select(CheckIn.learner_id, func.max(CheckIn.at).label("at"))
        .join(Activity, Activity.id == CheckIn.activity_id)
        .where(CheckIn.learner_id.in_(done), Activity.organiser_id == own, CheckIn.at >= since)
    )
    for learner, last in session.execute(seen.group_by(CheckIn.learner_id)).tuples():
        done[learner].last = last
