"""Effects of events about families: a guardian adds a child, consents, lets phones in; a child takes over."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import leaving
from server.accounts.devices import registered
from server.core.text import clean
from server.families import joining  # noqa: F401 - effects of class events
from server.families import services as families
from server.families.models import Guardianship
from server.families.rows import child_row, rows_for_child
from server.families.services import OLDEST, Child, NotAGuardian, Said
from server.replicas.effects import UNMET, Work, about, check_locked, is_id, on, read_id, read_text
from server.replicas.keys import verify_text
from server.replicas.moments import milliseconds, moment
from sync.engine import Held, Refused
from sync.messages import FAR, Event

ADD, CONSENT, INVITE, FREE = "child.add", "child.consent", "child.invite", "child.free"
ERASE = "child.erase"
MOST_WORDS, MOST_NAME = 2000, 60
_COUNTRY, _DIGEST, _LANG = (re.compile(one) for one in (r"[A-Z]{2}\Z", r"[A-Za-z0-9_-]{43}\Z", r"[a-z]{2}\Z"))


@about(ADD)
@about(CONSENT)
@about(INVITE)
@about(ERASE)
def children(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the children that guardians' events are about, and who else looks after them."""
    named = (event.body.get("child") for event in events)
    ids = {one for one in named if isinstance(one, str) and is_id(one)}
    others = select(Guardianship.guardian_id).where(Guardianship.child_id.in_(ids))
    return ids | set(session.scalars(others))


@about(FREE)
def guardians(session: Session, events: Sequence[Event]) -> Iterable[str]:
    """Name the guardians of children who take over."""
    query = select(Guardianship.guardian_id).where(
        Guardianship.child_id.in_({event.learner for event in events})
    )
    return session.scalars(query).all()


@on(ADD)
def add_child(work: Work) -> Mapping[str, Any]:
    """Make the sender a child's guardian. The child's own device says yes, by a signature over both names."""
    session, at, guardian = work.store.session, moment(work.now), work.event.learner
    child, said = _read_child(work, at.year), _read_consent(work)
    check_locked(work, child.id)
    _check_word(work, child.id)
    held = families.add_child(session, guardian, child, said, at)
    _tell(work, held)
    return {"child": child.id}


def _read_child(work: Work, year: int) -> Child:
    country, born = work.event.body.get("country"), work.event.body.get("born")
    if not isinstance(country, str) or not _COUNTRY.match(country):
        raise Refused("malformed", where="body.country")
    if type(born) is not int or not year - OLDEST <= born <= year:
        raise Refused("malformed", where="body.born")
    id = read_id(work, "child")
    return Child(id, country, born, read_text(work, "name", MOST_NAME), read_text(work, "picture", MOST_NAME))


def _check_word(work: Work, child: str) -> None:
    """Check that a device of the child agrees. Held until that device has said hello."""
    device, word = read_id(work, "device"), work.event.body.get("word")
    if not isinstance(word, str):
        raise Refused("malformed", where="body.word")
    known = registered(work.store.session, [device]).get(device)
    if known is None:
        raise Held(UNMET, device=device)
    said = f"streetwise child\n{work.event.learner}\n{child}".encode()
    if known.learner != child or known.revoked or not verify_text(known.key, word, said):
        raise NotAGuardian()


def _read_consent(work: Work) -> Said | None:
    """Read the words that a guardian agreed to; None where none were shown."""
    given = work.event.body.get("consent")
    if given is None:
        return None
    words, lang = (given.get(one) for one in ("words", "lang")) if isinstance(given, dict) else (None, None)
    if not isinstance(words, str) or not 0 < len(words) <= MOST_WORDS:
        raise Refused("malformed", where="body.consent")
    if not isinstance(lang, str) or not _LANG.match(lang):
        raise Refused("malformed", where="body.consent.lang")
    return Said(clean(words), lang)


@on(CONSENT)
def change_consent(work: Work) -> Mapping[str, Any]:
    """Withdraw the consent to a child's learning (`consent` null), or give it anew."""
    session, at = work.store.session, moment(work.now)
    child, said = read_id(work, "child"), _read_consent(work)
    check_locked(work, child)
    held = families.find_guardianship(session, work.event.learner, child)
    if said:
        families.consent(session, held, said, at)
    else:
        families.withdraw(session, held, at)
    _tell(work, held)
    return {"child": child}


@on(INVITE)
def let_in(work: Work) -> Mapping[str, Any]:
    """Let one more phone in for a child: the guardian's, or the child's own, which may then take over (`own`)."""
    session, child, body = work.store.session, read_id(work, "child"), work.event.body
    check_locked(work, child)
    digest, until, own = body.get("invite"), body.get("until"), body.get("own")
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        raise Refused("malformed", where="body.invite")
    if type(until) is not int or not 0 <= until <= FAR:
        raise Refused("malformed", where="body.until")
    held = families.find_guardianship(session, work.event.learner, child)
    ends = families.let_in(session, held, digest, own=own is True, until=moment(until), at=moment(work.now))
    _tell(work, held)
    return {"child": child, "until": milliseconds(ends)}


@on(ERASE)
def erase(work: Work) -> Mapping[str, Any]:
    """Accept a guardian's word that everything of a child is erased; `privacy` carries it out once this is committed."""
    child = read_id(work, "child")
    if not read_text(work, "word", MOST_NAME):
        raise Refused("malformed", where="body.word")
    check_locked(work, child)
    families.find_guardianship(work.store.session, work.event.learner, child)
    return {}


@on(FREE)
def take_over(work: Work) -> Mapping[str, Any]:
    """The sender takes over: nobody looks after them any more, and the phones they shared leave them, with the ways made there."""
    session, child = work.store.session, work.event.learner
    for held in families.guardians_of(session, child):
        check_locked(work, held.guardian_id)
    for held in families.take_over(session, child, work.event.device, moment(work.now)):
        _put(work, held.guardian_id, *child_row(session, held))
    for key in leaving.end_others(session, child, work.event.device):
        work.drop(key)
    for key, row in rows_for_child(session, child):
        _put(work, child, key, row)
    return {}


def _tell(work: Work, held: Guardianship) -> None:
    """Tell a child, and all who look after them, how things stand."""
    session = work.store.session
    _put(work, work.event.learner, *child_row(session, held))
    for other in families.guardians_of(session, held.child_id):
        # Who became a guardian since the locks were taken hears of it with the next change.
        if other.guardian_id != work.event.learner and other.guardian_id in work.store.locked:
            _put(work, other.guardian_id, *child_row(session, other))
    for key, row in rows_for_child(session, held.child_id):
        _put(work, held.child_id, key, row)


def _put(work: Work, learner: str, key: str, row: Mapping[str, Any] | None) -> None:
    if row is None:
        work.drop_for(learner, key)
    else:
        work.put_for(learner, key, row)
