"""Endorsements: signed at once, shown when who was endorsed agrees, and taken back by who endorsed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.badges import giving, lists, signing, stating
from server.badges import services as badges
from server.badges.issuers import ensure_keys
from server.badges.models import Award, StatusList
from server.badges.services import Told
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, pick, speaking
from server.core.shell import absolute
from server.core.text import clean
from server.endorsements import credential
from server.endorsements.credential import Said
from server.endorsements.models import Endorsement, EndorsementInvitation
from server.endorsements.targets import AWARD, ORGANISER, Target, find_target
from server.organisers.models import Organiser
from server.replicas.feeds import bump
from sync.engine import learner_feed
from sync.messages import Row

MOST = {"text": 1000, "name": 80, "role": 80, "organisation": 120, "reason": 300}
"""Characters of each text."""
MOST_OF_ONE = 20
"""So many endorsements of one thing may wait or show; more would bury those before."""


class OwnWork(DomainError):
    status, code = 422, "own_work"

    def explain(self) -> str:
        return gettext("This is your own. An endorsement counts when it comes from somebody else.")


class SaidAlready(DomainError):
    status, code = 409, "said_already"

    def explain(self) -> str:
        return gettext("You endorsed this already. Take that back first if you want to say something else.")


class EnoughSaid(DomainError):
    status, code = 422, "enough_said"

    def explain(self) -> str:
        return gettext("This has as many endorsements as can be shown.")


@dataclass(frozen=True)
class Words:
    """What an endorser wrote. `person` is empty when an organiser speaks for itself; raises nothing, see `wrong`."""

    text: str
    lang: str
    person: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Mapping[str, str], lang: str, *, invited: bool) -> "Words":
        """Read a form; what is too long is cut, as its fields do."""
        person = {name: _text(form, name) for name in ("name", "role", "organisation")} if invited else {}
        return cls(_text(form, "text"), lang, person)

    def wrong(self) -> dict[str, str]:
        """Say by field what is missing."""
        missing = {} if self.text else {"text": gettext("Please write what you want to say.")}
        if self.person and not self.person["name"]:
            missing["name"] = gettext("Please write your name.")
        return missing


def _text(form: Mapping[str, str], name: str) -> str:
    return clean(form.get(name, ""))[: MOST[name]].strip()


def endorse(
    session: Session, issuer: Organiser, user: User, target: Target, words: Words, at: datetime
) -> Endorsement:
    """Have an organiser endorse what somebody else offers or holds. Raises OwnWork, SaidAlready, EnoughSaid."""
    if target.organiser.id == issuer.id:
        raise OwnWork()
    session.refresh(issuer, with_for_update=True)  # two of its people at once must not both say it
    query = _of(target.kind, target.id).where(
        Endorsement.issuer_id == issuer.id, Endorsement.user_id.is_not(None)
    )
    if session.scalars(query.where(Endorsement.revoked_at.is_(None))).first():
        raise SaidAlready()
    return keep(session, issuer, target, words, at, user_id=user.id)


def keep(
    session: Session,
    issuer: Organiser,
    target: Target,
    words: Words,
    at: datetime,
    user_id: str | None = None,
) -> Endorsement:
    """Sign what was said and keep it until who was endorsed shows it. Raises EnoughSaid, SignerUnavailable."""
    if _count(session, target) >= MOST_OF_ONE:
        raise EnoughSaid()
    said = Endorsement(
        credential_id=giving.unguessable(),
        issuer_id=issuer.id,
        endorser=dict(words.person),
        user_id=user_id,
        target_kind=target.kind,
        target_id=target.id,
        text=words.text,
        lang=words.lang,
        created_at=at,
        reason="",
    )

    def place(listing: StatusList, index: int) -> Endorsement:
        said.status_list_id, said.status_index = listing.id, index
        _sign(session, issuer, target, said)
        session.add(said)
        session.flush()
        return said

    lists.take_place(session, issuer.id, Endorsement, place)
    tell(session, said, at)
    return said


def _count(session: Session, target: Target) -> int:
    query = select(func.count(Endorsement.id)).where(
        Endorsement.target_kind == target.kind, Endorsement.target_id == target.id, _counts()
    )
    return session.scalar(query) or 0


def _counts() -> ColumnElement[bool]:
    return Endorsement.revoked_at.is_(None) & Endorsement.declined_at.is_(None)


def _sign(session: Session, issuer: Organiser, target: Target, said: Endorsement) -> None:
    signer = ensure_keys(issuer, said.created_at)
    with speaking(said.lang):
        document = credential.build(
            Said(
                id=absolute(f"/endorsements/{said.credential_id}"),
                issuer=stating.issuer_profile(issuer, said.lang),
                person=said.endorser,
                subject=target.subject,
                about=pick(target.name, said.lang),
                text=said.text,
                at=said.created_at,
                status_list=absolute(f"/status/{said.status_list_id}"),
                status_index=said.status_index,
            )
        )
    midnight = said.created_at.replace(hour=0, minute=0, second=0)
    said.signed = signing.write(signing.sign(document, signer, midnight))
    said.key_number = signing.key_number(signer)


def accept(session: Session, said: Endorsement, at: datetime) -> None:
    """Show an endorsement from now on."""
    said.accepted_at, said.declined_at = said.accepted_at or at, None
    session.flush()


def decline(session: Session, said: Endorsement, at: datetime) -> None:
    """Show an endorsement no more; what was signed stays where its endorser has it."""
    said.accepted_at, said.declined_at = None, said.declined_at or at
    session.flush()


def revoke(session: Session, said: Endorsement, reason: str, at: datetime) -> None:
    """Take an endorsement back, for good: its bit is set, and it is shown no more."""
    if said.revoked_at is None:
        lists.withdraw(session.get_one(StatusList, said.status_list_id), said.status_index, at)
        said.revoked_at, said.reason = at, clean(reason)[: MOST["reason"]].strip()
        session.flush()
        tell(session, said, at)


def tell(session: Session, said: Endorsement, at: datetime) -> None:
    """Write the row of whose award it is about into their feed. The last statement before the commit."""
    if said.target_kind != AWARD:
        return
    learner = session.scalar(select(Award.learner_id).where(Award.id == said.target_id))
    if learner:
        feed = learner_feed(learner)
        bump(session, {feed: [Row(feed, *row(session, said))]}, at)


def row(session: Session, said: Endorsement) -> tuple[str, dict[str, object]]:
    """Write an endorsement of an award as the holder's phone keeps it: its key and its row."""
    issuer = session.get_one(Organiser, said.issuer_id)
    return f"endorsement:{said.id}", {
        "id": said.id,
        "award": said.target_id,
        "issuer": issuer.name,
        "by": credential.byline(said.endorser),
        "text": said.text,
        "lang": said.lang,
        "at": signing.timestamp(said.created_at),
        "state": state(said),
        "url": absolute(f"/endorsements/{said.credential_id}"),
    }


