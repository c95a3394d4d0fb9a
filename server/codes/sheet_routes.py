"""The desk's sheets: choose a layout and languages, look, have every code read back, download."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, request

from server.accounts.sessions import signed_in
from server.activities.models import Activity
from server.activities.services import find_activity
from server.cities.current import current_city
from server.codes.models import Code
from server.codes.printing.words import PRINTED, what_to_do
from server.codes.sheets import MOST, Card, Layout, Sheet, cards_of, holding_codes, when
from server.core.db import db, utc_now
from server.core.errors import NotFound
from server.core.i18n import gettext, language, pick
from server.core.shell import private_page
from server.organisers.models import Organiser
from server.organisers.services import may
from server.playlists.services import find_playlist

sheets = Blueprint("sheets", __name__)
sheets.add_app_template_global(what_to_do)
_ABOUT = "/desk/<any(activities, playlists):kind>/<slug>/sheet"
SHOWN = 60
"""Cards on the page itself; a browser gets slow with more of them."""
_PREVIEW = 840


@dataclass(frozen=True)
class Choice:
    """What somebody wants printed: all cards that fit the choice, and which of them come in this file."""

    title: str
    organiser: Organiser
    cards: Sequence[Card]
    batches: Sequence[str]
    batch: str
    sheet: Sheet
    part: int

    @property
    def parts(self) -> list[Sequence[Card]]:
        most = MOST[self.sheet.layout]
        return [self.cards[start : start + most] for start in range(0, len(self.cards), most)]

    @property
    def here(self) -> Sequence[Card]:
        """Return the cards of the part asked for. Raises NotFound when there are none."""
        if not 0 < self.part <= len(self.parts):
            raise NotFound()
        return self.parts[self.part - 1]

    def query(self, **more: object) -> str:
        said = {"layout": self.sheet.layout, "in": ",".join(self.sheet.languages), "batch": self.batch}
        return urlencode({"lang": language(), **{key: value for key, value in said.items() if value}, **more})


@sheets.get(_ABOUT)
def show(kind: str, slug: str) -> Response:
    choice = _choice(kind, slug)
    return private_page(
        "codes/sheet.html",
        choice=choice,
        title=choice.title,
        organiser=choice.organiser,
        cards=choice.cards[:SHOWN],
        langs=choice.sheet.languages,
        host=choice.sheet.host,
        layouts=_layouts(),
        printed=PRINTED,
        path=request.path,
        when=when,
        checked=_check(choice) if "check" in request.args and choice.cards else None,
    )


@sheets.get(f"{_ABOUT}.pdf")
def download(kind: str, slug: str) -> Response:
    """Send a sheet whose codes were all read back first."""
    from server.codes.printing.check import make_checked_pdf

    choice = _choice(kind, slug)
    pdf = make_checked_pdf(choice.here, choice.sheet, utc_now())
    part = f"-{choice.part}" if len(choice.parts) > 1 else ""
    return _file(pdf, "application/pdf", f"{slug}-{choice.sheet.layout}{part}.pdf")


@sheets.get(f"{_ABOUT}.png")
def preview(kind: str, slug: str) -> Response:
    """Show the first page as it will be printed."""
    from server.codes.printing.check import render_first
    from server.codes.printing.pdf import draw

    choice = _choice(kind, slug)
    paper = draw(choice.here, choice.sheet, utc_now(), only=1)
    return _file(render_first(bytes(paper.output()), _PREVIEW), "image/png")


@sheets.get("/desk/codes/<code_id>.<any(svg, png):form>")
def picture(code_id: str, form: str) -> Response:
    """Send one code as a picture, for whoever lays out their own print."""
    from server.codes.printing.pictures import draw_png, draw_svg

    code = _printable_code(code_id)
    card = cards_of([code], _base_url(), code.point.activity.organiser.city.timezone)[0]
    name = f"{code.point.activity.slug}-{card.typed or card.point}.{form}"
    if form == "svg":
        return _file(draw_svg(card, _host()).encode(), "image/svg+xml", name)
    return _file(draw_png(card, _host()), "image/png", name)


def _printable_code(code_id: str) -> Code:
    session = db.session()
    code = session.get(Code, code_id)
    if code is None or code.level > 2 or code.point.activity.organiser.city_id != current_city().id:
        raise NotFound()
    may(session, signed_in(), code.point.activity.organiser)
    if code.revoked_at:
        raise NotFound()
    return code


def _choice(kind: str, slug: str) -> Choice:
    title, organiser, activities = _about(kind, slug)
    may(db.session(), signed_in(), organiser)
    codes = holding_codes(db.session(), activities, utc_now())
    batches = list(dict.fromkeys(code.batch for code in codes if code.batch))
    batch = request.args.get("batch", "")
    numbers = {one.id: number for number, one in enumerate(activities, 1)} if kind == "playlists" else None
    cards = cards_of(
        [code for code in codes if batch in ("", code.batch)], _base_url(), organiser.city.timezone, numbers
    )
    part = request.args.get("part", 1, type=int)
    return Choice(title, organiser, cards, batches, batch, _sheet(title, organiser), part)


def _about(kind: str, slug: str) -> tuple[str, Organiser, list[Activity]]:
    if kind == "activities":
        activity = find_activity(db.session(), current_city(), slug)
        return pick(activity.title), activity.organiser, [activity]
    playlist = find_playlist(db.session(), current_city(), slug)
    return pick(playlist.title), playlist.organiser, [item.activity for item in playlist.items]


def _sheet(title: str, organiser: Organiser) -> Sheet:
    asked = request.args.get("layout")
    layout = cast(Layout, asked) if asked in get_args(Layout) else "poster-a4"
    city = organiser.city
    return Sheet(title, city.name, organiser.name, _host(), _languages(), layout, city.colour)


def _languages() -> list[str]:
    """Read `?in=nl,ar` (or `?lang=`): up to three languages, the reader's when none is asked for."""
    said = ",".join(request.args.getlist("in") or request.args.getlist("lang")).split(",")
    return list(dict.fromkeys(one for one in said if one in PRINTED))[:3] or [language()]


def _layouts() -> list[tuple[Layout, str, str]]:
    return [
        ("poster-a4", gettext("Posters, A4"), gettext("One code a page")),
        ("poster-a3", gettext("Posters, A3"), gettext("One code a page, to be read from afar")),
        ("cards", gettext("Cards to cut"), gettext("Ten on a page, 85 × 54 mm")),
        ("stickers", gettext("Stickers"), gettext("24 on a page, labels of 70 × 37 mm")),
    ]


def _check(choice: Choice) -> dict[str, Any]:
    from server.codes.printing.check import check_pdf
    from server.codes.printing.pdf import make_pdf, unprintable

    cards = choice.here
    report = check_pdf(make_pdf(cards, choice.sheet, utc_now()), cards, choice.sheet.layout)
    return {"report": report, "letters": unprintable(cards, choice.sheet)}


def _file(content: bytes, mimetype: str, name: str = "") -> Response:
    """Send a file with secrets in it: kept by nobody on the way."""
    response = make_response(content)
    response.mimetype = mimetype
    response.headers["Cache-Control"] = "private, no-store"
    if name:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _base_url() -> str:
    url: str = current_app.config["STREETWISE"].base_url
    return url


def _host() -> str:
    host: str = current_app.config["STREETWISE"].public_host
    return host
