"""The milestones of a city: badges for several things together, and what counts for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select
from sqlalchemy.orm import Session, joinedload

from server.badges import series
from server.badges.models import Achievement
from server.cities.models import City
from server.core.i18n import pick
from server.core.text import fold
from server.learning.following import FOLLOWS, read_one
from server.learning.parts import Part, name_parts
from server.organisers.models import Organiser
from server.organisers.offering import OFFERED


@dataclass(frozen=True, slots=True)
class Milestone:
    """A badge for `count` of these things, and the badges that must be held besides."""

    badge: Achievement
    count: int
    of: Sequence[Part]
    needs: Sequence[Part]


def count_milestones(session: Session, city: City) -> int:
    """Count the milestones of a city."""
    found = _of_city(city).with_only_columns(Achievement.milestone)
    return sum(1 for told in session.scalars(found) if told)


def list_milestones(session: Session, city: City) -> list[Milestone]:
    """List the milestones that a city's organisers give now, by name."""
    query = _of_city(city).options(joinedload(Achievement.organiser))
    badges = [one for one in session.scalars(query) if one.milestone]
    read = [read_one(one) for one in badges]
    asked = {thing for one in read for thing in (*one.of, *(("series", need) for need in one.needs))}
    named = name_parts(session, asked)
    found = [
        Milestone(
            badge,
            one.count,
            _by_name(named[thing] for thing in one.of if thing in named),
            _by_name(named["series", need] for need in one.needs if ("series", need) in named),
        )
        for badge, one in zip(badges, read, strict=True)
    ]
    return sorted(found, key=lambda one: fold(pick(one.badge.name)))


def _by_name(parts: Iterable[Part]) -> list[Part]:
    return sorted(parts, key=lambda one: (one.kind, fold(pick(one.name))))


def _of_city(city: City) -> Select[Achievement]:
    return series.given_now().join(Organiser).where(Organiser.city_id == city.id, OFFERED, FOLLOWS)