def state(said: Endorsement) -> str:
    """Return `waiting`, `shown`, `declined` or `revoked`."""
    if said.revoked_at:
        return "revoked"
    return "shown" if said.accepted_at else "declined" if said.declined_at else "waiting"


def shown(session: Session, kind: str, id: str) -> Sequence[Endorsement]:
    """Find what is said about something and shown, the newest first."""
    query = _of(kind, id).where(Endorsement.accepted_at.is_not(None), Endorsement.revoked_at.is_(None))
    return session.scalars(query.order_by(Endorsement.id.desc())).all()


def given(session: Session, issuer_id: str) -> Sequence[Endorsement]:
    """Find what an organiser said itself, the newest first."""
    query = select(Endorsement).where(Endorsement.issuer_id == issuer_id, Endorsement.user_id.is_not(None))
    return session.scalars(query.order_by(Endorsement.id.desc())).all()


def received(session: Session, organiser_id: str, series: Sequence[str]) -> Sequence[Endorsement]:
    """Find what is said about an organiser and its badges: what waits first, then the newest."""
    mine = (Endorsement.target_kind == ORGANISER) & (Endorsement.target_id == organiser_id)
    query = select(Endorsement).where(
        or_(mine, Endorsement.target_id.in_(series)), Endorsement.revoked_at.is_(None)
    )
    found = session.scalars(query.order_by(Endorsement.id.desc())).all()
    return sorted(found, key=lambda one: state(one) != "waiting")


def find(session: Session, credential_id: str) -> Endorsement:
    """Find an endorsement by its public address. Raises NotFound, and what `badges.check_seen` raises."""
    found = session.scalar(select(Endorsement).where(Endorsement.credential_id == credential_id))
    if found is None:
        raise NotFound()
    if found.target_kind == AWARD and (award := session.get(Award, found.target_id)):
        badges.check_seen(award)
    return found


def target_of(session: Session, said: Endorsement) -> Target | None:
    """Find what an endorsement is about, unless that is gone."""
    try:
        return find_target(session, said.target_kind, said.target_id)
    except NotFound:
        return None


def _of(kind: str, id: str) -> Select[Any]:
    return select(Endorsement).where(Endorsement.target_kind == kind, Endorsement.target_id == id)


@badges.when_erased
def forget(session: Session, award: Award, at: datetime) -> list[Told]:
    """Forget what was said about an award that is erased, and who was asked; the bits are set."""
    asked = list(
        session.scalars(
            delete(EndorsementInvitation)
            .where(EndorsementInvitation.target_kind == AWARD, EndorsementInvitation.target_id == award.id)
            .returning(EndorsementInvitation.digest)
        )
    )
    told: list[Told] = [(f"endorsement-invitation:{digest}", None) for digest in asked]
    for said in session.scalars(_of(AWARD, award.id)).all():
        lists.withdraw(session.get_one(StatusList, said.status_list_id), said.status_index, at)
        said.text, said.endorser, said.signed, said.reason, said.target_id = "", {}, b"", "", ""
        said.accepted_at, said.declined_at, said.revoked_at = None, None, at
        told.append((f"endorsement:{said.id}", None))
    return told


class Forgotten(DomainError):
    status, code = 410, "erased"

    def explain(self) -> str:
        return gettext("This endorsement was erased together with the badge it was about.")
