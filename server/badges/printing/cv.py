"""A CV as PDF: who, in their own words, and their badges, each with what was handed in for it and a code to check it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fpdf.enums import Align

from server.badges.printing.check import checked
from server.badges.printing.facts import Printed
from server.badges.printing.tagged import A4, TaggedPaper
from server.core.i18n import gettext, language
from server.core.paper import FAINT, SOFT, Box, Fitted, Words

MOST = 100
"""Badges in one file: more take longer than anybody waits, or reads."""
_MARGIN = 18.0
_WIDE, _BOTTOM = A4[0] - 2 * _MARGIN, 276.0
_PICTURE, _CODE = 24.0, 28.0


@dataclass(frozen=True)
class CvBadge:
    """A badge of a CV. `evidence`: in words what was handed in, as far as the learner shows it; `skills`: its names."""

    badge: Printed
    evidence: str = ""
    skills: Sequence[str] = ()


@dataclass(frozen=True)
class Cv:
    """What stands on a CV. `name` and `about` are the learner's own words; `address` is where the page of it is."""

    name: str
    about: str
    badges: Sequence[CvBadge]
    address: str = ""


def cv_pdf(cv: Cv) -> bytes:
    """Write a CV, once every code on it was read back. Raises LettersMissing, CodeUnreadable."""
    paper = draw_cv(cv)
    return checked(paper, [one.badge.short for one in cv.badges[:MOST]])


def draw_cv(cv: Cv) -> TaggedPaper:
    title = cv.name or gettext("Badges")
    paper = TaggedPaper(A4, title=title, author=cv.name or "Streetwise", lang=language())
    paper.refuse_missing(cv.name, cv.about, *(text for one in cv.badges for text in _texts(one)))
    y = _first_page(paper, cv, title)
    for one in cv.badges[:MOST]:
        lines = _lines(paper, one)
        high = max(_CODE + 5, sum(fitted.h + 0.8 for _, fitted in lines)) + 6
        if y + high > _BOTTOM:
            y = _new_page(paper, cv)
        _draw_badge(paper, one.badge, lines, Box(_MARGIN, y, _WIDE, high))
        y += high
    return paper


def _texts(one: CvBadge) -> tuple[str, ...]:
    return one.badge.name, one.badge.description, one.badge.issuer, one.evidence, *one.skills


def _first_page(paper: TaggedPaper, cv: Cv, title: str) -> float:
    """Write who it is. Returns where the badges begin."""
    if cv.badges:
        paper.set_creation_date(max(one.badge.awarded_at for one in cv.badges))
    y = _new_page(paper, cv)
    skills = list(dict.fromkeys(skill for one in cv.badges for skill in one.skills))
    lines = [
        ("H1", paper.fit(Words(title, language(), (26, 22, 18, 14), 24, bold=True), _WIDE)),
        ("P", paper.fit(Words(cv.about, language(), (11, 10, 9), 60), _WIDE)),
    ]
    if skills:
        lines.append(("H2", paper.fit(Words(gettext("Skills"), language(), (14,), 7, bold=True), _WIDE)))
        lines.append(("P", paper.fit(Words(" · ".join(skills), language(), (10, 9, 8), 30), _WIDE)))
    lines.append(("H2", paper.fit(Words(gettext("Badges"), language(), (14,), 7, bold=True), _WIDE)))
    return y + paper.say_all(lines, Box(_MARGIN, y, _WIDE, 0), gap=2.5) + 2


def _new_page(paper: TaggedPaper, cv: Cv) -> float:
    """Begin a page with its foot. Returns where its words begin."""
    paper.add_page()
    page = gettext("Page %(number)s", number=paper.page)
    foot = Words(" · ".join(part for part in (cv.name, cv.address, page) if part), language(), (8, 7, 6), 4, colour=SOFT)  # fmt: skip
    with paper.decoration():
        paper.put(paper.fit(foot, _WIDE), Box(_MARGIN, 283, _WIDE, 4))
    return 18.0


def _lines(paper: TaggedPaper, one: CvBadge) -> list[tuple[str, Fitted]]:
    badge, width = one.badge, _WIDE - _PICTURE - _CODE - 10
    about = f"{badge.issuer} · {badge.earned} · {badge.validity}"
    said = [
        ("H3", Words(badge.name, badge.lang, (13, 12, 11, 10), 12, bold=True)),
        ("P", Words(about, language(), (9, 8), 8, colour=SOFT)),
        ("P", Words(badge.description, badge.lang, (10, 9), 16)),
        ("P", Words(f"{badge.level_name}. {badge.checked}", language(), (8.5, 8), 15, colour=SOFT)),
    ]
    if one.evidence:
        said.append(("P", Words(one.evidence, badge.lang, (9.5, 9, 8), 30)))
    if one.skills:
        said.append(("P", Words(" · ".join(one.skills), language(), (8.5, 8), 8)))
    return [(kind, paper.fit(words, width)) for kind, words in said]


def _draw_badge(paper: TaggedPaper, badge: Printed, lines: list[tuple[str, Fitted]], box: Box) -> None:
    with paper.decoration():
        paper.rule((box.x, box.y), (box.x + box.w, box.y), FAINT, 0.2)
    top = box.y + 3
    paper.show(badge.picture, Box(box.x, top, _PICTURE, _PICTURE), badge.alt)
    text = Box(box.x + _PICTURE + 5, top, box.w - _PICTURE - _CODE - 10, 0)
    paper.say_all(lines, text, gap=0.8)
    right = box.x + box.w - _CODE
    paper.show_code(badge.qr, Box(right, top - 1, _CODE, _CODE), badge.code_alt, badge.address)
    check = Words(gettext("Check it"), language(), (8,), 4, colour=SOFT)
    paper.say("P", paper.fit(check, _CODE), Box(right, top + _CODE - 1, _CODE, 4), Align.C)
