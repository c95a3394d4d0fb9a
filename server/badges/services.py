"""Awards: given once, signed at once, shown for ever, and withdrawn for a reason."""

import base64
import json
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

import flask_babel
from flask import has_request_context
from sqlalchemy import func, select
from sqlalchemy.orm import Session, object_session

from server.badges import assurance, credential, drawing, signing, status
from server.badges.assurance import Assurance
from server.badges.credential import Definition, Profile, Statement
from server.badges.issuers import did, ensure_keys
from server.badges.models import Achievement, Award, StatusList
from server.core.db import db, utc_now
from server.core.errors import NotFound
from server.core.i18n import pick
from server.core.shell import absolute
from server.organisers.models import Organiser

FILES = ("png", "svg", "json", "jwt")
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


def award(
    session: Session, learner_id: str, achievement: Achievement, completion: Finished, at: datetime
) -> dict[str, Any]:
    """Give a learner a badge in the running transaction and sign it; return its row for the learner's feed.

    A badge that the learner holds already is not given again.
    """
    held = _held(session, learner_id, achievement.id)
    if held:
        return feed_row(held)
    return feed_row(_give(session, learner_id, achievement, completion, at, completion_id=completion.id))


def award_claimed(
    session: Session, learner_id: str, achievement: Achievement, claim: Claim, at: datetime
) -> Award:
    """Give a badge for a code, like `award`. The caller has looked whether the learner holds it."""
    return _give(session, learner_id, achievement, claim, at, code_id=claim.code_id, event_id=claim.event_id)


def _give(
    session: Session, learner_id: str, achievement: Achievement, earned: Earned, at: datetime, **source: str
) -> Award:
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
        period="",
        reason="",
        **source,
    )
    given.signed = _sign(given, earned)
    session.add(given)
    session.flush()
    return given


def _held(session: Session, learner_id: str, achievement_id: str) -> Award | None:
    query = select(Award).where(
        Award.learner_id == learner_id, Award.achievement_id == achievement_id, Award.period == ""
    )
    return session.scalars(query).first()


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
    language = signed_language(given.achievement)
    with _speaking(language):
        document = credential.build(_statement(given, earned, language))
    midnight = given.awarded_at.replace(hour=0, minute=0, second=0)  # a proof tells no time of day either
    signed = signing.sign(document, signer, midnight)
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
        source=issuer if sure.review == "organiser" else city,
        definition=_definition(achievement, language),
        assurance=sure,
        started_at=earned.first_at,
        completed_at=earned.at,
        awarded_at=given.awarded_at,
        status_list=absolute(f"/status/{given.status_list.id}"),
        status_index=given.status_index,
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


def signed_language(achievement: Achievement) -> str:
    """Choose the language of the signed words: the city's first one that the badge is written in."""
    wanted = achievement.organiser.city.languages
    return next((lang for lang in wanted if lang in achievement.name), "en")


def _speaking(language: str) -> AbstractContextManager[Any]:
    speaking: AbstractContextManager[Any] = flask_babel.force_locale(language)
    return speaking if has_request_context() else nullcontext()


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
        "files": {kind: f"{url}.{kind}" for kind in FILES},
        "awarded_at": signing.timestamp(given.awarded_at),
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


def design(achievement: Achievement) -> drawing.Design:
    return drawing.Design.read(achievement.design)


def _session_of(row: Award | StatusList) -> Session:
    return object_session(row) or db.session()
