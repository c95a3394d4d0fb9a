"""People join an organiser or the city's team by an invitation; a team always keeps an owner."""

from datetime import timedelta

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import StaffInvitation, User
from server.accounts.staff import invitations
from server.accounts.staff.invitations import InvitationSpent, NoName, NoRole
from server.audit.models import AuditEntry
from server.cities.models import CityMember
from server.core.db import utc_now
from server.core.limits import limiter
from server.organisers.models import Member
from server.organisers.team import team
from server.post.addresses import AddressInvalid
from server.post.models import Mail
from tests.cast import NOON, Museum, make_organiser
from tests.organisers.test_desk import sign_in

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
PEOPLE = "/desk/town-museum/people"


@pytest.fixture(autouse=True)
def _fresh(app: Flask) -> None:
    limiter.reset()


def invite(db: Session, museum: Museum, role: str = "editor", email: str = "rita@example.org") -> str:
    _, token = invitations.invite(
        db, email=email, role=role, organiser=museum.organiser, by=museum.omar, at=utc_now()
    )
    db.commit()
    return token


def roles(db: Session, museum: Museum) -> dict[str, str]:
    db.rollback()
    return {one.user.email.partition("@")[0]: one.role for one in team(db, museum.organiser)}


def tokens_in_mails(db: Session) -> list[str]:
    db.rollback()
    return [one.text.split("#")[1].split()[0] for one in db.scalars(select(Mail).order_by(Mail.id))]


def acts(db: Session) -> list[tuple[str, str]]:
    db.rollback()
    query = select(AuditEntry).where(AuditEntry.act != "staff.sign_in").order_by(AuditEntry.id)
    return [(one.who, one.act) for one in db.scalars(query)]


