"""What was done, for those who look: filtered, page by page, and as a table."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.audit.models import AuditEntry
from server.core.text import harmless

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries somebody wants: by whom, of which kind, for which organiser, on which days (in the city's zone)."""

    city_id: str
    timezone: str
    who: str = ""
    kind: str = ""
    organiser: str = ""
    first: date | None = None
    last: date | None = None

    def query(self) -> Select[AuditEntry]:
        """Select what fits, the newest first."""
        found = select(AuditEntry).where(AuditEntry.city_id == self.city_id)
        if self.who:
            found = found.where(AuditEntry.who == self.who)
        if self.kind:
            found = found.where(AuditEntry.act.startswith(f"{self.kind}.", autoescape=True))
        if self.organiser:
            found = found.where(AuditEntry.organiser_id == self.organiser)
        if self.first:
            found = found.where(AuditEntry.at >= self._start(self.first))
        if self.last:
            found = found.where(AuditEntry.at < self._start(self.last + timedelta(days=1)))
        return found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.timezone))


@dataclass(frozen=True, slots=True)
class Page:
    entries: Sequence[AuditEntry]
    number: int
    pages: int
    total: int


def list_entries(session: Session, asked: Asked, number: int) -> Page:
    query = asked.query()
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    found = session.scalars(query.limit(A_PAGE).offset((max(1, number) - 1) * A_PAGE)).all()
    return Page(found, max(1, number), -(-total // A_PAGE), total)


def latest(session: Session, city_id: str, most: int) -> Sequence[AuditEntry]:
    return session.scalars(Asked(city_id, "UTC").query().limit(most)).all()


def list_names(session: Session, city_id: str) -> Sequence[str]:
    """List who stands in a city's entries."""
    query = select(AuditEntry.who).where(AuditEntry.city_id == city_id).distinct()
    return [one for one in session.scalars(query.order_by(AuditEntry.who)) if one]


def list_kinds(session: Session, city_id: str) -> list[str]:
    """List what a city's entries are about: `badge` of `badge.publish`."""
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.city_id == city_id).distinct())
    return sorted({act.partition(".")[0] for act in acts})


COLUMNS = ("at", "who", "act", "subject", "organiser", "from", "facts")


def write_csv(session: Session, asked: Asked, slugs: dict[str, str]) -> Iterator[str]:
    """Write what fits as a table, the newest first; times are UTC. `slugs`: the organisers' by their ids."""
    yield "\ufeff" + _line(COLUMNS)
    for one in session.scalars(asked.query().execution_options(yield_per=500)):
        organiser = slugs.get(one.organiser_id or "", one.organiser_id or "")
        facts = json.dumps(one.facts, ensure_ascii=False) if one.facts else ""
        cells = (one.at.isoformat(), one.who, one.act, one.subject, organiser, one.network, facts)
        yield _line([str(harmless(cell)) for cell in cells])


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
