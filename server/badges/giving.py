"""Giving badges: once, signed at once; renewed, corrected and never made again from rows."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges import credential, holding, lists, services, signing, stating
from server.badges.assurance import GIVEN
from server.badges.issuers import ensure_keys
from server.badges.keys import SignerUnavailable
from server.badges.models import Achievement, Award, StatusList
from server.core.db import utc_now
from server.core.errors import DomainError
from server.core.i18n import gettext, speaking
from server.post import push
from server.post.telling import tell_by_mail


class Finished(stating.Earned, Protocol):
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

    A badge that the learner holds already, in whichever version, is not given again.
    """
    held = holding.find_held(session, learner_id, achievement.series)
    if held:
        return services.feed_row(held)
    return services.feed_row(award_completed(session, learner_id, achievement, completion, at))


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
    earned: stating.Earned,
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
        push.tell(session, learner_id, "award", at=utc_now(), about=achievement.name)  # `at` may be long ago
        tell_by_mail(session, learner_id, "award", achievement.name, utc_now())
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


def _sign(given: Award, earned: stating.Earned) -> None:
    """Write and sign the credential. These bytes are kept and never made again from rows.

    Should the signer not answer, the words are kept as they are and signed later (`resigning.sign_waiting`).
    """
    organiser = given.achievement.organiser
    language = stating.signed_language(given.achievement)
    with speaking(language):
        document = credential.build(stating.statement(given, earned, language))
    midnight = given.awarded_at.replace(hour=0, minute=0, second=0)  # a proof tells no time of day either
    try:
        signer = ensure_keys(organiser, given.awarded_at)
        document = signing.sign(document, signer, given.corrected_at or midnight)
        given.key_number = signing.key_number(signer)
    except SignerUnavailable:
        signing.check_clear(document)
        given.key_number = services.UNSIGNED
    given.signed = signing.write(document)


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
    return services.feed_row(given)


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
