"""Awards: given once, signed at once, shown for ever, and withdrawn for a reason."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import flask_babel
from flask import has_request_context
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from server.badges import assurance, credential, drawing, holding, lists, series, signing
from server.badges.assurance import GIVEN, Assurance
from server.badges.credential import Definition, Profile, Row, Statement, Step
from server.badges.issuers import did, ensure_keys
from server.badges.keys import SignerUnavailable
from server.badges.models import Achievement, Award, StatusList
from server.core.db import db
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick
from server.core.shell import absolute
from server.frameworks.services import in_language
from server.organisers.models import Organiser

UNSIGNED = 0
"""`Award.key_number` of a badge whose words are kept and wait for a signature."""
FILES = ("png", "svg", "json", "jwt", "pdf")
"""The endings under which an award's files are served."""


class Earned(Protocol):
    """What an award rests on: a completion, or a claim by a code."""

    @property
    def assurance(self) -> dict[str, Any]: ...
    @property
    def first_at(self) -> datetime: ...
    @property
    def at(self) -> datetime: ...


class Finished(Earned, Protocol):
    """What an award needs to know of a completion."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """What an award needs to know of a claim: by which code, in which event, how surely, and when."""

    code_id: str
    event_id: str
    assurance: dict[str, Any]
    at: datetime

    @property
    def first_at(self) -> datetime:
        return self.at


Guard = Callable[[Session, Award], None]
RowPart = Callable[[Session, Award], dict[str, Any]]
_GUARDS: list[Guard] = []
_ROW_PARTS: list[RowPart] = []


def guards(check: Guard) -> Guard:
    """Register who may close a badge's addresses: it raises a DomainError for one that nobody is to see."""
    _GUARDS.append(check)
    return check


def tells(part: RowPart) -> RowPart:
    """Register what another domain adds to an award's row in the learner's feed."""
    _ROW_PARTS.append(part)
    return part


@dataclass(frozen=True, slots=True)
class Gift:
    """A badge that an organiser gives by name: when it was earned, by whom it is given, and what they say to it."""

    at: datetime
    given_by: str | None = None
    results: Mapping[str, str] = field(default_factory=dict)  # result key → level key
    note: str = ""

    @property
    def first_at(self) -> datetime:
        return self.at

    @property
    def assurance(self) -> dict[str, Any]:
        return {"level": None, "time": "claimed", "review": GIVEN}


@dataclass(frozen=True, slots=True)
class Sum:
    """What several completions and awards prove together, as a milestone counts them."""

    assurance: dict[str, Any]
    first_at: datetime
    at: datetime


def award(
    session: Session, learner_id: str, achievement: Achievement, completion: Finished, at: datetime
) -> dict[str, Any]:
    """Give a learner a badge in the running transaction and sign it; return its row for the learner's feed.

    A badge that the learner holds already, in whichever version, is not given again.
    """
    held = holding.find_held(session, learner_id, achievement.series)
    if held:
        return feed_row(held)
    return feed_row(award_completed(session, learner_id, achievement, completion, at))


def award_completed(
    session: Session,
    learner_id: str,
    achievement: Achievement,
    completion: Finished,
    at: datetime,
    *,
    before: Award | None = None,
) -> Award:
    """Give a badge for a completion, like `award`. The caller has looked whether the learner holds it (`before`)."""
    return _give(session, learner_id, achievement, completion, at, before=before, completion_id=completion.id)


def award_claimed(
    session: Session,
    learner_id: str,
    achievement: Achievement,
    claim: Claim,
    at: datetime,
    *,
    before: Award | None = None,
) -> Award:
    """Give a badge for a code, like `award`. The caller has looked whether the learner holds it (`before`)."""
    source = {"code_id": claim.code_id, "event_id": claim.event_id}
    return _give(session, learner_id, achievement, claim, at, before=before, **source)


def award_given(
    session: Session, learner_id: str, achievement: Achievement, gift: Gift, *, before: Award | None = None
) -> Award:
    """Give a badge by name. The caller has looked whether the learner holds it (`before`)."""
    said = {"given_by": gift.given_by, "results": dict(gift.results), "note": gift.note}
    return _give(session, learner_id, achievement, gift, gift.at, before=before, **said)


def award_sum(session: Session, learner_id: str, achievement: Achievement, parts: Sum, at: datetime) -> Award:
    """Give a badge for a milestone. The caller has looked whether the learner holds it."""
    return _give(session, learner_id, achievement, parts, at)


