"""What the demo city holds, for programs (`streetwise demo --json`) and for people at the terminal."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.accounts.services import make_sign_in_link
from server.activities.models import Activity, Task
from server.activities.services import activities_of, activity_url
from server.cities.models import City
from server.codes.models import Code, Point
from server.codes.services import url_of
from server.codes.tokens import show_typed
from server.core.i18n import pick
from server.core.shell import absolute
from server.demo.claims import claims
from server.demo.reading import read
from server.demo.sessions import sessions
from server.organisers.models import Member, Organiser
from server.playlists.models import Playlist
from server.playlists.services import playlist_url, playlists_of

_HOW = {
    "checkin": "Scan or type the code of the point with this activity (see points), in a checkin.scan.",
    "photo": "Hand in any JPEG, PNG or WebP in an evidence.submit, and upload it to /api/blobs/{sha256}.",
    "audio": "Hand in any WebM, Ogg, MP4, MP3 or WAV sound in an evidence.submit, and upload it likewise.",
}
LANG = "en"
"""The language of the addresses in the summary."""


def summary(session: Session, base_url: str, at: datetime) -> dict[str, Any]:
    """Gather what a program needs to play a visitor or an organiser. Makes new sign-in links each time."""
    base = base_url.rstrip("/")
    city = session.scalars(select(City).where(City.demo)).one()
    playlists, activities = playlists_of(session, city), activities_of(session, city)
    return {
        "base_url": base,
        "city": {"id": city.id, "slug": city.slug, "name": city.name, "url": f"{base}/"},
        "playlists": [_playlist(one, base) for one in playlists],
        "activities": [_activity(one, base) for one in activities],
        "points": _points(session, activities, base, at),
        "sessions": sessions(session, activities, base, at),
        "claims": claims(session, base),
        "tasks": _tasks(activities),
        "sign_in": _sign_in_links(session, city, at),
        "sheet": _sheet_link(session, playlists[0], at),
    }


def _playlist(playlist: Playlist, base: str) -> dict[str, Any]:
    path = playlist_url(playlist, LANG)
    return {
        "id": playlist.id,
        "slug": playlist.slug,
        "title": playlist.title,
        "path": path,
        "url": base + path,
        "minutes": playlist.minutes,
        "order": playlist.order,
        "required": [item.activity_id for item in playlist.items if item.required],
        "choose": playlist.choose,
        "activities": [item.activity_id for item in playlist.items],
        "sheet": sheet_path(playlist),
    }


def sheet_path(playlist: Playlist) -> str:
    """Return where an organiser prints a playlist's codes."""
    return f"/desk/playlists/{playlist.slug}/sheet"


def _activity(activity: Activity, base: str) -> dict[str, Any]:
    path = activity_url(activity, LANG)
    return {
        "id": activity.id,
        "slug": activity.slug,
        "title": activity.title,
        "path": path,
        "url": base + path,
        "organiser": activity.organiser.slug,
        "signal": activity.signal,
        "confirm": activity.confirm,
        "minutes": activity.minutes,
        "tasks": [task.id for task in activity.tasks],
    }


def _points(session: Session, activities: list[Activity], base: str, at: datetime) -> list[dict[str, Any]]:
    """List the stops' points; those of sessions change with these and are left out."""
    query = select(Point).where(Point.occurrence_id.is_(None))
    return [
        _point(point, activity, base, at)
        for activity in activities
        for point in session.scalars(query.where(Point.activity == activity))
    ]


def _point(point: Point, activity: Activity, base: str, at: datetime) -> dict[str, Any]:
    code = _current(point, at)
    return {
        "point": point.id,
        "activity": activity.id,
        "slug": activity.slug,
        "place": point.place,
        "level": code.level,
        "url": url_of(code, base),
        "typed": show_typed(code.typed) if code.typed else None,
        "opens_at": _moment(code.opens_at),
        "closes_at": _moment(code.closes_at),
    }


def _current(point: Point, at: datetime) -> Code:
    """Choose the newest code that holds now; failing that, the newest of all."""
    newest = sorted(point.codes, key=lambda code: (code.created_at, code.id), reverse=True)
    return next((code for code in newest if _holds(code, at)), newest[0])


