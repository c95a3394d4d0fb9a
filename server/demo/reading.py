"""Reads the demo city's content from the TOML files in `content/`, and names what is wrong in them."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from server.demo.content import (
    KINDS,
    PICTURES,
    Achievement,
    Activity,
    Badge,
    City,
    Code,
    Option,
    Organiser,
    Person,
    Playlist,
    Session,
    Task,
)
from server.demo.table import ContentInvalid, Table, Texts

FOLDER = Path(__file__).parent / "content"
T = TypeVar("T")


def read(folder: Path = FOLDER) -> City:
    """Read and check the whole city. Raises ContentInvalid naming file, entry and key."""
    top = _open(folder / "city.toml")
    skills = top.table("skills")
    city = top.table("city")
    known = {name: skills.texts(name) for name in top.get("skills", dict)}
    organisers = tuple(_finished(one, _organiser) for one in top.tables("organiser"))
    files = [_open(path) for path in sorted(folder.glob("*.toml")) if path.name != "city.toml"]
    files.sort(key=lambda one: [o.slug for o in organisers].index(one.get("organiser", str)))
    found = City(
        slug=city.get("slug", str),
        name=city.get("name", str),
        tagline=city.texts("tagline"),
        about=city.texts("about"),
        picture=_picture(city),
        picture_alt=city.texts("picture_alt"),
        colour=city.get("colour", str),
        timezone=city.get("timezone", str),
        languages=city.strings("languages"),
        country=city.get("country", str),
        people=_people(city),
        organisers=organisers,
        activities=tuple(
            _finished(one, partial(_activity, organiser=file.get("organiser", str), skills=known))
            for file in files
            for one in file.tables("activity")
        ),
        playlists=tuple(
            _finished(one, partial(_playlist, organiser=file.get("organiser", str)))
            for file in files
            for one in file.tables("playlist")
        ),
        badges=tuple(
            _finished(one, partial(_badge, organiser=file.get("organiser", str)))
            for file in files
            for one in file.tables("badge")
        ),
    )
    for table in (top, city, *files):
        table.finish()
    _check_playlists(found)
    return found


def _open(path: Path) -> Table:
    try:
        return Table(path.name, tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ContentInvalid(f"{path.name}: {error}") from error


def _finished(table: Table, read_one: Callable[[Table], T]) -> T:
    found = read_one(table)
    table.finish()
    return found


def _organiser(table: Table) -> Organiser:
    return Organiser(
        slug=table.get("slug", str),
        name=table.texts("name"),
        about=table.texts("about"),
        url=table.get("url", str, ""),
        email=table.get("email", str, ""),
        people=_people(table),
    )


def _people(table: Table) -> tuple[Person, ...]:
    return tuple(
        Person(**{field.name: one.get(field.name, str) for field in fields(Person)})
        for one in table.tables("people")
    )


def _activity(table: Table, organiser: str, skills: Mapping[str, Texts]) -> Activity:
    names = table.strings("skills")
    if unknown := set(names) - set(skills):
        raise ContentInvalid(f"{table.place}: city.toml has no skill “{', '.join(unknown)}”.")
    audio = table.maybe("audio", str)
    code = table.table("code")
    return Activity(
        organiser=organiser,
        slug=table.get("slug", str),
        title=table.texts("title"),
        summary=table.texts("summary"),
        body=table.texts("body"),
        place=table.texts("place"),
        latitude=table.get("latitude", float),
        longitude=table.get("longitude", float),
        signal=table.get("signal", bool, True),
        confirm=table.get("confirm", bool, False),
        minutes=table.get("minutes", int),
        age_from=table.maybe("age_from", int),
        age_to=table.maybe("age_to", int),
        cost_cents=table.get("cost_cents", int, 0),
        skills=tuple(skills[name] for name in names),
        picture=_picture(table),
        picture_alt=table.texts("picture_alt"),
        audio=audio,
        audio_text=table.texts("audio_text", needed=audio is not None),
        code=Code(code.get("level", int), code.texts("place")),
        sessions=tuple(_finished(one, _session) for one in table.tables("sessions")),
        tasks=tuple(_finished(one, _task) for one in table.tables("task")),
    )


def _session(table: Table) -> Session:
    return Session(
        from_now=table.get("from_now", int),
        hour=table.maybe("hour", int),
        minutes=table.get("minutes", int),
        capacity=table.maybe("capacity", int),
        cancelled=table.get("cancelled", str, ""),
    )


def _picture(table: Table) -> str:
    name = table.get("picture", str)
    if not (PICTURES / name).is_file():
        raise ContentInvalid(f"{table.place}: there is no picture {name}.")
    return name


def _task(table: Table) -> Task:
    task = Task(
        kind=table.get("kind", str),
        prompt=table.texts("prompt"),
        hint=table.texts("hint", needed=False),
        required=table.get("required", bool, True),
        options=tuple(Option(one.get("id", str), one.texts("text")) for one in table.tables("options")),
        accepted=table.strings("accepted"),
        tolerance=table.maybe("tolerance", str),
        step=table.maybe("step", str),
        unit=table.texts("unit", needed=False),
        max_length=table.maybe("max_length", int),
        review=table.get("review", str, "none"),
        sample=table.get("sample", str, ""),
    )
    if wrong := _wrong_with(task):
        raise ContentInvalid(f"{table.place}: {wrong}")
    return task


def _wrong_with(task: Task) -> str:
    """Say what makes a task impossible, or nothing."""
    if task.kind not in KINDS:
        return f"there is no kind of task “{task.kind}”."
    if task.review not in ("none", "organiser") or (task.review != "none" and task.accepted):
        return "only open tasks are looked at, by the organiser."
    if task.kind in ("choice", "choices"):
        ids = {option.id for option in task.options}
        answers = [answer.split(",") for answer in task.accepted]
        if not answers or any(not set(one) <= ids or one != sorted(one) for one in answers):
            return "the accepted options must be among the options, in order of their ids."
        if task.kind == "choice" and any(len(one) != 1 for one in answers):
            return "a single choice has one right option."
    if task.kind == "number" and not all(
        _is_decimal(one) for one in (*task.accepted[:1], task.tolerance, task.step)
    ):
        return "a number needs one accepted value, a tolerance and a step."
    if task.kind == "text" and not (task.max_length and (task.accepted or task.sample)):
        return "a text needs a greatest length, and an accepted or a sample answer."
    return ""


def _is_decimal(text: str | None) -> bool:
    try:
        return text is not None and Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _playlist(table: Table, organiser: str) -> Playlist:
    required, optional = table.strings("required"), table.strings("optional")
    badge = table.table("achievement")
    return Playlist(
        organiser=organiser,
        slug=table.get("slug", str),
        title=table.texts("title"),
        summary=table.texts("summary"),
        body=table.texts("body"),
        picture=_picture(table),
        picture_alt=table.texts("picture_alt"),
        minutes=table.get("minutes", int),
        order=table.get("order", str),
        required=required,
        optional=optional,
        choose=table.get("choose", int),
        shown=table.strings("shown") or required + optional,
        achievement=_finished(badge, _achievement),
    )


def _badge(table: Table, organiser: str) -> Badge:
    return Badge(
        organiser=organiser,
        slug=table.get("slug", str),
        place=table.texts("place", needed=False),
        cap=table.maybe("cap", int),
        cards=table.get("cards", int, 0),
        activity=table.get("activity", str, ""),
        needs=table.strings("needs"),
        count=table.get("count", int, 0),
        of=table.strings("of"),
        achievement=_finished(table.table("achievement"), _achievement),
    )


def _achievement(table: Table) -> Achievement:
    return Achievement(
        name=table.texts("name"),
        description=table.texts("description"),
        criteria=table.texts("criteria"),
        design=table.get("design", dict),
        tags=table.strings("tags"),
        alignments=tuple(
            {key: one.get(key, str) for key in ("framework", "name", "url", "code", "type")}
            for one in table.tables("alignments")
        ),
        level=table.get("level", str, ""),
        valid_months=table.maybe("valid_months", int),
        renewal=table.texts("renewal", needed=False),
        results=tuple(_row(one) for one in table.tables("results")),
    )


def _row(table: Table) -> dict[str, Any]:
    levels = [
        {
            "key": one.get("id", str),
            "name": one.texts("name"),
            "description": one.texts("description", needed=False),
        }
        for one in table.tables("levels")
    ]
    return {"key": table.get("id", str), "name": table.texts("name"), "levels": levels}


def _check_playlists(city: City) -> None:
    slugs = {activity.slug for activity in city.activities}
    for playlist in city.playlists:
        stops = playlist.required + playlist.optional
        if unknown := set(stops) - slugs:
            raise ContentInvalid(f"{playlist.slug}: there is no activity “{', '.join(unknown)}”.")
        if sorted(playlist.shown) != sorted(stops) or len(set(stops)) != len(stops):
            raise ContentInvalid(f"{playlist.slug}: “shown” must name each activity once.")
        if playlist.order not in ("any", "fixed") or not 0 <= playlist.choose <= len(playlist.optional):
            raise ContentInvalid(f"{playlist.slug}: “order” or “choose” cannot be followed.")
