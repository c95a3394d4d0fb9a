"""The desk's pages of one list: upload, preview, mend, run, run again, result, cards, take back."""

import csv
import io
from collections.abc import Iterator

from flask import Response, current_app, redirect, request
from sqlalchemy import func, select
from werkzeug.wrappers import Response as Answer

from server.accounts.sessions import proved
from server.awarding import mailing, services, words
from server.awarding.cards import cards_pdf
from server.awarding.columns import read_lines
from server.awarding.desk import AT, desk
from server.awarding.desk.start import show_start
from server.awarding.desk.subject import Subject, find_subject, keep
from server.awarding.judging import AWARDED, STATES
from server.awarding.models import AwardBatch, AwardRow, Recipient
from server.awarding.reading import MOST_BYTES, read_table
from server.awarding.recipients import link_of
from server.awarding.services import Upload, find_batch
from server.awarding.withdrawing import Said, take_back
from server.badges.models import Award
from server.core.db import db, utc_now, writing
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext, language
from server.core.paging import page_number
from server.core.roles import EDITOR, needs
from server.core.shell import private_page
from server.core.text import clean, harmless

LIST = f"{AT}/lists/<batch_id>"
A_PAGE = 50
UNDO_MOST = 100
"""More badges than this are not taken back with one tap: each one signs the list of withdrawn badges anew."""


@desk.post(f"{AT}/lists")
@needs(EDITOR)
def upload(org: str, series: str) -> Answer:
    """Read a file and show what would become of it; nobody gets anything yet."""
    request.max_content_length = MOST_BYTES + 64 * 1024
    subject = find_subject(org, series)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise NoFile()
        lines = read_lines(read_table(file.stream.read(MOST_BYTES + 1)), subject.achievement)
        with writing() as session:
            about = find_subject(org, series)
            made = Upload(about.achievement, about.user.id, clean(file.filename), utc_now())
            batch = services.keep_list(session, made, lines).id
            keep("upload", about, batch, rows=len(lines))
            address = about.address(f"/lists/{batch}")
    except DomainError as problem:
        return show_start(find_subject(org, series), problem)
    return redirect(address, 303)


class NoFile(DomainError):
    status, code = 422, "no_file"

    def explain(self) -> str:
        return gettext("Choose a file first.")


@desk.get(LIST)
@needs(EDITOR)
def show(org: str, series: str, batch_id: str) -> Response:
    """Show a list: how it stands, and one page of its rows."""
    subject = find_subject(org, series)
    return _show(subject, find_batch(db.session(), batch_id, series))


