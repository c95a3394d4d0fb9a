"""Writes everything about a learner into one ZIP: a page to read, badges as files, evidence, tables, and what was signed."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from server.accounts.learners import one_person
from server.accounts.models import Learner
from server.activities.models import Activity
from server.badges.formats.files import baked_png
from server.badges.models import Award
from server.badges.services import UNSIGNED, file_name
from server.cities.models import City
from server.core.errors import DomainError, NotFound
from server.core.i18n import pick, speaking
from server.core.storage import files
from server.learning.models import CheckIn, Evidence
from server.portfolio.models import ImportedBadge
from server.privacy import stored
from server.replicas.blobs import Name
from server.replicas.models import Blob, Event
from sync.messages import decode

ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "audio/mpeg": "mp3", "audio/mp4": "m4a",
    "audio/webm": "webm", "audio/ogg": "ogg", "image/svg+xml": "svg", "application/json": "json",
    "application/jwt": "txt",
}  # fmt: skip


@dataclass
class Shelf:
    """What the page lists, as it was written."""

    badges: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    imported: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)


def pack(session: Session, learner: str, lang: str, target: Path, at: datetime) -> int:
    """Write the copy; return its size. One file at a time lies in memory."""
    shelf = Shelf()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, speaking(lang):
        _pack_badges(session, learner, lang, archive, shelf)
        _pack_imported(session, learner, archive, shelf)
        _pack_evidence(session, learner, archive, shelf)
        _pack_tables(session, learner, archive, shelf)
        archive.writestr("events.jsonl", "".join(_signed(session, learner)))
        archive.writestr("index.html", _page(session, learner, lang, shelf, at))
    return target.stat().st_size


def _pack_badges(session: Session, learner: str, lang: str, archive: zipfile.ZipFile, shelf: Shelf) -> None:
    """Write each badge as Open Badges 3.0 (JSON, and a PNG that carries it) and as a certificate."""
    mine = select(Award).where(
        Award.learner_id == learner, Award.key_number != UNSIGNED, Award.erased.is_(False)
    )
    for award in session.scalars(mine.order_by(Award.awarded_at, Award.id)):
        base = f"badges/{file_name(award.achievement)}-{award.credential_id[:8]}"
        writers: dict[str, Callable[[Award], bytes]] = {
            "json": lambda one: one.signed, "png": baked_png, "pdf": _certificate,
        }  # fmt: skip
        written = {}
        for ending, write in writers.items():
            try:
                archive.writestr(f"{base}.{ending}", write(award))
                written[ending] = f"{base}.{ending}"
            except DomainError as error:
                current_app.logger.warning("A copy lacks %s.%s: %s", base, ending, error)
        named = pick(award.achievement.name, lang), pick(award.achievement.organiser.name, lang)
        shelf.badges.append(
            {
                "name": named[0],
                "issuer": named[1],
                "at": award.awarded_at,
                "revoked": award.revoked_at,
                "files": written,
            }
        )


def _certificate(award: Award) -> bytes:
    from server.badges.printing.certificate import Wishes, draw_certificate
    from server.badges.printing.check import checked
    from server.badges.printing.facts import printed

    badge = printed(award)
    return checked(draw_certificate(badge, Wishes("", None)), [badge.short])


def _pack_imported(session: Session, learner: str, archive: zipfile.ZipFile, shelf: Shelf) -> None:
    for one in session.scalars(select(ImportedBadge).where(ImportedBadge.learner_id == learner)):
        name = f"badges-from-elsewhere/{one.id}.{ENDINGS.get(one.kind, 'bin')}"
        archive.writestr(name, one.content)
        shelf.imported.append({"name": pick(one.name), "issuer": one.issuer, "file": name})


def _pack_evidence(session: Session, learner: str, archive: zipfile.ZipFile, shelf: Shelf) -> None:
    """Write the files that are here, as they are kept: without the place that a camera wrote into them."""
    whole = {}
    for blob in session.scalars(
        select(Blob).where(Blob.learner_id.in_(one_person(session, learner)), Blob.complete_at.is_not(None))
    ):
        name = f"evidence/{blob.sha256[:16]}.{ENDINGS.get(blob.mime, 'bin')}"
        try:
            content = files().get(Name(blob.learner_id, blob.sha256).key)
        except NotFound:
            continue  # it was no picture or sound that we take
        archive.writestr(zipfile.ZipInfo(name, blob.complete_at.timetuple()[:6]), content)  # type: ignore[union-attr]
        whole[blob.sha256] = name
    handed_in = select(Evidence).where(Evidence.learner_id == learner).order_by(Evidence.at)
    named: set[str] = set()
    for one in session.scalars(handed_in):
        mine = [whole[hash] for hash in one.files if hash in whole]
        named.update(mine)
        shelf.evidence.append({"at": one.at, "text": one.text, "files": mine})
    if rest := sorted(set(whole.values()) - named):
        shelf.evidence.append({"at": None, "text": "", "files": rest})


def _pack_tables(session: Session, learner: str, archive: zipfile.ZipFile, shelf: Shelf) -> None:
    """Write every table that names the learner; secrets of links and sign-ins stay out."""
    for table in stored.tables():
        rows = stored.rows_of(session, table, learner)
        if not rows:
            continue
        columns = [
            one
            for one in table.columns
            if one.name not in stored.SECRET and not isinstance(one.type, LargeBinary)
        ]
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([one.name for one in columns])
        writer.writerows([_cell(row._mapping[one]) for one in columns] for row in rows)
        archive.writestr(f"tables/{table.name}.csv", "\ufeff" + out.getvalue())
        shelf.tables.append({"name": table.name, "rows": len(rows)})


def _cell(value: Any) -> str:
    """Write a cell; one that a spreadsheet would take for a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _signed(session: Session, learner: str) -> Iterator[str]:
    """Write what the phones signed, a line each, in the order in which it came."""
    columns = Event.payload, Event.signature, Event.state, Event.received_at
    query = select(*columns).where(Event.learner_id.in_(one_person(session, learner)))
    for row in session.execute(query.order_by(Event.received_at, Event.device_id, Event.seq)):
        said = {
            "event": json.loads(decode(row.payload)), "signature": row.signature, "state": row.state,
            "received_at": row.received_at.isoformat(),
        }  # fmt: skip
        yield json.dumps(said, ensure_ascii=False) + "\n"


def _page(session: Session, learner: str, lang: str, shelf: Shelf, at: datetime) -> str:
    found = session.get_one(Learner, learner)
    came = select(CheckIn).where(CheckIn.learner_id == learner).order_by(CheckIn.at)
    visits = [
        (one.at, pick(session.get_one(Activity, one.activity_id).title, lang))
        for one in session.scalars(came)
    ]
    page = current_app.jinja_env.get_template(
        "privacy/export.html"
    )  # there is no request, so no layout's context
    return page.render(
 city=session.get_one(City, found.city_id), learner=found, lang=lang, shelf=shelf,
        visits=visits, at=at, about=stored.describe(session, learner),
    )  # fmt: skip