def _holds(code: Code, at: datetime) -> bool:
    opened = code.opens_at is None or code.opens_at <= at
    return code.revoked_at is None and opened and (code.closes_at is None or at < code.closes_at)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def _tasks(activities: list[Activity]) -> list[dict[str, Any]]:
    told = read().activities
    samples = {one.prompt["en"]: one.sample for activity in told for one in activity.tasks}
    return [
        {
            "id": task.id,
            "activity": task.activity_id,
            "kind": task.kind,
            "review": task.review,
            "prompt": task.prompt,
            "answer": _answer(task, samples),
            "how": _HOW.get(task.kind, "Send the answer in a task.answer."),
        }
        for activity in activities
        for task in activity.tasks
    ]


def _answer(task: Task, samples: dict[str, str]) -> dict[str, Any] | None:
    """Give one answer that is accepted, as an event's body has it; None where nothing is typed."""
    if task.kind in ("choice", "choices"):
        return {"choices": task.accepted[0].split(",")}
    if task.kind == "number":
        return {"number": task.accepted[0]}
    if task.kind == "text":
        return {"text": task.accepted[0] if task.accepted else samples.get(task.prompt["en"], "I looked.")}
    return None


def _sign_in_links(session: Session, city: City, at: datetime) -> list[dict[str, Any]]:
    """Make a link for each organiser's people."""
    query = select(Member, Organiser, User).where(
        Organiser.city_id == city.id, Member.organiser_id == Organiser.id, Member.user_id == User.id
    )
    return [
        {
            "organiser": organiser.slug,
            "organiser_name": organiser.name,
            "name": user.name,
            "email": user.email,
            "role": member.role,
            "url": make_sign_in_link(session, user, at=at),
        }
        for member, organiser, user in session.execute(query.order_by(Organiser.id, Member.id))
    ]


def _sheet_link(session: Session, playlist: Playlist, at: datetime) -> str:
    """Make a link that signs the playlist's organiser in and opens its printable sheet."""
    query = (
        select(User)
        .join(Member, Member.user_id == User.id)
        .where(Member.organiser_id == playlist.organiser_id, Member.role == "owner")
    )
    owner = session.scalars(query.order_by(User.id)).first()
    if owner is None:
        return absolute(sheet_path(playlist))
    return make_sign_in_link(session, owner, at=at, next=sheet_path(playlist))


def where_to_look(found: dict[str, Any]) -> list[str]:
    """Say in a few lines where to begin."""
    first, museum = found["sign_in"][0], found["playlists"][0]
    return [
        f"The city            {found['city']['url']}",
        f"The museum visit    {museum['url']}",
        "",
        "Codes to scan from the screen or to print (opens once, as the museum):",
        f"  {found['sheet']}",
        "",
        f"The organiser's desk, as {first['name']} (opens once):",
        f"  {first['url']}",
        "",
        *_what_runs(found),
        *_what_gives_a_badge(found),
        *_who_decides(found),
        *_where_mails_lie(found),
        "More links and all answers: streetwise demo --json",
    ]


def _what_runs(found: dict[str, Any]) -> list[str]:
    """Say which session runs now, and where its door is opened."""
    running = next((one for one in found["sessions"] if one["runs"]), None)
    if running is None:
        return []
    desk = next(one for one in found["sign_in"] if one["organiser"] == running["organiser"])
    return [
        f"Runs now, until {running['ends_at'][11:16]} UTC: {running['title'][LANG]}",
        f"  {running['url']}",
        f"Its desk, with the sheet and the door, as {desk['name']} (opens once):",
        f"  {desk['url']}",
        "",
    ]


def _what_gives_a_badge(found: dict[str, Any]) -> list[str]:
    """Show a code that gives a badge with no activity."""
    lines = [
        (pick(one["name"], LANG), one["code"]["url"], len(one["cards"]))
        for one in found["claims"]
        if one["code"]
    ][:1]
    return [
        line
        for name, url, cards in lines
        for line in (f"A code that gives the badge “{name}” ({cards} cards do it once):", f"  {url}", "")
    ]


def _who_decides(found: dict[str, Any]) -> list[str]:
    """Say where the organiser decides before something counts, and who they are."""
    asking = next((one for one in found["activities"] if one["confirm"]), None)
    if asking is None:
        return []
    desk = next(one for one in found["sign_in"] if one["organiser"] == asking["organiser"])
    return [
        f"Confirmed by its organiser before it counts: {asking['title'][LANG]}",
        f"  {asking['url']}",
        f"The desk where that waits, as {desk['name']} (opens once):",
        f"  {desk['url']}",
        "",
    ]


def _where_mails_lie(found: dict[str, Any]) -> list[str]:
    """Say where mails are looked at that no mail server sends."""
    if not found.get("mail"):
        return []
    return [
        "Mails are not sent, but written into files (any mail program opens them):",
        f"  {found['mail']}",
        "",
    ]
