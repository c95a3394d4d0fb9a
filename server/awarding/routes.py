"""Addresses of giving: the desk's pages, and the page on which a recipient takes their badges."""

from flask import Blueprint, Response

from server.awarding import words
from server.awarding.desk import desk
from server.awarding.milestones import list_milestones
from server.cities.current import current_city
from server.core.db import db
from server.core.i18n import LANGUAGES
from server.core.roles import PUBLIC, needs
from server.core.shell import absolute, page

_LANG = f"/<any({','.join(LANGUAGES)}):lang>"
routes = Blueprint("awarding", __name__, template_folder="templates")
routes.register_blueprint(desk)
routes.add_app_template_global(words.day_words, "award_day")
for shown in (words.result_name, words.join_levels, words.levels_given):
    routes.add_app_template_global(shown)


@routes.get(f"{_LANG}/milestones")
@needs(PUBLIC)
def milestones_page(lang: str) -> Response:
    """Show what the city gives badges for that are earned by several things together."""
    city = current_city()
    return page(
        "awarding/milestones.html",
        milestones=list_milestones(db.session(), city),
        url=absolute(f"/{lang}/milestones"),
    )


@routes.get(f"{_LANG}/take")
@needs(PUBLIC)
def take_page(lang: str) -> Response:
    """Show the page that takes a recipient's badges to this phone; its link is in the fragment, which never comes here."""
    return page("awarding/take.html")
