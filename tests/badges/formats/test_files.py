"""A badge's files: the same badge in each, open to any wallet, read by programs that are not ours."""

import json
import subprocess
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import RSAKey
from openbadgeslib import baking as their_baking
from openbadgeslib.ob2.verifier import OB2VerificationError, OB2Verifier
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier
from sqlalchemy.orm import Session

from server.badges import drawing, issuers, services
from server.badges.formats import svg
from server.badges.models import SigningKey
from server.core.db import utc_now
from tests.badges.conftest import Given
from tests.badges.test_independent import ROOT, node

KINDS = (".png", ".svg", ".json", ".jwt")


def path(given: Given, ending: str = "") -> str:
    return f"/credentials/{given.award.credential_id}{ending}"


def ask(client: FlaskClient, address: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(address).data)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_any_site_may_read_a_file_and_no_search_engine_lists_it(
    client: FlaskClient, given: Given, kind: str
) -> None:
    answer = client.get(path(given, kind))
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    again = client.get(path(given, kind), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_an_erased_badge_is_gone_in_every_form(
    client: FlaskClient, given: Given, db: Session, kind: str
) -> None:
    given.award.erased, given.award.reason = True, "secret"
    db.commit()
    assert client.get(path(given, kind)).status_code == 410
    answer = client.get(f"/ob2/assertions/{given.award.credential_id}")
    assert (answer.status_code, b"secret" in answer.data) == (410, False)


def test_the_page_names_every_file(client: FlaskClient, given: Given) -> None:
    text = client.get(path(given)).get_data(as_text=True)
    for address in [given.row["url"] + kind for kind in KINDS]:
        assert f'href="{address}"' in text
        assert address in given.row["files"].values()
    assert f"/ob2/assertions/{given.award.credential_id}" in text


# SVG


def test_a_drawing_gives_its_badge_to_others(client: FlaskClient, given: Given) -> None:
    drawn = client.get(path(given, ".svg"))
    found = their_baking.extract_svg(drawn.data, element="openbadges:credential", text_fallback=True)
    assert json.loads(found or "") == given.document
    assert "sandbox" in drawn.headers["Content-Security-Policy"]


def test_the_credential_comes_first_and_cannot_break_out() -> None:
    said = json.dumps({"name": "]]><script>alert(1)</script>"}).encode()
    baked = svg.bake(drawing.badge_svg(drawing.Design()), said)
    assert baked.decode().split("<")[3].startswith("openbadges:credential>")
    found = their_baking.extract_svg(baked, element="openbadges:credential", text_fallback=True)
    assert json.loads(found or "") == json.loads(said)


def test_nothing_in_a_drawing_acts() -> None:
    hostile = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()">'
        '<script>x()</script><a href="javascript:x()"><path/></a><foreignObject><p/></foreignObject>'
        '<image xlink:href="https://evil.example/x"/><use href="#own"/><path d="M0 0"/></svg>'
    )
    baked = svg.bake(hostile, b"{}").decode()
    for word in ("onload", "script", "foreignObject", "evil", "x()"):
        assert word not in baked
    assert 'href="#own"' in baked and "M0 0" in baked


# JWT


def header_of(token: str) -> dict[str, Any]:
    part = token.split(".")[0]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_a_token_holds_for_others_by_the_key_it_names(client: FlaskClient, given: Given) -> None:
    token = client.get(path(given, ".jwt")).get_data(as_text=True)
    header = header_of(token)
    served = ask(client, header["kid"].removeprefix("http://localhost:8000"))
    payload = json.loads(
        jws.deserialize_compact(token, RSAKey.import_key(served), algorithms=["RS256"]).payload
    )
    claims = {name: payload.pop(name) for name in ("iss", "sub", "jti", "nbf")}
    assert payload == given.document
    assert claims["iss"] == given.document["issuer"]["id"]
    assert claims["sub"] == given.document["credentialSubject"]["id"]
    assert claims["jti"] == given.row["url"]
    assert claims["nbf"] == 1780272000  # midnight of the day
    assert set(header) == {"alg", "typ", "kid"} and header["alg"] == "RS256"
    assert "d" not in served


def their_verifier(client: FlaskClient, given: Given) -> OB3Verifier:
    """Trust the RSA key in the issuer's DID document."""
    document = ask(client, f"/orgs/{given.award.achievement.organiser_id}/did.json")
    method = next(one for one in document["verificationMethod"] if one["type"] == "JsonWebKey")
    assert method["id"] in document["assertionMethod"]
    return OB3Verifier(RSAKey.import_key(method["publicKeyJwk"]).as_pem(private=False))


def test_a_token_holds_for_others_by_the_did_document(client: FlaskClient, given: Given) -> None:
    token = client.get(path(given, ".jwt")).get_data(as_text=True)
    assert client.get(path(given, ".jwt")).get_data(as_text=True) == token
    found = their_verifier(client, given).verify(token)
    assert found.issuer.id == given.document["issuer"]["id"]


