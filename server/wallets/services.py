"""What learners allow wallets, for how long, and which badges that means."""

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest as keyed
from typing import cast
from uuid import UUID

from sqlalchemy import ScalarResult, Select, delete, func, select
from sqlalchemy.orm import Session

from server.badges.models import Award
from server.badges.services import UNSIGNED, Told, when_erased
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.secrets import secret
from server.families.services import is_withdrawn
from server.portfolio.evidence import PRIVATE
from server.portfolio.models import AwardChoice
from server.wallets.clients import digest
from server.wallets.models import WalletClient, WalletCode, WalletGrant

IDLE = timedelta(days=180)
"""A wallet that did not ask for so long must ask its learner again."""


class TokenRefused(DomainError):
    """The wallet has no token that holds now."""

    status, code = 401, "unauthorized"

    def explain(self) -> str:
        return gettext("This wallet is not allowed to read badges, or not any more.")


class ScopeMissing(DomainError):
    """The wallet's token is for something else."""

    status, code = 403, "forbidden"

    def explain(self) -> str:
        return gettext("This wallet was not allowed to read this.")


def find_grant(session: Session, token: str, scope: str, at: datetime) -> WalletGrant:
    """Find what an access token allows. Raises TokenRefused, ScopeMissing."""
    query = select(WalletGrant).where(WalletGrant.access_digest == digest(token))
    grant = session.scalars(query).first()
    if grant is None or grant.revoked_at or grant.access_expires_at <= at:
        raise TokenRefused()
    if scope not in grant.scope.split():
        raise ScopeMissing()
    return grant


def may_refresh(grant: WalletGrant, at: datetime) -> bool:
    return grant.revoked_at is None and at - (grant.used_at or grant.created_at) < IDLE


def end_grants(session: Session, client_id: str, learner_id: str, at: datetime) -> None:
    """End all that a learner allowed one wallet: it has been asked anew, or its code was stolen."""
    query = select(WalletGrant).where(
        WalletGrant.client_id == client_id,
        WalletGrant.learner_id == learner_id,
        WalletGrant.revoked_at.is_(None),
    )
    for grant in session.scalars(query):
        grant.revoked_at = at


def withdraw(session: Session, learner_id: str, grant_id: str, at: datetime) -> None:
    """End one of a learner's own grants. Raises NotFound."""
    grant = session.get(WalletGrant, grant_id)
    if grant is None or grant.learner_id != learner_id:
        raise NotFound()
    grant.revoked_at = grant.revoked_at or at


def grants_of(session: Session, learner_id: str) -> list[tuple[WalletGrant, WalletClient]]:
    """List the wallets that a learner allows something now, the newest first."""
    query = (
        select(WalletGrant, WalletClient)
        .join(WalletClient, WalletClient.id == WalletGrant.client_id)
        .where(WalletGrant.learner_id == learner_id, WalletGrant.revoked_at.is_(None))
        .order_by(WalletGrant.created_at.desc(), WalletGrant.id)
    )
    return [(grant, client) for grant, client in session.execute(query)]


def own_awards(session: Session, learner_id: str, wanted: list[str]) -> list[str]:
    """Keep those awards that are the learner's, in their order."""
    query = select(Award.id).where(Award.learner_id == learner_id, Award.id.in_(wanted))
    known = set(session.scalars(query))
    return [one for one in dict.fromkeys(wanted) if one in known]


def forget_old(session: Session, at: datetime) -> None:
    """Forget codes a day after they ended, and wallets that registered a month ago and were never allowed anything."""
    session.execute(delete(WalletCode).where(WalletCode.expires_at < at - timedelta(days=1)))
    known = select(WalletGrant.client_id).union(select(WalletCode.client_id))
    unused = WalletClient.id.not_in(known)
    session.execute(delete(WalletClient).where(WalletClient.created_at < at - timedelta(days=30), unused))


def badges_of(
    session: Session, grant: WalletGrant, since: datetime | None, limit: int, offset: int
) -> tuple[list[bytes], int]:
    """Return a page of the signed badges that a grant covers, oldest first, and how many there are in all.

    None of a child's while their guardians' consent is withdrawn.
    """
    if is_withdrawn(session, grant.learner_id):
        return [], 0
    query = _covered(grant, since)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.order_by(Award.awarded_at, Award.id).limit(limit).offset(offset)
    return [award.signed for award in cast("ScalarResult[Award]", session.scalars(page))], total


def _covered(grant: WalletGrant, since: datetime | None) -> Select[Award]:
    """Select badges that are signed and hold: what was withdrawn, erased or is nobody's to see is not given out again."""
    private = select(AwardChoice.award_id).where(
        AwardChoice.learner_id == grant.learner_id, AwardChoice.visibility == PRIVATE
    )
    query = select(Award).where(
        Award.learner_id == grant.learner_id,
        Award.revoked_at.is_(None),
        Award.erased.is_(False),
        Award.key_number != UNSIGNED,
        Award.id.not_in(private),
    )
    if grant.awards is not None:
        query = query.where(Award.id.in_(grant.awards))
    if since is not None:
        query = query.where(func.coalesce(Award.corrected_at, Award.awarded_at) > since)
    return query


def pseudonym(grant: WalletGrant) -> str:
    """Name the learner to one wallet only: two wallets cannot match people by it."""
    return _name_for(f"{grant.client_id} {grant.learner_id}")


def record_subject(link_id: str) -> str:
    """Name the learner in the record behind one link only."""
    return _name_for(f"link {link_id}")


def _name_for(known: str) -> str:
    return f"urn:uuid:{UUID(bytes=keyed(secret('wallet-names'), known.encode(), sha256)[:16], version=4)}"


@when_erased
def forget(session: Session, award: Award, at: datetime) -> list[Told]:
    """Take an award that is erased out of what wallets were allowed to read."""
    mine = award.learner_id
    grants = session.scalars(select(WalletGrant).where(WalletGrant.learner_id == mine))
    codes = session.scalars(select(WalletCode).where(WalletCode.learner_id == mine))
    for one in (*grants, *codes):
        if one.awards is not None:
            one.awards = [id for id in one.awards if id != award.id]
    return []
