"""The history checker: reads what a server keeps and says where it breaks sync's invariants. Changes nothing.

It goes learner by learner (`rows`), asks each check (`checks`), and writes what was found (`report`).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, func, literal, select

from server.replicas.history.checks import CHECKS, FINAL, holes_of
from server.replicas.history.doors import check_places, load_doors
from server.replicas.history.report import Finding, Report
from server.replicas.history.rows import Learner, groups, kept, load, load_merged


class Files(Protocol):
    """Where evidence files are."""

    def exists(self, key: str) -> bool: ...


def check_history(engine: Engine, files: Files, now: datetime, log: Iterable[str] = ()) -> Report:
    """Check everything in one consistent view of the database, which changes nothing and blocks nobody.

    `log` are JSON lines that phones wrote. Raises ValueError when it is no log.
    """
    options: dict[str, Any] = {"sqlite_begin": "DEFERRED"}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        return _check(connection, files, now, log)


def _check(connection: Connection, files: Files, now: datetime, log: Iterable[str]) -> Report:
    report, merged = Report(), load_merged(connection)
    said = _read_log(log, report, merged)
    report.counts["devices"] = connection.scalar(select(func.count()).select_from(kept("devices"))) or 0
    for learners in groups(connection):
        found = list(load(connection, learners, now, merged))
        load_doors(connection, found)
        for learner in found:
            _check_learner(learner, files, report)
            _check_said(learner, said.pop(learner.id, []), report)
    for learner_id, lines in said.items():
        _check_said(Learner(learner_id, now, {}), lines, report)
    _check_codes(connection, report)
    report.findings += [Finding("capacity", where, what) for where, what in check_places(connection)]
    return report


def _check_learner(learner: Learner, files: Files, report: Report) -> None:
    report.counts.update(learners=1, events=len(learner.events), feed_rows=len(learner.feed))
    report.counts.update({name: len(rows) for name, rows in learner.rows.items()})
    for name, look in CHECKS.items():
        report.findings += [Finding(name, where, what) for where, what in look(learner)]
    for blob in learner.rows["blobs"]:
        key = f"evidence/{learner.id}/{blob.sha256}"
        if blob.complete_at and blob.mime and not files.exists(key):
            report.findings.append(Finding("files", blob.sha256, "was complete and is not stored"))
    for device, holes in holes_of(learner).items():
        report.holes[device] = holes


def _check_codes(connection: Connection, report: Report) -> None:
    """No code gave out more places than it has."""
    codes = kept("codes")
    uses = (
        select(func.count()).where(one.c.code_id == codes.c.id).scalar_subquery()
        for one in (kept("check_ins"), kept("awards"))
    )
    taken = sum(uses, start=literal(0)).label("taken")
    for row in connection.execute(select(codes.c.id, codes.c.cap_total, codes.c.claimed, taken)):
        report.counts["codes"] += 1
        if row.cap_total is not None and max(row.claimed, row.taken) > row.cap_total:
            what = f"{max(row.claimed, row.taken)} came in by a code for {row.cap_total}"
            report.findings.append(Finding("capacity", row.id, what))


# Phones' logs: {"told": "durable", "learner", "id", "state", "why"}, one a line


def _read_log(
    log: Iterable[str], report: Report, merged: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Read what phones were told, by who the learner is now. Raises ValueError for what is no log."""
    said: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in log:
        one = json.loads(line)
        if not isinstance(one, dict) or not {"told", "learner", "id"} <= one.keys():
            raise ValueError("A line of the log is not of a phone.")
        report.counts[f"log_{one['told']}"] += 1
        said[merged.get(one["learner"], one["learner"])].append(one)
    return said


def _check_said(learner: Learner, lines: Sequence[Mapping[str, Any]], report: Report) -> None:
    for one in lines:
        row = learner.by_id.get(one["id"])
        if one["told"] != "durable":
            continue
        if row is None:
            report.findings.append(Finding("promises", one["id"], "was told to be kept and is not here"))
        elif one.get("state") in FINAL and (row.state, row.why) != (one["state"], one.get("why", "")):
            what = f"was told {one['state']} {one.get('why', '')} and is {row.state} {row.why}"
            report.findings.append(Finding("promises", one["id"], what))
