"""Where badges were earned, drawn as a plain map of dots: no tiles, and places rounded to about a kilometre."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import cos, radians

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.activities.models import Activity
from server.badges.models import Award
from server.core.i18n import pick
from server.playlists.models import PlaylistItem

_WIDTH, _HEIGHT, _MARGIN = 340, 220, 30


@dataclass(slots=True)
class Spot:
    """A place, rounded to a hundredth of a degree, and what is there."""

    latitude: float
    longitude: float
    names: list[str] = field(default_factory=list)


def find_spots(session: Session, awards: Iterable[Award]) -> list[Spot]:
    """Find where the activities are that badges were given for, the northernmost first."""
    shown = list(awards)
    playlists = {one.achievement.playlist_id for one in shown if one.achievement.playlist_id}
    activities = {one.achievement.activity_id for one in shown if one.achievement.activity_id}
    stops = select(PlaylistItem.activity_id).where(
        PlaylistItem.playlist_id.in_(playlists), PlaylistItem.removed_at.is_(None)
    )
    query = select(Activity).where(
        Activity.id.in_(activities) | Activity.id.in_(stops), Activity.latitude.is_not(None)
    )
    found: dict[tuple[float, float], Spot] = {}
    for one in session.scalars(query.order_by(Activity.id)):
        if one.latitude is None or one.longitude is None:
            continue
        key = (round(one.latitude, 2), round(one.longitude, 2))
        name = pick(one.place) or pick(one.title)
        spot = found.setdefault(key, Spot(*key))
        if name not in spot.names:
            spot.names.append(name)
    return sorted(found.values(), key=lambda one: (-one.latitude, one.longitude))


def draw(spots: list[Spot]) -> str:
    """Draw the places as SVG, north up, one scale both ways; empty when there are none. The list beside it has the names."""
    if not spots:
        return ""
    dots = "".join(_dot(x, y, number) for number, (x, y) in enumerate(_project(spots), 1))
    ground = f'<rect class="map-ground" width="{_WIDTH}" height="{_HEIGHT}" rx="16"/>'
    size = f"0 0 {_WIDTH} {_HEIGHT}"
    return (
        f'<svg class="spots-map" viewBox="{size}" aria-hidden="true" focusable="false">{ground}{dots}</svg>'
    )


def _project(spots: list[Spot]) -> list[tuple[float, float]]:
    """Place them in the picture; at least some five kilometres wide, or one place would fill it."""
    middle = sum(one.latitude for one in spots) / len(spots)
    flat = [(one.longitude * cos(radians(middle)), one.latitude) for one in spots]
    left, right = min(x for x, _ in flat), max(x for x, _ in flat)
    low, high = min(y for _, y in flat), max(y for _, y in flat)
    wide, tall = max(right - left, 0.05), max(high - low, 0.05)
    scale = min((_WIDTH - 2 * _MARGIN) / wide, (_HEIGHT - 2 * _MARGIN) / tall)
    centre_x, centre_y = (left + right) / 2, (low + high) / 2
    return [
        (round(_WIDTH / 2 + (x - centre_x) * scale, 1), round(_HEIGHT / 2 - (y - centre_y) * scale, 1))
        for x, y in flat
    ]


def _dot(x: float, y: float, number: int) -> str:
    return f'<circle cx="{x}" cy="{y}" r="12"/><text x="{x}" y="{round(y + 4.5, 1)}" text-anchor="middle">{number}</text>'