def asked_jose(client: FlaskClient, token: str, now: str) -> dict[str, Any]:
    """Ask the JavaScript library, with the key that the token names."""
    jwk = ask(client, header_of(token)["kid"].removeprefix("http://localhost:8000"))
    part = token.split(".")[1]
    issuer = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["iss"]
    done = subprocess.run(
        [node(), str(ROOT / "tests/independent/token.mjs")],
        input=json.dumps({"token": token, "jwk": jwk, "issuer": issuer, "now": now}),
        capture_output=True, text=True, timeout=60, cwd=ROOT, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_token_holds_in_javascript_from_its_day_on(client: FlaskClient, given: Given) -> None:
    token = client.get(path(given, ".jwt")).get_data(as_text=True)
    answer = asked_jose(client, token, "2026-06-02T00:00:00Z")
    assert answer["verified"] and answer["payload"]["name"] == given.document["name"]
    assert not asked_jose(client, token, "2026-05-01T00:00:00Z")["verified"]
    assert not asked_jose(client, token[:-8] + "AAAAAAAA", "2026-06-02T00:00:00Z")["verified"]


def test_a_changed_token_fails_elsewhere(client: FlaskClient, given: Given) -> None:
    token = client.get(path(given, ".jwt")).get_data(as_text=True)
    head, body, signature = token.split(".")
    verifier = their_verifier(client, given)
    for forged in (
        f"{head}.{body[:-8]}{body[-8:].swapcase()}.{signature}",
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
        f"eyJhbGciOiJub25lIn0.{body}.",
    ):
        with pytest.raises(OB3VerificationError):
            verifier.verify(forged)


def test_tokens_follow_a_rotation_and_old_ones_keep_holding(
    client: FlaskClient, given: Given, db: Session
) -> None:
    before = client.get(path(given, ".jwt")).get_data(as_text=True)
    organiser = given.award.achievement.organiser
    issuers.rotate(db, organiser, utc_now())
    db.commit()
    after = client.get(path(given, ".jwt")).get_data(as_text=True)
    assert header_of(before)["kid"] != header_of(after)["kid"]
    for token in (before, after):
        address = header_of(token)["kid"].removeprefix("http://localhost:8000")
        jws.deserialize_compact(token, RSAKey.import_key(ask(client, address)), algorithms=["RS256"])


def test_a_compromised_key_makes_no_more_tokens(client: FlaskClient, given: Given, db: Session) -> None:
    kid = header_of(client.get(path(given, ".jwt")).get_data(as_text=True))["kid"]
    db.query(SigningKey).update({"compromised_at": utc_now()})
    db.commit()
    assert client.get(kid.removeprefix("http://localhost:8000")).status_code == 404


# Open Badges 2.0


def hosted(client: FlaskClient) -> OB2Verifier:
    """The other verifier, which fetches from us over what is no network."""

    def download(url: str) -> bytes:
        answer = client.get(url.removeprefix("http://localhost:8000"))
        if answer.status_code != 200:
            raise OSError(f"HTTP {answer.status_code}")
        return answer.data

    return OB2Verifier(download=download)


def test_a_picture_holds_both_badges(client: FlaskClient, given: Given) -> None:
    picture = client.get(path(given, ".png")).data
    newer = their_baking.extract_png(picture, keyword=b"openbadgecredential") or ""
    older = their_baking.extract_png(picture, keyword=b"openbadges") or ""
    assert json.loads(newer) == given.document
    assertion = hosted(client).verify_hosted(older)
    assert assertion.id == f"http://localhost:8000/ob2/assertions/{given.award.credential_id}"


def test_the_recipient_is_hashed_and_no_name(client: FlaskClient, given: Given) -> None:
    assertion = ask(client, f"/ob2/assertions/{given.award.credential_id}")
    who = assertion["recipient"]
    wanted = sha256((given.award.subject + who["salt"]).encode()).hexdigest()
    assert (who["type"], who["hashed"], who["identity"]) == ("url", True, f"sha256${wanted}")
    assert given.award.subject not in json.dumps(assertion)


def test_all_that_an_assertion_names_is_there(client: FlaskClient, given: Given) -> None:
    assertion = ask(client, f"/ob2/assertions/{given.award.credential_id}")
    badge = ask(client, assertion["badge"].removeprefix("http://localhost:8000"))
    issuer = ask(client, badge["issuer"].removeprefix("http://localhost:8000"))
    assert (badge["type"], badge["name"], issuer["type"], issuer["name"]) == ("BadgeClass", "River explorer", "Issuer", "Town Museum")  # fmt: skip
    assert badge["alignment"][0]["targetUrl"] == "http://data.europa.eu/esco/skill/x"
    assert assertion["id"].startswith(issuer["verification"]["startsWith"][0])


def test_a_withdrawn_badge_is_410_and_fails_elsewhere(client: FlaskClient, given: Given, db: Session) -> None:
    older = their_baking.extract_png(client.get(path(given, ".png")).data, keyword=b"openbadges") or ""
    services.revoke(given.award, "Given by mistake", utc_now())
    db.commit()
    answer = client.get(f"/ob2/assertions/{given.award.credential_id}")
    said = json.loads(answer.data)
    assert (answer.status_code, said["revoked"], said["revocationReason"]) == (410, True, "Given by mistake")
    with pytest.raises(OB2VerificationError):
        hosted(client).verify_hosted(older)


def test_an_assertion_that_somebody_changed_fails_elsewhere(client: FlaskClient, given: Given) -> None:
    older = json.loads(
        their_baking.extract_png(client.get(path(given, ".png")).data, keyword=b"openbadges") or ""
    )
    with pytest.raises(OB2VerificationError):
        hosted(client).verify_hosted({**older, "issuedOn": "2020-01-01T00:00:00Z"})
