"""A session for calendars (RFC 5545) and for search engines (schema.org/Event)."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from server.activities.facts import organisation
from server.activities.services import activity_url, preview_path
from server.core.i18n import pick
from server.core.shell import absolute
from server.occurrences.models import Occurrence

_LINE = 75
"""Octets after which a line is folded (RFC 5545, 3.1)."""


def session_url(occurrence: Occurrence, lang: str) -> str:
    """Return the path at which the public reads of a session."""
    return f"{activity_url(occurrence.activity, lang)}#session-{occurrence.id}"


def place_of(occurrence: Occurrence, lang: str | None = None) -> str:
    return pick(occurrence.place or occurrence.activity.place, lang)


def schema(occurrence: Occurrence, lang: str) -> dict[str, Any]:
    """Describe a session to search engines."""
    activity, zone = occurrence.activity, ZoneInfo(occurrence.activity.organiser.city.timezone)
    status = "EventCancelled" if occurrence.cancelled_at else "EventScheduled"
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": pick(activity.title, lang),
        "description": pick(activity.summary, lang) or pick(activity.title, lang),
        "url": absolute(session_url(occurrence, lang)),
        "startDate": occurrence.starts_at.astimezone(zone).isoformat(),
        "endDate": occurrence.ends_at.astimezone(zone).isoformat(),
        "eventStatus": f"https://schema.org/{status}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "isAccessibleForFree": not activity.cost_cents,
        "inLanguage": lang,
        "location": _location(occurrence, lang),
        "organizer": organisation(activity, lang),
    }
    if occurrence.capacity:
        described["maximumAttendeeCapacity"] = occurrence.capacity
    if activity.picture:
        described["image"] = absolute(preview_path(activity.picture) or "")
    return described


def _location(occurrence: Occurrence, lang: str) -> dict[str, Any]:
    activity = occurrence.activity
    name = place_of(occurrence, lang) or activity.organiser.city.name
    found: dict[str, Any] = {"@type": "Place", "name": name, "address": activity.organiser.city.name}
    if not occurrence.place and activity.latitude is not None and activity.longitude is not None:
        at = {"latitude": activity.latitude, "longitude": activity.longitude}
        found["geo"] = {"@type": "GeoCoordinates", **at}
    return found


def ics(occurrence: Occurrence, lang: str) -> bytes:
    """Write a session as a calendar file, the same for everyone and at any time."""
    activity = occurrence.activity
    status = "CANCELLED" if occurrence.cancelled_at else "CONFIRMED"
    words = occurrence.reason if occurrence.cancelled_at else pick(activity.summary, lang)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Streetwise//Sessions//EN",
        "BEGIN:VEVENT",
        f"UID:{occurrence.id}@{urlsplit(absolute('/')).hostname}",
        f"DTSTAMP:{_utc(occurrence.cancelled_at or occurrence.created_at)}",
        f"DTSTART:{_utc(occurrence.starts_at)}",
        f"DTEND:{_utc(occurrence.ends_at)}",
        f"SEQUENCE:{int(bool(occurrence.cancelled_at))}",
        f"STATUS:{status}",
        f"SUMMARY:{_text(pick(activity.title, lang))}",
        f"LOCATION:{_text(place_of(occurrence, lang))}",
        f"DESCRIPTION:{_text(words)}",
        f"URL:{absolute(session_url(occurrence, lang))}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_fold(line) for line in lines)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    for char, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        words = words.replace(char, written)
    return words


def _fold(line: str) -> bytes:
    """End a line with CRLF; break a long one before a whole character."""
    rest, parts, room = line, [], _LINE
    while rest:
        part = rest.encode()[:room].decode(errors="ignore")
        parts.append(part.encode())
        rest, room = rest[len(part) :], _LINE - 1  # what follows begins with a space
    return b"\r\n ".join(parts) + b"\r\n"
