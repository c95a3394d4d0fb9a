"""The city's desk: Carla runs the city, Ed edits, Omar's museum may be suspended and brought back."""

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import Learner, StaffInvitation, User, UserSession
from server.audit.models import AuditEntry
from server.audit.services import Actor, note
from server.badges import giving
from server.badges.models import Award
from server.cities.models import City, CityMember
from server.core.db import utc_now
from server.families.ages import age_in
from server.organisers.models import Organiser
from server.post.models import Mail
from tests.badges.conftest import ada, complete  # noqa: F401 - a fixture
from tests.cast import NOON, Museum, make_city
from tests.organisers.test_desk import sign_in
from tests.phone import Phone

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def add_to_team(db: Session, city: City, name: str, role: str = "owner") -> User:
    user = User(name=name, email=f"{name.lower()}@city.example", created_at=utc_now())
    db.add(user)
    db.flush()
    db.add(CityMember(city_id=city.id, user_id=user.id, role=role, created_at=utc_now()))
    db.commit()
    return user


@pytest.fixture
def carla(db: Session, museum: Museum) -> User:
    return add_to_team(db, museum.city, "Carla")


def acts(db: Session) -> list[str]:
    db.rollback()
    return [
        one
        for one in db.scalars(select(AuditEntry.act).order_by(AuditEntry.id))
        if not one.startswith("staff.")
    ]


