"""The desk's pages of codes: all at a glance, one by one, by batch, found, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, request
from sqlalchemy import Select, func, select

from server.accounts.sessions import signed_in
from server.activities.models import Activity
from server.badges.models import Achievement
from server.badges.series import given_now
from server.codes import history, listing, words
from server.codes.desk import AT, desk
from server.codes.desk.subjects import Subject, find_subject, subject_of
from server.codes.listing import Batch
from server.codes.models import Code
from server.codes.tokens import show_typed
from server.core.db import db, utc_now
from server.core.errors import NotFound
from server.core.i18n import gettext
from server.core.paging import page_number
from server.core.roles import EDITOR, needs
from server.core.shell import private_page
from server.core.text import clean
from server.insights.uses import Uses, uses_by_batch, uses_of
from server.occurrences.models import Occurrence
from server.organisers.models import Organiser
from server.organisers.services import acting


@dataclass(frozen=True)
class Row:
    """A code as it is shown."""

    code: Code
    uses: Uses
    state: str

    @property
    def typed(self) -> str:
        return show_typed(self.code.typed) if self.code.typed else ""


def _rows(codes: Sequence[Code]) -> list[Row]:
    uses, at = uses_of(db.session(), [code.id for code in codes]), utc_now()
    found = [(code, uses.get(code.id, Uses())) for code in codes]
    return [Row(code, used, listing.state_of(code, used.count, at)) for code, used in found]


def show_page(template: str, subject: Subject, **context: Any) -> Response:
    said = _said()
    return private_page(template, subject=subject, zone=subject.timezone, words=words, said=said, **context)


def _said() -> str:
    """Say what the tap before has done."""
    number = request.args.get("n", 0, int)
    if request.args.get("done") in ("made", "printed", "handed_out", "revoked", "reissued"):
        return (
            words.what_words(request.args["done"], number) if number else gettext("Nothing was left to do.")
        )
    return ""


@desk.get("/desk/codes")
@needs(EDITOR)
def overview() -> Response:
    """List what an editor's organisers give codes for."""
    members = acting(db.session(), signed_in())
    found = [(member.organiser, *_things_of(member.organiser)) for member in members]
    return private_page("codes/all.html", found=found, words=words)


def _things_of(organiser: Organiser) -> tuple[list[Activity], list[Occurrence], list[Achievement]]:
    session = db.session
    activities = select(Activity).where(Activity.organiser_id == organiser.id).order_by(Activity.id)
    sessions = select(Occurrence).join(Occurrence.activity).where(Activity.organiser_id == organiser.id)
    sessions = sessions.where(Occurrence.cancelled_at.is_(None), Occurrence.ends_at > utc_now())
    badges = given_now().where(Achievement.organiser_id == organiser.id)
    return (
        list(session.scalars(activities)),
        list(session.scalars(sessions.order_by(Occurrence.starts_at).limit(20))),
        list(session.scalars(badges.order_by(Achievement.id))),
    )


@desk.get(AT)
@needs(EDITOR)
def show(kind: str, name: str) -> Response:
    subject, batch = find_subject(kind, name), clean(request.args.get("batch", ""))
    if batch:
        return _show_batch(subject, batch)
    found = listing.batches(db.session(), subject.point_ids)
    singles = listing.single_codes(subject.point_ids, [one.name for one in found])
    used = uses_by_batch(db.session(), subject.point_ids)
    return show_page("codes/desk.html", subject, batches=found, used=used, **_part(singles))


def _part(query: Select[Code]) -> dict[str, Any]:
    """Read one page of codes, and say whether there are others."""
    number = page_number()
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    codes = db.session.scalars(query.limit(listing.A_PAGE).offset((number - 1) * listing.A_PAGE)).all()
    return {"rows": _rows(codes), "number": number, "pages": -(-total // listing.A_PAGE), "total": total}


def _show_batch(subject: Subject, name: str) -> Response:
    session = db.session()
    codes = listing.in_batch(session, subject.point_ids, name)
    if not codes:
        raise NotFound()
    query = select(Code).where(Code.point_id.in_(subject.point_ids), Code.batch == name).order_by(Code.id)
    return show_page(
        "codes/batch.html",
        subject,
        batch=_count(name, codes),
        used=uses_by_batch(session, subject.point_ids).get(name, Uses()),
        done=history.changes_of_batch(session, subject.point_ids, name),
        left=sum(not code.handed_out and not code.revoked_at for code in codes),
        first=codes[0],
        **_part(query),
    )


def _count(name: str, codes: Sequence[Code]) -> Batch:
    return Batch(
        name,
        len(codes),
        sum(code.revoked_at is not None for code in codes),
        sum(code.printed for code in codes),
        sum(code.handed_out for code in codes),
        max(code.created_at for code in codes),
    )


@desk.post(f"{AT}/search")
@needs(EDITOR)
def search(kind: str, name: str) -> Response:
    """Find codes. By a form that is posted: a typed form is a secret, and addresses are logged."""
    subject, text = find_subject(kind, name), clean(request.form.get("q", ""))[:60].strip()
    query = listing.search(subject.point_ids, text)
    codes = db.session.scalars(query.limit(listing.A_PAGE)).all() if text else []
    return show_page("codes/found.html", subject, rows=_rows(codes), q=text, most=listing.A_PAGE)


@desk.get(f"{AT}.csv")
@needs(EDITOR)
def download(kind: str, name: str) -> Response:
    """Send the codes as a table, with their secrets: kept by nobody on the way."""
    subject, batch = find_subject(kind, name), clean(request.args.get("batch", ""))
    codes = select(Code.id).where(Code.point_id.in_(subject.point_ids))
    uses = uses_of(db.session(), codes.where(Code.batch == batch) if batch else codes)
    base_url: str = current_app.config["STREETWISE"].base_url
    lines = listing.write_csv(
        db.session(),
        subject.point_ids,
        batch,
        (base_url, utc_now()),
        {id: one.count for id, one in uses.items()},
    )
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="codes.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@desk.get("/desk/codes/<code_id>")
@needs(EDITOR)
def show_code(code_id: str) -> Response:
    code = find_code(code_id)
    subject = subject_of(code)
    done = history.changes_of(db.session(), code)
    return show_page("codes/code.html", subject, row=_rows([code])[0], done=done)


def find_code(code_id: str) -> Code:
    """Find a code for somebody who is signed in; whether they may see it, `subject_of` says. Raises NotFound."""
    signed_in()
    code = db.session.get(Code, code_id)
    if code is None:
        raise NotFound()
    return code
