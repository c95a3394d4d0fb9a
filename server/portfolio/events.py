"""Effects of what learners do with their badges. Order is the order of arrival: the last word counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.badges import services as badges
from server.badges.models import Award
from server.learning.following import all_following
from server.learning.further import progress
from server.learning.rows import Keyed, award_row
from server.portfolio import choices, collections, erasing, links, profiles
from server.portfolio.evidence import VISIBILITIES
from server.portfolio.models import ShareLink
from server.portfolio.resume import read_basics
from server.replicas.effects import Work, on, read_id, read_text
from server.replicas.moments import moment
from sync.engine import Refused

MOST_NAME, MOST_LABEL, MOST_ABOUT, MOST_REFLECTION = 80, 80, 2_000, 2_000
MOST_BADGES = 500


@on("award.show")
def show_award(work: Work) -> Mapping[str, Any]:
    """Keep who may see an award of the learner's own, and each piece of evidence that is named."""
    session = work.store.session
    award = choices.find_own(session, work.event.learner, read_id(work, "award"))
    visibility = _read_visibility(work.event.body.get("visibility"), "body.visibility")
    choices.show(session, award, visibility, _read_evidence(work))
    work.put(*award_row(badges.feed_row(award)))
    return {"visibility": visibility}


def _read_visibility(value: object, where: str) -> str:
    if not isinstance(value, str) or value not in VISIBILITIES:
        raise Refused("malformed", where=where)
    return value


def _read_evidence(work: Work) -> dict[str, str]:
    """Read which piece is shown to whom: `[{"event", "visibility"}]`, or nothing."""
    given = work.event.body.get("evidence")
    if given is None:
        return {}
    if not isinstance(given, list) or not all(
        isinstance(one, dict) and isinstance(one.get("event"), str) for one in given
    ):
        raise Refused("malformed", where="body.evidence")
    return {one["event"]: _read_visibility(one.get("visibility"), "body.evidence") for one in given}


@on("award.reflect")
def reflect(work: Work) -> Mapping[str, Any]:
    """Keep the learner's words to a badge; an empty text takes them away."""
    session = work.store.session
    award = choices.find_own(session, work.event.learner, read_id(work, "award"))
    choices.reflect(session, award, read_text(work, "text", MOST_REFLECTION), moment(work.now))
    work.put(*award_row(badges.feed_row(award)))
    return {"award": award.id}


@on("award.erase")
def erase(work: Work) -> Mapping[str, Any]:
    """Forget an award of the learner's own for good, with all that hangs on it."""
    session, learner, award_id = work.store.session, work.event.learner, read_id(work, "award")
    for key, row in erasing.erase(session, learner, award_id, moment(work.now)):
        work.put(key, row) if row is not None else work.drop(key)
    for key, row in _count_less(session, learner, award_id, moment(work.now)):
        work.put(key, row)
    return {"award": award_id}


def _count_less(session: Session, learner: str, award_id: str, at: datetime) -> Sequence[Keyed]:
    """Say how far the learner is without it with the milestones that it counted for."""
    series = session.get_one(Award, award_id).achievement.series
    return progress(session, all_following(session), learner, [("series", series)], at)


@on("badges.arrange")
def arrange(work: Work) -> Mapping[str, Any]:
    """Keep order, pins and what is put away; ids that are not the learner's are passed over."""
    session, learner = work.store.session, work.event.learner
    order, pinned, hidden = (_read_ids(work, name) for name in ("order", "pinned", "hidden"))
    choices.arrange(session, learner, order, set(pinned), set(hidden))
    work.put("arrangement", choices.arrangement_row(session, learner))
    return {}


def _read_ids(work: Work, name: str) -> Sequence[str]:
    given = work.event.body.get(name)
    if given is None:
        return []
    if (
        not isinstance(given, list)
        or len(given) > MOST_BADGES
        or not all(isinstance(one, str) for one in given)
    ):
        raise Refused("malformed", where=f"body.{name}")
    return list(dict.fromkeys(given))


@on("collection.keep")
def keep_collection(work: Work) -> Mapping[str, Any]:
    """Keep a collection, new or changed, whole as the phone has it."""
    session, learner = work.store.session, work.event.learner
    name, awards = _read_name(work), _read_ids(work, "awards")
    begun = collections.begin(read_id(work, "collection"), learner, name, moment(work.now))
    kept = collections.keep(session, begun, awards)
    work.put(*collections.collection_row(kept))
    return {"collection": kept.id}


def _read_name(work: Work) -> str:
    name = read_text(work, "name", MOST_NAME).strip()
    if not name:
        raise Refused("malformed", where="body.name")
    return name


@on("collection.drop")
def drop_collection(work: Work) -> Mapping[str, Any]:
    """Remove a collection; the badges in it stay."""
    dropped = read_id(work, "collection")
    collections.drop(work.store.session, work.event.learner, dropped)
    work.drop(f"collection:{dropped}")
    return {"collection": dropped}


@on("link.make")
def make_link(work: Work) -> Mapping[str, Any]:
    """Keep a link that the phone made; of its secret only the hash travels."""
    session = work.store.session
    made = links.make(session, _read_link(work))
    for key, row in [links.link_row(made), *links.subject_row(session, made)]:
        work.put(key, row)
    return {"link": made.id}


def _read_link(work: Work) -> ShareLink:
    kind, digest = work.event.body.get("kind"), read_text(work, "digest", 43)
    if not isinstance(kind, str) or kind not in links.KINDS:
        raise Refused("malformed", where="body.kind")
    if len(digest) != 43:
        raise Refused("malformed", where="body.digest")
    expires = work.event.body.get("expires")
    if expires is not None and not (type(expires) is int and 0 <= expires < 253402300799000):
        raise Refused("malformed", where="body.expires")
    return ShareLink(
        id=read_id(work, "link"),
        learner_id=work.event.learner,
        kind=kind,
        subject=read_id(work, "subject") if kind in ("award", "collection") else "",
        digest=digest,
        label=read_text(work, "label", MOST_LABEL),
        evidence=list(_read_ids(work, "evidence")),
        created_at=moment(work.now),
        expires_at=None if expires is None else moment(expires),
        views=0,
    )


@on("link.withdraw")
def withdraw_link(work: Work) -> Mapping[str, Any]:
    """End a link of the learner's own."""
    link = links.withdraw(work.store.session, work.event.learner, read_id(work, "link"), moment(work.now))
    work.put(*links.link_row(link))
    return {"link": link.id}


@on("portfolio.show")
def show_portfolio(work: Work) -> Mapping[str, Any]:
    """Keep who sees the portfolio, and what the learner says in it."""
    body, parts = work.event.body, work.event.body.get("parts")
    if parts is not None and not (
        isinstance(parts, dict) and all(type(one) is bool for one in parts.values())
    ):
        raise Refused("malformed", where="body.parts")
    basics = body.get("cv")
    said = {
        "visibility": _read_visibility(body.get("visibility"), "body.visibility"),
        "name": read_text(work, "name", MOST_NAME).strip(),
        "about": read_text(work, "about", MOST_ABOUT),
        "parts": {name: bool((parts or {}).get(name, True)) for name in profiles.PARTS},
        "cv": None if basics is None else read_basics(basics),
    }
    found = profiles.show(work.store.session, work.event.learner, said, moment(work.now))
    work.put(*profiles.portfolio_row(found))
    return {"visibility": found.visibility}
