"""Where codes lead: the stop's page, the typed form's answer, and the printed sheet."""

import re

import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.codes import rotating
from server.codes.making import make_code
from server.codes.services import url_of
from server.core.db import utc_now
from server.core.qr import in_capitals
from tests.activities.test_stop_page import props_of
from tests.cast import NOON, Museum
from tests.organisers.test_desk import sign_in

BASE = "http://localhost:8000"


def test_a_point_shows_its_stop_in_the_visitors_language(client: FlaskClient, museum: Museum) -> None:
    answer = client.get(f"/s/{museum.code(0).point_id}", headers={"Accept-Language": "nl"})
    assert answer.status_code == 200
    assert "<h1>Stop 0 (nl)</h1>" in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    assert f'<link rel="canonical" href="{BASE}/nl/activities/stop-0">' in answer.text
    assert props_of(answer.text, "arrival")["activity"]["url"] == "/nl/activities/stop-0"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_plain_page_has_no_arrival(client: FlaskClient, museum: Museum) -> None:
    assert 'data-island="arrival"' not in client.get("/en/activities/stop-0").text


def test_lookalikes_and_case_do_not_matter(client: FlaskClient, museum: Museum) -> None:
    assert client.get(f"/s/{museum.code(0).point_id.lower().replace('0', 'o')}").status_code == 200  # o for 0


def test_an_unknown_point_has_a_way_on(client: FlaskClient, museum: Museum) -> None:
    answer = client.get("/s/NOSVCH00")
    assert answer.status_code == 404
    assert 'href="/en/scan"' in answer.text


def test_a_typed_form_tells_the_stop_and_never_the_secret(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    code = make_code(db, museum.code(0).point, level=1, at=NOON)
    db.commit()
    assert code.typed
    written = f"{code.typed[:4].lower()}-{code.typed[4:]}"
    answer = client.post("/api/typed", json={"typed": written}, headers={"Accept-Language": "es"})
    assert answer.get_json() == {
        "activity": museum.activities[0].id,
        "achievement": None,
        "title": "Stop 0 (es)",
        "url": "/es/activities/stop-0",
        "point": code.point_id,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_wrong_and_revoked_typed_forms_look_the_same(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    code = make_code(db, museum.code(0).point, level=1, at=NOON)
    code.revoked_at = NOON
    db.commit()
    for typed in (code.typed, "AAAAAAAA"):
        answer = client.post("/api/typed", json={"typed": typed})
        assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_code")
        assert answer.headers["Sync-Proto"] == "1"


def test_guessing_typed_forms_is_slowed_down(client: FlaskClient, museum: Museum) -> None:
    answers = [client.post("/api/typed", json={"typed": f"AAAAAAA{n % 10}"}).status_code for n in range(12)]
    assert answers[0] == 404
    assert answers[-1] == 429


def paths_of(html: str) -> list[tuple[int, str]]:
    found = re.findall(
        r'class="qr" viewBox="0 0 (\d+) \d+".*?class="qr-dark" fill="#000" d="([^"]+)"', html, re.S
    )
    return [(int(size), path) for size, path in found]


def read_qr(size: int, path: str) -> str:
    import io

    import resvg_py

    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}"/></svg>'
    )
    picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size * 6))))
    return zxingcpp.read_barcodes(picture.convert("L"))[0].text


def test_every_code_on_the_sheet_reads_back_to_its_address(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    sign_in(client, db, museum.omar)
    museum.code(1).closes_at = None  # the cast's window is long past
    db.commit()
    answer = client.get("/desk/playlists/museum-visit/sheet?lang=nl,en")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert [read_qr(*one) for one in paths_of(answer.text)] == [
        in_capitals(url_of(code, BASE)) for code in museum.codes
    ]
    assert "By the door (nl)" in answer.text
    assert "Scan with your phone&#39;s camera." in answer.text


def test_a_sheet_leaves_out_what_no_longer_holds(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    museum.code(0).revoked_at = NOON
    db.commit()
    museum.code(3).cap_total = museum.code(3).claimed = 5
    db.commit()
    points = re.findall(r'data-point="(\w+)"', client.get("/desk/playlists/museum-visit/sheet").text)
    assert points == [museum.code(2).point_id]  # the window of the second one is over, the last one used up


def test_the_sheet_shows_the_typed_form(client: FlaskClient, db: Session, museum: Museum) -> None:
    sign_in(client, db, museum.omar)
    code = make_code(db, museum.code(3).point, level=1, at=NOON, batch="Summer")
    db.commit()
    page = client.get("/desk/activities/stop-3/sheet").text
    assert code.typed
    assert f"{code.typed[:4]}-{code.typed[4:]}" in page
    assert "Summer" in page


def test_trying_typed_forms_is_slowed_down_for_a_whole_network(client: FlaskClient, museum: Museum) -> None:
    def look_up(n: int, address: str) -> TestResponse:
        return client.post("/api/typed", json={"typed": f"ABCDEFG{n}"}, environ_base={"REMOTE_ADDR": address})

    statuses = [look_up(n, f"2001:db8:0:1::{n}").status_code for n in range(11)]
    assert statuses == [404] * 10 + [429]
    refused = look_up(0, "2001:db8:0:1::ffff")
    assert refused.mimetype == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    assert look_up(0, "2001:db8:0:2::1").status_code == 404
    assert look_up(0, "::ffff:192.0.2.1").status_code == 404


def test_a_typed_form_of_a_rotating_code_leads_to_its_stop_while_it_is_shown(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    code = make_code(db, museum.code(0).point, level=3, at=NOON)
    db.commit()
    block = rotating.block_at(round(utc_now().timestamp() * 1000))

    def look_up(block: int) -> int:
        key = rotating.day_key(code.secret, code.point_id, rotating.day_of_block(block))
        typed = rotating.typed_at(key, code.point_id, code.point.hint, block)
        return client.post("/api/typed", json={"typed": typed}).status_code

    assert look_up(block) == 200
    assert look_up(block - 100) == 404


def test_right_typed_forms_are_not_slowed_down_for_the_guests_of_one_wifi(
    client: FlaskClient, db: Session, museum: Museum
) -> None:
    code = make_code(db, museum.code(0).point, level=1, at=NOON)
    db.commit()
    answers = {client.post("/api/typed", json={"typed": code.typed}).status_code for _ in range(40)}
    assert answers == {200}
