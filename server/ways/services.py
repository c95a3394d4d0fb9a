"""Passkeys and recovery kits of learners: kept, renamed, taken away. What was made with no network comes in events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import Passkey, RecoveryKit
from server.accounts.passkeys import MOST_PASSKEYS, PasskeyRefused, challenge_of_event, check_new, site
from server.core.errors import DomainError
from server.core.i18n import gettext

MOST_KITS = 5
MOST_NAME = 80


class TooManyWays(DomainError):
    status, code = 409, "too_many_ways"

    def explain(self) -> str:
        return gettext("You have a lot of these already. Remove one first.")


class UnknownWay(DomainError):
    """No way back in of this learner, or not any more."""

    status, code = 404, "unknown_way"


class KitTaken(DomainError):
    """A recovery kit's number or words are somebody's already."""

    status, code = 409, "kit_taken"


def add_passkey(
    session: Session,
    learner: str,
    credential: Mapping[str, Any],
    signer: tuple[str, str, str],
    *,
    name: str,
    at: datetime,
) -> tuple[Passkey, bool]:
    """Keep a passkey that a phone made; return it, and whether it is new.

    `signer` is who signed the event: the learner and device as they were then, and the event's nonce. Raises
    PasskeyRefused, TooManyWays.
    """
    passkey = check_new(credential, challenge_of_event(*signer), site(), name=name, at=at)
    known = session.scalar(select(Passkey).where(Passkey.credential_id == passkey.credential_id))
    if known is not None:
        if known.learner_id != learner:
            raise PasskeyRefused()
        return known, False
    if _count(session, Passkey, learner) >= MOST_PASSKEYS:
        raise TooManyWays()
    passkey.learner_id, passkey.device_id = learner, signer[1]
    session.add(passkey)
    session.flush()
    return passkey, True


def own_passkey(session: Session, learner: str, id: str) -> Passkey:
    """Find one of a learner's own passkeys. Raises UnknownWay."""
    found = session.get(Passkey, id)
    if found is None or found.learner_id != learner:
        raise UnknownWay()
    return found


def make_kit(session: Session, kit: RecoveryKit) -> bool:
    """Keep a recovery kit; return whether it is new. Raises KitTaken, TooManyWays."""
    known = session.get(RecoveryKit, kit.id) or session.scalar(
        select(RecoveryKit).where(RecoveryKit.digest == kit.digest)
    )
    if known is not None:
        if (known.id, known.learner_id, known.digest) != (kit.id, kit.learner_id, kit.digest):
            raise KitTaken()
        return False
    if _count(session, RecoveryKit, kit.learner_id) >= MOST_KITS:
        raise TooManyWays()
    session.add(kit)
    session.flush()
    return True


def drop_kit(session: Session, learner: str, id: str) -> None:
    """End a recovery kit of a learner's own. Raises UnknownWay for somebody else's; what is gone already is no fault."""
    found = session.get(RecoveryKit, id)
    if found is None:
        return
    if found.learner_id != learner:
        raise UnknownWay()
    session.delete(found)
    session.flush()


def _count(session: Session, model: type[Passkey] | type[RecoveryKit], learner: str) -> int:
    return session.scalar(select(func.count()).where(model.learner_id == learner)) or 0
