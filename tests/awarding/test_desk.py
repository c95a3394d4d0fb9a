"""Omar gives, mends, takes back and corrects at the desk; Eve sees none of it."""

import csv
import io
import json
import re

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.awarding import services
from server.awarding.jobs import give_lists
from server.awarding.models import AwardBatch, AwardChange
from server.badges.models import Achievement, Award
from server.badges.status import is_set
from server.core.db import utc_now
from server.learning.models import CheckIn
from tests.awarding.conftest import make_learner, outcomes
from tests.cast import NOON, Museum, make_organiser
from tests.door.at_the_door import hold_session
from tests.organisers.test_desk import sign_in

LIST = "mail;name;note;teamwork\nada@example.org;Ada;;Leads\nbad@;Bea;Thanks!;\n"


@pytest.fixture
def at(client: FlaskClient, db: Session, museum: Museum, guide: Achievement) -> str:
    """The address where Omar, who is signed in, gives the badge."""
    sign_in(client, db, museum.omar)
    return f"/desk/town-museum/badges/{guide.series}/award"


def upload(client: FlaskClient, at: str, text: str = LIST, name: str = "class.csv") -> str:
    file = (io.BytesIO(text.encode()), name)
    answer = client.post(f"{at}/lists", data={"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].partition("?")[0]


def only(db: Session) -> AwardBatch:
    db.expire_all()
    return db.scalars(select(AwardBatch)).one()


def test_a_list_is_looked_at_mended_on_the_page_and_given(client: FlaskClient, db: Session, at: str) -> None:
    page = upload(client, at)
    shown = client.get(page).text
    for words in ("To be mended", "not a whole mail address", "Give 1 badge now", "Leads", "“Thanks!”"):
        assert words in shown, words
    assert not db.scalars(select(Award)).all()
    client.post(f"{page}/rows/3", data={"address": "bea@example.org", "name": "Bea", "note": "Thanks!"})
    assert "Give 2 badges now" in client.get(page).text
    client.post(f"{page}/run")
    assert set(outcomes(db, only(db)).values()) == {"awarded"}
    assert "2 badges were given." in client.get(page).text
    second = db.scalars(select(Award).order_by(Award.id.desc())).first()
    assert json.loads(second.signed)["credentialSubject"]["narrative"] == "Thanks!"  # type: ignore[union-attr]


def test_the_table_has_a_link_for_each_and_runs_no_formula(client: FlaskClient, at: str) -> None:
    page = upload(client, at, "number;name\n7;=1+1\n8;Bea\nmissing@;Cy\n")
    client.post(f"{page}/run")
    answer = client.get(f"{page}.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert (rows[1][1], rows[1][3], rows[3][3]) == ("'=1+1", "Given", "To be mended")
    assert "/en/take#" in rows[1][6] and rows[1][6] != rows[2][6] and rows[3][6] == ""
    assert "/credentials/" in rows[2][5]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_cards_are_printed_for_those_who_have_not_taken_theirs(client: FlaskClient, at: str) -> None:
    page = upload(client, at, "number;name\n7;Ada\n8;Bea\n")
    assert client.get(f"{page}/cards.pdf").status_code == 404
    client.post(f"{page}/run")
    answer = client.get(f"{page}/cards.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    words = " ".join(pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range().split())
    assert "Scan with your phone's camera." in words
    assert "type the code" not in words  # nothing on the card could be typed


def test_a_badge_given_by_name_is_not_called_the_learners_own_word(
    client: FlaskClient, db: Session, at: str
) -> None:
    client.post(f"{upload(client, at)}/run")
    page = f"/credentials/{db.scalars(select(Award)).one().credential_id}"
    paper = pypdfium2.PdfDocument(client.get(f"{page}.pdf").data)[0].get_textpage().get_text_range()
    for words in (client.get(page, headers={"Accept": "text/html"}).text, " ".join(paper.split())):
        assert "Given by the organiser" in words and "Own word" not in words


def test_a_long_list_goes_on_without_anybody_looking(client: FlaskClient, db: Session, at: str) -> None:
    page = upload(client, at, "number\n" + "\n".join(str(one) for one in range(130)))
    client.post(f"{page}/run")
    shown = client.get(page).text
    assert (
        re.search(r"[1-5]\d of 130 given", shown) and 'http-equiv="refresh"' in shown and "<progress" in shown
    )
    give_lists(utc_now())
    assert "130 badges were given." in client.get(page).text
    assert only(db).run_at is None


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "what;ever\n1;2\n", "must be called"),
        ("a.xlsx", "PK\x03\x04 broken", "cannot be read as a list"),
        ("a.csv", "", "cannot be read as a list"),
    ],
)
def test_what_is_no_list_is_refused_with_words(
    client: FlaskClient, at: str, name: str, text: str, words: str
) -> None:
    file = (io.BytesIO(text.encode()), name)
    answer = client.post(f"{at}/lists", data={"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 422 and words in answer.text


def test_who_came_gets_it_by_hand_and_it_can_be_undone(
    client: FlaskClient, db: Session, museum: Museum, at: str
) -> None:
    held, ada = hold_session(db, museum), make_learner(db, museum)
    came = CheckIn(
        learner_id=ada.id, activity_id=held.activity_id, occurrence=held.id, event_id="e", level=4,
        time="proven", at=NOON,
    )  # fmt: skip
    db.add(came)
    db.commit()
    people = f"{at}/people?session={held.id}"
    assert "Learner of 1 Jun, 14:00" in client.get(people).text
    named = {"who": [ada.id, "somebody-else"], "result:team": "much", "note": "Well done"}
    answer = client.post(people, data={**named, "name-0": "Bea", "address-0": "bea@example.org"})
    page = answer.headers["Location"].partition("?")[0]
    assert "Give 2 badges now" in client.get(page).text
    client.post(f"{page}/run")
    mine = db.scalars(select(Award).where(Award.learner_id == ada.id)).one()
    assert (mine.results, mine.note) == ({"team": "much"}, "Well done")
    client.post(f"{page}/undo")
    db.expire_all()
    assert (mine.reason, mine.revoked_at is not None) == ("Given by mistake", True)
    client.post(f"{page}/run")
    assert len(db.scalars(select(Award).where(Award.learner_id == ada.id)).all()) == 2


def test_a_correction_keeps_the_address_and_says_what_was_before(
    client: FlaskClient, db: Session, at: str
) -> None:
    client.post(f"{upload(client, at)}/run")
    award = db.scalars(select(Award)).one()
    before, url = json.loads(award.signed), f"/credentials/{award.credential_id}.json"
    tag = client.get(url).headers["ETag"]
    one = f"{at}/holders/{award.id}"
    unsaid = client.post(f"{one}/correct", data={"awarded_on": "2026-05-29", "note": "Typo"})
    assert unsaid.status_code == 422 and "Say why" in unsaid.text and "Typo" in unsaid.text
    form = {"awarded_on": "2026-05-29", "result:team": "some", "note": "", "reason": "Wrong level"}
    assert client.post(f"{one}/correct", data=form).status_code == 303
    answer = client.get(url)
    after = answer.get_json(force=True)
    assert after["id"] == before["id"] and after["validFrom"] > before["validFrom"]
    assert (after["awardedDate"], answer.headers["ETag"] != tag) == ("2026-05-29T00:00:00Z", True)
    client.post(f"{one}/correct", data={**form, "reason": "Once more"})
    assert client.get(url).get_json(force=True)["validFrom"] > after["validFrom"]
    change = db.scalars(select(AwardChange).order_by(AwardChange.id)).first()
    assert (change.before["results"], change.reason) == ({"team": "much"}, "Wrong level")  # type: ignore[union-attr]
    assert "Wrong level" in client.get(one).text


def test_a_withdrawn_badge_says_so_on_its_page_and_in_the_list(
    client: FlaskClient, db: Session, at: str
) -> None:
    client.post(f"{upload(client, at)}/run")
    award = db.scalars(select(Award)).one()
    one = f"{at}/holders/{award.id}"
    assert client.post(f"{one}/withdraw", data={"reason": " "}).status_code == 422
    client.post(f"{one}/withdraw", data={"reason": "Mixed up with somebody else"})
    db.expire_all()
    assert is_set(award.status_list.bits, award.status_index)
    assert "Mixed up with somebody else" in client.get(f"/credentials/{award.credential_id}").text
    late = {"reason": "x", "note": "", "awarded_on": "2026-05-29"}
    assert client.post(f"{one}/correct", data=late).status_code == 409


def test_eve_sees_and_does_nothing(client: FlaskClient, db: Session, museum: Museum, at: str) -> None:
    page = upload(client, at)
    client.post(f"{page}/run")
    award = db.scalars(select(Award)).one()
    _, eve = make_organiser(db, museum.city, "Other Place", "eve@example.org")
    sign_in(client, db, eve)
    for path in (at, f"{at}/people", page, f"{page}.csv", f"{page}/cards.pdf", f"{at}/holders", f"{at}/holders/{award.id}"):  # fmt: skip
        assert client.get(path).status_code == 404, path
    for path in (f"{page}/run", f"{page}/undo", f"{page}/rows/3", f"{at}/holders/{award.id}/withdraw", f"{at}/holders/{award.id}/correct"):  # fmt: skip
        assert client.post(path, data={"reason": "x"}).status_code == 404, path
    db.expire_all()
    assert award.revoked_at is None
    other = at.replace("town-museum", "other-place")  # her own desk does not open another organiser's badge
    assert client.get(other).status_code == 404


def test_one_badges_list_is_not_found_under_another(
    client: FlaskClient, db: Session, museum: Museum, at: str
) -> None:
    page = upload(client, at)
    elsewhere = page.replace(at, f"/desk/town-museum/badges/{museum.achievement.series}/award")
    assert client.get(elsewhere).status_code == 404
    assert services.counts(db, only(db).id)["ready"] == 1
