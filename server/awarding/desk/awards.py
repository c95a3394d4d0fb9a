"""The desk's pages of those who hold a badge, and of one award: correct it, withdraw it, make its link anew."""

from datetime import datetime

from flask import Response, redirect, request
from sqlalchemy import func, select
from werkzeug.wrappers import Response as Answer

from server.accounts.models import User
from server.accounts.sessions import proved
from server.awarding import words
from server.awarding.columns import as_day, is_level, read_day, result_keys
from server.awarding.desk import AT, desk
from server.awarding.desk.subject import Subject, find_subject, keep
from server.awarding.judging import MOST_NOTE
from server.awarding.models import Recipient
from server.awarding.recipients import end_link, link_of
from server.awarding.withdrawing import Said, changes, correct, take_back
from server.badges.giving import Correction
from server.badges.models import Achievement, Award
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, language
from server.core.paging import page_number
from server.core.roles import EDITOR, needs
from server.core.shell import private_page
from server.core.text import clean

HOLDERS = f"{AT}/holders"
ONE = f"{HOLDERS}/<award_id>"
A_PAGE = 50


class DayUnclear(DomainError):
    status, code = 422, "day_unclear"

    def explain(self) -> str:
        return gettext("Write a day that has been, such as 2026-05-30.")


@desk.get(HOLDERS)
@needs(EDITOR)
def holders(org: str, series: str) -> Response:
    """List who holds a badge, the latest first; names only of those whom the organiser named."""
    subject = find_subject(org, series)
    number = page_number()
    query = select(Award).join(Award.achievement).where(Achievement.series == series, ~Award.erased)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Award.awarded_at.desc(), Award.id.desc())
    awards = db.session.scalars(newest.limit(A_PAGE).offset((number - 1) * A_PAGE)).all()
    return private_page(
        "awarding/holders.html",
        subject=subject,
        awards=awards,
        names=_names(subject, [one.learner_id for one in awards]),
        total=total,
        number=number,
        pages=-(-total // A_PAGE),
        now=utc_now(),
    )


def _names(subject: Subject, learners: list[str]) -> dict[str, Recipient]:
    query = select(Recipient).where(
        Recipient.organiser_id == subject.organiser.id, Recipient.learner_id.in_(learners)
    )
    return {one.learner_id: one for one in db.session.scalars(query)}


@desk.get(ONE)
@needs(EDITOR)
def show_award(org: str, series: str, award_id: str) -> Response:
    return _show(find_subject(org, series), _find(series, award_id), None)


def _find(series: str, award_id: str) -> Award:
    found = db.session.get(Award, award_id)
    if found is None or found.achievement.series != series or found.erased:
        raise NotFound()
    return found


def _show(subject: Subject, award: Award, problem: DomainError | None) -> Response:
    recipient = _names(subject, [award.learner_id]).get(award.learner_id)
    done = changes(db.session(), award)
    users = select(User).where(User.id.in_([one.user_id for one in done if one.user_id]))
    return private_page(
        "awarding/award.html",
        status=problem.status if problem else 200,
        subject=subject,
        award=award,
        recipient=recipient,
        link=link_of(recipient, language()) if recipient and not recipient.taken_at else "",
        done=done,
        users={one.id: one.name for one in db.session.scalars(users)},
        problem=problem,
        words=words,
        given=request.form,
        most=MOST_NOTE,
    )


@desk.post(f"{ONE}/withdraw")
@needs(EDITOR)
def withdraw(org: str, series: str, award_id: str) -> Answer:
    """Withdraw a badge for good."""
    subject = find_subject(org, series)
    proved()
    said = Said(request.form.get("reason", ""), subject.user.id)
    try:
        with writing() as session:
            take_back(session, [_find(series, award_id)], said, utc_now())
            keep("withdraw", find_subject(org, series), award_id, why=said.reason)
    except DomainError as problem:
        return _show(find_subject(org, series), _find(series, award_id), problem)
    return redirect(find_subject(org, series).address(f"/holders/{award_id}", done="withdrawn"), 303)


@desk.post(f"{ONE}/correct")
@needs(EDITOR)
def put_correction(org: str, series: str, award_id: str) -> Answer:
    """Sign a badge anew with what is right."""
    subject = find_subject(org, series)
    said = Said(request.form.get("reason", ""), subject.user.id)
    try:
        with writing() as session:
            award, at = _find(series, award_id), utc_now()
            correct(session, award, _read(award, at), said, at)
            keep("correct", find_subject(org, series), award_id, why=said.reason)
    except DomainError as problem:
        return _show(find_subject(org, series), _find(series, award_id), problem)
    return redirect(find_subject(org, series).address(f"/holders/{award_id}", done="corrected"), 303)


def _read(award: Award, at: datetime) -> Correction:
    """Read the form. Raises DayUnclear."""
    day = as_day(read_day(clean(request.form.get("awarded_on", "")).strip()))
    if day is None or day > at.date() or day.year < 1990:
        raise DayUnclear()
    same = day == award.awarded_at.date()
    levels = {key: request.form.get(f"result:{key}", "") for key in result_keys(award.achievement)}
    return Correction(
        note=clean(request.form.get("note", "")).strip()[:MOST_NOTE],
        results={key: one for key, one in levels.items() if is_level(award.achievement, key, one)},
        awarded_at=award.awarded_at if same else datetime(day.year, day.month, day.day, 12, tzinfo=at.tzinfo),
    )


@desk.post(f"{ONE}/link")
@needs(EDITOR)
def put_new_link(org: str, series: str, award_id: str) -> Answer:
    """End the link that was handed out, and make another one."""
    find_subject(org, series)
    with writing():
        subject, award = find_subject(org, series), _find(series, award_id)
        recipient = _names(subject, [award.learner_id]).get(award.learner_id)
        if recipient is None or recipient.taken_at:
            raise NotFound()
        end_link(recipient)
        keep("new_link", subject, award_id)
    return redirect(find_subject(org, series).address(f"/holders/{award_id}", done="link"), 303)
