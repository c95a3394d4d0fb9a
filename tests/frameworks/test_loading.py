"""A start brings the frameworks up to date, and writes nothing when they are."""

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from server.core.backup import is_used
from server.core.db import db as database
from server.core.db import writing
from server.frameworks.loading import load_built_in
from server.frameworks.models import Term
from tests.cast import Museum

L2 = "/frameworks/lifecomp/L2"


def test_a_start_mends_our_lists_and_the_next_one_writes_nothing(db: Session) -> None:
    gone = {"uri": "/frameworks/lifecomp/X1", "framework": "lifecomp", "code": "X1", "kind": "competence", "broader": "", "labels": {"en": "Old"}, "description": {}, "search_text": ""}  # fmt: skip
    with writing() as session:
        session.execute(insert(Term).values(gone))
        session.execute(update(Term).where(Term.uri == L2).values(labels={"en": "Old name", "xx": "left"}))
    with writing() as session:
        assert load_built_in(session) == 1
        assert session.get(Term, gone["uri"]) is None
        assert session.get_one(Term, L2).labels == {"en": "Critical thinking", "nl": "Kritisch denken", "es": "Pensamiento crítico"}  # fmt: skip
    with writing() as session:
        assert load_built_in(session) == 0


def test_an_instance_that_was_only_started_is_not_in_use(db: Session) -> None:
    assert not is_used(database.engine)


def test_an_instance_with_a_city_is_in_use(db: Session, museum: Museum) -> None:
    db.commit()
    assert is_used(database.engine)
