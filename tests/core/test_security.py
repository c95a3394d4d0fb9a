"""Every answer carries its guards; other sites' forms are stopped."""

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from server.app import create_app
from server.config import Config


def test_pages_may_run_no_inline_script(client: FlaskClient, museum: object) -> None:
    policy = client.get("/en/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy.replace("wasm-unsafe-eval", "")
    assert "default-src 'none'" in policy


def test_answers_say_how_they_may_be_used(client: FlaskClient) -> None:
    headers = client.get("/nowhere").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_form_from_another_site_is_stopped(client: FlaskClient) -> None:
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ):
        assert client.post("/desk/sign-in", headers=headers).status_code == 403
    assert client.post("/desk/sign-in", headers={"Sec-Fetch-Site": "same-origin"}).status_code != 403


def test_static_files_carry_their_guards_too(client: FlaskClient) -> None:
    answer = client.get("/static/icons/icon.svg")
    assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get("/static/%2e%2e/app/main.js").status_code == 404


def test_behind_tls_everything_says_so(config: Config) -> None:
    client = create_app(replace(config, base_url="https://learn.example")).test_client()
    for path in ("/nowhere", "/static/icons/icon.svg"):
        assert "max-age" in client.get(path).headers["Strict-Transport-Security"]


def test_programs_read_problem_details(client: FlaskClient) -> None:
    answer = client.get("/api/nowhere")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 404


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "http:evil.example", "/\t/evil.example",
     " //evil.example", "javascript:alert(1)", "https://localhost@evil.example/", "https://localhost.evil.example", "http://["],
)  # fmt: skip
def test_no_address_of_ours_leads_to_another_site(app: Flask, client: FlaskClient, address: str) -> None:
    """Whatever a view is made to redirect to."""
    app.add_url_rule("/led", view_func=lambda: Response(status=303, headers={"Location": address}))
    answer = client.get("/led")
    where = urljoin("http://localhost/led", answer.headers["Location"].replace("\\", "/"))
    assert urlsplit(where).netloc == "localhost" and where.startswith("http://")


@pytest.mark.parametrize(
    "address", ["/desk/?lang=nl", "https://localhost/x", "http://localhost:8000/x", "x?next=//evil.example"]
)
def test_an_address_of_ours_is_led_to(app: Flask, client: FlaskClient, address: str) -> None:
    app.add_url_rule("/led", view_func=lambda: Response(status=303, headers={"Location": address}))
    assert client.get("/led").headers["Location"].endswith(address)


def test_a_body_past_the_limit_is_refused(app: Flask, client: FlaskClient) -> None:
    answer = client.post(
        "/verify", data={"text": "x" * (30 * 1024 * 1024)}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 413
