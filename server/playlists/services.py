"""Playlists: what they ask for, in words and as rules, and which stop comes where."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.activities.models import Activity
from server.activities.services import activity_view, preview_path, task_view
from server.cities.models import City
from server.core.db import utc_now
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, ngettext, pick
from server.core.rules_of_time import BEGINNING, keep_change
from server.core.shell import absolute
from server.occurrences.models import Occurrence
from server.occurrences.services import CLOSES_AFTER, coming
from server.occurrences.times import start_of_day
from server.organisers.models import Organiser
from server.organisers.offering import OFFERED
from server.playlists.models import Playlist, PlaylistItem, PlaylistRules
from server.playlists.rules import Rule, Stop, write_rule


def playlists_of(session: Session, city: City) -> list[Playlist]:
    """List a city's playlists as its home shows them."""
    query = select(Playlist).join(Playlist.organiser).where(Organiser.city_id == city.id, OFFERED)
    query = query.options(
        joinedload(Playlist.picture), joinedload(Playlist.organiser), selectinload(Playlist.items)
    )
    return list(session.scalars(query.order_by(Playlist.position, Playlist.id)))


def find_playlist(session: Session, city: City, slug: str) -> Playlist:
    """Find a playlist of a city by its slug; raises NotFound."""
    query = (
        select(Playlist).join(Playlist.organiser).where(Organiser.city_id == city.id, Playlist.slug == slug)
    )
    found = session.scalars(query.options(*_whole()).order_by(Playlist.id)).first()
    if not found:
        raise NotFound()
    return found


def get_playlist(session: Session, city: City, playlist_id: str) -> Playlist:
    """Return a playlist of a city by its id, with all that its bundle holds; raises NotFound."""
    query = (
        select(Playlist)
        .join(Playlist.organiser)
        .where(Organiser.city_id == city.id, Playlist.id == playlist_id)
    )
    found = session.scalars(query.options(*_whole())).first()
    if not found:
        raise NotFound()
    return found


def _whole() -> list[Any]:
    activity = selectinload(Playlist.items).joinedload(PlaylistItem.activity)
    return [
        activity.selectinload(Activity.tasks),
        activity.joinedload(Activity.picture),
        activity.joinedload(Activity.audio),
        joinedload(Playlist.picture),
    ]


def playlists_with(session: Session, activity: Activity) -> list[Playlist]:
    """List the playlists that an activity is a stop of."""
    query = select(Playlist).join(Playlist.items).where(PlaylistItem.activity_id == activity.id)
    query = query.options(selectinload(Playlist.items).joinedload(PlaylistItem.activity))
    return list(session.scalars(query.order_by(Playlist.position, Playlist.id)))


def beside(session: Session, playlist: Playlist) -> list[Any]:
    """Say what the pages of a playlist's stops show of other playlists that have the same stops."""
    stops = [item.activity_id for item in playlist.items]
    shared = select(PlaylistItem.playlist_id).where(PlaylistItem.activity_id.in_(stops))
    query = (
        select(Playlist.id, Playlist.slug, Playlist.title, Playlist.picture_id, Playlist.position,
               PlaylistItem.position, PlaylistItem.required, Activity.id, Activity.slug, Activity.title, Activity.place)
        .join(Playlist.items)
        .join(PlaylistItem.activity)
        .where(Playlist.id.in_(shared), Playlist.id != playlist.id)
        .order_by(Playlist.id, PlaylistItem.position)
    )  # fmt: skip
    return [list(row) for row in session.execute(query)]


def playlist_url(playlist: Playlist, lang: str) -> str:
    return f"/{lang}/playlists/{playlist.slug}"


def playlist_view(playlist: Playlist, lang: str) -> dict[str, Any]:
    """Name a playlist as islands and bundles do."""
    return {
        "id": playlist.id,
        "slug": playlist.slug,
        "title": pick(playlist.title, lang),
        "url": playlist_url(playlist, lang),
        "picture": playlist.picture.url if playlist.picture else None,
    }


def rules_view(playlist: Playlist) -> dict[str, Any]:
    """Write the rule as phones compute with it."""
    return {
        "order": playlist.order,
        "required": [item.activity_id for item in playlist.items if item.required],
        "choose": playlist.choose,
        "from": [item.activity_id for item in playlist.items if not item.required],
    }


def rule_of(playlist: Playlist) -> Rule:
    """Return the rule as it is now."""
    stops = tuple(Stop(item.activity_id, item.required) for item in playlist.items)
    return Rule(stops, playlist.choose, playlist.order)


@contextmanager
def changing_rule(session: Session, playlist: Playlist, at: datetime) -> Iterator[None]:
    """Change a playlist's stops, order or number inside: what was done before `at` is judged by the rule before.

    Take a stop out by `remove_stop`. Afterwards `learning.changes` finishes for those who have done enough by now.
    """
    before = write_rule(rule_of(playlist))
    yield
    session.flush()
    session.expire(playlist, ["items"])
    after = write_rule(rule_of(playlist))
    playlist.updated_at = at
    if before != after:
        first = PlaylistRules(playlist_id=playlist.id, since=BEGINNING, rule=before)
        keep_change(session, first, PlaylistRules(playlist_id=playlist.id, since=at, rule=after))


def remove_stop(item: PlaylistItem, at: datetime) -> None:
    """Take a stop out of its playlist. It stays, for those who did it then; only inside `changing_rule`."""
    item.removed_at = at


