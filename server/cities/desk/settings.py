"""The city's settings, for its owners."""

from flask import Response, request

from server.accounts.acts import keep_act
from server.cities import settings
from server.cities.desk import AT, desk
from server.cities.desk.access import go, own_city
from server.cities.models import City
from server.cities.settings import Form
from server.core.db import db, writing
from server.core.i18n import gettext, language
from server.core.roles import CITY_OWNER, needs
from server.core.shell import private_page
from server.families.ages import default_age_in
from server.privacy import retention

SETTINGS = f"{AT}/settings"


@desk.get(SETTINGS)
@needs(CITY_OWNER)
def show_settings() -> Response:
    city = own_city()
    return _show(city, settings.written(city))


def _show(city: City, form: Form) -> Response:
    return private_page(
        "cities/desk/settings.html",
        status=422 if form.wrong else 200,
        form=form,
        countries=settings.countries(language()),
        age=default_age_in(form.country),
        plan=retention.plan(db.session(), city),
        said=gettext("Saved.") if "saved" in request.args else "",
    )


@desk.post(SETTINGS)
@needs(CITY_OWNER)
def put_settings() -> Response:
    city = own_city()
    form = settings.read(request.form, retention.PERIODS)
    if form.wrong:
        return _show(city, form)
    with writing() as session:
        changed = settings.keep(own_city(), form)
        keep_act(session, "city.settings", city.slug, changed=changed)
    return go(SETTINGS, saved="1")
