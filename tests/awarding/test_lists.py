"""Giving by list: read whatever a spreadsheet writes, say of each row what becomes of it, mend, and give once."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.awarding import services
from server.awarding.models import AwardRow, Recipient
from server.awarding.reading import ListTooLong, ListUnreadable, _check_zip, read_table
from server.badges import verification
from server.badges.models import Achievement, Award
from server.badges.resolver import OwnRecords
from tests.awarding.conftest import keep, make_badge, outcomes, run
from tests.cast import NOON, Museum

TWO = "name,e-mail,date,teamwork\nAda,Ada@Example.org,2026-05-30,Leads\nBea,bea@example.org,,\n"


@pytest.mark.parametrize(
    "content",
    [
        "Name;Mail\nJosé;jose@example.org\n".encode("utf-8-sig"),
        "Name\tMail\r\nJosé\tjose@example.org\r\n".encode("utf-16"),
        "Name;Mail\r\nJosé;jose@example.org\r\n".encode("cp1252"),
        'sep=;\nName;Mail\n"José";jose@example.org\n'.encode(),
        'Name,Mail\n"José",jose@example.org\n\n\n'.encode(),
    ],
    ids=["utf-8 with a mark", "utf-16", "cp1252", "sep=", "commas"],
)
def test_a_list_is_read_however_a_spreadsheet_writes_it(content: bytes) -> None:
    assert read_table(content) == [["Name", "Mail"], ["José", "jose@example.org"]]


def _workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_with_days_numbers_and_formulas_as_text() -> None:
    content = _workbook(
        ["nummer", "naam", "datum"], [1042, '=HYPERLINK("http://x")', date(2026, 5, 30)], [None, None]
    )
    assert read_table(content)[1] == ["1042", '=HYPERLINK("http://x")', "2026-05-30"]


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (120 * 1024 * 1024))
    return out.getvalue()


def _entities(write: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_workbook(["mail"], ["a@b.org"]))) as plain,
        zipfile.ZipFile(out, "w") as packed,
    ):
        for one in plain.namelist():
            content = plain.read(one)
            if one.endswith("sheet1.xml"):
                content = write(b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content.partition(b"?>")[2])
            packed.writestr(one, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (_bomb, ListTooLong),
        (lambda: b"PK\x03\x04 no workbook", ListUnreadable),
        (lambda: b"mail\n" + b"a@example.org\n" * 20_001, ListTooLong),
        (lambda: b"mail\n", ListUnreadable),
        (lambda: b"a\0b,c\nd,e", ListUnreadable),
        (lambda: b'mail\n"' + b"x" * 200_000, ListUnreadable),
    ],
    ids=["bomb", "no workbook", "too many rows", "no rows", "binary", "endless cell"],
)
def test_a_hostile_file_is_refused(make: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_table(make())  # type: ignore[operator]


@pytest.mark.parametrize(
    "write",
    [lambda xml: xml, lambda xml: b" " * 5_000 + xml, lambda xml: xml.decode().encode("utf-16")],
    ids=["plain", "far down", "in two bytes a letter"],
)
def test_a_workbook_that_declares_entities_is_refused_before_it_is_parsed(
    write: Callable[[bytes], bytes],
) -> None:
    """Whatever the XML library would do with them: some expand to gigabytes."""
    with pytest.raises(ListUnreadable):
        _check_zip(_entities(write))


def test_each_row_says_what_would_become_of_it(db: Session, museum: Museum, guide: Achievement) -> None:
    lines = [
        "correo;nombre;fecha;samenwerken",
        "ada@example.org;Ada;30/05/2026;leidt",
        "ADA@example.org;Ada again;;",
        "no mail@;Bea;;",
        "bea@example.org;Bea;31-02-2026;",
        "cleo@example.org;Cleo;2026-06-09;",
        ";Dora;;",
        "eve@example.org;Eve;;superb",
    ]
    batch = keep(db, museum, guide, "\n".join(lines))
    assert outcomes(db, batch) == {
        2: "ready", 3: "duplicate line:2", 4: "failed address:mail", 5: "failed awarded_on:unclear",
        6: "failed awarded_on:future", 7: "failed address:missing", 8: "failed result:team:unknown",
    }  # fmt: skip
    assert db.scalar(select(func.count(Award.id))) == 0


def test_a_list_gives_signed_badges_that_say_who_gave_them(
    db: Session, museum: Museum, guide: Achievement
) -> None:
    run(db, keep(db, museum, guide, TWO))
    first, second = db.scalars(select(Award).order_by(Award.id)).all()
    assert (first.awarded_at.date().isoformat(), first.results, first.given_by) == (
        "2026-05-30", {"team": "much"}, museum.omar.id,
    )  # fmt: skip
    report = verification.verify(first.signed, OwnRecords(NOON), NOON)
    assert [check.state for check in report.checks] == ["ok"] * 4
    document = json.loads(first.signed)
    assert "Ada" not in first.signed.decode() and "example.org" not in first.signed.decode()
    assert document["credentialSubject"]["source"]["name"] == "Town Museum"
    assert "answers for it" in document["credentialSubject"]["result"][0]["value"]
    assert second.awarded_at == NOON


def test_the_same_list_twice_gives_nothing_twice(db: Session, museum: Museum, guide: Achievement) -> None:
    run(db, keep(db, museum, guide, TWO))
    again = keep(db, museum, guide, TWO)
    assert set(outcomes(db, again).values()) == {"duplicate held"}
    run(db, again)
    assert db.scalar(select(func.count(Award.id))) == 2
    assert db.scalar(select(func.count(Recipient.id))) == 2


def test_a_new_version_of_a_badge_is_the_same_badge(db: Session, museum: Museum, guide: Achievement) -> None:
    run(db, keep(db, museum, guide, TWO))
    newer = make_badge(db, museum, series=guide.series, version=2)
    guide.replaced_at = NOON
    assert set(outcomes(db, keep(db, museum, newer, TWO)).values()) == {"duplicate held"}


def test_only_what_failed_is_run_again(db: Session, museum: Museum, guide: Achievement) -> None:
    needed = make_badge(db, museum, "First aid")
    guide.needs = [needed.series]
    batch = keep(db, museum, guide, TWO + "Cy,nobody@,,\n")
    assert outcomes(db, batch) == {
        2: f"unmet {needed.series}", 3: f"unmet {needed.series}", 4: "failed address:mail",
    }  # fmt: skip
    run(db, keep(db, museum, needed, "mail\nada@example.org\n"))
    services.mend(db, batch, 4, {"address": "Cy <CY@example.org>"}, NOON)
    run(db, keep(db, museum, needed, "mail\ncy@example.org\n"))
    run(db, batch)
    assert outcomes(db, batch) == {2: "awarded", 3: f"unmet {needed.series}", 4: "awarded"}


def test_what_was_ready_is_looked_at_again_when_it_is_given(
    db: Session, museum: Museum, guide: Achievement
) -> None:
    first, second = (keep(db, museum, guide, TWO) for _ in range(2))
    run(db, first)
    second.run_at = NOON  # as if begun before the first
    db.commit()
    services.run_piece(db, second.id, NOON)
    assert set(outcomes(db, second).values()) == {"duplicate held"}


def test_a_row_that_breaks_stays_alone_and_can_be_run_again(
    db: Session, museum: Museum, guide: Achievement, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.badges import giving

    give = giving.award_given

    def breaks_for_leaders(*given: object, **more: object) -> Award:
        if given[3].results:  # type: ignore[attr-defined]
            raise OSError("the disk is full")
        return give(*given, **more)  # type: ignore[arg-type]

    batch = keep(db, museum, guide, TWO)
    with monkeypatch.context() as patch:
        patch.setattr(giving, "award_given", breaks_for_leaders)
        run(db, batch)
        assert outcomes(db, batch) == {2: "failed run:failed", 3: "awarded"}
    run(db, batch)
    assert set(outcomes(db, batch).values()) == {"awarded"}


def test_mail_addresses_are_forgotten_after_ninety_days(
    db: Session, museum: Museum, guide: Achievement
) -> None:
    batch = keep(db, museum, guide, TWO)
    services.forget_addresses(db, NOON + timedelta(days=89))
    assert db.scalars(select(AwardRow.address).order_by(AwardRow.number)).first() == "ada@example.org"
    services.forget_addresses(db, NOON + timedelta(days=91))
    assert [(row.address, row.name) for row in services.rows_of(db, batch.id)] == [("", ""), ("", "")]


def test_a_badge_that_runs_out_is_renewed_by_the_next_list(db: Session, museum: Museum) -> None:
    first_aid = make_badge(db, museum, "First aid", valid_months=12)
    run(db, keep(db, museum, first_aid, "mail,date\nada@example.org,2025-05-31\n"))
    run(db, keep(db, museum, first_aid, "mail,date\nada@example.org,2026-06-01\n"))
    first, second = db.scalars(select(Award).order_by(Award.id)).all()
    assert first.valid_until == datetime(2026, 5, 31, tzinfo=UTC)
    assert (second.period, second.valid_until) == ("renewal 2026-06-01", NOON.replace(year=2027, hour=0))
