"""Counts for organisers: what was used, without names."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.badges.models import Achievement, Award
from server.learning.models import CheckIn, Completion
from server.playlists.models import PlaylistItem


@dataclass(frozen=True)
class Counts:
    """How many people came, checked in (each stop counts), finished, and hold the badge."""

    learners: int = 0
    check_ins: int = 0
    completions: int = 0
    awards: int = 0


def counts(session: Session, playlist_ids: list[str]) -> dict[str, Counts]:
    """Count for each playlist."""
    of_item = PlaylistItem.playlist_id
    came = {
        playlist: (learners, check_ins)
        for playlist, learners, check_ins in session.execute(
            select(of_item, func.count(func.distinct(CheckIn.learner_id)), func.count(CheckIn.id))
            .join(CheckIn, CheckIn.activity_id == PlaylistItem.activity_id)
            .where(of_item.in_(playlist_ids), PlaylistItem.removed_at.is_(None))
            .group_by(of_item)
        )
    }
    finished = _numbers(
        session,
        select(Completion.playlist_id, func.count())
        .where(Completion.playlist_id.in_(playlist_ids))
        .group_by(Completion.playlist_id),
    )
    held = _numbers(
        session,
        select(
            Achievement.playlist_id, func.count(func.distinct(Award.learner_id))
        )  # of any version, renewed or not
        .join(Award, Award.achievement_id == Achievement.id)
        .where(Achievement.playlist_id.in_(playlist_ids), Award.revoked_at.is_(None))
        .group_by(Achievement.playlist_id),
    )
    return {
        one: Counts(*came.get(one, (0, 0)), finished.get(one, 0), held.get(one, 0)) for one in playlist_ids
    }


def _numbers(session: Session, query: Select[str | None, int]) -> dict[str | None, int]:
    return {playlist: number for playlist, number in session.execute(query)}  # noqa: C416 - rows are no pairs to mypy