def test_an_owner_invites_and_somebody_new_joins(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    form = {"email": " Rita@Example.org ", "role": "reviewer"}
    assert client.post(f"{PEOPLE}/invite", data=form).status_code == 303
    assert "rita@example.org" in client.get(PEOPLE).text
    token = tokens_in_mails(db)[0]
    assert token not in client.get(PEOPLE).text
    rita = app.test_client()
    g.pop("_login_user", None)
    shown = rita.post("/desk/join", data={"token": f"http://localhost/desk/join#{token}"}).text
    assert "Join Town Museum" in shown and "Reviewer" in shown and "r…a@example.org" in shown
    joined = rita.post("/desk/join", data={"token": token, "accept": "1", "name": "Rita\n R."})
    assert joined.headers["Location"] == "/desk/me?lang=en&done=welcome"
    assert "Hello, Rita R." in rita.get("/desk/").text
    assert roles(db, museum) == {"omar": "owner", "rita": "reviewer"}
    assert rita.post("/desk/join", data={"token": token, "accept": "1", "name": "X"}).status_code == 410
    assert acts(db) == [("Town Museum", "people.invite"), ("Rita R.", "staff.join")]


def test_who_is_known_joins_and_is_signed_in_by_nobody(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    token = invite(db, museum, email="eve@example.org")
    assert "You are here already, as Elsewhere" in client.post("/desk/join", data={"token": token}).text
    joined = client.post("/desk/join", data={"token": token, "accept": "1", "name": "Not Eve"})
    assert "Sign in as you always do" in joined.text
    assert client.get_cookie("streetwise_session", path="/desk/") is None
    assert roles(db, museum) == {"eve": "editor", "omar": "owner"}
    assert db.get_one(User, eve.id).name == "Elsewhere"


def test_an_invitation_holds_for_a_week_and_the_newest_counts(db: Session, museum: Museum) -> None:
    first, second = invite(db, museum), invite(db, museum, "helper")
    with pytest.raises(InvitationSpent):
        invitations.find(db, first, utc_now())
    assert invitations.find(db, second, utc_now() + timedelta(days=6, hours=23)).role == "helper"
    with pytest.raises(InvitationSpent):
        invitations.find(db, second, utc_now() + timedelta(days=7))
    assert second not in db.scalars(select(StaffInvitation.digest)).all()


def test_nobody_loses_a_role_by_an_invitation(db: Session, museum: Museum) -> None:
    token = invite(db, museum, "helper", "omar@example.org")
    assert invitations.accept(db, token, "", utc_now()) is museum.omar
    db.commit()
    assert roles(db, museum) == {"omar": "owner"}


def test_the_city_invites_into_its_team(db: Session, museum: Museum) -> None:
    for role in ("owner", "editor"):
        _, token = invitations.invite(
            db, email="cora@example.org", role=role, city=museum.city, by=None, at=NOON
        )
        cora = invitations.accept(db, token, "Cora", NOON)
    assert [(one.user_id, one.role) for one in db.scalars(select(CityMember))] == [(cora.id, "owner")]
    with pytest.raises(NoRole):
        invitations.invite(db, email="cora@example.org", role="helper", city=museum.city, by=None, at=NOON)


@pytest.mark.parametrize(
    "email", ["", "rita", "a@b", "a@example.org, b@example.org", "a@example.org\nBcc: b@c.de"]
)
def test_only_an_address_is_invited(email: str, db: Session, museum: Museum) -> None:
    with pytest.raises(AddressInvalid):
        invite(db, museum, email=email)


def test_who_joins_has_a_name(db: Session, museum: Museum) -> None:
    with pytest.raises(NoName):
        invitations.accept(db, invite(db, museum), " \n ", utc_now())


def test_an_invitation_is_withdrawn_by_its_own_team(client: FlaskClient, db: Session, museum: Museum) -> None:
    token = invite(db, museum)
    id = db.scalars(select(StaffInvitation.id)).one()
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    sign_in(client, db, eve)
    assert client.post(f"/desk/elsewhere/people/invitations/{id}/withdraw").status_code == 404
    sign_in(client, db, museum.omar)
    assert client.post(f"{PEOPLE}/invitations/{id}/withdraw").status_code == 303
    assert client.post("/desk/join", data={"token": token}).status_code == 410


def test_roles_change_and_people_leave_but_the_last_owner(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    rita = invitations.accept(db, invite(db, museum), "Rita", utc_now())
    db.commit()
    member = {one.user_id: one.id for one in db.scalars(select(Member))}
    omars, ritas = f"{PEOPLE}/{member[museum.omar.id]}", f"{PEOPLE}/{member[rita.id]}"
    sign_in(client, db, museum.omar)
    for path in (f"{omars}/remove", f"{omars}/role"):
        refused = client.post(path, data={"role": "editor"})
        assert refused.status_code == 409 and "Somebody must own this team" in refused.text
    assert client.post(f"{ritas}/role", data={"role": "king"}).status_code == 404
    assert client.post(f"{ritas}/role", data={"role": "owner"}).status_code == 303
    assert client.post(f"{omars}/role", data={"role": "helper"}).headers["Location"] == "/desk/?lang=en"
    assert roles(db, museum) == {"rita": "owner", "omar": "helper"}
    assert client.get(PEOPLE).status_code == 404
    sign_in(client, db, rita)
    assert client.post(f"{omars}/remove").status_code == 303
    assert roles(db, museum) == {"rita": "owner"}
    assert [act for _, act in acts(db)] == ["people.role", "people.role", "people.remove"]


def test_people_of_one_team_are_not_changed_from_another(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    _, eve = make_organiser(db, museum.city, "Elsewhere", "eve@example.org")
    omars = db.scalars(select(Member.id).where(Member.user_id == museum.omar.id)).one()
    sign_in(client, db, eve)
    for word in ("role", "remove"):
        answer = client.post(f"/desk/elsewhere/people/{omars}/{word}", data={"role": "helper"})
        assert answer.status_code == 404
    assert roles(db, museum) == {"omar": "owner"}


def test_invitations_flood_nobody(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    form = {"email": "rita@example.org", "role": "helper"}
    answers = [client.post(f"{PEOPLE}/invite", data=form).status_code for _ in range(5)]
    assert answers == [303, 303, 303, 429, 429]
    assert len(tokens_in_mails(db)) == 3
