"""Which city answers, and what its phones install."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.cities.models import City
from server.core.i18n import direction, gettext
from server.core.shell import asset

PAPER = "#fbf6ea"
"""The light paper behind everything; `--paper` in `base.css`."""


def city_at(session: Session, host: str) -> City | None:
    """Find the city that answers for a host; one without a host answers for all that no other claims."""
    query = select(City).where(or_(City.host == host, City.host.is_(None)))
    return session.scalars(query.order_by(City.host.is_(None), City.id)).first()


def manifest(city: City, lang: str) -> dict[str, Any]:
    """Describe the app to the phone that installs it (W3C Web Application Manifest)."""
    return {
        "id": "/",
        "name": city.name,
        "short_name": city.name,
        "description": city.tagline.get(lang, ""),
        "lang": lang,
        "dir": direction(lang),
        "start_url": f"/{lang}/",
        "scope": "/",
        "display": "standalone",
        "theme_color": city.colour,
        "background_color": PAPER,
        "categories": ["education", "travel"],
        "icons": _icons(),
        "shortcuts": [
            _shortcut(gettext("Scan a code"), f"/{lang}/scan"),
            _shortcut(gettext("My badges"), f"/{lang}/badges"),
        ],
    }


def _icons() -> list[dict[str, str]]:
    return [
        {
            "src": asset(f"{name}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, purpose in (("icon", "any"), ("maskable", "maskable"))
        for size in (192, 512)
    ]


def _shortcut(name: str, url: str) -> dict[str, Any]:
    return {"name": name, "url": url, "icons": _icons()[:1]}