def _give(
    session: Session,
    learner_id: str,
    achievement: Achievement,
    earned: Earned,
    at: datetime,
    *,
    before: Award | None = None,
    **more: Any,
) -> Award:
    """Make an award of this badge for a learner; with the one they have (`before`) it is a renewal of that."""
    given = Award(
        credential_id=unguessable(),
        learner_id=learner_id,
        achievement=achievement,
        subject=_subject(session, learner_id, achievement.organiser_id),
        assurance=dict(earned.assurance),
        awarded_at=at,
        period=f"renewal {at.date().isoformat()}" if before else "",
        valid_until=holding.valid_until(achievement, at, before),
        reason="",
        **more,
    )

    def keep(listing: StatusList, index: int) -> Award:
        given.status_list, given.status_index = listing, index
        _sign(given, earned)
        session.add(given)
        session.flush()
        return given

    return lists.take_place(session, achievement.organiser_id, Award, keep)


def unguessable() -> str:
    """Make 128 random bits that survive any change of case and read well aloud."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _subject(session: Session, learner_id: str, organiser_id: str) -> str:
    """Name the learner to one issuer only: two issuers cannot match their badges by it."""
    query = (
        select(Award.subject)
        .join(Award.achievement)
        .where(Award.learner_id == learner_id, Achievement.organiser_id == organiser_id)
        .limit(1)
    )
    return session.scalar(query) or f"urn:uuid:{uuid4()}"


def _sign(given: Award, earned: Earned) -> None:
    """Write and sign the credential. These bytes are kept and never made again from rows.

    Should the signer not answer, the words are kept as they are and signed later (`resigning.sign_waiting`).
    """
    organiser = given.achievement.organiser
    language = signed_language(given.achievement)
    with speaking(language):
        document = credential.build(_statement(given, earned, language))
    midnight = given.awarded_at.replace(hour=0, minute=0, second=0)  # a proof tells no time of day either
    try:
        signer = ensure_keys(organiser, given.awarded_at)
        document = signing.sign(document, signer, given.corrected_at or midnight)
        given.key_number = signing.key_number(signer)
    except SignerUnavailable:
        signing.check_clear(document)
        given.key_number = UNSIGNED
    given.signed = signing.write(document)


def _statement(given: Award, earned: Earned, language: str) -> Statement:
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
        alignments=in_language(_session_of(achievement), achievement.alignments, language),
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


def speaking(language: str) -> AbstractContextManager[Any]:
    speaking: AbstractContextManager[Any] = flask_babel.force_locale(language)
    return speaking if has_request_context() else nullcontext()


@dataclass(frozen=True, slots=True)
class Correction:
    """What an award shall say from now on."""

    note: str
    results: Mapping[str, str]
    awarded_at: datetime


def correct(given: Award, said: Correction, at: datetime) -> dict[str, Any]:
    """Sign an award anew under the same id, newer than before; return its row for the learner's feed.

    Everything else stays as it was signed: the words of its version, how it was earned, its place in the list.
    Raises AwardWithdrawn.
    """
    if given.revoked_at:
        raise AwardWithdrawn()
    earned = _as_signed(given, said.awarded_at)
    if given.valid_until and said.awarded_at != given.awarded_at:
        given.valid_until += said.awarded_at - given.awarded_at
    given.note, given.results, given.awarded_at = said.note, dict(said.results), said.awarded_at
    after = (given.corrected_at or datetime.min.replace(tzinfo=UTC)) + timedelta(seconds=1)
    given.corrected_at = max(at.replace(microsecond=0), after)  # to the second, and never the same twice
    _sign(given, earned)
    return feed_row(given)


def _as_signed(given: Award, awarded_at: datetime) -> Sum:
    """Read back from the signed bytes when it was earned; what was given by name was earned when it was given."""
    subject = json.loads(given.signed)["credentialSubject"]
    dates = [datetime.fromisoformat(subject[f"activity{end}Date"]) for end in ("Start", "End")]
    if given.given_by:
        return Sum(dict(given.assurance), awarded_at, awarded_at)
    return Sum(dict(given.assurance), *dates)


class AwardWithdrawn(DomainError):
    status, code = 409, "award_withdrawn"

    def explain(self) -> str:
        return gettext("This badge was withdrawn. It cannot be changed any more.")


def revoke(given: Award, reason: str, at: datetime) -> dict[str, Any]:
    """Withdraw a badge, once and for good, and say why; return its row for the learner's feed."""
    if given.revoked_at is None:
        lists.withdraw(given.status_list, given.status_index, at)
        given.revoked_at, given.reason = at, reason
    return feed_row(given)


def erase(given: Award, at: datetime) -> None:
    """Forget an award for good: what was signed, whom it was for and on what it rested; the bit is set.

    Its addresses answer 410 from then on, and the learner may earn the badge again. The caller tells the phone
    that the row `award:{id}` is gone. Other domains say with `when_erased` what they forget with it.
    """
    for forget in _forgets:
        forget(_session_of(given), given)
    lists.withdraw(given.status_list, given.status_index, at)
    given.signed, given.subject, given.note, given.reason = b"", "", "", ""
    given.assurance, given.results = {}, {}
    given.learner_id = given.completion_id = given.code_id = given.event_id = given.given_by = None  # type: ignore[assignment]
    given.awarded_at = given.revoked_at = at
    given.valid_until = given.corrected_at = None
    given.period, given.erased = "", True
    _session_of(given).flush()


