"""The organiser's first desk: what one offers, how much it is used, and the codes to print."""

from dataclasses import dataclass

from flask import Blueprint, Response
from sqlalchemy import select

from server.accounts.sessions import signed_in
from server.activities.models import Activity
from server.core.db import db
from server.core.shell import private_page
from server.insights.services import Counts, counts
from server.organisers.models import Member
from server.organisers.services import memberships, role_name
from server.playlists.models import Playlist

routes = Blueprint("organisers", __name__, template_folder="templates")
routes.add_app_template_global(role_name)
PRINTERS = ("owner", "editor")


@dataclass(frozen=True)
class Desk:
    """One organiser as its people see it."""

    member: Member
    playlists: list[Playlist]
    activities: list[Activity]
    counts: dict[str, Counts]

    @property
    def may_print(self) -> bool:
        return self.member.role in PRINTERS


@routes.get("/desk/")
def home() -> Response:
    user = signed_in()
    desks = [_desk(member) for member in memberships(db.session(), user)]
    return private_page("organisers/desk.html", user=user, desks=desks)


def _desk(member: Member) -> Desk:
    session, organiser = db.session(), member.organiser_id
    playlists = list(
        session.scalars(
            select(Playlist).where(Playlist.organiser_id == organiser).order_by(Playlist.position)
        )
    )
    activities = session.scalars(
        select(Activity).where(Activity.organiser_id == organiser).order_by(Activity.id)
    )
    return Desk(member, playlists, list(activities), counts(session, [one.id for one in playlists]))
