"""What an organiser does to codes: make them, withdraw, replace, hand them out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request

from server.accounts.acts import keep_act
from server.accounts.sessions import signed_in
from server.codes import forms, history, listing, making
from server.codes.desk import AT, desk
from server.codes.desk.pages import find_code, show_page
from server.codes.desk.subjects import LEVELS, Subject, find_point, find_subject, subject_of
from server.codes.history import By
from server.codes.models import Code
from server.core.db import db, utc_now, writing
from server.core.errors import NotFound
from server.core.i18n import gettext, language, pick
from server.core.roles import EDITOR, needs
from server.core.text import clean


@desk.get(f"{AT}/new")
@needs(EDITOR)
def new(kind: str, name: str) -> Response:
    subject = find_subject(kind, name)
    once = request.args.get("once") == "1"
    level = LEVELS[kind][0] or 1
    begin = {"level": str(level), "in": [language()], "radius": "100", "cap_person": "1", "count": "1"}
    begin |= {"count": "20", "cap_total": "1", "batch": gettext("Cards")} if once else {}
    return _form(subject, begin, {})


def _form(subject: Subject, given: dict[str, Any], wrong: Any, status: int = 200) -> Response:
    given.setdefault("place", pick(subject.place))
    places = list(dict.fromkeys(pick(point.place) for point in subject.points))
    return show_page(
        "codes/new.html", subject, given=given, wrong=wrong, asked=subject.asked, places=places, status=status,
        most=forms.MOST_ONCE if subject.kind == "achievements" else forms.MOST,
    )  # fmt: skip


@desk.post(f"{AT}/new")
@needs(EDITOR)
def make(kind: str, name: str) -> Response:
    """Make what the form asks for. What is wrong with it is said beside it, and nothing typed is lost."""
    subject, user = find_subject(kind, name), signed_in()
    facts, count, wrong = forms.read_facts(request.form, subject.asked)
    if wrong:
        given = {**request.form.to_dict(), "in": request.form.getlist("in")}
        return _form(subject, given, wrong, 422)
    user_id, place = user.id, clean(request.form.get("place", ""))[:120].strip()
    with writing() as session:
        subject = find_subject(kind, name)
        made = making.make_codes(session, find_point(subject, place), facts, By(user_id, utc_now()), count)
        batch, first = facts.batch, made[0].id
        _keep("made", subject, batch or first, count)
    if count > 1:
        return _go(subject.base, "made", count, batch=batch)
    return _go(f"/desk/codes/{first}", "made", 1)


def _keep(done: str, subject: Subject, which: str, number: int) -> None:
    """Keep for the audit log what was done with how many codes; `which`: a code's id or the name of a batch."""
    keep_act(db.session(), f"code.{done}", which, subject.organiser.id, about=subject.title, number=number)


def _go(address: str, done: str, number: int, **more: str) -> Response:
    query = urlencode({"lang": language(), **more, "done": done, "n": number})
    return redirect(f"{address}?{query}", 303)  # type: ignore[return-value]


@desk.post(f"{AT}/batch")
@needs(EDITOR)
def change_batch(kind: str, name: str) -> Response:
    """Withdraw, replace or hand out codes of a batch."""
    subject, user = find_subject(kind, name), signed_in()
    batch, by = clean(request.form.get("batch", "")), By(user.id, utc_now())
    with writing() as session:
        subject = find_subject(kind, name)
        codes = listing.in_batch(session, subject.point_ids, batch)
        if not codes:
            raise NotFound()
        done = _do(request.form.get("do", ""), codes, by)
        _keep(request.form["do"], subject, batch, done)
    return _go(subject.base, request.form["do"], done, batch=batch)


@desk.post("/desk/codes/<code_id>")
@needs(EDITOR)
def change_code(code_id: str) -> Response:
    """Withdraw, replace or hand out one code."""
    subject_of(find_code(code_id))
    old, by, asked = code_id, By(signed_in().id, utc_now()), request.form.get("do", "")
    with writing() as session:
        code = find_code(code_id)
        if asked == "reissued":
            code_id, done = making.reissue(session, code.point, [code], by)[0].id, 1
        else:
            done = _do(asked, [code], by)
        _keep(asked, subject_of(code), old, done)
    return _go(f"/desk/codes/{code_id}", asked, done)


def _do(asked: str, codes: Sequence[Code], by: By) -> int:
    """Do what a form asks for with codes; return with how many. Raises NotFound for anything else."""
    session = db.session()
    ways: dict[str, Callable[[], int]] = {
        "revoked": lambda: history.revoke(session, codes, by),
        "reissued": lambda: _reissue(codes, by),
        "handed_out": lambda: history.hand_out(session, codes, _read_number(), by),
    }
    if asked not in ways:
        raise NotFound()
    return ways[asked]()


def _read_number() -> int:
    return min(max(request.form.get("number", 0, int), 0), forms.MOST_CAP)


def _reissue(codes: Sequence[Code], by: By) -> int:
    """Replace the codes of a batch that hold; when all were withdrawn, those that were withdrawn last."""
    holding = [code for code in codes if not code.revoked_at]
    last: datetime | None = max((code.revoked_at for code in codes if code.revoked_at), default=None)
    chosen = holding or [code for code in codes if code.revoked_at == last]
    for point in {code.point_id: code.point for code in chosen}.values():
        making.reissue(db.session(), point, [code for code in chosen if code.point_id == point.id], by)
    return len(chosen)
