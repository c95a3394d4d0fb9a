"""Awards: given once, signed at once, shown for ever, and withdrawn for a reason."""

import base64
import json
import secrets
from calendar import monthrange
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import flask_babel
from flask import has_request_context
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, object_session

from server.badges import assurance, credential, drawing, signing, status
from server.badges.assurance import GIVEN, Assurance
from server.badges.credential import Definition, Profile, Statement
from server.badges.issuers import did, ensure_keys
from server.badges.models import Achievement, Award, StatusList
from server.core.db import db, utc_now
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick
from server.core.shell import absolute
from server.organisers.models import Organiser

RENEW_BEFORE = timedelta(days=60)
HELD = ~Award.period.startswith("voided ")
"""Awards that take the place of their badge at a learner's: the first one and its renewals."""


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

    A badge that the learner holds already is not given again.
    """
    held = find_held(session, learner_id, achievement.series)
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
    listing = _open_list(session, achievement.organiser_id)
    given = Award(
        credential_id=_unguessable(),
        learner_id=learner_id,
        achievement=achievement,
        subject=_subject(session, learner_id, achievement.organiser_id),
        assurance=dict(earned.assurance),
        status_list=listing,
        status_index=_free_index(session, listing),
        awarded_at=at,
        period=f"renewal {at.date().isoformat()}" if before else "",
        valid_until=_valid_until(achievement, at, before),
        reason="",
        **more,
    )
    given.signed = _sign(given, earned)
    session.add(given)
    session.flush()
    return given


def find_held(session: Session, learner_id: str, series: str) -> Award | None:
    """Find the newest award of any version of a badge that a learner has; a voided one leaves room."""
    query = (
        select(Award)
        .join(Award.achievement)
        .where(Award.learner_id == learner_id, Achievement.series == series, HELD)
        .order_by(Award.awarded_at.desc(), Award.id.desc())
    )
    return session.scalars(query).first()


def holds(session: Session, learner_id: str, series: Sequence[str], at: datetime) -> set[str]:
    """Say which of these badges (series) a learner holds, in any version, withdrawn by nobody and not run out."""
    if not series:
        return set()
    query = (
        select(Achievement.series)
        .join(Award, Award.achievement_id == Achievement.id)
        .where(Award.learner_id == learner_id, Achievement.series.in_(series), HELD, in_force(at))
    )
    return set(session.scalars(query))


def in_force(at: datetime) -> ColumnElement[bool]:
    """Pick awards that nobody withdrew and that have not run out."""
    return Award.revoked_at.is_(None) & (Award.valid_until.is_(None) | (Award.valid_until > at))


def renewable_from(given: Award) -> datetime | None:
    """Say from when a badge can be renewed: two months before it runs out, or half-way when it is shorter; None: never."""
    if given.valid_until is None or given.revoked_at:
        return None
    return given.valid_until - min(RENEW_BEFORE, (given.valid_until - given.awarded_at) / 2)


def _valid_until(achievement: Achievement, at: datetime, before: Award | None) -> datetime | None:
    """Say when a badge runs out. Who renews early loses nothing: the new period begins where the old one ends."""
    if not achievement.valid_months:
        return None
    start = max(at, before.valid_until) if before and before.valid_until else at
    return add_months(start, achievement.valid_months)


def add_months(at: datetime, months: int) -> datetime:
    """Go on by months; the 31st becomes the last day of a shorter month."""
    years, month = divmod(at.month - 1 + months, 12)
    day = min(at.day, monthrange(at.year + years, month + 1)[1])
    return at.replace(year=at.year + years, month=month + 1, day=day)


def _unguessable() -> str:
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


def _open_list(session: Session, organiser_id: str) -> StatusList:
    """Find a list of this issuer that is less than half full, so that random places are found fast."""
    query = select(StatusList).where(StatusList.organiser_id == organiser_id).order_by(StatusList.id.desc())
    newest = session.scalars(query).first()
    if newest and _used(session, newest) < status.SIZE // 2:
        return newest
    listing = StatusList(organiser_id=organiser_id, bits=status.empty_bits())
    session.add(listing)
    session.flush()
    return listing


def _used(session: Session, listing: StatusList) -> int:
    return session.scalar(select(func.count()).where(Award.status_list_id == listing.id)) or 0


def _free_index(session: Session, listing: StatusList) -> int:
    def is_taken(index: int) -> bool:
        query = select(Award.id).where(Award.status_list_id == listing.id, Award.status_index == index)
        return session.scalar(query) is not None

    return status.random_index(is_taken)


def _sign(given: Award, earned: Earned) -> bytes:
    """Write and sign the credential. These bytes are kept and never made again from rows."""
    organiser = given.achievement.organiser
    signer = ensure_keys(organiser, given.awarded_at)
    given.key_number = int(signer.method.rpartition("-")[2])
    language = _language(given.achievement)
    with _speaking(language):
        document = credential.build(_statement(given, earned, language))
    midnight = given.awarded_at.replace(hour=0, minute=0, second=0)  # a proof tells no time of day either
    signed = signing.sign(document, signer, given.corrected_at or midnight)
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()


def _statement(given: Award, earned: Earned, language: str) -> Statement:
    achievement, organiser = given.achievement, given.achievement.organiser
    issuer = _issuer(organiser, language)
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


def _issuer(organiser: Organiser, language: str) -> Profile:
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
        alignments=achievement.alignments,
        translations={
            other: absolute(f"/{other}/achievements/{achievement.id}")
            for other in achievement.name
            if other != language
        },
    )


def _language(achievement: Achievement) -> str:
    """Choose the language of the signed words: the city's first one that the badge is written in."""
    wanted = achievement.organiser.city.languages
    return next((lang for lang in wanted if lang in achievement.name), "en")


