"""The first page of the city's desk: how much there is, and what is missing."""

from dataclasses import dataclass
from typing import Any

from flask import Response
from sqlalchemy import Select, func, select

from server.accounts.models import Learner
from server.activities.models import Activity
from server.audit.listing import latest
from server.badges.models import Achievement
from server.cities.desk import AT, desk
from server.cities.desk.access import is_owner, own_city
from server.cities.models import City, CityMember
from server.core.db import db
from server.core.i18n import gettext, pick
from server.core.roles import CITY_EDITOR, needs
from server.core.shell import private_page
from server.organisers.models import Member, Organiser
from server.organisers.offering import OFFERED

LATEST = 6


@dataclass(frozen=True)
class Gap:
    """Something that is missing, and where one mends it."""

    words: str
    path: str


@desk.get(AT)
@needs(CITY_EDITOR)
def show() -> Response:
    city = own_city()
    owner = is_owner(city)
    return private_page(
        "cities/desk/overview.html",
        numbers=_numbers(city),
        gaps=_gaps(city, owner),
        owner=owner,
        latest=latest(db.session(), city.id, LATEST) if owner else [],
    )


def _numbers(city: City) -> list[tuple[str, int]]:
    at = Organiser.city_id == city.id
    people = select(Member.user_id).join(Member.organiser).where(at)
    team = select(CityMember.user_id).where(CityMember.city_id == city.id)
    badges = select(Achievement.id).join(Achievement.organiser).where(at, Achievement.replaced_at.is_(None))
    return [
        (gettext("Organisers"), _count(select(Organiser.id).where(at))),
        (gettext("People in teams"), _count(people.union(team))),  # type: ignore[arg-type]
        (gettext("Activities"), _count(select(Activity.id).join(Activity.organiser).where(at))),
        (gettext("Badges"), _count(badges.where(Achievement.state == "published"))),
        (gettext("Learners"), _count(select(Learner.id).where(Learner.city_id == city.id))),
    ]


def _count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _gaps(city: City, owner: bool) -> list[Gap]:
    """List what is missing; what only an owner can mend is told to owners."""
    found = [*_gaps_of_organisers(city)]
    if not owner:
        return found
    if not city.country:
        words = gettext("No country is set: nobody knows from which age children decide for themselves.")
        found.append(Gap(words, f"{AT}/settings"))
    if not city.privacy.get("contact"):
        words = gettext("No contact for privacy is set: people do not know whom to ask about their data.")
        found.append(Gap(words, f"{AT}/settings"))
    if _count(select(CityMember.id).filter_by(city_id=city.id, role="owner")) < 2:
        words = gettext("You are the only owner. With a second one, the city is never locked out.")
        found.append(Gap(words, f"{AT}/team"))
    return found


def _gaps_of_organisers(city: City) -> list[Gap]:
    session, here = db.session(), select(Organiser).where(Organiser.city_id == city.id, OFFERED)
    owned = select(Member.organiser_id).where(Member.role == "owner")
    active = select(Activity.organiser_id)
    alone = session.scalars(here.where(Organiser.id.not_in(owned)).order_by(Organiser.id)).all()
    idle = session.scalars(here.where(Organiser.id.not_in(active)).order_by(Organiser.id)).all()
    return [
        *(_gap(one, gettext("%(name)s has no owner yet.", name=pick(one.name))) for one in alone),
        *(_gap(one, gettext("%(name)s offers nothing yet.", name=pick(one.name))) for one in idle),
    ]


def _gap(organiser: Organiser, words: str) -> Gap:
    return Gap(words, f"{AT}/organisers/{organiser.slug}")
