"""What a badge says of somebody: the rows of an award read into the words that are signed, in one language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import object_session

from server.badges import series, signing
from server.badges.assurance import GIVEN, Assurance
from server.badges.credential import Definition, Profile, Row, Statement, Step
from server.badges.issuers import did
from server.badges.models import Achievement, Award
from server.core.db import db
from server.core.i18n import pick, speaking
from server.core.shell import absolute
from server.frameworks.services import in_language
from server.organisers.models import Organiser


class Earned(Protocol):
    """What an award rests on: a completion, or a claim by a code."""

    @property
    def assurance(self) -> dict[str, Any]: ...
    @property
    def first_at(self) -> datetime: ...
    @property
    def at(self) -> datetime: ...


def statement(given: Award, earned: Earned, language: str) -> Statement:
    achievement, organiser = given.achievement, given.achievement.organiser
    issuer = issuer_profile(organiser, language)
    city = Profile(absolute("/"), organiser.city.name)
    sure = Assurance.read(earned.assurance)
    return Statement(
        id=absolute(f"/credentials/{given.credential_id}"),
        subject=given.subject,
        issuer=issuer,
        source=issuer if sure.review in ("organiser", GIVEN) else city,
        definition=_definition(achievement, language),
        assurance=sure,
        started_at=earned.first_at,
        completed_at=earned.at,
        awarded_at=given.awarded_at,
        status_list=absolute(f"/status/{given.status_list.id}"),
        status_index=given.status_index,
        valid_from=given.corrected_at,
        valid_until=given.valid_until,
        results=given.results or {},
        note=given.note or "",
    )


def issuer_profile(organiser: Organiser, language: str) -> Profile:
    return Profile(
        id=did(organiser.id),
        name=pick(organiser.name, language),
        url=organiser.url or absolute("/"),
        description=pick(organiser.about, language),
    )


def _definition(achievement: Achievement, language: str) -> Definition:
    url = absolute(f"/achievements/{achievement.id}")
    return Definition(
        url=url,
        version=str(achievement.version or 1),
        language=language,
        name=pick(achievement.name, language),
        description=pick(achievement.description, language),
        criteria=pick(achievement.criteria, language),
        image=f"{url}/image.png",
        tags=achievement.tags,
        alignments=in_language(object_session(achievement) or db.session(), achievement.alignments, language),
        translations={
            other: absolute(f"/{other}/achievements/{achievement.id}")
            for other in achievement.name
            if other != language
        },
        level=achievement.level or "",
        needs=_needs(achievement, language),
        renewal=pick(achievement.renewal, language) if achievement.valid_months else "",
        results=[_row(one, language) for one in achievement.results or []],
    )


def check_publishable(achievement: Achievement) -> None:
    """Raise a DomainError that says why a badge could not be signed as it is. Call it before publishing."""
    language = signed_language(achievement)
    with speaking(language):
        issuer = issuer_profile(achievement.organiser, language)
        signing.check_definition(_definition(achievement, language), issuer)


def _needs(achievement: Achievement, language: str) -> dict[str, str]:
    """Name the badges that must be held before, by their addresses."""
    session = object_session(achievement) or db.session()
    found = series.currents(session, achievement.needs or []).values()
    return {absolute(f"/achievements/{one.id}"): pick(one.name, language) for one in found}


def _row(row: Mapping[str, Any], language: str) -> Row:
    steps = [
        Step(one["key"], pick(one["name"], language), pick(one.get("description"), language))
        for one in row["levels"]
    ]
    return Row(row["key"], pick(row["name"], language), steps)


def signed_language(achievement: Achievement) -> str:
    """Choose the language of the signed words: the city's first one that the badge is written in."""
    wanted = achievement.organiser.city.languages
    return next((lang for lang in wanted if lang in achievement.name), "en")
