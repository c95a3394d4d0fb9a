"""Learner records (CLR 2.0): all badges of a playlist, or those that a learner's link shows, in one signed file."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.badges import services, signing
from server.badges.formats import clr
from server.badges.formats.clr import Record
from server.badges.formats.files import open_file, open_json, sign_token
from server.badges.issuers import ensure_keys
from server.badges.models import Achievement, Award
from server.core.db import db, utc_now
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.limits import limiter
from server.core.roles import LINK, PUBLIC, needs
from server.core.shell import absolute, hushed
from server.organisers.models import Organiser
from server.playlists.models import PlaylistItem
from server.portfolio import choices, links, profiles
from server.portfolio.collections import find_collection
from server.portfolio.models import AwardChoice, ShareLink
from server.wallets.services import record_subject

records = Blueprint("records", __name__)
_RATE = "120 per minute"


class BadgeWithdrawn(DomainError):
    status, code = 410, "badge_withdrawn"

    def explain(self) -> str:
        return gettext("This badge was withdrawn.")


@records.get("/clr/playlists/<credential_id>")
@limiter.limit(_RATE)
@needs(PUBLIC)
def playlist_record(credential_id: str) -> Response:
    """Serve a playlist's badge together with those that led to it."""
    return open_json(_signed(_of_playlist(credential_id)), "application/vc")


@records.get("/clr/playlists/<credential_id>.jwt")
@limiter.limit(_RATE)
@needs(PUBLIC)
def playlist_token(credential_id: str) -> Response:
    """Serve the same as a token."""
    signed = _signed(_of_playlist(credential_id))
    return open_file(sign_token(signed).encode(), "text/plain; charset=utf-8")


@records.get("/clr/portfolio/<link>")
@limiter.limit(_RATE)
@needs(LINK)
def portfolio_record(link: str) -> Response:
    """Serve what a learner's link shows; only whoever has the link can ask, and nobody keeps the answer."""
    found = links.open_link(db.session(), link, utc_now())
    response = open_json(_signed(_of_link(db.session(), found)), "application/vc")
    response.headers["Content-Disposition"] = 'inline; filename="record.json"'
    return hushed(response)


def _signed(record: Record) -> dict[str, Any]:
    """Sign a record by its issuer; the same badges make the same bytes."""
    document = clr.build(record)
    organiser = db.session.get_one(Organiser, str(record.issuer["id"]).rpartition(":")[2])
    proof = signing.make_proof(document, signing.JCS, ensure_keys(organiser), _moment(document["validFrom"]))
    return {**document, "proof": [proof]}


def _moment(day: str) -> datetime:
    return datetime.fromisoformat(day)


def _of_playlist(credential_id: str) -> Record:
    award = services.find_credential(credential_id)
    if award.revoked_at:
        raise BadgeWithdrawn()
    if not award.achievement.playlist_id:
        raise NotFound()
    steps = _steps(db.session(), award)
    main = json.loads(award.signed)
    found = [json.loads(one.signed) for one in steps]
    whole = main["credentialSubject"]["achievement"]["id"]
    parts = [(one["credentialSubject"]["achievement"]["id"], whole) for one in found]
    address = absolute(f"/clr/playlists/{credential_id}")
    return Record(address, main["name"], award.subject, main["issuer"], [main, *found], parts)


def _steps(session: Session, award: Award) -> list[Award]:
    """Find the same learner's badges for the playlist's activities, by the same organiser, but for private ones."""
    activities = select(PlaylistItem.activity_id).where(
        PlaylistItem.playlist_id == award.achievement.playlist_id
    )
    query = (
        select(Award)
        .join(Award.achievement)
        .where(
            Achievement.activity_id.in_(activities),
            Achievement.organiser_id == award.achievement.organiser_id,
            *_holding(award.learner_id),
        )
    )
    return list(session.scalars(query.order_by(Award.awarded_at, Award.id)))


def _holding(learner_id: str) -> list[Any]:
    hidden = select(AwardChoice.award_id).where(
        AwardChoice.learner_id == learner_id,
        (AwardChoice.visibility == "private") | AwardChoice.hidden.is_(True),
    )
    return [
        Award.learner_id == learner_id,
        Award.revoked_at.is_(None),
        Award.erased.is_(False),
        Award.key_number != services.UNSIGNED,
        Award.id.not_in(hidden),
    ]


def _of_link(session: Session, link: ShareLink) -> Record:
    """Gather what a link shows. The organiser who gave most of it signs that all belongs to one person."""
    awards = _shown(session, link)
    if not awards:
        raise NotFound()
    (organiser_id, _), *_rest = Counter(one.achievement.organiser_id for one in awards).most_common()
    found = [json.loads(one.signed) for one in awards]
    issuer = next(
        one["issuer"]
        for one, row in zip(found, awards, strict=True)
        if row.achievement.organiser_id == organiser_id
    )
    city = awards[0].achievement.organiser.city
    name = gettext("Badges from %(city)s", city=city.name)
    return Record(absolute(f"/clr/portfolio/{link.id}"), name, record_subject(link.id), issuer, found)


def _shown(session: Session, link: ShareLink) -> list[Award]:
    """List the awards behind a link, as its page shows them."""
    if link.kind == "award":
        award = choices.find_own(session, link.learner_id, link.subject)
        choices.check_shown(session, award)
        if award.revoked_at:
            raise BadgeWithdrawn()
        return [award]
    items = profiles.items_of(session, link.learner_id, by_link=True)
    if link.kind == "collection":
        items = profiles.group(find_collection(session, link.learner_id, link.subject), items).items
    return [one.award for one in items]
