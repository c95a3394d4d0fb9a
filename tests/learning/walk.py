"""The visit that tests walk: stops of the small museum, done on a simulated phone."""

import io
from collections.abc import Iterable

from PIL import Image

from tests.cast import Museum
from tests.phone import Phone


def picture(colour: str = "red", format: str = "JPEG", **options: object) -> bytes:
    """A small picture as a phone would hand it in."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, format, **options)
    return out.getvalue()


def do_stop(phone: Phone, museum: Museum, number: int, *, answer: bool = True) -> str:
    """Record everything a stop asks for, and return the scan's id. Photos are uploaded at once."""
    scan = phone.scan(museum.code(number))
    if not answer:
        return scan
    if number == 0:
        phone.answer(museum.task(0, "choice"), choices=["a"])
    if number == 1:
        phone.answer(museum.task(1, "number"), number="1857")
    if number == 2:
        phone.write(museum.task(2, "text"), "The mill was loud.")
        phone.photograph(museum.task(2, "photo"), picture())
        phone.sync()
        assert phone.upload(picture()).status_code == 204
    if number == 3:
        phone.answer(museum.task(3, "choices"), choices=["c", "a"])
    return scan


def visit(phone: Phone, museum: Museum, stops: Iterable[int] = (0, 1, 2, 3)) -> None:
    for number in stops:
        do_stop(phone, museum, number)