def change_rule(session: Session, playlist: Playlist, asked: Rule, at: datetime) -> None:
    """Let another rule hold from now on. `asked` names the playlist's own stops, in their new order.

    Raises RuleRefused when it names others, leaves one out, or could be satisfied by doing nothing.
    """
    _check_rule(playlist, asked)
    items = {item.activity_id: item for item in playlist.items}
    with changing_rule(session, playlist, at):
        playlist.order, playlist.choose = asked.order, asked.choose
        for position, stop in enumerate(asked.stops):
            item = items[stop.activity]
            item.position, item.required = position, stop.required


def _check_rule(playlist: Playlist, asked: Rule) -> None:
    named = [stop.activity for stop in asked.stops]
    if sorted(named) != sorted(item.activity_id for item in playlist.items):
        raise RuleRefused()
    if asked.order not in ("any", "fixed") or not 0 <= asked.choose <= asked.optional:
        raise RuleRefused()
    if asked.optional == len(asked.stops) and not asked.choose:
        raise RuleRefused()


class RuleRefused(DomainError):
    """A rule cannot hold: it does not fit the playlist's stops."""

    status, code = 422, "rule_refused"

    def explain(self) -> str:
        return gettext("This rule does not fit the stops of the playlist. Ask for at least one of them.")


def rule_words(playlist: Playlist) -> str:
    """Say the rule in a sentence: Do the 4 required stops and any 1 of the other 3."""
    required = sum(item.required for item in playlist.items)
    others = len(playlist.items) - required
    if not others or not playlist.choose:
        return ngettext("Do the stop.", "Do all %(num)s required stops.", required)
    if not required:
        return gettext("Do any %(choose)s of the %(all)s stops.", choose=playlist.choose, all=others)
    return gettext(
        "Do the %(required)s required stops and any %(choose)s of the other %(others)s.",
        required=required,
        choose=playlist.choose,
        others=others,
    )


def order_words(playlist: Playlist) -> str:
    return gettext("In this order") if playlist.order == "fixed" else gettext("In any order")


@dataclass(frozen=True)
class Step:
    """Where a stop stands in a playlist: its number, and who comes before and after."""

    playlist: Playlist
    number: int
    of: int
    required: bool
    before: Activity | None
    after: Activity | None


def steps(playlists: list[Playlist], activity: Activity) -> list[Step]:
    """Find an activity's place in each of its playlists."""
    found = []
    for playlist in playlists:
        row = [item.activity for item in playlist.items]
        at = next(n for n, item in enumerate(playlist.items) if item.activity_id == activity.id)
        found.append(
            Step(
                playlist=playlist,
                number=at + 1,
                of=len(row),
                required=playlist.items[at].required,
                before=row[at - 1] if at else None,
                after=row[at + 1] if at + 1 < len(row) else None,
            )
        )
    return found


def sessions_shown(session: Session, activities: list[Activity], at: datetime) -> list[Occurrence]:
    """List the sessions that pages and bundles show: all whose codes held today or will.

    The city's day decides and not the moment, so that pages change once a day at most.
    """
    if not activities:
        return []
    today = start_of_day(at, activities[0].organiser.city.timezone)
    return coming(session, [one.id for one in activities], today - CLOSES_AFTER)


def stop_context(session: Session, activity: Activity, lang: str) -> dict[str, Any]:
    """Gather what the stop's page shows, the same wherever it is rendered: alone, by its code, in a bundle."""
    playlists = playlists_with(session, activity)
    return {
        "activity": activity,
        "steps": steps(playlists, activity),
        "sessions": sessions_shown(session, [activity], utc_now()),
        "lang": lang,
        "props": {
            "activity": {
                **activity_view(activity, lang),
                "playlists": [
                    {
                        **playlist_view(one, lang),
                        "activities": [activity_view(item.activity, lang) for item in one.items],
                    }
                    for one in playlists
                ],
            },
            "tasks": [task_view(task, lang) for task in activity.tasks],
        },
    }


def playlist_context(playlist: Playlist, lang: str) -> dict[str, Any]:
    """Gather what the playlist's page shows, but for its badge."""
    return {
        "playlist": playlist,
        "lang": lang,
        "rule": rule_words(playlist),
        "order": order_words(playlist),
        "props": {
            "playlist": playlist_view(playlist, lang),
            "activities": [
                {
                    **activity_view(item.activity, lang),
                    "required": item.required,
                    "minutes": item.activity.minutes,
                    "place": pick(item.activity.place, lang),
                    "signal": item.activity.signal,
                    "tasks": [
                        {"id": task.id, "kind": task.kind, "required": task.required}
                        for task in item.activity.tasks
                    ],
                }
                for item in playlist.items
            ],
            "rules": rules_view(playlist),
        },
    }


def schema(playlist: Playlist, lang: str) -> dict[str, Any]:
    """Describe a playlist to search engines (schema.org/Course)."""
    organiser = playlist.organiser
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Course",
        "name": pick(playlist.title, lang),
        "description": pick(playlist.summary, lang),
        "url": absolute(playlist_url(playlist, lang)),
        "inLanguage": lang,
        "timeRequired": f"PT{playlist.minutes}M",
        "isAccessibleForFree": all(not item.activity.cost_cents for item in playlist.items),
        "provider": {
            "@type": "Organization",
            "name": pick(organiser.name, lang),
            "url": organiser.url or absolute("/"),
        },
        "hasPart": [
            {
                "@type": "LearningResource",
                "name": pick(item.activity.title, lang),
                "url": absolute(activity_view(item.activity, lang)["url"]),
            }
            for item in playlist.items
        ],
    }
    if playlist.picture:
        described["image"] = absolute(preview_path(playlist.picture) or "")
    return described
