"""Which badge the desk is about, and whether this user may give it."""

from dataclasses import dataclass

from sqlalchemy import select

from server.accounts.acts import keep_act
from server.accounts.models import User
from server.accounts.sessions import signed_in
from server.badges.models import Achievement
from server.core.db import db
from server.core.errors import NotFound
from server.core.i18n import language, pick
from server.organisers.access import own_organiser
from server.organisers.models import Organiser


@dataclass(frozen=True, slots=True)
class Subject:
    """A badge in its newest version, its organiser, and who gives it."""

    achievement: Achievement
    organiser: Organiser
    user: User

    @property
    def base(self) -> str:
        return f"/desk/{self.organiser.slug}/badges/{self.achievement.series}/award"

    @property
    def name(self) -> str:
        return pick(self.achievement.name)

    def address(self, rest: str = "", **said: object) -> str:
        more = "".join(f"&{name}={value}" for name, value in said.items() if value)
        return f"{self.base}{rest}?lang={language()}{more}"


def keep(act: str, subject: Subject, which: str, **facts: object) -> None:
    """Keep for the audit log what was done in giving a badge; `which`: an award's or a list's id."""
    keep_act(db.session(), f"award.{act}", which, subject.organiser.id, badge=subject.name, **facts)


def find_subject(org: str, series: str) -> Subject:
    """Find a badge that the user may give: its newest published version, else its newest. Raises NotFound."""
    user, organiser = signed_in(), own_organiser(org)
    versions = db.session.scalars(
        select(Achievement)
        .where(Achievement.series == series, Achievement.organiser_id == organiser.id)
        .order_by((Achievement.state == "published").desc(), Achievement.version.desc())
    )
    newest = versions.first()
    if newest is None:
        raise NotFound()
    return Subject(newest, organiser, user)