def _speaking(language: str) -> AbstractContextManager[Any]:
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
    given.signed = _sign(given, earned)
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
        session = _session_of(given)
        session.refresh(given.status_list, with_for_update=True)  # two at once must both leave their bit
        given.status_list.bits = status.with_bit(given.status_list.bits, given.status_index)
        given.revoked_at, given.reason = at, reason
        publish_status(given.status_list, at, anew=True)
    return feed_row(given)


def publish_status(listing: StatusList, at: datetime | None = None, *, anew: bool = False) -> bytes:
    """Sign and store the list when it changed or is a day old; return it as it is served."""
    at = at or utc_now()
    if anew or is_stale(listing, at):
        listing.signed, listing.signed_at = _signed_list(listing, at), at
    return listing.signed or b""


def current_status(listing: StatusList, at: datetime) -> bytes:
    """Return the signed list as it would be served now, storing nothing."""
    return _signed_list(listing, at) if is_stale(listing, at) else listing.signed or b""


def _signed_list(listing: StatusList, at: datetime) -> bytes:
    organiser = _session_of(listing).get_one(Organiser, listing.organiser_id)
    url = absolute(f"/status/{listing.id}")
    document = status.build(url, did(organiser.id), listing.bits, at)
    signed = signing.sign(document, ensure_keys(organiser, at), at)
    return json.dumps(signed, separators=(",", ":")).encode()


def is_stale(listing: StatusList, at: datetime) -> bool:
    """Say whether a list must be signed again."""
    return not listing.signed or not listing.signed_at or at - listing.signed_at > status.RENEW_AFTER


def find_credential(credential_id: str) -> Award:
    """Find an award by its public address; raises NotFound."""
    if not (credential_id.isascii() and credential_id.isalnum()):
        raise NotFound()
    found = db.session.scalars(select(Award).where(Award.credential_id == credential_id)).first()
    if not found:
        raise NotFound()
    return found


def find_achievement(achievement_id: str) -> Achievement:
    """Find one version of an achievement; raises NotFound."""
    found = db.session.get(Achievement, achievement_id)
    if not found:
        raise NotFound()
    return found


def offered(session: Session, playlist_ids: Sequence[str]) -> dict[str, Achievement]:
    """Find the badges that playlists lead to now, by playlist; those that lead to none are left out."""
    query = (
        select(Achievement)
        .where(Achievement.playlist_id.in_(playlist_ids), Achievement.replaced_at.is_(None))
        .order_by(Achievement.version)
    )
    return {one.playlist_id: one for one in session.scalars(query) if one.playlist_id}


def find_list(list_id: str) -> StatusList:
    """Find a status list; raises NotFound."""
    found = db.session.get(StatusList, list_id)
    if not found:
        raise NotFound()
    return found


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
        "awarded_at": signing.timestamp(given.awarded_at),
        "valid_until": _moment(given.valid_until),
        "renew_from": _moment(renewable_from(given)),
        "renewal": achievement.renewal or {},
        "level": achievement.level or "",
        "results": _result_words(given),
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
    }


def _moment(at: datetime | None) -> str | None:
    return signing.timestamp(at) if at else None


def _result_words(given: Award) -> list[dict[str, Any]]:
    """Name the levels that were reached, in all languages."""
    found = []
    for one in given.achievement.results or []:
        level = next((at for at in one["levels"] if at["key"] == (given.results or {}).get(one["key"])), None)
        if level:
            found.append({"name": one["name"], "level": level["name"]})
    return found


def design(achievement: Achievement) -> drawing.Design:
    return drawing.Design.read(achievement.design)


def _session_of(row: Award | StatusList) -> Session:
    return object_session(row) or db.session()
