"""The page of limits says what the application does."""

import pytest
from flask import Flask

from tests.limits_page import BEGINS, ENDS, PAGE, table

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def test_the_page_lists_every_limit_there_is(app: Flask) -> None:
    written = PAGE.read_text().partition(BEGINS)[2].partition(ENDS)[0].strip()
    assert written == table(app), "run: python -m tests.limits_page"
