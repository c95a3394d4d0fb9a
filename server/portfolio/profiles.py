"""A learner's portfolio: what they say of themselves, and which of their badges it shows."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from server.badges.models import Achievement, Award
from server.badges.services import UNSIGNED
from server.core.shell import absolute
from server.portfolio.choices import check_may_show
from server.portfolio.collections import collections_of
from server.portfolio.errors import NotShown, UnknownLink
from server.portfolio.evidence import LINK, PRIVATE, PUBLIC
from server.portfolio.models import AwardChoice, Collection, Portfolio

PARTS = ("skills", "map", "collections")
WITH_ISSUER = joinedload(Award.achievement).joinedload(Achievement.organiser)
"""Read with the awards what they are and who gave them, not one by one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One badge as others see it, with what its holder said of it later."""

    award: Award
    choice: AwardChoice | None

    @property
    def reflection(self) -> str:
        return self.choice.reflection if self.choice else ""

    @property
    def visibility(self) -> str:
        return self.choice.visibility if self.choice else LINK


@dataclass(frozen=True, slots=True)
class Group:
    """A collection as others see it."""

    name: str
    items: list[Item]


def show(session: Session, learner: str, said: Mapping[str, Any], at: datetime) -> Portfolio:
    """Keep how a portfolio is shown and what is in it: `visibility`, `name`, `about`, `parts`, `cv`."""
    found = session.get(Portfolio, learner)
    if found is None:
        found = Portfolio(learner_id=learner, slug=_unguessable(), cv={})
        session.add(found)
    found.visibility, found.name, found.about = said["visibility"], said["name"], said["about"]
    found.parts, found.changed_at = dict(said["parts"]), at
    if said.get("cv") is not None:
        found.cv = dict(said["cv"])
    session.flush()
    return found


def _unguessable() -> str:
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def portfolio_row(found: Portfolio) -> tuple[str, dict[str, Any]]:
    """Write a portfolio as the phone keeps it, with its address."""
    row = {"visibility": found.visibility, "name": found.name, "about": found.about}
    address = absolute(f"/portfolio/{found.slug}")
    return "portfolio", {**row, "parts": found.parts, "cv": found.cv, "url": address}


def find_open(session: Session, slug: str) -> Portfolio:
    """Find the portfolio at an address; raises UnknownLink, and NotShown for one that is switched off."""
    found = session.scalars(select(Portfolio).where(Portfolio.slug == slug)).first()
    if found is None:
        raise UnknownLink()
    if found.visibility == PRIVATE:
        raise NotShown()
    check_may_show(session, found.learner_id)
    return found


def items_of(session: Session, learner: str, *, by_link: bool) -> list[Item]:
    """List the badges that others see, in the learner's order: the public ones, with `by_link` all but private ones.

    What the learner put away is left out, and so is what is withdrawn, erased, or not signed yet.
    """
    query = (
        select(Award, AwardChoice)
        .outerjoin(AwardChoice, AwardChoice.award_id == Award.id)
        .options(WITH_ISSUER)
        .where(
            Award.learner_id == learner,
            Award.revoked_at.is_(None),
            Award.erased.is_(False),
            Award.key_number != UNSIGNED,
        )
        .order_by(Award.awarded_at.desc(), Award.id)
    )
    found = [Item(award, choice) for award, choice in session.execute(query)]
    seen = (PUBLIC, LINK) if by_link else (PUBLIC,)
    shown = [one for one in found if one.visibility in seen and not (one.choice and one.choice.hidden)]
    return sorted(shown, key=_place)


def _place(item: Item) -> tuple[bool, int]:
    """Pinned ones first, then as they were ordered; what nobody ordered comes before, newest first."""
    return (not (item.choice and item.choice.pinned), item.choice.position if item.choice else 0)


def group(found: Collection, items: list[Item]) -> Group:
    """Put the shown badges of a collection in its order."""
    by_id = {one.award.id: one for one in items}
    return Group(found.name, [by_id[id] for id in found.awards if id in by_id])


def groups_of(session: Session, learner: str, items: list[Item]) -> list[Group]:
    """List the collections that have something to show."""
    groups = [group(one, items) for one in collections_of(session, learner)]
    return [one for one in groups if one.items]