def test_the_first_page_counts_and_says_what_is_missing(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    db.add(Organiser(city_id=museum.city.id, slug="empty", name={"en": "Empty Club"}, about={}))
    sign_in(client, db, carla)
    page = client.get("/desk/city").text
    assert "Empty Club has no owner yet." in page and "Empty Club offers nothing yet." in page
    assert "No country is set" in page and "You are the only owner" in page
    assert "Town Museum has no owner" not in page
    assert 'href="/desk/city?' in client.get("/desk/").text


def test_an_editor_looks_and_changes_nothing(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    sign_in(client, db, add_to_team(db, museum.city, "Ed", "editor"))
    page = client.get("/desk/city/organisers/town-museum").text
    assert "Museum visit" in page and "omar@example.org" in page and "Suspend" not in page
    assert "/desk/city/log" not in client.get("/desk/city").text
    assert client.post("/desk/city/organisers/town-museum/suspend", data={"why": "x"}).status_code == 404


def test_a_new_organiser_gets_a_first_owner_by_mail(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    sign_in(client, db, carla)
    typed = {"name": "River & Friends", "email": "Nina@Example.org"}
    answer = client.post("/desk/city/organisers/new?lang=en", data=typed)
    assert answer.location.startswith("/desk/city/organisers/river-friends?")
    made = db.scalars(select(Organiser).where(Organiser.slug == "river-friends")).one()
    invited = db.scalars(select(StaffInvitation)).one()
    assert (invited.organiser_id, invited.role, invited.email) == (made.id, "owner", "nina@example.org")
    mail = db.scalars(select(Mail)).one()
    assert mail.to == "nina@example.org" and "/desk/join#" in mail.text
    assert acts(db) == ["organiser.make", "organiser.invite"]
    assert "/desk/join#" not in client.get(answer.location).text  # only who reads the mailbox may join


def test_an_organiser_without_a_name_or_a_mailbox_is_not_made(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    sign_in(client, db, carla)
    for typed in ({"name": "", "email": "nina@example.org"}, {"name": "Friends", "email": "nina"}):
        answer = client.post("/desk/city/organisers/new", data=typed)
        assert answer.status_code == 422 and (typed["email"] in answer.text)
    assert db.scalars(select(Organiser.slug)).all() == ["town-museum"] and acts(db) == []


def test_what_is_suspended_is_hidden_and_comes_back(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    sign_in(client, db, carla)
    shown = ["/en/activities/stop-0", "/en/playlists/museum-visit", f"/s/{museum.codes[0].point_id}"]
    one = "/desk/city/organisers/town-museum"
    assert client.post(f"{one}/suspend", data={"why": " "}).status_code == 422
    assert client.post(f"{one}/suspend", data={"why": "Nobody answers."}).status_code == 303
    assert [client.get(path).status_code for path in shown] == [404] * 3
    assert "not offered at the moment" in client.get(shown[0]).text
    home = client.get("/en/").text
    assert "Museum visit" not in home and "Stop 0" not in home
    assert "still hold" in client.get("/en/organisers/town-museum").text
    assert client.post(f"{one}/bring-back").status_code == 303
    assert [client.get(path).status_code for path in shown] == [200] * 3
    assert acts(db) == ["organiser.suspend", "organiser.bring_back"]


def test_people_of_a_suspended_organiser_look_and_change_nothing(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    museum.organiser.suspended_at, museum.organiser.suspended_why = NOON, "Nobody answers."
    sign_in(client, db, museum.omar)
    assert "Nobody answers." in client.get("/desk/").text
    assert client.get("/desk/activities/stop-0/checks").status_code == 200
    for path in (
        "/desk/activities/stop-0/checks",
        "/desk/activities/new",
        "/desk/flags",
        "/desk/town-museum/badges/new",
    ):
        answer = client.post(path, data={"title": "A walk"})
        assert answer.status_code == 403 and "has suspended Town Museum" in answer.text, path
    assert acts(db) == []


def test_badges_hold_and_work_counts_while_an_organiser_is_suspended(
    app: Flask,
    client: FlaskClient,
    db: Session,
    museum: Museum,
    ada: Learner,  # noqa: F811
) -> None:
    row = giving.award(db, ada.id, museum.achievement, complete(db, museum, ada), NOON)
    museum.organiser.suspended_at = NOON
    db.commit()
    credential = db.get_one(Award, row["id"]).credential_id
    assert client.get(f"/credentials/{credential}.json").status_code == 200
    assert client.get(f"/orgs/{museum.organiser.id}/did.json").status_code == 200
    assert client.get(f"/api/playlists/{museum.playlist.id}/bundle").status_code == 200
    phone = Phone(app, at=NOON)
    scanned = phone.scan(museum.code(0))
    phone.sync()
    assert phone.results[scanned]["state"] == "ok"


def test_the_last_owner_stays_and_a_second_one_lets_go(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    sign_in(client, db, carla)
    own = db.scalars(select(CityMember.id).where(CityMember.user_id == carla.id)).one()
    for path, form in ((f"{own}/role", {"role": "editor"}), (f"{own}/remove", {})):
        assert client.post(f"/desk/city/team/{path}", data=form).status_code == 409
    ed = add_to_team(db, museum.city, "Ed", "editor")
    other = db.scalars(select(CityMember.id).where(CityMember.user_id == ed.id)).one()
    assert client.post(f"/desk/city/team/{other}/role", data={"role": "owner"}).status_code == 303
    assert client.post(f"/desk/city/team/{own}/remove").status_code == 303
    assert client.get("/desk/city").status_code == 404
    assert acts(db) == ["team.role", "team.remove"]


def test_the_team_grows_by_invitation(client: FlaskClient, db: Session, museum: Museum, carla: User) -> None:
    sign_in(client, db, carla)
    assert client.post("/desk/city/team/invitations", data={"email": "x", "role": "owner"}).status_code == 422
    assert (
        client.post(
            "/desk/city/team/invitations", data={"email": "pia@example.org", "role": "editor"}
        ).status_code
        == 303
    )
    invited = db.scalars(select(StaffInvitation)).one()
    assert (invited.city_id, invited.role) == (museum.city.id, "editor")
    assert "pia@example.org" in client.get("/desk/city/team").text
    assert client.post(f"/desk/city/team/invitations/{invited.id}/withdraw").status_code == 303
    assert "pia@example.org" not in client.get("/desk/city/team").text


def test_what_is_dangerous_asks_who_it_is_once_more(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    sign_in(client, db, carla)
    db.execute(update(UserSession).values(proved_at=NOON))
    db.commit()
    answer = client.post("/desk/city/organisers/town-museum/suspend", data={"why": "Nobody answers."})
    assert answer.status_code == 401 and acts(db) == []
    db.refresh(museum.organiser)
    assert museum.organiser.suspended_at is None


def write_log(db: Session, city: City, organiser: Organiser) -> None:
    for number in range(60):
        who, act = ("Omar", "badge.publish") if number % 2 else ("Rita", "session.make")
        at = utc_now().replace(year=2026, month=3, day=1 + number // 4, hour=12)
        note(
            db,
            Actor(city.id, who, None, "198.51.100.7"),
            act,
            at=at,
            organiser=organiser.id,
            name=f"=Thing {number}",
        )
    note(
        db,
        Actor(make_city(db, "far", "far.example").id, "Fay"),
        "badge.publish",
        at=utc_now(),
        name="Far thing",
    )
    db.commit()


def test_the_log_is_filtered_and_turned_page_by_page(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    write_log(db, museum.city, museum.organiser)
    sign_in(client, db, carla)
    page = client.get("/desk/city/log?lang=en").text
    assert "Published a badge" in page and "from 198.51.100.7" in page and "Page 1 of 2" in page
    assert "Far thing" not in page and "Fay" not in page
    assert "=Thing 0<" not in page and "=Thing 0<" in client.get("/desk/city/log?lang=en&page=2").text
    omar = client.get("/desk/city/log?lang=en&who=Omar&kind=badge&first=2026-03-02&last=2026-03-03").text
    assert "4 entries" in omar and "Made a session" not in omar
    assert "Nothing fits." in client.get("/desk/city/log?who=Nobody&first=never").text


def test_the_log_as_a_table_starts_no_formula_and_is_itself_kept(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    note(db, Actor(museum.city.id, "=HYPERLINK(1)", None, "198.51.100.7"), "badge.publish", at=NOON, organiser=museum.organiser.id)  # fmt: skip
    sign_in(client, db, carla)
    answer = client.get("/desk/city/log.csv?kind=badge")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [(one["who"], one["act"], one["organiser"], one["from"]) for one in rows] == [
        ("'=HYPERLINK(1)", "badge.publish", "town-museum", "198.51.100.7")
    ]
    assert rows[0]["at"] == NOON.isoformat() and acts(db)[-1] == "audit.download"


def test_settings_are_checked_and_kept(client: FlaskClient, db: Session, museum: Museum, carla: User) -> None:
    sign_in(client, db, carla)
    wrong = client.post(
        "/desk/city/settings?lang=en",
        data={"country": "Narnia", "keep-guests": "3", "controller": "The Town", "age": "9"},
    )
    assert wrong.status_code == 422 and "from 90 to 3650" in wrong.text and "The Town" in wrong.text
    assert "from 12 to 18" in wrong.text and 'value="9"' in wrong.text
    typed = {"country": "NL", "keep-guests": "400", "contact": "privacy@town.example", "keep-mails": ""}
    assert client.post("/desk/city/settings?lang=en", data=typed).status_code == 303
    db.refresh(museum.city)
    assert (museum.city.country, museum.city.keeps) == ("NL", {"guests": 400})
    assert museum.city.privacy == {"contact": "privacy@town.example"}
    assert "No country is set" not in client.get("/desk/city").text
    entry = db.scalars(select(AuditEntry).where(AuditEntry.act == "city.settings")).one()
    assert entry.facts["changed"] == {
        "country": "NL",
        "privacy": {"contact": "privacy@town.example"},
        "keeps": {"guests": 400},
    }


def test_a_city_sets_its_own_age_of_consent_and_nothing_else_is_lost(
    client: FlaskClient, db: Session, museum: Museum, carla: User
) -> None:
    said = {"en": "The Town", "nl": "De Stad"}
    museum.city.country, museum.city.privacy = "NL", {"controller": said}
    db.commit()
    sign_in(client, db, carla)
    page = client.get("/desk/city/settings?lang=en").text
    assert 'value="The Town"' in page and "Left empty it is 16" in page
    client.post("/desk/city/settings?lang=en", data={"country": "NL", "controller": "The Town", "age": "14"})
    db.refresh(museum.city)
    assert museum.city.privacy == {"controller": said, "age_of_consent": 14}
    assert age_in("NL", museum.city) == 14 and age_in("DE", museum.city) == 16
    alone = client.post("/desk/city/settings?lang=en", data={"country": "", "age": "14"})
    assert alone.status_code == 422 and "choose the country" in alone.text
    client.post("/desk/city/settings?lang=en", data={"country": "NL"})
    db.refresh(museum.city)
    assert age_in("NL", museum.city) == 16
