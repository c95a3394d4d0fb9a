"""How long what is kept: days by kind, each city's own within limits, and what would go today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, Update, delete, func, select, update
from sqlalchemy.orm import Session

from server.accounts.models import (
    Challenge,
    Device,
    Invitation,
    Learner,
    LearnerMail,
    MailToken,
    Passkey,
    RecoveryKit,
    SignInLink,
    StaffInvitation,
    User,
    UserSession,
)
from server.activities.models import Activity
from server.audit.models import AuditEntry
from server.awarding.models import Recipient
from server.badges.models import Award
from server.cities.models import City, CityMember
from server.core.db import utc_now
from server.core.i18n import gettext, ngettext
from server.door.models import DoorEntry
from server.families import services as families
from server.families.models import Guardianship
from server.occurrences.models import Occurrence, Reservation
from server.organisers.models import Member, Organiser
from server.post.models import Mail, PushMessage
from server.privacy.models import Export

GUESTS, HOLDERS, DOORS, SESSIONS = "guests", "holders", "doors", "sessions"
NETWORKS, MAILS, EXPORTS = "networks", "mails", "exports"
CHILDREN = "children"


@dataclass(frozen=True, slots=True)
class Period:
    """How many days a kind of thing is kept: what holds where a city says nothing, and the least and most it may say."""

    name: str
    days: int
    least: int
    most: int


PERIODS = (
    Period(GUESTS, 365, 90, 3650),
    Period(HOLDERS, 1825, 365, 7300),
    Period(CHILDREN, 90, 7, 365),
    Period(DOORS, 90, 7, 730),
    Period(SESSIONS, 90, 7, 730),
    Period(NETWORKS, 180, 30, 1095),
    Period(MAILS, 7, 1, 30),
    Period(EXPORTS, 3, 1, 14),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A kind of thing, how long this city keeps it, and how many are older by now."""

    period: Period
    days: int
    due: int

    @property
    def name(self) -> str:
        return self.period.name

    @property
    def words(self) -> str:
        return words_of(self.name)


def words_of(name: str) -> str:
    """Say what a kind is, as a person reads it."""
    return {
        GUESTS: gettext(
            "Learners without a badge and without a way back in, since their phone was last here"
        ),
        HOLDERS: gettext("Learners with a badge but without a way back in, since their phone was last here"),
        CHILDREN: gettext("Children for whom nobody agrees any more, since consent was withdrawn"),
        DOORS: gettext("Names and pictures that people let a door see, since the session"),
        SESSIONS: gettext("Sign-ins and invitations of the team, since they ended"),
        NETWORKS: gettext("From which network the team did something, since they did"),
        MAILS: gettext("Mails that could not be sent, and push messages, since they were written"),
        EXPORTS: gettext("Copies that learners asked for, since they were made"),
    }[name]


