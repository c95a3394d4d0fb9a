"""The desk's sheets: choose a layout and languages, look, have every code read back, download."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, get_args
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, request
from sqlalchemy import select

from server.accounts.acts import keep_act
from server.accounts.sessions import signed_in
from server.cities.current import current_city
from server.codes.history import By, mark_printed
from server.codes.models import Code
from server.codes.printing.words import PRINTED, what_to_do
from server.codes.sheet_subjects import Subject, find_subject
from server.codes.sheets import MOST, Card, Layout, Sheet, card_of, holding_codes, when
from server.core.db import db, utc_now, writing
from server.core.errors import NotFound
from server.core.i18n import gettext, language, pick
from server.core.roles import EDITOR, needs
from server.core.shell import private_page
from server.organisers.models import Organiser
from server.organisers.services import may

sheets = Blueprint("sheets", __name__)
sheets.add_app_template_global(what_to_do)
_ABOUT = "/desk/<any(activities, playlists, sessions, achievements, codes):kind>/<key>/sheet"
SHOWN = 60
"""Cards on the page itself; a browser gets slow with more of them."""
_PREVIEW = 840


@dataclass(frozen=True)
class Choice:
    """What somebody wants printed: all cards that fit the choice, and which of them come in this file."""

    name: str
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
@needs(EDITOR)
def show(kind: str, key: str) -> Response:
    choice = _choice(kind, key)
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
        chosen=bool({"layout", "in", "batch", "check"} & set(request.args)),
        back=f"/desk/sessions/{key}?lang={language()}" if kind == "sessions" else "",
        followed=_followed(kind, key, choice.batch),
        when=when,
        checked=_check(choice) if "check" in request.args and choice.cards else None,
    )


@sheets.get(f"{_ABOUT}.pdf")
@needs(EDITOR)
def download(kind: str, key: str) -> Response:
    """Send a sheet whose codes were all read back first."""
    from server.codes.printing.check import make_checked_pdf

    choice = _choice(kind, key)
    pdf = make_checked_pdf(choice.here, choice.sheet, utc_now())
    _note_printed(choice, choice.here)
    part = f"-{choice.part}" if len(choice.parts) > 1 else ""
    return _file(pdf, "application/pdf", f"{choice.name}-{choice.sheet.layout}{part}.pdf")


@sheets.get(f"{_ABOUT}.png")
@needs(EDITOR)
def preview(kind: str, key: str) -> Response:
    """Show the first page as it will be printed."""
    from server.codes.printing.check import render_first
    from server.codes.printing.pdf import draw

    choice = _choice(kind, key)
    paper = draw(choice.here, choice.sheet, utc_now(), only=1)
    return _file(render_first(bytes(paper.output()), _PREVIEW), "image/png")


@sheets.get("/desk/codes/<key>.<any(svg, png):form>")
@needs(EDITOR)
def picture(key: str, form: str) -> Response:
    """Send one code as a picture, for whoever lays out their own print."""
    from server.codes.printing.pictures import draw_png, draw_svg

    choice = _choice("codes", key)
    card = choice.here[0]
    _note_printed(choice, [card])
    name = f"{choice.name}-{card.typed or card.point}.{form}"
    if form == "svg":
        return _file(draw_svg(card, _host()).encode(), "image/svg+xml", name)
    return _file(draw_png(card, _host()), "image/png", name)


def _note_printed(choice: Choice, cards: Sequence[Card]) -> None:
    by = By(signed_in().id, utc_now())
    with writing() as session:
        codes = select(Code).where(Code.id.in_([card.code for card in cards])).order_by(Code.id)
        mark_printed(session, session.scalars(codes).all(), by)
        about = {"about": choice.title, "number": len(cards)}
        keep_act(session, "code.printed", choice.name, choice.organiser.id, **about)


def _choice(kind: str, key: str) -> Choice:
    session, at = db.session(), utc_now()
    subject = find_subject(session, current_city(), kind, key)
    may(session, signed_in(), subject.organiser)
    codes = holding_codes(session, subject.codes, at)
    batch = request.args.get("batch", "")
    wanted = [code for code in codes if batch in ("", code.batch)]
    return Choice(
        name=subject.name,
        title=pick(subject.title),
        organiser=subject.organiser,
        cards=_cards(subject, wanted),
        batches=list(dict.fromkeys(code.batch for code in codes if code.batch)),
        batch=batch,
        sheet=_sheet(subject, wanted),
        part=request.args.get("part", 1, type=int),
    )


def _cards(subject: Subject, codes: Sequence[Code]) -> list[Card]:
    """Make the cards, those of a playlist in its order."""
    base_url: str = current_app.config["STREETWISE"].base_url
    cards = []
    for code in codes:
        activity = code.point.activity
        title = activity.title if activity else subject.title
        card = card_of(code, title, base_url, subject.organiser.city.timezone, subject.times)
        cards.append(replace(card, number=subject.numbers.get(activity.id if activity else "", 0)))
    return sorted(cards, key=lambda card: card.number)


def _sheet(subject: Subject, codes: Sequence[Code]) -> Sheet:
    asked = request.args.get("layout")
    layout = cast(Layout, asked) if asked in get_args(Layout) else "poster-a4"
    organiser, city = subject.organiser, subject.organiser.city
    languages = _languages(codes)
    title = pick(subject.title, languages[0])
    return Sheet(title, city.name, organiser.name, _host(), languages, layout, city.colour)


def _languages(codes: Sequence[Code]) -> list[str]:
    """Choose up to three: those asked for (`?in=nl,ar`, or `?lang=`), those the codes were made with, the reader's."""
    asked = request.args.getlist("in")
    made_with = next((code.languages for code in codes if code.languages), request.args.getlist("lang"))
    said = ",".join(asked or made_with).split(",")
    return list(dict.fromkeys(one for one in said if one in PRINTED))[:3] or [language()]


def _layouts() -> list[tuple[Layout, str, str]]:
    return [
        ("poster-a4", gettext("Posters, A4"), gettext("One code a page")),
        ("poster-a3", gettext("Posters, A3"), gettext("One code a page, to be read from afar")),
        ("cards", gettext("Cards to cut"), gettext("Ten on a page, 85 × 54 mm")),
        ("stickers", gettext("Stickers"), gettext("24 on a page, labels of 70 × 37 mm")),
    ]


def _followed(kind: str, key: str, batch: str) -> str:
    """Return the codes' own page at the desk; a playlist has none, because its codes are those of its activities."""
    if kind == "playlists":
        return ""
    page = f"/desk/codes/{key}" if kind == "codes" else f"/desk/{kind}/{key}/codes"
    said = {"lang": language(), "batch": batch}
    return f"{page}?{urlencode({name: value for name, value in said.items() if value})}"


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


def _host() -> str:
    host: str = current_app.config["STREETWISE"].public_host
    return host
