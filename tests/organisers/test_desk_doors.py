"""Every address of the desk, as the application has them: to whoever has no part in an organiser there is nothing there."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from server.accounts.models import Learner, User
from server.awarding.models import AwardBatch
from server.awarding.services import Upload, keep_list
from server.badges import giving
from server.badges.models import Award
from server.cities.models import City
from server.core.db import new_id, utc_now
from server.door.models import DoorLink
from server.endorsements import invitations
from server.endorsements import services as endorsements
from server.endorsements.services import Words
from server.endorsements.targets import ORGANISER, find_target
from server.families.classes import make_class, members_of
from server.organisers.models import Member
from tests.badges.conftest import complete
from tests.cast import NOON, Museum, make_organiser, texts
from tests.door.at_the_door import hold_session
from tests.organisers.test_desk import sign_in

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
OWN = {
    "/desk/", "/desk/codes", "/desk/health", "/desk/flags", "/desk/sessions", "/desk/sessions/new",
    "/desk/activities/new", "/desk/waiting",
}  # fmt: skip
"""They show whoever is signed in what is theirs."""
OPEN = {"/desk/sign-in", "/desk/sign-out"}
LEADS_ON = "door.no_link"
"""It only leads back to the session's page, which asks."""
NEEDS_MORE = {
    "organisers.waiting_file", "codes.codes_desk.change_batch", "codes.codes_desk.change_code", "learning.put_answer",
    "badges.badges_desk.put_draft", "awarding.awarding_desk.put_new_link", "awarding.awarding_desk.put_row",
    "awarding.awarding_desk.cards", "endorsements.desk.invite",
}  # fmt: skip
"""Without a file, a row or a form that names something there is nothing for the owner either."""
EDITORS = ("/badges", "/classes", "/endorsements", "/codes", "/sheet")


@dataclass
class Doors:
    """Everything of the museum's that an address of the desk can name."""

    fill: dict[str, str]

    def path(self, rule: Rule) -> str:
        """Write an address as the museum's people would open it."""
        names = {**self.fill, **self._words(rule)}
        built = rule.build({name: names[name] for name in rule.arguments})
        assert built is not None
        return built[1]

    def _words(self, rule: Rule) -> dict[str, str]:
        if "badges/<id>" in rule.rule:
            return {"id": self.fill["achievement"]}
        if rule.rule.startswith("/desk/sessions/<id>"):
            return {"id": self.fill["occurrence_id"]}
        if "endorsements/new" in rule.rule:
            return {"kind": "organiser", "id": self.fill["other"], "slug": "town-museum"}
        if "endorsements" in rule.rule:
            return {"id": self.fill["endorsement"], "word": "show", "slug": "town-museum"}
        if rule.rule.startswith("/desk/playlists"):
            return {"slug": "museum-visit"}
        if rule.rule.startswith("/desk/codes/<key>"):
            return {"key": self.fill["code_id"], "form": "svg"}
        return {"slug": "stop-0"}


@pytest.fixture
def doors(db: Session, museum: Museum) -> Doors:
    learner = Learner(id=new_id(), city_id=museum.city.id, created_at=NOON)
    db.add(learner)
    db.flush()
    other, _ = make_organiser(db, museum.city, "River School", "sara@example.org")
    award = giving.award(db, learner.id, museum.achievement, complete(db, museum, learner), NOON)
    target = find_target(db, ORGANISER, museum.organiser.id)
    said = endorsements.keep(db, other, target, Words("Good people.", "en"), NOON)
    asked = invitations.invite(db, "a" * 43, target, "Jo", utc_now(), user_id=museum.omar.id)
    batch = keep_list(db, Upload(museum.achievement, museum.omar.id, "class.csv", NOON), [])
    session = hold_session(db, museum)
    link = DoorLink(occurrence_id=session.id, digest="b" * 43, role="helper", created_at=NOON, ends_at=NOON)
    db.add(link)
    taught = make_class(db, museum.organiser, "4b", ["Otter"], utc_now() + timedelta(days=9), utc_now())
    db.commit()
    return Doors(
        {
            "org": "town-museum", "organiser": "town-museum", "achievement": museum.achievement.id,
            "series": museum.achievement.series, "award_id": award["id"], "batch_id": batch.id, "number": "2",
            "other": other.id, "endorsement": said.id, "digest": asked.digest, "occurrence_id": session.id,
            "class_id": taught.id, "member_id": members_of(db, taught)[0].id, "link_id": link.id, "code_id": museum.codes[0].id, "kind": "activities", "key": "stop-0", "name": "stop-0",
            "learner": learner.id, "event": new_id(), "sha256": "0" * 64,
        }
    )  # fmt: skip


def doors_of(app: Flask, method: str) -> list[Rule]:
    found = [one for one in app.url_map.iter_rules() if one.rule.startswith("/desk/")]
    return [
        one
        for one in found
        if method in (one.methods or ()) and one.endpoint != LEADS_ON and one.rule not in OWN | OPEN
    ]


def strangers(db: Session, museum: Museum) -> dict[str, User]:
    """Somebody of another organiser, of another city on the same server, a helper of the museum, and nobody's."""
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    far = City(slug="far", name="Far", tagline=texts("Far"), about=texts("Far"), picture_alt={}, languages=["en"], timezone="UTC")  # fmt: skip
    db.add(far)
    db.flush()
    _, fay = make_organiser(db, far, "Town Museum", "fay@example.org")
    hal, ned = (User(name=one, email=f"{one}@example.org", created_at=NOON) for one in ("hal", "ned"))
    db.add_all([hal, ned])
    db.flush()
    db.add(Member(organiser_id=museum.organiser.id, user_id=hal.id, role="helper"))
    db.commit()
    return {"another organiser": eve, "another city": fay, "a helper": hal, "a member of nothing": ned}


def test_nobody_opens_a_door_of_another_desk(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, doors: Doors
) -> None:
    for who, user in strangers(db, museum).items():
        sign_in(client, db, user)
        for method in ("GET", "POST"):
            for rule in doors_of(app, method):
                if who == "a helper" and not any(one in rule.rule for one in EDITORS):
                    continue
                answer = client.open(doors.path(rule), method=method, data={"reason": "x", "text": "x"})
                assert answer.status_code == 404, (who, method, rule.rule)
                assert "Museum visit" not in answer.text and "River explorer" not in answer.text
        for path in OWN if who != "a helper" else ():
            assert "Stop 0" not in client.get(path).text, (who, path)
    db.expire_all()
    assert db.scalars(select(Award)).one().revoked_at is None
    assert db.scalars(select(AwardBatch)).one().run_at is None


def test_every_door_asks_who_is_there(app: Flask, client: FlaskClient, museum: Museum, doors: Doors) -> None:
    for method in ("GET", "POST"):
        for rule in doors_of(app, method):
            assert client.open(doors.path(rule), method=method).status_code == 401, (method, rule.rule)


def test_the_museums_own_people_find_each_of_them(
    app: Flask, client: FlaskClient, db: Session, museum: Museum, doors: Doors
) -> None:
    """Or the tests above would prove nothing."""
    sign_in(client, db, museum.omar)
    for method in ("GET", "POST"):
        for rule in doors_of(app, method):
            status = client.open(doors.path(rule), method=method).status_code
            assert status < 500 and (status != 404 or rule.endpoint in NEEDS_MORE), (method, rule.rule)
