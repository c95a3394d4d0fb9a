"""What one wants to know before going: how long, for whom, at what price; in words and for search engines."""

from typing import Any

from babel.numbers import format_currency

from server.activities.models import Activity, MediaFile
from server.activities.services import PREVIEW, activity_url, preview_path
from server.core.i18n import gettext, language_name, ngettext, pick
from server.core.shell import absolute

Fact = dict[str, str]


def minutes_words(minutes: int) -> str:
    """Say how long something takes: 45 minutes, 1 h 10 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    if not rest:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def age_words(activity: Activity) -> str:
    """Say for whom it is; empty when it is for everyone."""
    if activity.age_from and activity.age_to:
        return gettext("Age %(low)s to %(high)s", low=activity.age_from, high=activity.age_to)
    if activity.age_from:
        return gettext("From age %(low)s", low=activity.age_from)
    return gettext("Up to age %(high)s", high=activity.age_to) if activity.age_to else ""


def cost_words(activity: Activity, lang: str) -> str:
    if not activity.cost_cents:
        return gettext("Free")
    return format_currency(activity.cost_cents / 100, activity.currency, locale=lang)


def checks_words(activity: Activity) -> str:
    """Say what somebody of the organiser looks at before it counts; empty when nothing."""
    looks = any(task.review == "organiser" for task in activity.tasks)
    if activity.confirm and looks:
        return gettext("The organiser confirms your visit and looks at your work")
    if activity.confirm:
        return gettext("The organiser confirms your visit")
    return gettext("The organiser looks at your work") if looks else ""


def facts(activity: Activity, lang: str) -> list[Fact]:
    """List an activity's facts, each with the name of its sign."""
    spoken = ", ".join(language_name(one) for one in activity.languages)
    found = [
        ("clock", minutes_words(activity.minutes)),
        ("pin", pick(activity.place, lang)),
        ("people", age_words(activity)),
        ("ticket", cost_words(activity, lang)),
        ("globe", spoken if list(activity.languages) != [lang] else ""),
        ("check", checks_words(activity)),
        ("no-signal", "" if activity.signal else gettext("No signal here: save it first")),
    ]
    return [{"sign": sign, "words": words} for sign, words in found if words]


def schema(activity: Activity, lang: str) -> dict[str, Any]:
    """Describe an activity to search engines (schema.org/LearningResource)."""
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "name": pick(activity.title, lang),
        "description": pick(activity.summary, lang),
        "url": absolute(activity_url(activity, lang)),
        "inLanguage": lang,
        "timeRequired": f"PT{activity.minutes}M",
        "isAccessibleForFree": not activity.cost_cents,
        "learningResourceType": "activity",
        "teaches": [pick(one, lang) for one in activity.skills],
        "provider": organisation(activity, lang),
    }
    if activity.age_from:
        described["typicalAgeRange"] = f"{activity.age_from}-{activity.age_to or ''}"
    if activity.picture:
        described["image"] = absolute(preview_path(activity.picture) or "")
    if activity.latitude is not None and activity.longitude is not None:
        where = {"@type": "GeoCoordinates", "latitude": activity.latitude, "longitude": activity.longitude}
        described["contentLocation"] = {"@type": "Place", "name": pick(activity.place, lang), "geo": where}
    return described


def organisation(activity: Activity, lang: str) -> dict[str, str]:
    organiser = activity.organiser
    return {
        "@type": "Organization",
        "name": pick(organiser.name, lang),
        "url": organiser.url or absolute("/"),
    }


def media_preview(media: MediaFile | None, alt: str) -> dict[str, Any] | None:
    """Return a picture that previews can show, with its size when we know it, for Open Graph."""
    if media is None:
        return None
    width, height = PREVIEW if media.ending == "svg" else (None, None)
    return {"url": absolute(preview_path(media) or ""), "width": width, "height": height, "alt": alt}
