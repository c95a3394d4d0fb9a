"""The certificate: read by people, by cameras and by screen readers, in any script, and never with a name kept."""

import ctypes
import json
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from pypdfium2 import raw
from sqlalchemy.orm import Session

from server.badges import services
from server.badges.canonical import Document
from server.badges.issuers import did_document
from server.badges.multikey import decode_key
from server.badges.printing.check import read_all
from server.badges.printing.whole import PREFIX
from server.badges.signing import proof_holds
from server.badges.verification import packed
from server.core.db import utc_now
from tests.badges.conftest import Given


def get(client: FlaskClient, given: Given, **query: str) -> bytes:
    response = client.get(f"/credentials/{given.award.credential_id}.pdf", query_string=query)
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    return response.data


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].get_textpage()
    text: str = page.get_text_range()
    page.close()
    document.close()
    return " ".join(text.split())


def tags_of(pdf: bytes) -> list[tuple[str, str]]:
    """List the first page's tags and the words for those who do not see a picture, in reading order."""

    def text(read: Any, element: Any) -> str:
        size = read(element, None, 0)
        if size <= 2:
            return ""
        buffer = ctypes.create_string_buffer(size)
        read(element, buffer, size)
        return buffer.raw[: size - 2].decode("utf-16-le")

    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    (top,) = [raw.FPDF_StructTree_GetChildAtIndex(tree, i) for i in range(raw.FPDF_StructTree_CountChildren(tree))]  # fmt: skip
    children = [raw.FPDF_StructElement_GetChildAtIndex(top, i) for i in range(raw.FPDF_StructElement_CountChildren(top))]  # fmt: skip
    drawn = {raw.FPDFPageObj_GetMarkedContentID(one.raw) for one in page.get_objects(max_depth=1)} - {-1}
    ids = [raw.FPDF_StructElement_GetMarkedContentIdAtIndex(one, 0) for one in children]
    assert [one for one in ids if one >= 0] == sorted(drawn)  # those of other pages say -1
    found = [(text(raw.FPDF_StructElement_GetType, one), text(raw.FPDF_StructElement_GetAltText, one)) for one in children]  # fmt: skip
    raw.FPDF_StructTree_Close(tree)
    page.close()
    document.close()
    return found


def test_a_certificate_says_who_says_what_and_how_surely(client: FlaskClient, given: Given) -> None:
    words = words_of(get(client, given))
    for said in ("River explorer", "Badge from Town Museum", "Earned on June 1, 2026", "Valid with no end", "A photo of it could have been shared"):  # fmt: skip
        assert said in words


def test_its_code_leads_to_the_badge(client: FlaskClient, given: Given) -> None:
    (address,) = read_all(get(client, given))
    assert address == address.upper()
    response = client.get(address[address.index("/C/") :])
    assert response.location == given.row["url"]
    assert client.get("/C/AAAAAAAAAAAAAAAA").status_code == 404
    assert client.get("/C/A").status_code == 404


def test_a_screen_reader_reads_it_in_order(client: FlaskClient, given: Given) -> None:
    pdf = get(client, given, lang="nl")
    tags = tags_of(pdf)
    kinds = [kind for kind, _ in tags]
    assert kinds.count("H1") == 1 and kinds.index("H1") < kinds.index("H2")
    assert all(alt for kind, alt in tags if kind == "Figure")
    assert kinds.count("Figure") == 2
    assert b"/Lang (nl)" in pdf and b"/MarkInfo" in pdf and b"/DisplayDocTitle true" in pdf


def test_a_name_is_on_the_paper_and_nowhere_else(client: FlaskClient, given: Given, db: Session) -> None:
    address = f"/credentials/{given.award.credential_id}.pdf"
    response = client.post(address, data={"name": "  Ada\u0007 Lovelace "})
    words = words_of(response.data)
    assert "Ada Lovelace" in words
    assert "The badge itself carries no name." in words
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Ada" not in words_of(get(client, given))
    assert "Ada" not in words_of(get(client, given, name="Ada"))  # names are in no address
    assert "水" in client.post(address, data={"name": "水車"}).get_data(as_text=True)


@pytest.mark.parametrize(
    ("lang", "name"), [("el", "Εξερευνητής του ποταμού"), ("uk", "Дослідник річки"), ("ar", "مستكشف النهر")]
)
def test_a_badge_is_printed_in_its_own_script(
    client: FlaskClient, given: Given, db: Session, lang: str, name: str
) -> None:
    achievement = given.award.achievement
    achievement.name = {**achievement.name, lang: name}
    achievement.criteria = {**achievement.criteria, lang: f"- {name}\n- {name}"}
    db.commit()
    pdf = get(client, given, **{"in": lang})
    document = pypdfium2.PdfDocument(pdf)
    title = document.get_metadata_dict()["Title"]
    document.close()
    assert title.startswith(name)
    assert b"FontFile2" in pdf
    if lang != "ar":
        assert name in words_of(pdf)


def test_a_withdrawn_badge_is_printed_no_more(client: FlaskClient, given: Given, db: Session) -> None:
    services.revoke(given.award, "Given by mistake", utc_now())
    db.commit()
    response = client.get(f"/credentials/{given.award.credential_id}.pdf")
    assert response.status_code == 410


def test_the_second_code_is_the_badge_itself(client: FlaskClient, given: Given) -> None:
    texts = read_all(get(client, given, whole="1"))
    whole = next(text for text in texts if text.startswith(PREFIX))
    badge: Document = json.loads(packed.unpack(whole))
    proof = badge.pop("proof")
    (key,) = did_document(given.award.achievement.organiser)["verificationMethod"]
    assert proof_holds(badge, proof, decode_key(key["publicKeyMultibase"]))
    assert badge["id"] == given.row["url"]
    assert badge["credentialStatus"] == given.document["credentialStatus"]
    assert not proof_holds({**badge, "name": "River master"}, proof, decode_key(key["publicKeyMultibase"]))


@pytest.mark.parametrize("text", ["", "OB3:", "OB3:::::", "OB3:0", "OB3:ABC", "HC1:ABC", "OB3:é"])
def test_a_damaged_code_is_no_badge(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        packed.unpack(text)
