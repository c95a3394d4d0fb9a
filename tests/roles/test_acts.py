"""Acts of staff that are kept: each has words, and those that many things are decided by say where."""

import ast
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from server.audit import words
from server.audit.models import AuditEntry
from server.audit.services import Actor, note
from server.core.db import utc_now
from tests.cast import Museum
from tests.organisers.test_desk import sign_in

SERVER = Path(__file__).parents[2] / "server"
KEEPERS = {"keep_act", "note", "_note", "keep", "_keep"}
BEGINNINGS = {
    "badges/desk": "badge.", "awarding/desk": "award.", "codes/desk/changes": "code.", "occurrences/routes": "session.",
}  # fmt: skip
"""Where a domain's own `keep` puts a word before the act."""


def kept_acts() -> set[str]:
    """Read from the code which acts it keeps, as far as they are written out."""
    found = set()
    for path in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in KEEPERS:
                continue
            said = [
                one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            dotted = [one for one in said if "." in one and " " not in one]
            own = str(path.relative_to(SERVER).with_suffix(""))
            before = next((word for room, word in BEGINNINGS.items() if own.startswith(room)), "")
            found |= {dotted[0]} if dotted else {before + said[0]} if said and before else set()
    return found


def test_each_act_has_words() -> None:
    found = kept_acts()
    assert len(found) > 40, found
    missing = found - words.known_acts()
    assert not missing, f"server/audit/words.py has no words for {sorted(missing)}"


def test_each_kind_of_act_has_a_name() -> None:
    kinds = {act.partition(".")[0] for act in words.known_acts()}
    assert {kind for kind in kinds if words.kind_words(kind) == kind} == set()


def test_an_entry_is_never_changed_or_removed(db: Session, museum: Museum) -> None:
    note(db, Actor(museum.city.id, "Omar"), "badge.publish", at=utc_now())
    db.commit()
    for change in ("UPDATE audit_entries SET who = 'Eve'", "DELETE FROM audit_entries"):
        with pytest.raises(DatabaseError, match="never changed"):
            db.execute(text(change))
        db.rollback()
    assert db.scalars(select(AuditEntry.who)).all() == ["Omar"]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_an_entry_says_who_what_when_and_from_where(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    client.post(
        "/desk/activities/stop-0/checks", data={"confirm": "on"}, environ_base={"REMOTE_ADDR": "198.51.100.7"}
    )
    entry = db.scalars(select(AuditEntry).where(AuditEntry.act == "activity.checks")).one()
    assert (entry.who, entry.user_id, entry.subject) == (museum.omar.name, museum.omar.id, "stop-0")
    assert (entry.organiser_id, entry.network) == (museum.organiser.id, "198.51.100.7")
    assert entry.facts["confirm"] is True


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_what_is_refused_is_not_kept(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    before = len(db.scalars(select(AuditEntry)).all())
    assert client.post("/desk/activities/new", data={"title": ""}).status_code == 422
    db.rollback()
    assert len(db.scalars(select(AuditEntry)).all()) == before
