"""Door links: made at the desk or on an organiser's phone, open until they end or are revoked; and who opened one."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.codes.tokens import same
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.text import clean
from server.door.models import DoorDevice, DoorLink
from server.occurrences.models import Occurrence
from sync.messages import encode
from sync.times import Window

ORGANISER, HELPER = "organiser", "helper"
OPENS_BEFORE = timedelta(hours=2)
"""People are let in from so long before a session starts: who is early is not sent away."""
ORGANISER_ENDS = timedelta(hours=12)
"""An organiser's link ends so long after the session, so that the list can be put right afterwards."""
MOST_LABEL = 80


class DoorClosed(DomainError):
    """The link is not one of this door, or it ended, or was revoked."""

    status, code = 403, "door_closed"

    def explain(self) -> str:
        return gettext("This door is closed for you. Ask the organiser for a new link.")


class DoorSuspended(DoorClosed):
    """The city has suspended the organiser; the door opens again when it is brought back."""

    code = "door_suspended"

    def explain(self) -> str:
        return gettext(
            "The city has suspended this organiser. Its doors are closed until it is brought back."
        )


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a link: a user at the desk, or an organiser's device at the door."""

    user: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A session's door as one device stands at it."""

    occurrence: Occurrence
    link: DoorLink
    device: DoorDevice

    @property
    def window(self) -> Window:
        """When this device lets people in, in milliseconds."""
        opens = self.occurrence.starts_at - OPENS_BEFORE
        return Window(_milliseconds(opens), holding(self.link, self.occurrence).closes)


def new_secret() -> str:
    """Make the secret of a link: 43 characters, 256 bit."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    return encode(hashlib.sha256(secret.encode()).digest())


def make_link(
    session: Session,
    occurrence: Occurrence,
    role: str,
    digest: str,
    *,
    at: datetime,
    by: Maker,
    label: str = "",
    ends: datetime | None = None,
) -> DoorLink:
    """Make a link to a session's door; it ends as its role says, or sooner. Raises DoorClosed when that is past."""
    latest = latest_end(role, occurrence)
    link = DoorLink(
        occurrence_id=occurrence.id,
        digest=digest,
        label=label[:MOST_LABEL].strip(),
        user_id=by.user,
        made_by=by.device,
        role=role,
        created_at=at,
        ends_at=min(ends or latest, latest),
    )
    if link.ends_at <= at:
        raise DoorClosed()
    session.add(link)
    session.flush()
    return link


def latest_end(role: str, occurrence: Occurrence) -> datetime:
    """Return when a link ends: a helper's with the last second of the day, as the city's clocks show it."""
    if role == ORGANISER:
        return occurrence.ends_at + ORGANISER_ENDS
    zone = ZoneInfo(occurrence.activity.organiser.city.timezone)
    day = occurrence.ends_at.astimezone(zone).date()
    # Where the clocks go back at midnight this second comes twice: the later one is the day's last.
    return datetime.combine(day, time(23, 59, 59), zone).replace(fold=1).astimezone(UTC)


def holding(link: DoorLink, occurrence: Occurrence) -> Window:
    """Return until when a link opens its door, in milliseconds: its end, or when it or the session was called off.

    So what a door did offline before that still counts, marked as claimed. While the city has suspended the organiser, its
    doors are closed from then on.
    """
    suspended_at = occurrence.activity.organiser.suspended_at
    called_off = [at for at in (link.revoked_at, occurrence.cancelled_at, suspended_at) if at]
    ends = [_milliseconds(link.ends_at), *(_milliseconds(at) - 1 for at in called_off)]
    return Window(None, min(ends))


def is_open(link: DoorLink, occurrence: Occurrence, at: datetime) -> bool:
    return holding(link, occurrence).holds(_milliseconds(at))


def revoke(link: DoorLink, at: datetime) -> None:
    """Close the door to who has this link. Whom they let in before stays in."""
    link.revoked_at = link.revoked_at or at


def follow(session: Session, occurrence: Occurrence) -> None:
    """Let a session's links end with it, after its time was changed."""
    for link in links_of(session, occurrence.id):
        link.ends_at = latest_end(link.role, occurrence)


def links_of(session: Session, occurrence_id: str) -> Sequence[DoorLink]:
    """List a session's links, oldest first, also those that ended."""
    query = select(DoorLink).where(DoorLink.occurrence_id == occurrence_id)
    return session.scalars(query.order_by(DoorLink.created_at, DoorLink.id)).all()


def opened(session: Session, occurrence_id: str) -> set[str]:
    """Return the ids of the links that some device has used."""
    query = select(DoorDevice.link_id).where(DoorDevice.occurrence_id == occurrence_id)
    return set(session.scalars(query))


def find_link(session: Session, link_id: str) -> DoorLink:
    """Find a link. Raises NotFound."""
    link = session.get(DoorLink, clean(link_id))
    if link is None:
        raise NotFound()
    return link


def find_by_secret(session: Session, written: str) -> tuple[DoorLink, Occurrence]:
    """Find the link that `{id}.{secret}` opens, and its session. Raises DoorClosed."""
    id, _, secret = written.partition(".")
    link = session.get(DoorLink, id)
    if link is None or not same(link.digest, digest_of(secret)):
        raise DoorClosed()
    return link, session.get_one(Occurrence, link.occurrence_id)


def join(session: Session, link: DoorLink, device: DoorDevice) -> Door:
    """Let a device stand at a door by a link. One that stands there by a link that reaches as far keeps it."""
    there = find_door(session, link.occurrence_id, device.device_id)
    if there is None:
        session.add(device)
        session.flush()
        return Door(session.get_one(Occurrence, link.occurrence_id), link, device)
    if not _reaches_further(link, there.link, device.joined_at):
        return there
    there.device.link_id, there.device.joined_at = link.id, device.joined_at
    session.flush()
    return Door(there.occurrence, link, there.device)


def _reaches_further(new: DoorLink, old: DoorLink, at: datetime) -> bool:
    ended = old.revoked_at is not None or old.ends_at <= at
    reach, reached = ((one.role == ORGANISER, one.ends_at) for one in (new, old))
    return ended or reach > reached


def find_door(session: Session, occurrence_id: str, device_id: str) -> Door | None:
    """Return a door as a device stands at it; None when it never opened it."""
    device = session.get(DoorDevice, (occurrence_id, device_id))
    if device is None:
        return None
    occurrence = session.get_one(Occurrence, occurrence_id, populate_existing=True)
    return Door(occurrence, session.get_one(DoorLink, device.link_id, populate_existing=True), device)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
