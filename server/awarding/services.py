"""Lists: kept as they came, judged row by row, mended in place, and given piece by piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.awarding import giving
from server.awarding.columns import Line, read_day, read_level, result_keys, tidy_address
from server.awarding.judging import AWARDED, READY, STATES, judge
from server.awarding.models import AwardBatch, AwardChange, AwardRow
from server.awarding.reading import MOST_ROWS, ListTooLong
from server.badges import services as badges
from server.badges.models import Achievement, Award
from server.badges.services import Told
from server.core.errors import DomainError, NotFound
from server.core.i18n import gettext
from server.core.text import clean
from server.organisers.models import Organiser

KEEP_ADDRESSES = timedelta(days=90)


class NotPublished(DomainError):
    status, code = 409, "not_published"

    def explain(self) -> str:
        return gettext("This badge is still a draft. Publish it first.")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody with a phone, known by what they did."""

    learner: str
    name: str


@dataclass(frozen=True, slots=True)
class Upload:
    """What a list is for: a badge, by whom, under which name (empty: by hand), when."""

    achievement: Achievement
    user_id: str | None
    name: str
    at: datetime


def keep_list(session: Session, upload: Upload, lines: Sequence[Line]) -> AwardBatch:
    """Keep the rows of a list and judge them. Nobody gets anything yet. Raises ListTooLong, NotPublished."""
    return _keep(session, upload, [(one, None) for one in lines])


def keep_named(session: Session, upload: Upload, people: Sequence[Named | Line], said: Line) -> AwardBatch:
    """Keep who was named by hand; all get the same note, day and results (`said`)."""
    rows: list[tuple[Line, str | None]] = []
    for number, one in enumerate(people, 1):
        learner = one.learner if isinstance(one, Named) else None
        address = "" if isinstance(one, Named) else one.address
        line = Line(number, address, one.name, said.awarded_on, said.note, said.results)
        rows.append((line, learner))
    return _keep(session, upload, rows)


def _keep(session: Session, upload: Upload, rows: Sequence[tuple[Line, str | None]]) -> AwardBatch:
    if len(rows) > MOST_ROWS:
        raise ListTooLong()
    if upload.achievement.state != "published":
        raise NotPublished()
    batch = AwardBatch(
        organiser_id=upload.achievement.organiser_id,
        achievement_id=upload.achievement.id,
        user_id=upload.user_id,
        name=clean(upload.name)[:100],
        created_at=upload.at,
    )
    session.add(batch)
    session.flush()
    made = [_row(batch.id, line, learner) for line, learner in rows]
    judge(session, upload.achievement, made, upload.at)
    session.add_all(made)
    session.flush()
    return batch


def _row(batch_id: str, line: Line, learner: str | None) -> AwardRow:
    return AwardRow(
        batch_id=batch_id,
        number=line.number,
        address=line.address[:300],
        name=line.name[:200],
        learner_id=learner,
        results=dict(line.results),
        awarded_on=line.awarded_on[:40],
        note=line.note,
        state=READY,
        why="",
    )


def find_batch(session: Session, batch_id: str, series: str) -> AwardBatch:
    """Find a list of this badge. Raises NotFound."""
    found = session.get(AwardBatch, batch_id)
    if found is None or session.get_one(Achievement, found.achievement_id).series != series:
        raise NotFound()
    return found


def counts(session: Session, batch_id: str) -> dict[str, int]:
    """Count a list's rows by what became of them."""
    query = select(AwardRow.state, func.count()).where(AwardRow.batch_id == batch_id)
    found = {row[0]: row[1] for row in session.execute(query.group_by(AwardRow.state))}
    return {state: found.get(state, 0) for state in STATES}


def rows_of(session: Session, batch_id: str) -> list[AwardRow]:
    query = select(AwardRow).where(AwardRow.batch_id == batch_id).order_by(AwardRow.number)
    return list(session.scalars(query))


def mend(session: Session, batch: AwardBatch, number: int, said: Mapping[str, str], at: datetime) -> AwardRow:
    """Change cells of one row and judge it anew. A row that is awarded changes no more. Raises NotFound."""
    row = session.get(AwardRow, (batch.id, number))
    if row is None or row.state == AWARDED:
        raise NotFound()
    achievement = session.get_one(Achievement, batch.achievement_id)
    if not row.learner_id and "address" in said:
        row.address = tidy_address(said["address"])[:300]
    if "name" in said:
        row.name = said["name"][:200]
    row.awarded_on = read_day(said["awarded_on"]) if "awarded_on" in said else row.awarded_on
    row.note = said.get("note", row.note)
    given = {
        key: said.get(f"result:{key}", (row.results or {}).get(key, "")) for key in result_keys(achievement)
    }
    row.results = {key: read_level(achievement, key, level) for key, level in given.items() if level}
    judge(session, achievement, rows_of(session, batch.id), at)
    session.flush()
    return row


def leave_out(session: Session, batch: AwardBatch, number: int, at: datetime) -> None:
    """Take a row off a list. Raises NotFound."""
    row = session.get(AwardRow, (batch.id, number))
    if row is None or row.state == AWARDED:
        raise NotFound()
    session.delete(row)
    session.flush()
    judge(session, session.get_one(Achievement, batch.achievement_id), rows_of(session, batch.id), at)


def begin(session: Session, batch: AwardBatch, user_id: str | None, at: datetime) -> None:
    """Say that what is ready shall be given now. What failed before is judged again with it."""
    if batch.run_at is None:
        judge(session, session.get_one(Achievement, batch.achievement_id), rows_of(session, batch.id), at)
        batch.run_at, batch.user_id = at, user_id or batch.user_id
        session.flush()


def running(session: Session) -> list[str]:
    """List the lists that are being given."""
    return list(session.scalars(select(AwardBatch.id).where(AwardBatch.run_at.is_not(None))))


def run_piece(session: Session, batch_id: str, at: datetime, most: int = giving.A_PIECE) -> int:
    """Give the next rows of a list; return how many are left. Runs beside other pieces of it one at a time."""
    batch = session.get(AwardBatch, batch_id)
    if batch is None:
        return 0
    one_by_one = select(Organiser.id).where(Organiser.id == batch.organiser_id)
    session.execute(one_by_one.with_for_update(key_share=True))  # two lists may name the same new people
    session.refresh(batch)
    if batch.run_at is None:
        return 0
    giving.give_rows(session, batch, at, most)
    left = counts(session, batch_id)[READY]
    if not left:
        batch.run_at = None
    session.flush()
    return left


def forget_addresses(session: Session, at: datetime) -> int:
    """Erase mail addresses and names from the rows of lists that are older than we keep them; return of how many."""
    old = select(AwardBatch.id).where(
        AwardBatch.created_at < at - KEEP_ADDRESSES, AwardBatch.run_at.is_(None)
    )
    erased = session.execute(
        update(AwardRow)
        .where(AwardRow.batch_id.in_(old), AwardRow.address.contains("@") | (AwardRow.name != ""))
        .values(address="", name=""),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(erased, "rowcount", 0))


@badges.when_erased
def forget(session: Session, award: Award, at: datetime) -> list[Told]:
    """Forget which row of a list gave an award that is erased, with all that the row says, and how it was changed."""
    session.execute(delete(AwardRow).where(AwardRow.award_id == award.id))
    session.execute(delete(AwardChange).where(AwardChange.award_id == award.id))
    return []