def days_words(days: int) -> str:
    """Write a period as people say it: whole years as years."""
    if days % 365 == 0:
        return ngettext("%(num)s year", "%(num)s years", days // 365)
    return ngettext("%(num)s day", "%(num)s days", days)


def days_of(city: City, period: Period) -> int:
    """Say for how many days a city keeps something, within the limits, whatever is written there."""
    said = (city.keeps or {}).get(period.name, period.days)
    return min(max(said, period.least), period.most) if type(said) is int else period.days


def keeps(city: City) -> dict[str, int]:
    return {one.name: days_of(city, one) for one in PERIODS}


def plan(session: Session, city: City, at: datetime | None = None) -> list[Planned]:
    """Say for each kind how many are older than the city keeps them. Changes nothing."""
    now = at or utc_now()
    planned = []
    for one in PERIODS:
        days = days_of(city, one)
        found = _COUNTS[one.name](session, city, now - timedelta(days=days))
        planned.append(Planned(one, days, found))
    return planned


def guests(city: City, before: datetime, *, holders: bool) -> Select[str]:
    """Find learners whom nobody can reach any more: no phone of theirs was here, and there is no way back in.

    Those of whom an organiser or a guardian knows otherwise stay: their badge waits for them, or their family does.
    """
    seen = func.coalesce(
        select(func.max(Device.seen_at)).where(Device.learner_id == Learner.id).scalar_subquery(), Learner.created_at
    )  # fmt: skip
    holds = select(Award.id).where(Award.learner_id == Learner.id, Award.revoked_at.is_(None)).exists()
    return select(Learner.id).where(
        Learner.city_id == city.id,
        Learner.merged_into.is_(None),
        seen < before,
        holds if holders else ~holds,
        ~_named(Passkey.learner_id),
        ~_named(RecoveryKit.learner_id),
        ~_named(LearnerMail.learner_id),
        ~select(Recipient.id).where(Recipient.learner_id == Learner.id, Recipient.taken_at.is_(None)).exists(),
        ~select(Guardianship.id).where(Guardianship.child_id == Learner.id, Guardianship.ended_at.is_(None)).exists(),
    )  # fmt: skip


def children(city: City, before: datetime) -> Select[str]:
    """Find children whose last consent was withdrawn, and nobody has agreed again."""
    return select(Learner.id).where(
        Learner.city_id == city.id, Learner.id.in_(families.lapsed_before(before))
    )


def _named(column: Any) -> ColumnElement[bool]:
    return select(column).where(column == Learner.id).exists()


def _sessions_before(city: City, before: datetime) -> Select[str]:
    return (
        select(Occurrence.id)
        .join(Activity, Activity.id == Occurrence.activity_id)
        .join(Organiser, Organiser.id == Activity.organiser_id)
        .where(Organiser.city_id == city.id, Occurrence.ends_at < before)
    )


def door_words(city: City, before: datetime) -> list[Update]:
    """What takes names and pictures from doors' lists and reservations; that somebody came stays."""
    old = _sessions_before(city, before)
    return [
        update(model)
        .where(model.occurrence_id.in_(old), (model.name != "") | (model.picture != ""))
        .values(name="", picture="")
        for model in (Reservation, DoorEntry)
    ]


def _team(city: City) -> Select[str]:
    """Find the city's own staff, and its organisers'."""
    organisers = select(Organiser.id).where(Organiser.city_id == city.id)
    members = select(Member.user_id).where(Member.organiser_id.in_(organisers))
    return members.union(select(CityMember.user_id).where(CityMember.city_id == city.id))  # type: ignore[return-value]


def sign_ins(city: City, before: datetime) -> list[Delete]:
    """What forgets ended sign-ins with their networks, used links and old invitations."""
    team = select(User.id).where(User.id.in_(_team(city)))
    organisers = select(Organiser.id).where(Organiser.city_id == city.id)
    ours = StaffInvitation.organiser_id.in_(organisers) | (StaffInvitation.city_id == city.id)
    return [
        delete(UserSession).where(UserSession.user_id.in_(team), UserSession.expires_at < before),
        delete(SignInLink).where(SignInLink.user_id.in_(team), SignInLink.expires_at < before),
        delete(StaffInvitation).where(ours, StaffInvitation.expires_at < before),
    ]


def networks(city: City, before: datetime) -> list[Update]:
    """What takes networks out of the log of the team's acts; the acts stay, and are never changed."""
    old = AuditEntry.city_id == city.id, AuditEntry.at < before, AuditEntry.network != ""
    return [update(AuditEntry).where(*old).values(network="")]


def letters(city: City, before: datetime) -> list[Delete]:
    """What forgets mails that nobody could send, messages that nobody fetched, and secrets that have run out."""
    learners = select(Learner.id).where(Learner.city_id == city.id)
    mails = select(LearnerMail.id).where(LearnerMail.learner_id.in_(learners))
    return [
        delete(Mail).where(Mail.city_id == city.id, Mail.created_at < before),
        delete(PushMessage).where(PushMessage.learner_id.in_(learners), PushMessage.created_at < before),
        delete(MailToken).where(MailToken.mail_id.in_(mails), MailToken.expires_at < before),
        delete(Invitation).where(Invitation.learner_id.in_(learners), Invitation.expires_at < before),
        delete(Challenge).where(Challenge.expires_at < before),
    ]


def copies(city: City, before: datetime) -> Select[Export]:
    learners = select(Learner.id).where(Learner.city_id == city.id)
    return select(Export).where(Export.learner_id.in_(learners), Export.asked_at < before)


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _affected(session: Session, statements: list[Delete] | list[Update]) -> int:
    """Count the rows that statements would touch."""
    total = 0
    for one in statements:
        query = select(func.count()).select_from(one.table)
        total += session.scalar(query if one.whereclause is None else query.where(one.whereclause)) or 0
    return total


_COUNTS: Mapping[str, Callable[[Session, City, datetime], int]] = {
    GUESTS: lambda session, city, before: _count(session, guests(city, before, holders=False)),
    HOLDERS: lambda session, city, before: _count(session, guests(city, before, holders=True)),
    CHILDREN: lambda session, city, before: _count(session, children(city, before)),
    DOORS: lambda session, city, before: _affected(session, door_words(city, before)),
    SESSIONS: lambda session, city, before: _affected(session, sign_ins(city, before)),
    NETWORKS: lambda session, city, before: _affected(session, networks(city, before)),
    MAILS: lambda session, city, before: _affected(session, letters(city, before)),
    EXPORTS: lambda session, city, before: _count(session, copies(city, before)),
}
