"""Reads printed codes back: a page rendered as a poor printer would, and the texts of all QR codes on it."""

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import pypdfium2


def read_page(page: "pypdfium2.PdfPage", dots: int) -> list[str]:
    """List the texts of all QR codes on a page at so many dots an inch; closes the page."""
    picture = page.render(scale=dots / 72, grayscale=True).to_pil()
    page.close()
    return read_codes(picture)


def read_codes(picture: Image.Image) -> list[str]:
    """List the texts of all QR codes in a picture."""
    import zxingcpp

    found = zxingcpp.read_barcodes(
        picture, zxingcpp.barcode_formats_from_str("QRCode"), try_rotate=False, try_invert=False
    )
    return [one.text for one in found]
