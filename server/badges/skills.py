"""Which badges stand for a skill."""

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from server.badges.models import Achievement
from server.organisers.models import Organiser


def standing_for(session: Session, city_id: str, url: str) -> list[Achievement]:
    """Find the badges that a city gives now and that are aligned to an address, the newest first."""
    query = (
        select(Achievement)
        .join(Organiser)
        .where(
            Organiser.city_id == city_id,
            Achievement.state == "published",
            Achievement.replaced_at.is_(None),
            cast(Achievement.alignments, String).contains(url, autoescape=True),  # spares us all the others
        )
        .order_by(Achievement.created_at.desc(), Achievement.id)
    )
    return [one for one in session.scalars(query) if any(to.get("url") == url for to in one.alignments)]