def _show(subject: Subject, batch: AwardBatch) -> Response:
    session = db.session()
    counts, chosen = services.counts(session, batch.id), request.args.get("show", "")
    state = chosen if chosen in STATES else ""
    number = page_number()
    rows = select(AwardRow).where(
        AwardRow.batch_id == batch.id, *([AwardRow.state == state] if state else [])
    )
    total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    page = session.scalars(rows.order_by(AwardRow.number).limit(A_PAGE).offset((number - 1) * A_PAGE)).all()
    missing = {one for row in page if row.state == "unmet" for one in row.why.split(",")}
    return private_page(
        "awarding/list.html",
        subject=subject,
        batch=batch,
        counts=counts,
        total=sum(counts.values()),
        rows=page,
        state=state,
        states=[one for one in STATES if counts[one]],
        number=number,
        pages=-(-total // A_PAGE),
        names=words.names_of(session, missing),
        words=words,
        to_mail=mailing.count(session, batch),
        mailed=mailing.count_mailed(session, batch),
        undo=0 < counts[AWARDED] <= UNDO_MOST and batch.run_at is None,
    )


@desk.post(f"{LIST}/rows/<int:number>")
@needs(EDITOR)
def put_row(org: str, series: str, batch_id: str, number: int) -> Answer:
    """Mend one row, or leave it out."""
    find_subject(org, series)
    with writing() as session:
        batch = find_batch(session, batch_id, series)
        keep("mend", find_subject(org, series), batch_id, row=number)
        if request.form.get("way") == "leave":
            services.leave_out(session, batch, number, utc_now())
        else:
            said = {name: clean(value) for name, value in request.form.items()}
            services.mend(session, batch, number, said, utc_now())
    back = {"show": request.args.get("show"), "page": request.args.get("page")}
    return redirect(find_subject(org, series).address(f"/lists/{batch_id}", **back) + f"#row-{number}", 303)


@desk.post(f"{LIST}/run")
@needs(EDITOR)
def run(org: str, series: str, batch_id: str) -> Answer:
    """Begin to give what is ready. A short list is done with it; the clock goes on with a long one."""
    user = find_subject(org, series).user.id
    with writing() as session:
        services.begin(session, find_batch(session, batch_id, series), user, utc_now())
        keep("run", find_subject(org, series), batch_id)
    with writing() as session:
        services.run_piece(session, batch_id, utc_now())
    return redirect(find_subject(org, series).address(f"/lists/{batch_id}"), 303)


@desk.post(f"{LIST}/mails")
@needs(EDITOR)
def send_links(org: str, series: str, batch_id: str) -> Answer:
    """Send those with a mail address the link by which they take their badge, each once."""
    find_subject(org, series)
    with writing() as session:
        batch = find_batch(session, batch_id, series)
        keep("mail", find_subject(org, series), batch_id, number=mailing.count(session, batch))
        mailing.begin(batch, utc_now())
    return redirect(find_subject(org, series).address(f"/lists/{batch_id}"), 303)


@desk.post(f"{LIST}/undo")
@needs(EDITOR)
def undo(org: str, series: str, batch_id: str) -> Answer:
    """Take back all that this list gave."""
    user = find_subject(org, series).user.id
    proved()
    with writing() as session:
        batch = find_batch(session, batch_id, series)
        rows = [row for row in services.rows_of(session, batch.id) if row.state == AWARDED][: UNDO_MOST + 1]
        if len(rows) > UNDO_MOST:
            raise NotFound()
        awards = [session.get_one(Award, str(row.award_id)) for row in rows]
        take_back(session, awards, Said(gettext("Given by mistake"), user), utc_now())
        keep("undo", find_subject(org, series), batch_id, number=len(awards))
        for row in rows:
            row.state, row.why, row.award_id = "ready", "", None
    return redirect(find_subject(org, series).address(f"/lists/{batch_id}", done="undone"), 303)


@desk.get(f"{LIST}.csv")
@needs(EDITOR)
def download(org: str, series: str, batch_id: str) -> Response:
    """Send what became of each row, with the recipients' links: kept by nobody on the way."""
    subject = find_subject(org, series)
    batch = find_batch(db.session(), batch_id, series)
    proved()
    response = Response("\ufeff" + "".join(_table(subject, batch)), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="badges.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _table(subject: Subject, batch: AwardBatch) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([gettext("Row"), gettext("Name"), gettext("Mail or number"), gettext("Outcome"), gettext("Why"), gettext("Badge"), gettext("Link to take it")])  # fmt: skip
    rows = services.rows_of(db.session(), batch.id)
    missing = {one for row in rows if row.state == "unmet" for one in row.why.split(",")}
    names, awards, links = words.names_of(db.session(), missing), _awards(batch), links_of(batch)
    for row in rows:
        award = awards.get(row.award_id or "", "")
        cells = [row.name, row.address, words.state_words(row.state), words.why_words(row, names), award]
        link = links.get(row.award_id or "", ("", ""))[1]
        writer.writerow([row.number, *(harmless(str(cell)) for cell in cells), link])
    yield out.getvalue()


def _awards(batch: AwardBatch) -> dict[str, str]:
    base: str = current_app.config["STREETWISE"].base_url
    query = select(Award.id, Award.credential_id).join(AwardRow, AwardRow.award_id == Award.id)
    rows = db.session.execute(query.where(AwardRow.batch_id == batch.id))
    return {row.id: f"{base.rstrip('/')}/credentials/{row.credential_id}" for row in rows}


def links_of(batch: AwardBatch) -> dict[str, tuple[str, str]]:
    """Find the name and the link of each recipient who has not taken the badge yet, by award."""
    query = (
        select(AwardRow.award_id, Recipient)
        .join(Award, Award.id == AwardRow.award_id)
        .join(Recipient, Recipient.learner_id == Award.learner_id)
        .where(AwardRow.batch_id == batch.id, Recipient.organiser_id == batch.organiser_id)
        .where(Recipient.taken_at.is_(None), Award.revoked_at.is_(None))
        .order_by(AwardRow.number)
    )
    rows = db.session.execute(query)
    return {str(row[0]): (row[1].name or row[1].address, link_of(row[1], language())) for row in rows}


@desk.get(f"{LIST}/cards.pdf")
@needs(EDITOR)
def cards(org: str, series: str, batch_id: str) -> Response:
    """Print a card for each recipient who has not taken the badge yet, for those with neither mail nor phone at hand."""
    subject = find_subject(org, series)
    batch = find_batch(db.session(), batch_id, series)
    part = max(1, request.args.get("part", 1, int))
    pdf = cards_pdf(list(links_of(batch).values()), subject.achievement, utc_now(), part)
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="badge-cards.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
