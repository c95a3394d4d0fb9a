"""Every parser that faces the world takes any bytes whatever: it reads them, or says in its own word that it cannot.

What is not here has a test of its own; docs/threat-model.md lists all of them.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from werkzeug.test import create_environ

from server.accounts.passkeys import _challenge_in
from server.awarding.reading import read_table
from server.badges.verification import packed, pictures, read, strict_json
from server.badges.verification.tokens import read_token
from server.codes import rotating
from server.codes.passes import read_pass, read_receipt
from server.codes.tokens import fold_typed, is_point, is_typed, read_proof
from server.core.errors import DomainError
from server.core.security import FormReader
from server.core.text import clean, markdown
from server.replicas import pictures as photos
from server.replicas import sounds
from server.replicas.anchors import read_anchor
from sync.messages import Event, Malformed, Signed, decode
from tests.learning.walk import picture

fuzz = settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))


def _workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["name", "mail"])
    book.save(out)
    return out.getvalue()


def _form(content: bytes) -> None:
    kinds = ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded")
    for kind in kinds:
        reader = FormReader(max_content_length=4096)
        reader.parse_from_environ(
            create_environ(method="POST", input_stream=io.BytesIO(content), content_type=kind)
        )


BYTES: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "a badge": (read, b'{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"'),
    "a badge in a drawing": (pictures.read_drawing, b'<svg xmlns:b="https://purl.imsglobal.org/ob/v3p0"><b:credential>'),
    "a badge in a picture": (pictures.read_picture, b"\x89PNG\r\n\x1a\n\0\0\0\x0diTXtopenbadgecredential\0\0\0"),
    "a list": (read_table, b"name;mail\n\"Ada\";"),
    "a workbook": (read_table, _workbook()[:400]),
    "a photo": (photos.rewrite, picture()[:300]),
    "a sound": (lambda content: sounds.clean(io.BytesIO(content)), b"RIFF\0\0\0\0WAVEfmt "),
    "a form": (_form, b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"),
}  # fmt: skip
TEXTS: dict[str, tuple[Callable[[str], object], str]] = {
    "strict JSON": (strict_json.parse, '{"a":1e'),
    "a token": (read_token, "eyJhbGciOiJFZERTQSJ9.e30."),
    "a packed badge": (lambda text: packed.is_packed(text) and packed.unpack(text), "VC1-"),
    "a proof": (read_proof, "1"),
    "a rotating code": (rotating.read, "R"),
    "a pass": (read_pass, "1"),
    "a receipt": (read_receipt, "1"),
    "a typed code": (lambda text: (fold_typed(text), is_typed(text), is_point(text)), "ABCD-"),
    "an anchor": (lambda text: read_anchor([b"x"], "phone", text), "1000-"),
    "an event": (lambda text: Event.read(Signed(text, "")), "eyJ2Ijox"),
    "base64url": (decode, "YQ"),
    "Markdown": (markdown, "[x](javascript:"),
    "any text": (clean, "a"),
    "a passkey's answer": (lambda text: _challenge_in({"response": {"clientDataJSON": text}}), "eyJjaGFsbGVuZ2UiOiI"),
}  # fmt: skip
SAID = (DomainError, ValueError, Malformed, RecursionError)


@pytest.mark.parametrize("name", BYTES)
@fuzz
@given(data=st.data())
def test_any_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    parse, begins = BYTES[name]
    content = data.draw(st.binary(max_size=400) | st.binary(max_size=400).map(lambda more: begins + more))
    check(parse, content)


@pytest.mark.parametrize("name", TEXTS)
@fuzz
@given(data=st.data())
def test_any_text_is_read_or_refused(name: str, data: st.DataObject) -> None:
    parse, begins = TEXTS[name]
    check(parse, data.draw(st.text(max_size=200) | st.text(max_size=200).map(lambda more: begins + more)))


def check(parse: Callable[[Any], object], given: Any) -> None:
    with suppress(*SAID):
        parse(given)
