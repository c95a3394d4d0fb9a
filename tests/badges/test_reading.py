"""A badge is found in whatever carries it: a photo of its code, a code that holds it whole, text with blanks around."""

import io
import zlib

import pytest
import qrcode

from server.badges import verification
from server.badges.baking import PictureEmpty
from server.badges.verification import BadgeUnreadable, Fetched
from server.badges.verification.shown import show
from tests.badges.making import AT, BASE, Records, badge, raw

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
FILE = raw(badge())


def base45(content: bytes) -> str:
    """Write RFC 9285, from its text."""
    found = ""
    for start in range(0, len(content), 2):
        number, size = int.from_bytes(content[start : start + 2], "big"), len(content[start : start + 2]) + 1
        found += "".join(LETTERS[number // 45**place % 45] for place in range(size))
    return found


def photo(text: str, kind: str) -> bytes:
    content = io.BytesIO()
    qrcode.make(text, box_size=4).get_image().convert("RGB").save(content, kind)
    return content.getvalue()


@pytest.mark.parametrize("prefix", ["", "OB1:"])
@pytest.mark.parametrize("wbits", [zlib.MAX_WBITS, -zlib.MAX_WBITS])
def test_a_code_that_holds_the_whole_badge_is_read(prefix: str, wbits: int) -> None:
    packer = zlib.compressobj(9, wbits=wbits)
    text = prefix + base45(packer.compress(FILE) + packer.flush())
    assert verification.verify(text.encode(), Records(), AT).state == "ok"


def test_a_packed_bomb_is_refused() -> None:
    packed = base45(zlib.compress(b"[" * 5_000_000, 9))[:4200]
    with pytest.raises(BadgeUnreadable):
        verification.verify(packed.encode(), Records(), AT)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_photo_of_a_badges_code_leads_to_the_badge(kind: str) -> None:
    address = f"{BASE}/credentials/abc"
    records = Records(pages={address: Fetched(200, FILE)})
    assert verification.verify(photo(address, kind), records, AT).state == "ok"
    with pytest.raises(verification.AddressNotRead):
        verification.verify(photo(address, kind), Records(), AT)


def test_a_picture_with_no_code_is_said_to_be_empty() -> None:
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (50, 50), "white").save(content, "PNG")
    with pytest.raises(PictureEmpty):
        verification.verify(content.getvalue(), Records(), AT)


def test_blanks_and_a_byte_order_mark_around_a_badge_do_no_harm() -> None:
    assert verification.verify(b"\xef\xbb\xbf\n  " + FILE + b"\n", Records(), AT).state == "ok"


def test_what_a_badge_says_is_read_from_either_version_and_from_nonsense() -> None:
    said = show(badge())
    assert (said.name, said.issuer) == ("River explorer", "Town Museum")
    assert said.criteria == "Visited four stops."
    old = {"badge": {"name": "Old", "issuer": {"name": "Museum"}, "criteria": {"narrative": "Came."}}}
    assert (show(old).name, show(old).issuer, show(old).criteria) == ("Old", "Museum", "Came.")
    assert show({"credentialSubject": [3], "issuer": 4, "evidence": [None, {"id": 5}]}).name == ""
