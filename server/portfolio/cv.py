"""The CV on paper: what the learner says of themselves, and their badges with what was handed in, in a few words."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from server.core.i18n import gettext, ngettext
from server.core.shell import absolute
from server.portfolio.evidence import PUBLIC, Piece, visible
from server.portfolio.models import Portfolio
from server.portfolio.profiles import Item
from server.portfolio.skills import names_of


def write_cv(session: Session, person: Portfolio | None, items: Sequence[Item]) -> bytes:
    """Write it as PDF. Its foot says where the portfolio is, if everybody may see that; never the link itself.

    Raises LettersMissing, CodeUnreadable.
    """
    from server.badges.printing.cv import MOST, Cv, CvBadge, cv_pdf
    from server.badges.printing.facts import printed

    badges = [
        CvBadge(printed(one.award), work_words(visible(session, one.award, one.choice)), names_of(one.award))
        for one in items[:MOST]
    ]
    return cv_pdf(Cv(person.name if person else "", _about(person), badges, _address(person)))


def _about(person: Portfolio | None) -> str:
    """Write what stands under the name: what they are, how to reach them, and their own words."""
    if person is None:
        return ""
    said = person.cv
    reached = (said.get(name, "") for name in ("city", "email", "phone", "url"))
    lines = (
        said.get("label", ""),
        " · ".join(one for one in reached if one),
        said.get("summary") or person.about,
    )
    return "\n".join(line for line in lines if line)


def _address(person: Portfolio | None) -> str:
    return absolute(f"/portfolio/{person.slug}") if person and person.visibility == PUBLIC else ""


def work_words(pieces: Iterable[Piece]) -> str:
    """Say what was handed in, as far as it is shown: "Shown on its page: 2 photos, 1 answer"."""
    counts = Counter(one.kind for one in pieces)
    words = {
        "photo": ngettext("%(num)s photo", "%(num)s photos", counts["photo"]),
        "audio": ngettext("%(num)s recording", "%(num)s recordings", counts["audio"]),
        "text": ngettext("%(num)s answer", "%(num)s answers", counts["text"]),
    }
    said = ", ".join(words[kind] for kind in words if counts[kind])
    return gettext("Shown on its page: %(work)s", work=said) if said else ""
