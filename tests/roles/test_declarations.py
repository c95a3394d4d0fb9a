"""The declarations themselves: none is missing, and the table of them is true."""

import pytest
from flask import Flask

from server.core import roles
from server.core.roles import Undeclared
from tests.roles import table

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def test_the_start_refuses_an_address_that_does_not_say_whom_it_is_for(app: Flask) -> None:
    roles.check_all(app)
    app.view_functions["somewhere"] = lambda: "come in"
    app.url_map.add(app.url_rule_class("/somewhere", endpoint="somewhere"))
    with pytest.raises(Undeclared, match="somewhere"):
        roles.check_all(app)


def test_the_table_of_the_documentation_is_true(app: Flask) -> None:
    assert table.DOCUMENT.read_text() == table.write(app), "run python -m tests.roles.table"


def test_a_declaration_of_another_ladder_is_refused(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(Undeclared):
        roles.reaches("owner", roles.CITY_EDITOR, roles.OF_ORGANISER)