_forgets: list[Callable[[Session, Award], None]] = []


def when_erased(forget: Callable[[Session, Award], None]) -> Callable[[Session, Award], None]:
    """Register what goes with an award that is erased: `@when_erased`."""
    _forgets.append(forget)
    return forget


class NotYetSigned(DomainError):
    status, code = 503, "not_yet_signed"

    def explain(self) -> str:
        return gettext("This badge is being signed. Please come back in a few minutes.")


class Erased(DomainError):
    status, code = 410, "erased"

    def explain(self) -> str:
        return gettext("This badge was erased, as its holder wished. It no longer counts.")


def find_credential(credential_id: str) -> Award:
    """Find an award by its public address; raises NotFound, Erased, NotYetSigned, and what guards raise."""
    found = find_kept(credential_id)
    if found.erased:
        raise Erased()
    if found.key_number == UNSIGNED:
        raise NotYetSigned()
    check_seen(found)
    return found


def check_seen(found: Award) -> None:
    """Raise what guards raise for a badge that nobody is to see at present."""
    for check in _GUARDS:
        check(_session_of(found), found)


def find_kept(credential_id: str) -> Award:
    """Find an award by its public address, whatever became of it; raises NotFound."""
    if not (credential_id.isascii() and credential_id.isalnum()):
        raise NotFound()
    found = db.session.scalars(select(Award).where(Award.credential_id == credential_id)).first()
    if not found:
        raise NotFound()
    return found


def find_achievement(achievement_id: str) -> Achievement:
    """Find one published version of an achievement; raises NotFound."""
    found = db.session.get(Achievement, achievement_id)
    if not found or found.state != "published":
        raise NotFound()
    return found


def offered(session: Session, playlist_ids: Sequence[str]) -> dict[str, Achievement]:
    """Find the badges that playlists lead to now, by playlist; those that lead to none are left out."""
    query = series.given_now().where(Achievement.playlist_id.in_(playlist_ids)).order_by(Achievement.version)
    return {one.playlist_id: one for one in session.scalars(query) if one.playlist_id}


def feed_row(given: Award) -> dict[str, Any]:
    """Write an award as the learner's phone keeps it, in all languages, for showing with no network."""
    achievement, sure = given.achievement, Assurance.read(given.assurance)
    url = absolute(f"/credentials/{given.credential_id}")
    return {
        "id": given.id,
        "achievement": achievement.id,
        "name": achievement.name,
        "description": achievement.description,
        "criteria": achievement.criteria,
        "image": f"/achievements/{achievement.id}/image.svg",
        "issuer": {"id": achievement.organiser_id, "name": achievement.organiser.name},
        "url": url,
        "json": f"{url}.json",
        "png": f"{url}.png",
        "files": {**{kind: f"{url}.{kind}" for kind in FILES}, "card": f"{url}/card.pdf"},
        "awarded_at": signing.timestamp(given.awarded_at),
        "corrected_at": _moment(given.corrected_at),
        "valid_until": _moment(given.valid_until),
        "renew_from": _moment(holding.renewable_from(given)),
        "renewal": achievement.renewal or {},
        "level": achievement.level or None,
        "results": _reached(given),
        "note": given.note or "",
        "assurance": {
            "level": sure.level,
            "time": sure.time,
            "review": sure.review,
            "words": assurance.words_in_all_languages(sure),
        },
        "playlist": achievement.playlist_id,
        "revoked_at": signing.timestamp(given.revoked_at) if given.revoked_at else None,
        "reason": given.reason or None,
        **{name: value for part in _ROW_PARTS for name, value in part(_session_of(given), given).items()},
    }


def _reached(given: Award) -> list[dict[str, Any]]:
    """Name what of the rubric was reached, in all languages: `[{"name": Texts, "level": Texts}]`."""
    reached = given.results or {}
    return [
        {"name": row["name"], "level": step["name"]}
        for row in given.achievement.results or []
        for step in row["levels"]
        if reached.get(row["key"]) == step["key"]
    ]


def _moment(at: datetime | None) -> str | None:
    return signing.timestamp(at) if at else None


def file_name(achievement: Achievement) -> str:
    """Name a file of this badge, without its ending."""
    return re.sub(r"[^a-z0-9]+", "-", pick(achievement.name, "en").lower()).strip("-") or "badge"


def design(achievement: Achievement, lang: str = "") -> drawing.Design:
    """Read how a badge looks; the words on it in `lang`, or in the language in which it is signed."""
    return drawing.Design.read(achievement.design, lang or signed_language(achievement))


def _session_of(row: Award | Achievement) -> Session:
    return object_session(row) or db.session()
