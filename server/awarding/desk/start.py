"""Where giving begins: by list, by hand, and the lists there were."""

from flask import Response
from sqlalchemy import func, select

from server.awarding.desk import AT, desk
from server.awarding.desk.subject import Subject, find_subject
from server.awarding.models import AwardBatch, AwardRow
from server.awarding.people import sources
from server.badges import holding
from server.badges.models import Achievement, Award
from server.core.db import db, utc_now
from server.core.errors import DomainError
from server.core.roles import EDITOR, needs
from server.core.shell import private_page

_LATEST = 20


@desk.get(AT)
@needs(EDITOR)
def begin(org: str, series: str) -> Response:
    return show_start(find_subject(org, series))


def show_start(subject: Subject, problem: DomainError | None = None) -> Response:
    session = db.session()
    lists = session.scalars(
        select(AwardBatch)
        .join(Achievement, Achievement.id == AwardBatch.achievement_id)
        .where(Achievement.series == subject.achievement.series)
        .order_by(AwardBatch.id.desc())
        .limit(_LATEST)
    ).all()
    given = select(AwardRow.batch_id, func.count()).where(AwardRow.batch_id.in_([one.id for one in lists]))
    numbers = session.execute(given.where(AwardRow.state == "awarded").group_by(AwardRow.batch_id))
    held = select(func.count(Award.id)).join(Award.achievement)
    held = held.where(
        Achievement.series == subject.achievement.series, holding.HELD, Award.revoked_at.is_(None)
    )
    return private_page(
        "awarding/start.html",
        status=problem.status if problem else 200,
        subject=subject,
        lists=lists,
        given={row[0]: row[1] for row in numbers},
        held=session.scalar(held) or 0,
        sources=sources(session, subject.organiser.id, utc_now()),
        problem=problem,
    )
