"""Every badge of the table, before ours and before verifiers that are not ours: none that must not pass does."""

import pytest

from tests.independent import table
from tests.independent.table import Row


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return table.ask_all()


def test_ours_says_what_must_be_said_of_every_badge(rows: list[Row]) -> None:
    wrong = [
        (row.case.group, row.case.name, row.case.wanted, row.ours)
        for row in rows
        if row.ours != row.case.wanted
    ]
    assert wrong == []


def test_every_kind_passes_with_two_verifiers_that_are_not_ours(rows: list[Row]) -> None:
    """Two lists that only one of the others reads are the exception, and are named here."""
    lonely = [
        row.case.name
        for row in rows
        if row.case.wanted == "ok" and (row.javascript, row.python, row.library).count("ok") < 2
    ]
    assert lonely == ["3.0, VCDM 2.0, 1EdTechRevocationList", "3.0, VCDM 1.1, RevocationList2020"]


def test_at_least_sixty_badges_must_not_pass(rows: list[Row]) -> None:
    assert sum(row.case.wanted != "ok" for row in rows) >= 60


def test_the_table_in_the_docs_is_what_was_seen(rows: list[Row]) -> None:
    written = table.PLACE.read_text(encoding="utf-8")
    assert written == table.write(rows), "write it anew: python -m tests.independent.table"
