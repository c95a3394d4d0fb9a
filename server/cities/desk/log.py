"""What was done by staff, for the city's owners: who, what, when, from where."""

from datetime import date, datetime
from urllib.parse import urlencode

from babel.dates import format_datetime, get_timezone
from flask import Response, request
from sqlalchemy import select

from server.accounts.acts import keep_act
from server.audit import listing, words
from server.audit.listing import Asked
from server.cities.desk import AT, desk
from server.cities.desk.access import own_city
from server.cities.models import City
from server.core.db import db, writing
from server.core.i18n import language, pick
from server.core.paging import page_number
from server.core.roles import CITY_OWNER, needs
from server.core.shell import private_page
from server.core.text import clean
from server.organisers.models import Organiser

LOG = f"{AT}/log"
FILTERS = ("who", "kind", "organiser", "first", "last")


@desk.get(LOG)
@needs(CITY_OWNER)
def show_log() -> Response:
    city, session = own_city(), db.session()
    organisers = {one.id: one for one in _organisers(city)}
    said = {name: clean(request.args.get(name, "")) for name in FILTERS}
    return private_page(
        "cities/desk/log.html",
        page=listing.list_entries(session, _asked(city), page_number()),
        said=said,
        query=urlencode({"lang": language(), **{name: one for name, one in said.items() if one}}),
        names=listing.list_names(session, city.id),
        kinds=listing.list_kinds(session, city.id),
        organisers={id: pick(one.name) for id, one in organisers.items()},
    )


def _organisers(city: City) -> list[Organiser]:
    return list(
        db.session.scalars(select(Organiser).where(Organiser.city_id == city.id).order_by(Organiser.id))
    )


def _asked(city: City) -> Asked:
    """Read the filters; a day that is none, or on no clock, is left out."""
    who, kind, organiser = (clean(request.args.get(name, "")) for name in FILTERS[:3])
    return Asked(city.id, city.timezone, who, kind, organiser, _day("first"), _day("last"))


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 1 < day.year < 9999 else None


@desk.get(f"{LOG}.csv")
@needs(CITY_OWNER)
def download_log() -> Response:
    """Give what fits the filters to a spreadsheet. That somebody took it is kept too."""
    own_city()
    with writing() as session:
        city = own_city()
        keep_act(session, "audit.download")
    slugs = {one.id: one.slug for one in _organisers(city)}
    table = "".join(listing.write_csv(db.session(), _asked(city), slugs))
    response = Response(table, content_type="text/csv; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = 'attachment; filename="log.csv"'
    return response


def log_time(at: datetime, city: City) -> str:
    """Write a moment on the city's clocks, to the minute."""
    return format_datetime(at, "d MMM y, HH:mm", tzinfo=get_timezone(city.timezone), locale=language())


for shown in (words.act_words, words.kind_words, words.act_facts, log_time):
    desk.add_app_template_global(shown)
