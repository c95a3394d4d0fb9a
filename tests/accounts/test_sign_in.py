"""Staff sign in by a link that works once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import SignInLink, UserSession
from server.accounts.services import make_sign_in_link, safe_next
from server.core.db import utc_now
from tests.cast import Museum


def link(db: Session, museum: Museum, **options: object) -> str:
    url = make_sign_in_link(db, museum.omar, at=utc_now(), **options)  # type: ignore[arg-type]
    db.commit()
    return url


def test_a_link_signs_in_once(client: FlaskClient, db: Session, museum: Museum) -> None:
    url = link(db, museum)
    assert url.startswith("http://localhost:8000/desk/sign-in#")
    token = url.split("#")[1]
    first = client.post("/desk/sign-in", data={"token": token})
    assert (first.status_code, first.headers["Location"]) == (303, "/desk/")
    assert client.get("/desk/").status_code == 200
    again = client.post("/desk/sign-in", data={"token": token})
    assert again.status_code == 410
    assert "no longer works" in again.text


def test_the_whole_pasted_link_works_too(client: FlaskClient, db: Session, museum: Museum) -> None:
    assert client.post("/desk/sign-in", data={"token": f" {link(db, museum)} "}).status_code == 303


def test_a_late_link_is_spent(client: FlaskClient, db: Session, museum: Museum) -> None:
    token = link(db, museum, lasts=timedelta(seconds=-1)).split("#")[1]
    assert client.post("/desk/sign-in", data={"token": token}).status_code == 410


def test_the_cookie_is_out_of_reach(client: FlaskClient, db: Session, museum: Museum) -> None:
    answer = client.post("/desk/sign-in", data={"token": link(db, museum).split("#")[1]})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/desk/" in cookie


def test_behind_tls_the_cookie_travels_by_tls_alone(
    app: Flask, client: FlaskClient, db: Session, museum: Museum
) -> None:
    app.config["STREETWISE"] = replace(app.config["STREETWISE"], base_url="https://learn.example")
    answer = client.post("/desk/sign-in", data={"token": link(db, museum).split("#")[1]})
    assert "Secure" in answer.headers["Set-Cookie"]


def test_only_hashes_are_kept(client: FlaskClient, db: Session, museum: Museum) -> None:
    token = link(db, museum).split("#")[1]
    client.post("/desk/sign-in", data={"token": token})
    cookie = client.get_cookie("streetwise_session", path="/desk/")
    assert cookie
    assert token not in db.scalars(select(SignInLink.token_hash)).all()
    assert cookie.value not in db.scalars(select(UserSession.token_hash)).all()


def test_signing_out_ends_the_session_on_the_server(client: FlaskClient, db: Session, museum: Museum) -> None:
    client.post("/desk/sign-in", data={"token": link(db, museum).split("#")[1]})
    cookie = client.get_cookie("streetwise_session", path="/desk/")
    assert cookie
    client.post("/desk/sign-out")
    client.set_cookie("streetwise_session", cookie.value, path="/desk/")
    assert client.get("/desk/", headers={"Accept": "text/html"}).status_code == 401


def test_the_link_leads_where_it_was_made_for(client: FlaskClient, db: Session, museum: Museum) -> None:
    url = link(db, museum, next="/desk/playlists/museum-visit/sheet")
    assert "next=%2Fdesk%2Fplaylists%2Fmuseum-visit%2Fsheet" in url
    page = client.get(url.removeprefix("http://localhost:8000").split("#")[0])
    assert 'name="next" value="/desk/playlists/museum-visit/sheet"' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path", ["https://evil.example/desk/", "//evil.example", "/\\evil", "/desk/\\x", "", None]
)
def test_nobody_is_led_to_another_site(path: str | None) -> None:
    assert safe_next(path) == "/desk/"


def test_another_sites_form_signs_nobody_in(client: FlaskClient, db: Session, museum: Museum) -> None:
    token = link(db, museum).split("#")[1]
    answer = client.post("/desk/sign-in", data={"token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_an_address_that_is_none_is_kept_to_be_mended(client: FlaskClient, museum: Museum) -> None:
    page = client.post("/desk/sign-in/mail?lang=en", data={"email": "omar at home"})
    assert page.status_code == 422 and 'value="omar at home"' in page.text


def test_guessing_is_slowed_down(client: FlaskClient, db: Session, museum: Museum) -> None:
    answers = [client.post("/desk/sign-in", data={"token": f"guess{n}"}).status_code for n in range(12)]
    assert answers[-1] == 429
