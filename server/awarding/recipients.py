"""Recipients: people whom an organiser knows by a mail address or a number, and the link by which they take their badges."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Learner
from server.awarding.models import Recipient
from server.badges import holding
from server.badges.models import Award
from server.core.db import new_id
from server.core.errors import DomainError
from server.core.i18n import gettext
from server.core.secrets import all_secrets, secret
from server.core.shell import absolute
from server.organisers.models import Organiser

_LINK = re.compile(r"([0-9a-f-]{36})\.([0-9A-Za-z_-]{32})\Z")
AT_ONCE = 500
"""Values in one query."""


class WrongLink(DomainError):
    """Nobody made this link, or a newer one has taken its place."""

    status, code = 404, "unknown_link"

    def explain(self) -> str:
        return gettext("This link does not work. Ask whoever sent it for a new one.")


class TakenByOther(DomainError):
    """Somebody else has taken these badges to their phone."""

    status, code = 409, "taken"

    def explain(self) -> str:
        return gettext(
            "These badges were taken to another phone before. If that was not you, tell the organiser."
        )


def chunks(values: Sequence[str]) -> Iterable[list[str]]:
    """Cut values into pieces that fit into one query."""
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def find_recipients(session: Session, organiser_id: str, addresses: Iterable[str]) -> dict[str, Recipient]:
    """Find those whom an organiser knows by these addresses."""
    found: dict[str, Recipient] = {}
    for some in chunks(sorted(set(addresses))):
        query = select(Recipient).where(Recipient.organiser_id == organiser_id, Recipient.address.in_(some))
        found.update((one.address, one) for one in session.scalars(query))
    return found


def make_recipients(
    session: Session, organiser: Organiser, named: Mapping[str, str], at: datetime
) -> dict[str, Recipient]:
    """Remember people by address (`named`: with their names), each with a learner who has no phone yet."""
    learners = [Learner(id=new_id(), city_id=organiser.city_id, created_at=at) for _ in named]
    session.add_all(learners)
    session.flush()
    made = [
        Recipient(
            id=new_id(), organiser_id=organiser.id, address=address, name=name,
            learner_id=learner.id, salt=_new_salt(), created_at=at,
        )
        for (address, name), learner in zip(named.items(), learners, strict=True)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return {one.address: one for one in made}


def _new_salt() -> str:
    return secrets.token_urlsafe(16)


def link_of(recipient: Recipient, lang: str) -> str:
    """Write the address by which somebody takes their badges; nothing of it is stored."""
    return absolute(f"/{lang}/take#{secret_of(recipient)}")


def secret_of(recipient: Recipient) -> str:
    return f"{recipient.id}.{_mac(recipient, secret('recipients'))}"


def _mac(recipient: Recipient, key: bytes) -> str:
    said = f"take\0{recipient.id}\0{recipient.salt}"
    return urlsafe_b64encode(hmac.new(key, said.encode(), sha256).digest()[:24]).decode()


def read_link(written: str) -> tuple[str, str]:
    """Read the recipient's id and the mac of a link. Raises WrongLink."""
    found = _LINK.match(written)
    if not found:
        raise WrongLink()
    return found[1], found[2]


def find_by_link(session: Session, written: str) -> Recipient:
    """Find the recipient to whom a link belongs. Raises WrongLink."""
    id, mac = read_link(written)
    found = session.get(Recipient, id)
    fits = [hmac.compare_digest(_mac(found, key), mac) for key in all_secrets("recipients")] if found else []
    if found is None or not any(fits):
        raise WrongLink()
    return found


def end_link(recipient: Recipient) -> None:
    """Make the link that was handed out worthless; a new one can be made."""
    recipient.salt = _new_salt()


def take(session: Session, recipient: Recipient, learner: str, at: datetime) -> list[Award]:
    """Move a recipient's badges to the learner of the phone that has their link; return those that moved.

    From then on what the organiser gives this recipient comes to that phone. Doing it twice changes nothing. Of a badge
    that the learner holds already nothing moves: the other one stays where it was, and still checks at its address.
    Raises TakenByOther.
    """
    if recipient.taken_at is not None:
        if recipient.learner_id != learner:
            raise TakenByOther()
        return []
    before = recipient.learner_id
    awards = session.scalars(select(Award).where(Award.learner_id == before).order_by(Award.id)).all()
    held = {
        one
        for one in {award.achievement.series for award in awards}
        if holding.find_held(session, learner, one)
    }
    moved = [award for award in awards if award.achievement.series not in held]
    for award in moved:
        award.learner_id = learner
    recipient.learner_id, recipient.taken_at = learner, at
    session.flush()
    return moved
