"""Staff prove who they are: second factors, proofs before what is dangerous, and sessions that can be ended."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import pyotp
import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.accounts.models import SecondFactor, User, UserSession
from server.accounts.staff import factors
from server.audit.models import AuditEntry
from server.cities.models import CityMember
from server.core.db import utc_now
from server.core.limits import limiter
from server.organisers.models import Member
from server.organisers.team import change_role
from server.post import askings
from server.post.models import Mail
from tests.cast import NOON, Museum
from tests.organisers.test_desk import sign_in

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
HTML = {"Accept": "text/html"}
INVITE = "/desk/town-museum/people/invite"
DEEP = json.dumps({"id": "x", "response": {"clientDataJSON": b64encode(b"[" * 15000).decode()}})


@pytest.fixture(autouse=True)
def _fresh(app: Flask) -> None:
    limiter.reset()


def sign_in_by_mail(client: FlaskClient, db: Session, user: User) -> TestResponse:
    """Ask for a link, as the page's form does, and use it."""
    g.pop("_login_user", None)
    client.post("/desk/sign-in/mail", data={"email": user.email})
    token = mails(db)[-1].text.split("#")[1].split()[0]
    return client.post("/desk/sign-in", data={"token": token})


def mails(db: Session) -> list[Mail]:
    askings.answer_all(utc_now())
    db.rollback()
    return list(db.scalars(select(Mail).order_by(Mail.id)))


def set_up_app(client: FlaskClient) -> pyotp.TOTP:
    page = client.get("/desk/me/app").text
    key = re.search(r'staff-key" dir="ltr">([A-Z2-7 ]+)<', page)
    offer = re.search(r'name="offer" value="([^"]+)"', page)
    assert key and offer
    app = pyotp.TOTP(key[1].replace(" ", ""))
    done = client.post("/desk/me/app", data={"offer": offer[1], "code": app.now()})
    assert "Your spare codes" in done.text
    return app


def next_code(app: pyotp.TOTP) -> str:
    return app.at(utc_now() + timedelta(seconds=30))


def spare_codes(page: TestResponse) -> list[str]:
    return re.findall(r"<li><code>([^<]+)</code>", page.text)


def change_sessions(db: Session, **values: datetime | None) -> None:
    db.execute(update(UserSession).values(**values))
    db.commit()


def require(app: Flask) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], second_factor="required")


def acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_a_link_by_mail_signs_in_and_says_nothing_of_others(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    known = client.post("/desk/sign-in/mail", data={"email": " Omar@Example.org "})
    other = client.post("/desk/sign-in/mail", data={"email": "eve@example.org"})
    assert known.text.replace("omar@", "eve@") == other.text
    assert [one.to for one in mails(db)] == ["omar@example.org"]
    token = mails(db)[0].text.split("#")[1].split()[0]
    assert client.post("/desk/sign-in", data={"token": token}).status_code == 303
    assert client.get("/desk/").status_code == 200
    assert acts(db) == ["staff.sign_in"]


def test_a_mailbox_is_not_flooded(client: FlaskClient, db: Session, museum: Museum) -> None:
    answers = [client.post("/desk/sign-in/mail", data={"email": "omar@example.org"}) for _ in range(6)]
    assert {one.status_code for one in answers} == {200}
    assert len(mails(db)) == 3


def test_what_is_no_address_is_said(client: FlaskClient, museum: Museum) -> None:
    assert client.post("/desk/sign-in/mail", data={"email": "omar"}).status_code == 422


def test_who_has_an_app_shows_its_code_after_a_link(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    app = set_up_app(client)
    client.post("/desk/sign-out")
    assert sign_in_by_mail(client, db, museum.omar).status_code == 303
    asked = client.get("/desk/?lang=nl", headers=HTML)
    assert asked.status_code == 401 and "/desk/prove?to=%2Fdesk%2F%3Flang%3Dnl" in unescape(asked.text)
    assert client.get("/desk/me", headers=HTML).status_code == 401
    wrong = client.post("/desk/prove?to=/desk/?lang=nl", data={"proof-code": "000000", "proof-method": "GET"})
    assert wrong.status_code == 422 and "does not fit" in wrong.text
    right = client.post(
        "/desk/prove?to=/desk/?lang=nl", data={"proof-code": next_code(app), "proof-method": "GET"}
    )
    assert (right.status_code, right.headers["Location"]) == (303, "/desk/?lang=nl")
    assert client.get("/desk/").status_code == 200


def test_a_code_works_once_and_neighbours_in_time_do_too(db: Session, museum: Museum, app: Flask) -> None:
    offered = factors.offer(museum.omar)
    key = pyotp.TOTP(factors.open_offer(museum.omar, offered))
    factors.confirm(db, museum.omar, offered, key.at(NOON), NOON)
    late = NOON + timedelta(minutes=5)
    for shift in (-60, 60, -30, 0, 30):
        code = key.at(late + timedelta(seconds=shift))
        if abs(shift) < 60:
            factors.use_code(db, museum.omar, code, late)
        with pytest.raises(factors.CodeWrong):
            factors.use_code(db, museum.omar, code, late)


def test_a_spare_code_works_once(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    set_up_app(client)
    first, second, *others = spare_codes(client.post("/desk/me/app/spare"))
    assert len(others) == 8
    prove = {"proof-method": "GET"}
    assert client.post("/desk/prove", data={**prove, "proof-code": first.upper()}).status_code == 303
    assert client.post("/desk/prove", data={**prove, "proof-code": first}).status_code == 422
    assert client.post("/desk/prove", data={**prove, "proof-code": second}).status_code == 303
    kept = db.scalars(select(SecondFactor)).one()
    assert len(kept.spare_digests) == 8 and second not in str(kept.spare_digests)
    assert "8 spare codes are left" in client.get("/desk/me").text


def test_codes_cannot_be_guessed(client: FlaskClient, db: Session, museum: Museum, app: Flask) -> None:
    sign_in(client, db, museum.omar)
    key = set_up_app(client)
    tried = [
        client.post(
            "/desk/prove", data={"proof-code": f"00000{n}"}, environ_base={"REMOTE_ADDR": f"10.0.0.{n}"}
        )
        for n in range(8)
    ]
    assert [one.status_code for one in tried] == [422] * 6 + [429] * 2
    right = {"proof-code": next_code(key)}
    assert client.post("/desk/prove", data=right, environ_base={"REMOTE_ADDR": "10.0.1.1"}).status_code == 429


def test_an_offer_is_for_one_person_and_one_hour(
    app: Flask, db: Session, museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = User(name="Eve", email="eve@example.org", created_at=NOON)
    db.add(eve)
    db.flush()
    offered = factors.offer(museum.omar)
    with pytest.raises(factors.SetUpTooSlow):
        factors.open_offer(eve, offered)
    monkeypatch.setattr(factors, "SET_UP_WITHIN", timedelta(seconds=-1))
    with pytest.raises(factors.SetUpTooSlow):
        factors.open_offer(museum.omar, offered)


def test_what_was_typed_is_kept_while_one_proves(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    key = set_up_app(client)
    change_sessions(db, proved_at=utc_now() - timedelta(minutes=11))
    typed = {"email": "rita@example.org", "role": "reviewer"}
    asked = client.post(f"{INVITE}?lang=en", data=typed, headers=HTML)
    assert asked.status_code == 401 and "Is it you?" in asked.text
    assert '<input type="hidden" name="email" value="rita@example.org">' in asked.text
    before = client.get_cookie("streetwise_session", path="/desk/")
    data = {**typed, "proof-method": "POST", "proof-code": next_code(key)}
    proved = client.post(f"/desk/prove?to={INVITE}?lang=en", data=data)
    assert (proved.status_code, proved.headers["Location"]) == (307, f"{INVITE}?lang=en")
    assert client.post(f"{INVITE}?lang=en", data=data).status_code == 303
    assert mails(db)[-1].to == "rita@example.org"
    after = client.get_cookie("streetwise_session", path="/desk/")
    assert before and after and before.value != after.value
    client.set_cookie("streetwise_session", before.value, path="/desk/")
    g.pop("_login_user", None)
    assert client.get("/desk/", headers=HTML).status_code == 401


def test_a_wrong_proof_keeps_what_was_typed_too(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    set_up_app(client)
    data = {"email": "<rita>", "proof-method": "POST", "proof-code": "1"}
    again = client.post(f"/desk/prove?to={INVITE}", data=data)
    assert again.status_code == 422
    assert (
        'name="email" value="&lt;rita&gt;"' in again.text and 'name="proof-method" value="POST"' in again.text
    )


def test_a_proof_leads_to_no_other_site(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    key = set_up_app(client)
    data = {"proof-method": "POST", "proof-code": next_code(key)}
    for to in ("//evil.example/desk/", "https://evil.example"):
        answer = client.post(f"/desk/prove?to={to}", data=data)
        assert "evil" not in answer.headers.get("Location", "") and "evil" not in answer.text


def test_who_has_no_second_factor_proves_by_a_code_in_a_mail(
    client: FlaskClient, db: Session, museum: Museum, app: Flask
) -> None:
    sign_in(client, db, museum.omar)
    change_sessions(db, proved_at=None)
    data = {"email": "rita@example.org", "role": "helper", "proof-method": "POST", "proof-by": "mail"}
    sent = client.post(f"/desk/prove/mail?to={INVITE}", data=data)
    assert "A code is on its way to o…r@example.org" in sent.text and "rita@example.org" in sent.text
    code = re.search(r"^\d{8}$", mails(db)[-1].text, re.M)
    assert code
    other = app.test_client()
    sign_in(other, db, museum.omar)
    assert other.post(f"/desk/prove?to={INVITE}", data={**data, "proof-code": code[0]}).status_code == 422
    assert client.post(f"/desk/prove?to={INVITE}", data={**data, "proof-code": code[0]}).status_code == 307
    assert client.post(f"/desk/prove?to={INVITE}", data={**data, "proof-code": code[0]}).status_code == 422


def test_a_mail_is_no_proof_for_who_has_an_app(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    set_up_app(client)
    asked = len(mails(db))
    assert client.post("/desk/prove/mail", data={"proof-method": "GET"}).status_code == 422
    assert len(mails(db)) == asked


def test_owners_and_the_city_must_have_one_within_a_week(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    rita, cora = (User(name=one, email=f"{one}@example.org", created_at=NOON) for one in ("rita", "cora"))
    db.add_all([rita, cora])
    db.flush()
    db.add(Member(organiser_id=museum.organiser.id, user_id=rita.id, role="editor"))
    db.add(CityMember(city_id=museum.city.id, user_id=cora.id, role="editor", created_at=NOON))
    db.commit()
    db.execute(update(Member).values(since=NOON))
    db.commit()
    require(app)
    for user, opens in ((rita, True), (cora, False), (museum.omar, False)):
        sign_in(client, db, user)
        home = client.get("/desk/", headers=HTML)
        assert home.status_code == (200 if opens else 401), user.name
        assert opens or "Set up a second factor" in home.text
        assert client.get("/desk/me").status_code == 200
    set_up_app(client)
    assert client.get("/desk/").status_code == 200


def test_in_the_first_week_only_what_is_dangerous_waits_for_it(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    db.execute(update(Member).values(since=utc_now() - timedelta(days=6)))  # omar has been here for longer
    db.commit()
    require(app)
    sign_in(client, db, museum.omar)
    assert "needs a second factor from" in client.get("/desk/").text
    typed = {"email": "rita@example.org", "role": "helper"}
    asked = client.post(INVITE, data=typed, headers=HTML)
    assert asked.status_code == 401 and "What you typed is kept on this page" in asked.text
    assert "rita@example.org" in asked.text
    set_up_app(client)
    assert client.post(INVITE, data=typed).status_code == 303


def test_who_sets_one_up_goes_on_where_they_were(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    db.execute(update(Member).values(since=NOON))
    db.commit()
    require(app)
    sign_in(client, db, museum.omar)
    asked = client.get("/desk/town-museum/people?lang=en", headers=HTML)
    there = "next=%2Fdesk%2Ftown-museum%2Fpeople%3Flang%3Den"
    assert asked.status_code == 401 and "Set up a second factor" in asked.text
    ways = [unescape(one) for one in re.findall(r'href="(/desk/me/[^"]+)"', asked.text)]
    assert [one.partition("?")[0] for one in ways] == ["/desk/me/passkeys/new", "/desk/me/app"]
    assert all(there in one and "lang=en" in one for one in ways)
    kept = 'name="next" value="/desk/town-museum/people?lang=en"'
    assert all(kept in client.get(one).text for one in ways)
    evil = client.get("/desk/me/app?next=//evil.example").text
    assert "evil" not in evil
    page = client.get(ways[1]).text
    key, offer = re.search(r'staff-key" dir="ltr">([A-Z2-7 ]+)<', page), re.search(r'name="offer" value="([^"]+)"', page)  # fmt: skip
    assert key and offer
    typed = {"offer": offer[1], "code": pyotp.TOTP(key[1].replace(" ", "")).now(), "next": unescape(kept.split('"')[3])}  # fmt: skip
    assert 'href="/desk/town-museum/people?lang=en"' in client.post("/desk/me/app", data=typed).text
    assert client.get("/desk/town-museum/people?lang=en").status_code == 200


def test_the_week_begins_with_the_role_and_not_with_another_one(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    db.execute(update(Member).values(since=NOON, role="editor"))
    db.commit()
    require(app)
    member = db.scalars(select(Member)).one()
    change_role(db, member, "editor", utc_now())
    assert member.since == NOON
    change_role(db, member, "owner", utc_now())
    db.commit()
    sign_in(client, db, museum.omar)
    assert client.get("/desk/", headers=HTML).status_code == 200


def test_the_last_factor_stays_where_one_is_needed(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    set_up_app(client)
    require(app)
    assert client.post("/desk/me/app/remove").status_code == 422
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], second_factor="offered")
    assert client.post("/desk/me/app/remove").status_code == 303
    assert acts(db)[-1] == "staff.app_remove"


def test_the_operators_link_lets_in_who_lost_the_app(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    set_up_app(client)
    client.post("/desk/sign-out")
    sign_in(client, db, museum.omar)
    assert client.get("/desk/").status_code == 200


def ask_for_address(client: FlaskClient, db: Session, address: str) -> str:
    """Ask for another address, and return the secret of the link that was mailed there."""
    done = client.post("/desk/me/address", data={"email": address})
    assert (done.status_code, done.headers["Location"]) == (303, "/desk/me?lang=en&done=asked")
    (mail,) = [one for one in mails(db) if one.to == address.lower()]
    assert "in a browser where you are signed in" in mail.text
    return mail.text.split("/desk/me/address#")[1].split()[0]


def confirm_address(client: FlaskClient, token: str) -> int:
    g.pop("_login_user", None)
    return client.post("/desk/me/address/confirm", data={"token": token}, headers=HTML).status_code


def test_an_address_changes_by_a_link_to_the_new_one(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    client.post("/desk/sign-in/mail", data={"email": "omar@example.org"})
    old = mails(db)[-1].text.split("#")[1].split()[0]
    token = ask_for_address(client, db, "Omar@New.example")
    db.refresh(museum.omar)
    assert museum.omar.email == "omar@example.org"
    assert confirm_address(app.test_client(), token) == 401
    assert confirm_address(client, token) == 303
    db.rollback()
    db.refresh(museum.omar)
    assert museum.omar.email == "omar@new.example"
    assert mails(db)[-1].to == "omar@example.org" and "another mail address" in mails(db)[-1].text
    assert acts(db)[-1] == "staff.address"
    assert app.test_client().post("/desk/sign-in", data={"token": old}).status_code == 410
    assert confirm_address(client, token) == 410


def test_an_address_of_somebody_else_is_not_taken(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    token = ask_for_address(client, db, "eve@example.org")
    eve = User(name="Eve", email="eve@example.org", created_at=NOON)
    db.add(eve)
    db.commit()
    assert confirm_address(client, token) == 409
    asked = client.post("/desk/me/address", data={"email": "eve@example.org"})
    assert asked.status_code == 303 and len(mails(db)) == 1
    other = app.test_client()
    sign_in(other, db, eve)
    assert [confirm_address(other, one) for one in (token, "é", factors.offer(eve))] == [410] * 3


def test_an_address_is_changed_by_who_proves_who_they_are(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    assert client.post("/desk/me/address", data={"email": "no address"}).status_code == 422
    change_sessions(db, proved_at=None)
    asked = client.post("/desk/me/address", data={"email": "omar@new.example"}, headers=HTML)
    assert asked.status_code == 401 and 'value="omar@new.example"' in asked.text
    assert mails(db) == []


def test_sessions_are_listed_and_ended(app: Flask, client: FlaskClient, db: Session, museum: Museum) -> None:
    tablet, kiosk = app.test_client(), app.test_client()
    for one in (tablet, kiosk, client):
        sign_in(one, db, museum.omar)
    ours = db.scalars(select(UserSession).order_by(UserSession.created_at)).all()
    page = client.get("/desk/me").text
    assert page.count("since ") == 3 and page.count(">this one<") == 1
    assert client.post("/desk/me/sessions", data={"session": ours[0].id}).status_code == 303
    assert opens(tablet) == 401 and opens(kiosk) == 200
    assert client.post("/desk/me/sessions").status_code == 303
    assert opens(kiosk) == 401 and opens(client) == 200


def opens(client: FlaskClient) -> int:
    g.pop("_login_user", None)
    return client.get("/desk/", headers=HTML).status_code


def test_nobody_ends_somebody_elses_session(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    eve = User(name="Eve", email="eve@example.org", created_at=NOON)
    db.add(eve)
    db.commit()
    other = app.test_client()
    sign_in(other, db, museum.omar)
    theirs = db.scalars(select(UserSession)).one().id
    sign_in(client, db, eve)
    assert client.post("/desk/me/sessions", data={"session": theirs}).status_code == 404
    client.post("/desk/me/sessions")
    assert opens(other) == 200


def test_ending_sessions_is_dangerous(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    change_sessions(db, proved_at=None)
    assert client.post("/desk/me/sessions", headers=HTML).status_code == 401


def test_a_browser_that_is_not_used_is_signed_out(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    change_sessions(db, seen_at=utc_now() - timedelta(days=13))
    assert opens(client) == 200
    seen = db.scalars(select(UserSession.seen_at)).one()
    assert seen and seen > utc_now() - timedelta(minutes=1)
    change_sessions(db, seen_at=utc_now() - timedelta(days=14, minutes=1))
    assert opens(client) == 401


def test_signing_in_again_ends_the_session_before(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    first = db.scalars(select(UserSession.id)).one()
    sign_in(client, db, museum.omar)
    assert db.scalars(select(UserSession.id)).one() != first


@pytest.mark.parametrize("path", ["/desk/sign-in/passkey", "/desk/prove"])
@pytest.mark.parametrize(
    "credential", ["", "{", "[]", "1" * 5000, '{"id": "x", "response": {}}', "[" * 15000, DEEP]
)
def test_what_is_no_passkey_opens_nothing(
    path: str, credential: str, client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    answer = client.post(path, data={"proof-credential": credential})
    assert answer.status_code in (403, 422)


def test_passkeys_cannot_be_tried_for_ever(client: FlaskClient, museum: Museum) -> None:
    tried = [client.post("/desk/sign-in/passkey", data={"proof-credential": DEEP[:9]}) for _ in range(21)]
    assert [one.status_code for one in tried] == [403] * 20 + [429]


def test_a_challenge_is_asked_for_by_who_it_is_about(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    assert client.post("/desk/sign-in/options").json["userVerification"] == "required"  # type: ignore[index]
    assert client.post("/desk/prove/options", headers={"Accept": "application/json"}).status_code == 401
    sign_in(client, db, museum.omar)
    made = client.post("/desk/me/passkeys/options").json
    assert made and made["user"]["name"] == "omar@example.org"
    change_sessions(db, proved_at=None)
    refused = client.post("/desk/me/passkeys/options", headers={"Accept": "application/json"})
    assert refused.json and refused.json["code"] == "proof_needed"
